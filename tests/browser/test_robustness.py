"""The Robustness page in a real browser: from a curve to a fooled picture and back, stopped and gone on with."""

import re
import time
from urllib.parse import parse_qs, urlsplit

from browsing import FIGURE, opened, query, settled
from playwright.sync_api import Page, expect

SMALL = "data=toy&n=60&budgets=2&pgd_steps=5"
LONG = "data=toy&n=500&budgets=8&pgd_steps=200"


def click_point(page: Page, line: int, point: int) -> None:
    """Click a point of a curve where the browser has drawn it."""
    place = page.eval_on_selector(
        FIGURE,
        f"""f => {{
            const place = f.calcdata.filter(([first]) => first.trace.mode === 'lines+markers')[{line}][{point}];
            const box = f.getBoundingClientRect(), {{ xaxis, yaxis }} = f._fullLayout;
            return [box.left + xaxis._offset + xaxis.c2p(place.x), box.top + yaxis._offset + yaxis.c2p(place.y)];
        }}""",
    )
    page.mouse.move(*place)
    page.wait_for_timeout(300)
    page.mouse.click(*place)


def test_from_the_curve_to_a_fooled_picture_and_back(page: Page, server) -> None:
    address = f"{server.url}/robustness?{SMALL}"
    opened(page, address)
    expect(page.get_by_text("Of 60 pictures")).to_be_visible()
    click_point(page, 0, 2)
    sentence = page.get_by_text("toy-standard, pictures that fall within 120/1000: ")
    expect(sentence).to_be_visible()
    count = int(sentence.inner_text().rsplit(": ", 1)[1].rstrip("."))
    assert 0 < count < 60
    link = page.locator("a[href*='/attack?']").first
    index = parse_qs(urlsplit(link.get_attribute("href")).query)["index"][0]
    opened(page, link.get_attribute("href"))
    assert query(page)["index"] == index
    expect(page.get_by_text("The standard model").first).to_be_visible()
    page.go_back(wait_until="commit")
    settled(page)
    assert page.url == address
    expect(page.get_by_text("Of 60 pictures")).to_be_visible()


def test_the_pictures_behind_a_point_are_reached_by_keyboard(page: Page, server) -> None:
    opened(page, f"{server.url}/robustness?{SMALL}")
    expect(page.get_by_text("Of 60 pictures")).to_be_visible()
    chosen = page.get_by_role("combobox", name="The pictures behind a point or a bar")
    chosen.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
        page.wait_for_timeout(300)
    expect(page.get_by_text("pictures that fall within").first).to_be_visible()
    expect(page.locator("a[href*='/attack?']").first).to_be_visible()  # they are drawn behind their heading
    settled(page)
    click_point(page, 0, 2)  # a click is the same choice
    expect(chosen).to_have_value("toy-standard: pictures that fall within 120/1000")


def test_turning_the_page_keeps_the_choices(page: Page, server) -> None:
    opened(page, f"{server.url}/attack?data=toy&eps=90&pgd_steps=5")
    page.get_by_role("link", name="Robustness").click()
    page.wait_for_url("**/robustness?**")
    settled(page)
    assert query(page) == {"data": "toy", "eps": "90", "pgd_steps": "5"}
    page.locator(".st-key-view").get_by_text("Shown to another model").click()
    page.wait_for_url("**view=transfer**")
    settled(page)
    page.get_by_role("link", name="Attack").click()
    page.wait_for_url(lambda url: "robustness" not in url and "eps=90" in url)
    settled(page)
    assert query(page) == {"data": "toy", "eps": "90", "pgd_steps": "5"}


def test_an_evaluation_is_stopped_at_once_and_goes_on_where_it_was(page: Page, server) -> None:
    page.goto(f"{server.url}/robustness?{LONG}", wait_until="commit")
    expect(page.get_by_text("of 10 parts are there").first).to_be_visible()
    page.wait_for_function(f"document.querySelector('{FIGURE}')", timeout=240_000)
    page.get_by_role("button", name="Stop here").click()
    expect(page.get_by_text("Stopped:")).to_be_visible()
    done = int(page.get_by_text("Stopped:").inner_text().split("Stopped: ")[1].split()[0])
    assert 2 <= done < 10
    start = time.monotonic()  # the workers are free for somebody else
    other = page.context.new_page()
    opened(other, f"{server.url}/robustness?{SMALL}&seed=5")
    assert time.monotonic() - start < 60
    other.close()
    known = page.get_by_text(re.compile(r"^Of \d+ pictures")).first
    before = int(known.inner_text().split()[1])
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Stopped:")).to_have_count(0)
    expect(known).to_be_visible()
    assert int(known.inner_text().split()[1]) >= before
