"""The Landscape page in a real browser: from contours to surfaces, which are taken away and open without a network."""

from browsing import FIGURE, opened, query, settled
from playwright.sync_api import Page

SCENES = """() => { const { scene, scene2 } = document.querySelector('.js-plotly-plot')._fullLayout;
    const ends = ({ zaxis }) => zaxis.range.map((v) => v.toFixed(6));
    return scene?._scene && scene2?._scene && [...ends(scene), ...ends(scene2)] }"""


EYES = """() => { const { scene, scene2 } = document.querySelector('.js-plotly-plot')._fullLayout;
    const eye = ({ _scene }) => Object.values(_scene.getCamera().eye).map((v) => v.toFixed(3)).join(' ');
    return [scene, scene2].map(eye) }"""


def turned_together(page: Page, place: str) -> None:
    """Turn the surfaces by a key and by the pointer on the second one; each time both are seen from the same side."""
    seen = [page.evaluate(EYES)[0]]
    page.locator(place).focus()
    page.keyboard.press("ArrowRight")
    page.wait_for_timeout(300)
    for _ in range(2):
        eyes = page.evaluate(EYES)
        assert eyes[0] == eyes[1]
        assert eyes[0] not in seen
        seen.append(eyes[0])
        box = page.locator(".js-plotly-plot").bounding_box()
        page.mouse.move(box["x"] + 0.75 * box["width"], box["y"] + 0.6 * box["height"])
        page.mouse.down()
        page.mouse.move(box["x"] + 0.85 * box["width"], box["y"] + 0.6 * box["height"], steps=4)
        page.mouse.up()
        page.wait_for_timeout(600)


def test_contours_become_surfaces_that_open_without_a_network(page: Page, server, tmp_path) -> None:
    opened(page, f"{server.url}/landscape?data=digits")
    kinds = page.eval_on_selector(FIGURE, "f => f._fullData.map((trace) => trace.type)")
    assert kinds.count("contour") == 4  # a map and the line of guessing for each model
    page.get_by_test_id("stCheckbox").get_by_text("In 3-D").click()
    page.wait_for_url("**relief=true**")
    settled(page)
    assert query(page) == {"data": "digits", "relief": "true"}
    ranges = page.wait_for_function(SCENES).json_value()
    assert ranges[:2] == ranges[2:]
    turned_together(page, ".st-key-figure")
    page.get_by_text("Take it away").click()
    with page.expect_download() as info:
        page.get_by_role("button", name="Web page (HTML)").click()
    alone = tmp_path / "surfaces.html"
    info.value.save_as(alone)
    page.context.set_offline(True)
    page.goto(alone.as_uri())
    assert page.wait_for_function(SCENES).json_value() == ranges
    turned_together(page, "[role=group][aria-label^='Two surfaces']")
    assert "at the trained weights" in page.locator("p").inner_text()
