"""The Saliency page in a real browser: seen, driven, pointed at, shared, taken away."""

import csv
import io
import subprocess
import sys

from browsing import FIGURE, opened, pick, query, settled
from PIL import Image
from playwright.sync_api import Page, expect

LABELS = ".explorer-cursor[data-kind=value]"
STATUS = ".explorer-cursor[data-kind=status]"


def maps(page: Page) -> list[list[float]]:
    """Return the values of every map, as the browser holds them."""
    return page.eval_on_selector(
        FIGURE, "f => f.calcdata.filter(([c]) => c.trace.meta === 'linked').map(([c]) => c.z.map(r => [...r]).flat())"
    )


def test_the_accounts_are_there_and_say_what_they_found(page: Page, server) -> None:
    opened(page, f"{server.url}/saliency")
    expect(page.get_by_text("is owed to the cue").first).to_be_visible()
    expect(page.get_by_text("as the theory of non-robust features says")).to_be_visible()
    assert page.get_by_test_id("stAlert").count() == 0


def test_from_method_and_class_to_a_shared_address(page: Page, server) -> None:
    opened(page, f"{server.url}/saliency?data=digits")
    assert len(maps(page)) == 2
    pick(page, "Method", "Integrated gradients")
    page.wait_for_url("**method=integrated_gradients**")
    settled(page)
    expect(page.get_by_text("a completeness error of").first).to_be_visible()
    pick(page, "Explains", "a class and not another")
    page.wait_for_url("**score=difference**")
    pick(page, "and not", "3")
    page.wait_for_url("**against=3**")
    settled(page)
    expect(page.locator(FIGURE)).to_contain_text("less '3'")
    slider = page.locator(".st-key-overlay").get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url("**overlay=1**")
    settled(page)
    assert page.eval_on_selector(FIGURE, "f => f.data.at(-1).opacity") == 0.99
    address, values = page.url, maps(page)
    opened(page, address)
    assert page.url == address
    assert maps(page) == values


def test_one_cursor_for_all_maps_by_mouse_and_by_key(page: Page, server) -> None:
    opened(page, f"{server.url}/saliency?data=digits&view=maps")
    x, y = page.eval_on_selector(
        FIGURE,
        """f => { const box = f.getBoundingClientRect(), { xaxis2: x, yaxis2: y } = f._fullLayout;
            return [box.left + x._offset + x.c2p(2), box.top + y._offset + y.c2p(5)] }""",
    )
    page.mouse.move(x, y)
    expect(page.locator(LABELS)).to_have_count(3)
    first, _ = maps(page)
    assert float(page.locator(LABELS).nth(1).inner_text().replace("−", "-")) == float(f"{first[5 * 8 + 2]:.3g}")
    expect(page.locator(STATUS)).to_contain_text("row 5, column 2")
    page.locator(".st-key-figure").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(STATUS)).to_contain_text("row 5, column 3")
    page.keyboard.press("Escape")
    expect(page.locator(LABELS)).to_have_count(0)
    page.locator(".st-key-scale").get_by_text("each").click()
    page.wait_for_url("**scale=each**")
    settled(page)
    page.locator(".st-key-figure").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(LABELS)).to_have_count(3)


def test_a_view_is_taken_away(page: Page, server, tmp_path) -> None:
    opened(page, f"{server.url}/saliency?data=digits&view=attacked&attack=fgsm")
    page.get_by_text("Take it away").click()
    with page.expect_download() as info:
        page.get_by_role("button", name="PNG picture").click()
    with Image.open(info.value.path()) as picture:
        assert picture.width > 1000
    with page.expect_download() as info:
        page.get_by_role("button", name="SVG picture").click()
    assert "<svg" in info.value.path().read_text()
    with page.expect_download() as info:
        page.get_by_role("button", name="Numbers (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(info.value.path().read_text())))
    assert len(rows) == 2 * 2 * 2 * 64
    with page.expect_download() as info:
        page.get_by_role("button", name="Web page (HTML)").click()
    alone = tmp_path / "alone.html"
    info.value.save_as(alone)
    with page.expect_download() as info:
        page.get_by_role("button", name="Python file").click()
    told = subprocess.run([sys.executable, info.value.path()], capture_output=True, text=True, check=True).stdout
    assert told.count("rank correlation of the two maps") == 2
    page.goto(alone.as_uri())
    page.wait_for_function("document.querySelector('.js-plotly-plot')?._fullLayout")
    page.locator("[role=group]").focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(LABELS)).to_have_count(8)


def test_the_attack_is_chosen_on_the_page_and_kept_when_it_is_turned(page: Page, server) -> None:
    opened(page, f"{server.url}/saliency?data=digits&view=attacked")
    page.get_by_role("button", name="Attack:").click()
    page.get_by_role("button", name="Fast gradient method").click()
    page.wait_for_url("**attack=fgsm**")
    settled(page)
    page.get_by_role("link", name="Attack", exact=True).click()
    page.wait_for_url(lambda url: "/saliency" not in url)
    settled(page)
    assert query(page) == {"data": "digits", "attack": "fgsm"}


def test_a_measure_is_chosen_computed_taken_away_and_shared(page: Page, server) -> None:
    opened(page, f"{server.url}/saliency?data=digits&view=measures&pictures=20&pgd_steps=3")
    expect(page.get_by_text("digits-pgd less digits-standard, picture by picture").first).to_be_visible()
    pick(page, "Measure", "Deletion and insertion")
    page.wait_for_url("**measure=removal**")
    page.wait_for_function(f"document.querySelector('{FIGURE}')?.data?.some(t => t.x?.length === 29)")
    settled(page)
    expect(page.get_by_text("area under the deletion curve").first).to_be_visible()
    page.get_by_text("Take it away").click()
    with page.expect_download() as info:
        page.get_by_role("button", name="Numbers (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(info.value.path().read_text())))
    areas = {(row["model"], row["picture"]) for row in rows if row["value"] == "deletion"}
    assert areas == {(f"digits-{kind}", str(i)) for kind in ("standard", "pgd") for i in range(20)}
    lines = "f => f.data.map(t => Array.from(t.y))"
    address, drawn = page.url, page.eval_on_selector(FIGURE, lines)
    assert all(drawn)
    chosen = {"data": "digits", "view": "measures", "pictures": "20", "pgd_steps": "3", "measure": "removal"}
    assert query(page) == chosen
    opened(page, address)
    assert page.url == address
    assert page.eval_on_selector(FIGURE, lines) == drawn
