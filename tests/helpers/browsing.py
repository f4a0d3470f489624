"""What the browser's tests of several pages do: open an address, wait, choose, read."""

from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page

FIGURE = ".st-key-figure .js-plotly-plot"


def opened(page: Page, url: str) -> None:
    """Open an address and wait for its figure."""
    page.goto(url, wait_until="commit")
    settled(page)


def settled(page: Page) -> None:
    """Wait until the script rests, the figure of the present address is drawn, and nothing is on its way any more."""
    page.wait_for_timeout(500)
    drawn = f"document.querySelector('{FIGURE}')?.calcdata && !document.querySelector('[data-stale=true]')"
    rests = "document.querySelector('[data-test-script-state]')?.dataset.testScriptState === 'notRunning'"
    done = "!document.querySelector('[data-testid=stProgress]')"
    page.wait_for_function(f"{rests} && {drawn} && {done}", timeout=240_000)
    assert page.get_by_test_id("stException").count() == 0


def query(page: Page) -> dict[str, str]:
    """Return the query of the address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def pick(page: Page, label: str, option: str) -> None:
    """Choose from a list."""
    page.get_by_role("combobox", name=label, exact=True).click()
    page.get_by_role("option", name=option, exact=True).click()
