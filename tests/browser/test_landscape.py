"""The Landscape page in a real browser: from contours to surfaces, which are taken away and open without a network."""

from browsing import FIGURE, opened, query, settled
from playwright.sync_api import Page

SCENES = """() => { const { scene, scene2 } = document.querySelector('.js-plotly-plot')._fullLayout;
    return scene?._scene && scene2?._scene && [...scene.zaxis.range, ...scene2.zaxis.range] }"""


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
    page.get_by_text("Take it away").click()
    with page.expect_download() as info:
        page.get_by_role("button", name="Web page (HTML)").click()
    alone = tmp_path / "surfaces.html"
    info.value.save_as(alone)
    page.context.set_offline(True)
    page.goto(alone.as_uri())
    assert page.wait_for_function(SCENES).json_value() == ranges
    assert "at the trained weights" in page.locator("p").inner_text()
