"""The Certificate page in a real browser: a row is clicked, figures are taken away, addresses open again."""

import csv
import io

from browsing import FIGURE, opened, pick, query, settled
from playwright.sync_api import Page, expect

PROVED = "f => f._fullData.filter((t) => t.type === 'bar' && !t.marker.pattern?.shape).map((t) => +t.x[0].toFixed(6))"


def saved(page: Page, button: str, path) -> None:
    with page.expect_download() as info:
        page.get_by_role("button", name=button).click()
    info.value.save_as(path)


def test_a_ruler_is_explained_taken_away_and_opened_again(page: Page, server, tmp_path) -> None:
    opened(page, f"{server.url}/certificate?data=toy")
    bars = page.eval_on_selector(FIGURE, PROVED)
    assert len(bars) >= 8
    box = page.locator(FIGURE).bounding_box()
    place = page.locator(f"{FIGURE} .annotation-text", has_text="CROWN").last.bounding_box()
    page.mouse.click(box["x"] + 0.3 * box["width"], place["y"] + place["height"] / 2)
    page.wait_for_url("**bound=**")
    settled(page)
    chosen = query(page)["bound"]
    assert chosen in ("crown", "alpha_crown", "crown_ibp")
    expect(page.locator(".katex").first).to_be_visible()
    page.get_by_text("Take it away").click()
    saved(page, "Numbers (CSV)", tmp_path / "numbers.csv")
    rows = list(csv.DictReader(io.StringIO((tmp_path / "numbers.csv").read_text())))
    assert {row["kind"] for row in rows} >= {"proved", "broken"}
    saved(page, "Web page (HTML)", tmp_path / "alone.html")
    saved(page, "PNG picture", tmp_path / "ruler.png")
    assert (tmp_path / "ruler.png").read_bytes()[:4] == b"\x89PNG"
    address = page.url
    page.goto("about:blank")
    opened(page, address)
    assert page.eval_on_selector(FIGURE, PROVED) == bars
    assert query(page) == {"data": "toy", "bound": chosen}
    page.context.set_offline(True)
    page.goto((tmp_path / "alone.html").as_uri())
    page.wait_for_function("document.querySelector('.js-plotly-plot')?.calcdata")
    assert page.eval_on_selector(".js-plotly-plot", PROVED) == bars
    assert "Proved: no change up to" in page.locator("p").inner_text()


def test_the_envelope_follows_the_slider_and_the_address_the_choice(page: Page, server) -> None:
    opened(page, f"{server.url}/certificate?data=toy&view=plane")
    pick(page, "Planes by", "Fast-Lin")
    page.wait_for_url("**lines=fast_lin**")
    settled(page)
    assert query(page) == {"data": "toy", "view": "plane", "lines": "fast_lin"}
    expect(page.locator(FIGURE)).to_have_count(1)  # the one before has gone
    corners = "f => f._fullData.filter((t) => t.fill === 'toself').map((t) => Math.max(...t.x))"
    before = page.eval_on_selector(FIGURE, corners)
    page.locator(f"{FIGURE} .updatemenu-button", has_text="Start").click()
    page.wait_for_timeout(1000)
    after = page.eval_on_selector(FIGURE, corners)
    assert len(after) == 2
    assert all(small < large for small, large in zip(after, before, strict=True))


def test_many_pictures_fill_in_and_have_a_table(page: Page, server) -> None:
    opened(page, f"{server.url}/certificate?data=toy&view=curve&n=10")
    names = page.eval_on_selector(FIGURE, "f => f._fullData.filter((t) => t.fillpattern?.shape === '/').length")
    assert names == 2
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()
