"""The Landscape page in a real browser: surfaces that are shared, stopped, and taken away."""

import os
import signal
import time

import psutil
from browsing import FIGURE, opened, query, settled
from playwright.sync_api import Page, expect

LONG = "data=shapes&n=80&seed=8"
SCENES = """() => { const { scene, scene2 } = document.querySelector('.js-plotly-plot')._fullLayout;
    const ends = () => [...scene.zaxis.range, ...scene2.zaxis.range];
    return scene?._scene && scene2?._scene && ends().map((end) => end.toFixed(6)) }"""


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


def test_a_surface_is_computed_once_through_a_reload_and_a_killed_worker(pages: list[Page], server) -> None:
    for page in pages:
        page.goto(f"{server.url}/landscape?{LONG}&mesh=26", wait_until="commit")
    for page in pages:
        expect(page.get_by_text("A first look: 11 × 11 points are there.")).to_be_visible(timeout=120_000)
        expect(page.locator(FIGURE)).to_be_visible()
    there = {path: path.stat().st_ino for path in (server.cache / "results").glob("*.safetensors")}
    for worker in server.workers():
        os.kill(worker.pid, signal.SIGKILL)
    pages[0].reload(wait_until="commit")
    for page in pages:
        settled(page)
        expect(page.get_by_text("A first look")).to_have_count(0)
        assert page.get_by_test_id("stAlert").count() == 0
    assert {path: path.stat().st_ino for path in there} == there  # the tiles of the first look are not made again
    told = [page.get_by_test_id("stMain").inner_text() for page in pages]
    assert told[0] == told[1]


def test_a_surface_is_stopped_and_its_workers_rest(page: Page, server) -> None:
    page.goto(f"{server.url}/landscape?{LONG}&mesh=101", wait_until="commit")
    expect(page.get_by_text("points are there.")).to_be_visible(timeout=120_000)
    expect(page.locator(FIGURE)).to_be_visible()
    busy = server.workers()
    assert any(worked(busy) > 0.5 for _ in range(10))  # other tests have the processors, too
    page.get_by_role("button", name="Stop here").click()
    expect(page.get_by_text("Stopped:")).to_be_visible()
    assert any(worked(busy) < 0.2 for _ in range(5))  # a tile that nobody waits for is left in its midst
    assert page.get_by_role("button", name="Go on").is_visible()


def worked(busy: list[psutil.Process]) -> float:
    """Return for how many seconds of the next one and a half the processors work for some processes."""
    before = sum(sum(one.cpu_times()[:2]) for one in busy)
    time.sleep(1.5)
    return sum(sum(one.cpu_times()[:2]) for one in busy) - before
