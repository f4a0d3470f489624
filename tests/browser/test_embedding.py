"""The Embedding page in a real browser: coloured, mapped anew, pointed at, shared, taken away; by two at once."""

import csv
import io

from browsing import FIGURE, opened, pick, query, settled
from playwright.sync_api import Page, expect

QUICK = "data=toy&n=40&pgd_steps=5"
PROBE = ".explorer-probe[data-kind={}]"


def places(page: Page) -> list[list[float]]:
    """Return where every picture is drawn, as the browser holds it."""
    return page.eval_on_selector(
        FIGURE, "f => f.calcdata.filter(([c]) => c.trace.customdata).map(t => t.map(p => [p.x, p.y]).flat())"
    )


def click_picture(page: Page) -> int:
    """Click the picture of model A that is drawn on top where it is; return its place in the test set."""
    place, x, y = page.eval_on_selector(
        FIGURE,
        """f => {
            const trace = f.calcdata.filter(([c]) => c.trace.customdata && c.trace.xaxis === 'x').at(-1);
            const box = f.getBoundingClientRect(), { xaxis: x, yaxis: y } = f._fullLayout, point = trace[0];
            const place = [box.left + x._offset + x.c2p(point.x), box.top + y._offset + y.c2p(point.y)];
            return [trace[0].trace.customdata[0][1], ...place];
        }""",
    )
    page.mouse.move(x, y)
    page.wait_for_timeout(300)
    page.mouse.click(x, y)
    return place


def ranges(page: Page) -> list[float]:
    """Return what the map of model A shows."""
    return page.eval_on_selector(FIGURE, "f => [...f._fullLayout.xaxis.range, ...f._fullLayout.yaxis.range]")


def enlarge(page: Page) -> None:
    """Draw a box over most of the map of model A, which is then all that it shows."""
    left, top, right, bottom = page.eval_on_selector(
        FIGURE,
        """f => { const box = f.getBoundingClientRect(), { xaxis: x, yaxis: y } = f._fullLayout;
            const at = (share) => [box.left + x._offset + share * x._length, box.top + y._offset + share * y._length];
            return [...at(0.02), ...at(0.97)]; }""",
    )
    page.locator(FIGURE).hover()
    page.locator(".modebar-btn[data-title=Zoom]").click()
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(right, bottom, steps=5)
    page.mouse.up()


def test_coloured_mapped_pointed_at_and_shared(page: Page, server) -> None:
    opened(page, f"{server.url}/embedding?{QUICK}")
    expect(page.get_by_text("The two principal axes hold")).to_be_visible()
    pick(page, "Colour and symbol", "margin")
    page.wait_for_url("**colour=margin**")
    settled(page)
    assert page.eval_on_selector(FIGURE, "f => f._fullLayout.coloraxis.cmax") == 1
    pick(page, "Map", "UMAP")
    page.wait_for_url("**projection=umap**")
    expect(page.get_by_text("UMAP with n_neighbors 15, min_dist 0.1, seed 0")).to_be_visible(timeout=240_000)
    settled(page)
    whole = ranges(page)
    enlarge(page)
    page.wait_for_function(f"document.querySelector('{FIGURE}')._fullLayout.xaxis.range[0] !== {whole[0]}")
    enlarged = ranges(page)
    place = click_picture(page)
    expect(page.locator(PROBE.format("status"))).to_contain_text(f"point {place}. ● A · standard")
    sides = """f => [...document.querySelectorAll('.explorer-probe[data-kind=ring]')].map((ring) =>
        ring.offsetLeft > f.offsetWidth / 2)"""
    assert set(page.eval_on_selector(FIGURE, sides)) == {False, True}  # in both maps
    expect(page.get_by_text("Pointed at: ")).to_be_visible()
    expect(page.locator(f"a[href*='/attack?'][href*='index={place}']").first).to_be_visible()
    page.locator(f".st-key-way_{place}").get_by_role("button").click()
    page.wait_for_url(f"**index={place}**")
    expect(page.get_by_text(f"The way of point {place} on standard").first).to_be_visible()
    settled(page)
    assert ranges(page) == enlarged  # though another chart was drawn, with the way
    page.locator(".st-key-figure").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(PROBE.format("status"))).to_contain_text(f"point {(place + 1) % 40}. ")
    page.keyboard.press("Escape")
    expect(page.locator(PROBE.format("ring"))).to_have_count(0)
    address, drawn = page.url, places(page)
    assert query(page) == dict(data="toy", n="40", pgd_steps="5", colour="margin", projection="umap", index=str(place))
    opened(page, address)
    assert page.url == address
    assert places(page) == drawn
    page.get_by_text("Take it away").click()
    with page.expect_download() as info:
        page.get_by_role("button", name="Numbers (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(info.value.path().read_text())))
    assert sum(row["moment"] == "attacked" for row in rows) == 2 * 40
    with page.expect_download() as info:
        page.get_by_role("button", name="SVG picture").click()
    assert "<svg" in info.value.path().read_text()


def test_two_people_ask_for_maps_at_once(page: Page, server) -> None:
    other = page.context.new_page()
    for seed, one in enumerate((page, other), 1):
        one.goto(f"{server.url}/embedding?{QUICK}&projection=umap&map_seed={seed}", wait_until="commit")
    for seed, one in enumerate((page, other), 1):
        expect(one.get_by_text(f"UMAP with n_neighbors 15, min_dist 0.1, seed {seed}")).to_be_visible(timeout=240_000)
        settled(one)
        assert one.get_by_test_id("stAlert").count() == 0
    assert places(page) != places(other)
    other.close()
