"""The Boundary page in a real browser: a plane walked over, another one chosen, shared, taken away."""

import csv
import io

from browsing import FIGURE, opened, pick, query, settled
from PIL import Image
from playwright.sync_api import Page, expect

STATUS = ".explorer-probe[data-kind=status]"
CANVAS = ".explorer-probe canvas"
SHOWN = f"() => [...document.querySelector('{CANVAS}').getContext('2d').getImageData(0, 0, 8, 8).data]"


def test_a_walk_over_the_plane_shows_what_the_models_see(page: Page, server) -> None:
    opened(page, f"{server.url}/boundary?data=digits")
    places = page.eval_on_selector(
        FIGURE,
        """f => { const box = f.getBoundingClientRect(), { xaxis: x, yaxis: y } = f._fullLayout;
            const plane = f.calcdata.find(([c]) => c.trace.meta === 'plane')[0].trace;
            const middle = plane.x.length >> 1, low = plane.x[2], high = plane.x.at(-3), level = plane.y[middle];
            const at = (u) => [box.left + x._offset + x.c2p(u), box.top + y._offset + y.c2p(level)];
            return [at(low), at(high)].concat([[...plane.text[middle]].at(2), [...plane.text[middle]].at(-3)]) }""",
    )
    (left, right), said = places[:2], places[2:]
    assert said[0] != said[1]  # the boundary of model A lies between
    page.mouse.move(*left)
    expect(page.locator(STATUS)).to_contain_text(f"A · standard: {said[0]}")
    before = page.evaluate(SHOWN)
    page.mouse.down()
    page.mouse.move(*right, steps=5)
    page.mouse.up()
    expect(page.locator(STATUS)).to_contain_text(f"A · standard: {said[1]}")
    assert page.evaluate(SHOWN) != before
    page.locator(".st-key-figure").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(CANVAS)).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.locator(CANVAS)).to_have_count(0)


def test_the_picture_at_the_origin_is_the_picture(page: Page, server) -> None:
    opened(page, f"{server.url}/boundary?data=digits")
    shown, picture = page.eval_on_selector(
        FIGURE,
        """f => { const box = f.getBoundingClientRect(), { xaxis: x, yaxis: y, meta } = f._fullLayout;
            const at = { clientX: box.left + x._offset + x.c2p(0), clientY: box.top + y._offset + y.c2p(0) };
            f.dispatchEvent(new PointerEvent('pointermove', { ...at, bubbles: true }));
            const canvas = document.querySelector('.explorer-probe canvas');
            const seen = canvas.getContext('2d').getImageData(0, 0, 8, 8).data;
            const bytes = Uint8Array.from(atob(meta.origin), (c) => c.charCodeAt(0));
            const origin = [...new Float32Array(bytes.buffer)].map((v) => Math.round(255 * v));
            return [origin.map((_, i) => seen[4 * i]), origin] }""",
    )
    assert max(abs(a - b) for a, b in zip(shown, picture, strict=True)) <= 1


def test_from_plane_to_plane_to_a_shared_address(page: Page, server) -> None:
    opened(page, f"{server.url}/boundary?data=digits")
    for plane, words in (("pictures", "three pictures"), ("frequencies", "low × high frequency")):
        pick(page, "Plane", words)
        page.wait_for_url(f"**plane={plane}**")
        settled(page)
    lines = "f => f.calcdata.filter(([c]) => c.trace.visible === true && c.trace.mode === 'lines').length"
    pictures, drawn = "f => f._fullLayout.images.length", page.eval_on_selector(FIGURE, lines)
    stills = page.eval_on_selector(FIGURE, pictures)
    page.get_by_role("button", name="Layers").click()
    for layer in ("regions", "outlines"):
        page.locator(f".st-key-{layer} label").click()
        page.wait_for_url(f"**{layer}=**")
    settled(page)
    assert page.eval_on_selector(FIGURE, pictures) == stills - 2  # the classes' colours of both models
    assert page.eval_on_selector(FIGURE, lines) < drawn
    titles = "f => [f._fullLayout.xaxis.title.text, f._fullLayout.yaxis.title.text]"
    address, names = page.url, page.eval_on_selector(FIGURE, titles)
    assert "frequency" in names[0]
    opened(page, address)
    assert query(page) == {"data": "digits", "plane": "frequencies", "regions": "false", "outlines": "false"}
    assert page.eval_on_selector(FIGURE, pictures) == stills - 2
    assert page.eval_on_selector(FIGURE, titles) == names


def test_the_plane_is_taken_away(page: Page, server, tmp_path) -> None:
    opened(page, f"{server.url}/boundary?data=digits")
    page.get_by_text("Take it away").click()
    with page.expect_download() as info:
        page.get_by_role("button", name="PNG picture").click()
    with Image.open(info.value.path()) as picture:
        assert picture.width > 1000
    with page.expect_download() as info:
        page.get_by_role("button", name="Numbers (CSV)").click()
    with open(info.value.path(), newline="") as file:
        rows = list(csv.reader(io.StringIO(file.read())))
    assert len(rows) > 100
    with page.expect_download() as info:
        page.get_by_role("button", name="Web page (HTML)").click()
    alone = tmp_path / "plane.html"
    info.value.save_as(alone)
    page.goto(alone.as_uri())
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout?.meta?.origin")
    page.locator("[role=group][aria-label^='The plane']").focus()
    page.keyboard.press("ArrowUp")
    expect(page.locator(CANVAS)).to_have_count(1)
