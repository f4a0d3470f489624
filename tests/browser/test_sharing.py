"""Several people on one server: one computation for one question, and nobody notices another's misfortune."""

import csv
import io
from pathlib import Path

from browsing import opened
from playwright.sync_api import Page, expect

SLOW = "?data=digits&pgd_steps=500&seed={}"
ENDLESS = "?data=shapes&pgd_steps=500&pgd_restarts=20&seed=3"
FIGURE = ".st-key-figure .js-plotly-plot .main-svg"


def seconds(page: Page, folder: Path) -> list[str]:
    """Return the wall times of the attacks behind a page: the fingerprint of one computation."""
    page.get_by_text("Take it away").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Numbers (CSV)").click()
    waiting.value.save_as(folder / "numbers.csv")
    rows = csv.DictReader(io.StringIO((folder / "numbers.csv").read_text()))
    return [row["value"] for row in rows if row["quantity"] == "seconds"]


def progress(page: Page, least: int) -> int:
    """Return how many hundredths of the job are done, once the page shows at least so many."""
    shown = "Number(document.body.innerText.match(/Computing: (\\d+)/)?.[1] ?? NaN)"
    found = f"document.querySelector('{FIGURE}') ? [100] : {shown} >= {least} ? [{shown}] : null"
    return page.wait_for_function(found, timeout=120_000).json_value()[0]


def test_one_question_is_computed_once(pages: list[Page], server, tmp_path: Path) -> None:
    for page in pages:
        page.goto(server.url + "/" + SLOW.format(1), wait_until="commit")
    for page in pages:
        expect(page.locator(FIGURE).first).to_be_visible(timeout=180_000)
    first, second = (seconds(page, tmp_path) for page in pages)
    assert len(first) == 2
    assert first == second


def test_a_reload_finds_its_job_again(pages: list[Page], server, tmp_path: Path) -> None:
    page = pages[0]
    page.goto(server.url + "/" + SLOW.format(2), wait_until="commit")
    before = progress(page, 15)
    page.reload(wait_until="commit")
    assert progress(page, 0) >= before  # a job begun anew would start from nothing
    expect(page.locator(FIGURE).first).to_be_visible(timeout=180_000)


def test_a_long_job_can_be_cancelled_and_asked_for_again(pages: list[Page], server) -> None:
    page = pages[0]
    page.goto(server.url + "/" + ENDLESS, wait_until="commit")
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled. Nothing was lost")).to_be_visible()
    expect(page.locator(FIGURE)).to_have_count(0)
    page.get_by_role("button", name="Compute it").click()
    expect(page.get_by_text("Computing:")).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Compute it")).to_be_visible()


def test_on_a_narrow_screen_the_pages_are_at_hand(page: Page, server) -> None:
    page.set_viewport_size({"width": 420, "height": 900})
    opened(page, f"{server.url}/attack?data=toy&eps=90")
    assert page.evaluate("document.documentElement.scrollWidth") <= 420
    page.get_by_test_id("stMainBlockContainer").get_by_role("link", name="Models").click()
    page.wait_for_url("**/models?eps=90&data=toy")
    expect(page.get_by_text("A model of your own")).to_be_visible()
    page.set_viewport_size({"width": 1366, "height": 900})
    expect(page.get_by_role("link", name="Attack")).to_have_count(1)
