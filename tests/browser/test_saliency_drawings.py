"""The view of drawings in a real browser: chosen, seen, taken away."""

import csv
import io

from browsing import FIGURE, opened, pick, settled
from playwright.sync_api import Page, expect


def pictures(page: Page) -> int:
    return int(page.eval_on_selector(FIGURE, "f => f._fullLayout.images.length"))


def test_drawings_are_chosen_seen_and_taken_away(page: Page, server) -> None:
    opened(page, f"{server.url}/saliency?data=digits&view=drawn&steps=5")
    assert pictures(page) == 1 + 10 + 10
    pick(page, "Draw", "the picture from its representation")
    page.wait_for_url("**draw=inversion**")
    settled(page)
    page.wait_for_function(f"document.querySelector('{FIGURE}')._fullLayout.images.length === 16")
    page.get_by_text("Take it away").click()
    with page.expect_download() as numbers:
        page.get_by_role("button", name="Numbers (CSV)").click()
    rows = list(csv.DictReader(io.StringIO(numbers.value.path().read_text())))
    assert sum(row["quantity"] == "after" for row in rows) == 10
    address = page.get_by_text(f"{server.url}/saliency?", exact=False).first.inner_text().strip()
    opened(page, address)
    assert pictures(page) == 16
    pick(page, "Draw", "its robust and non-robust version")
    page.wait_for_function(f"document.querySelector('{FIGURE}')?._fullLayout.images.length === 8")
    expect(page.get_by_text("Non-robust version by the standard model")).to_be_visible()


def test_a_narrow_window_scrolls_ten_pictures_and_no_more(page: Page, server) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    opened(page, f"{server.url}/saliency?data=digits&view=drawn&steps=5")
    page.wait_for_function(f"document.querySelector('{FIGURE}')._fullLayout.width >= 800")
    body = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert body <= 0
