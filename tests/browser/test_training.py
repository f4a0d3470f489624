"""The Training page in a real browser: a pair trained live, one kept, used elsewhere, and nobody else's."""

import re

from browsing import FIGURE, opened, query, settled
from playwright.sync_api import Browser, Page, expect

UNDER_WAY = re.compile(r"after (\d|1[01]) of 12 epochs")
ADDRESS = "/training?data=toy&epochs=12&train_pictures=400"
BOUNDARY = f"""() => {{ const drawn = document.querySelector('{FIGURE}')?._fullData ?? [];
    const some = drawn.filter((trace) => trace.type === 'contour');
    return some.length && some.map((trace) => String(trace.z[40])) }}"""


def test_a_pair_is_trained_live_one_is_kept_and_attacked(page: Page, browser: Browser, server) -> None:
    opened(page, f"{server.url}{ADDRESS}")
    assert "recorded when that was done" in page.inner_text(".stMain")
    page.get_by_role("button", name="Start training").click()
    page.get_by_role("button", name="Stop here").wait_for()
    page.get_by_text(UNDER_WAY).first.wait_for(timeout=180_000)
    first = page.wait_for_function(BOUNDARY).json_value()  # at one look: the next part replaces the figure
    page.get_by_text("PGD adversarial training, after 12 of 12 epochs").wait_for(timeout=240_000)
    settled(page)
    assert page.wait_for_function(BOUNDARY).json_value() != first  # the boundary has moved
    page.get_by_role("button", name="Keep the right one as model B").click()
    page.wait_for_url("**b=own-**")
    settled(page)
    name = query(page)["b"]
    expect(page.get_by_role("link", name="see it attacked")).to_be_visible()
    page.get_by_role("link", name="Attack", exact=True).first.click()
    page.wait_for_url("**/?**b=own-**")
    settled(page)
    chosen = page.get_by_test_id("stSidebar").get_by_role("combobox", name="Model B")
    assert "PGD adversarial training, 12 epochs" in (chosen.input_value() or chosen.inner_text())
    assert query(page)["b"] == name
    page.reload()
    settled(page)
    assert query(page)["b"] == name
    expect(page.locator(FIGURE).first).to_be_visible()

    other = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    other.set_default_timeout(60_000)
    opened(other, f"{server.url}/attack?data=toy")
    other.get_by_test_id("stSidebar").get_by_role("combobox", name="Model B").click()
    listed = other.get_by_role("listbox").inner_text()
    assert "pgd" in listed
    assert "12 epochs" not in listed
    other.context.close()
