"""The Attack page in a real browser: seen, driven, shared, taken away."""

import csv
import io
import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
from browsing import FIGURE, opened, settled
from PIL import Image
from playwright.sync_api import Browser, Download, Page, WebSocketRoute, expect

from explorer.data import cifar10, mnist

OWN = Path(os.environ.get("EXPLORER_DATA", ""))
DATA_SETS = [
    "toy",
    "digits",
    "shapes",
    *(
        pytest.param(name, marks=pytest.mark.skipif(not (OWN / folder).is_dir(), reason=f"EXPLORER_DATA has no {name}"))
        for name, folder in (("mnist", mnist.SOURCE.folder), ("cifar10", cifar10.SOURCE.folder))
    ),
]


def test_an_address_as_it_is_given_away_opens(page: Page, server) -> None:
    opened(page, f"{server.url}/attack?data=toy&eps=90")
    expect(page.get_by_role("link", name="Attack")).to_have_attribute("aria-current", "page")
    assert page.get_by_role("dialog").count() == 0
    page.get_by_text("Take it away").click()
    expect(page.get_by_text(f"{server.url}/attack?eps=90&data=toy", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    ("name", "meant"), [("atack", " Did you mean attack?"), ("start", ""), ("at%20ack", " Did you mean attack?")]
)
def test_a_wrong_page_is_told_in_a_sentence_and_leads_to_the_first(page: Page, server, name: str, meant: str) -> None:
    opened(page, f"{server.url}/{name}?data=toy&eps=90")
    expect(page).to_have_url(f"{server.url}/attack?data=toy&eps=90")
    assert page.get_by_role("dialog").count() == 0
    (sentence,) = page.get_by_test_id("stAlert").all_inner_texts()
    known = "attack, robustness, saliency, boundary, embedding, landscape, certificate, training, models"
    assert f"There is no page '{unquote(name)}'; known: {known}.{meant} Using attack instead." in sentence
    page.get_by_role("option", name="picture 290:").click()
    page.wait_for_url("**index=290**")
    expect(page.get_by_test_id("stAlert")).to_have_count(0)


def test_a_wrong_value_is_mended_in_the_address_and_is_no_trap_on_the_way_back(page: Page, server) -> None:
    page.goto("about:blank")
    opened(page, f"{server.url}/attack?data=toy&eps=99999&index=3")
    expect(page).to_have_url(f"{server.url}/attack?index=3&data=toy")
    sentence = page.get_by_test_id("stAlert").inner_text()
    assert "99999" in sentence
    page.get_by_role("link", name="Models").click()
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    page.get_by_role("link", name="Attack").click()
    settled(page)
    expect(page.get_by_test_id("stAlert")).to_have_count(0)
    for _ in range(8):  # a mended address may be a step of its own, and must not lead forward again
        if page.url == "about:blank":
            break
        page.go_back()
        page.wait_for_timeout(1500)
    assert page.url == "about:blank"


def story(page: Page) -> str:
    return page.get_by_text("The standard model").first.inner_text()


def margins(page: Page) -> list[list[float]]:
    """Return the numbers of every line drawn, as the browser holds them."""
    return page.eval_on_selector(
        FIGURE, "f => f.data.filter(t => t.type === 'scatter' && t.y?.length > 2).map(t => Array.from(t.y))"
    )


def test_the_first_view_is_there_and_says_what_happened(page: Page, server) -> None:
    opened(page, server.url)
    assert "fell at step" in story(page)
    expect(page.get_by_text("The robust model held")).to_be_visible()
    assert page.locator(FIGURE).count() == 1
    assert page.get_by_test_id("stAlert").count() == 0


def test_a_session_from_picture_to_shared_address(page: Page, server) -> None:
    opened(page, f"{server.url}/?data=digits")
    page.get_by_role("option", name="picture 4:").click()
    expect(page).to_have_url(f"{server.url}/?index=4&data=digits")
    page.get_by_role("button", name="Attack:").click()
    page.get_by_role("button", name="Fast gradient method").click()
    page.wait_for_url("**attack=fgsm**")
    expect(page.locator(".st-key-chooser")).to_have_count(0)
    slider = page.locator(".st-key-eps").get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_url("**eps=**")
    settled(page)
    address, words, numbers = page.url, story(page), margins(page)
    opened(page, address)
    assert page.url == address
    assert story(page) == words
    assert margins(page) == numbers


def test_on_a_slow_connection_no_click_undoes_the_one_before(page: Page, server) -> None:
    held: list[Callable[[], None]] = []
    slow = False

    def between(browser: WebSocketRoute) -> None:
        def arrive(message: str | bytes) -> None:
            held.append(lambda: browser.send(message))
            if not slow:
                held.pop()()

        browser.connect_to_server().on_message(arrive)

    page.route_web_socket("**/_stcore/stream", between)
    opened(page, f"{server.url}/?data=digits")
    slow = True
    page.get_by_role("option", name="picture 4:").click()
    page.wait_for_timeout(1000)
    slider = page.locator(".st-key-eps").get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    page.wait_for_timeout(1000)
    slow = False
    for send in held:
        send()
    expect(page).to_have_url(f"{server.url}/?index=4&eps=152&data=digits")
    page.go_back()
    expect(page).to_have_url(f"{server.url}/?index=4&data=digits")
    page.go_back()
    expect(page).to_have_url(f"{server.url}/?data=digits")
    settled(page)
    expect(page.get_by_text("150/1000 = 0.15")).to_be_visible()


def test_an_attack_is_chosen_by_keyboard(page: Page, server) -> None:
    opened(page, f"{server.url}/?data=toy")
    page.get_by_role("button", name="Attack: Projected gradient descent").press("Enter")
    expect(page.get_by_role("button", name="SparseFool")).to_be_disabled()
    expect(page.get_by_role("button", name="SparseFool")).to_contain_text("works on pictures, not points")
    for _ in range(10):
        if page.evaluate("document.activeElement.innerText").startswith("Fast gradient method"):
            break
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**attack=fgsm**")
    expect(page.get_by_role("button", name="Attack: Fast gradient method")).to_be_visible()
    expect(page.locator(".st-key-chooser")).to_have_count(0)


def test_the_replay_moves(page: Page, server) -> None:
    opened(page, f"{server.url}/?data=digits")
    picture = "f => f._fullLayout.images.map(image => image.source).join()"
    end = page.eval_on_selector(FIGURE, picture)
    page.locator(FIGURE).get_by_text("Start", exact=True).click()
    page.wait_for_function(f"([s, e]) => ({picture})(document.querySelector(s)) !== e", arg=[FIGURE, end])
    start = page.eval_on_selector(FIGURE, picture)
    page.locator(FIGURE).get_by_text("Play", exact=False).first.click()
    page.wait_for_function(f"([s, e]) => ({picture})(document.querySelector(s)) !== e", arg=[FIGURE, start])
    page.wait_for_function(f"([s, e]) => ({picture})(document.querySelector(s)) === e", arg=[FIGURE, end])
    assert len({start, end}) == 2


def test_the_replay_steps_by_key_and_by_button(page: Page, server) -> None:
    opened(page, f"{server.url}/?data=digits")
    active = f"document.querySelector('{FIGURE}')._fullLayout.sliders[0].active"
    place, last = page.locator(".st-key-figure"), page.evaluate(active)
    place.focus()
    for key, step in (("ArrowLeft", last - 1), ("Home", 0), ("ArrowRight", 1), ("End", last)):
        place.press(key)
        page.wait_for_function(f"{active} === {step}")
    for name, step in (("‹ Step", last - 1), ("‹ Step", last - 2), ("Step ›", last - 1)):
        place.get_by_text(name).click()
        page.wait_for_function(f"{active} === {step}")


def test_the_replay_is_named_as_long_as_it_has_steps_and_hears_a_click_once(page: Page, server) -> None:
    page.add_init_script(
        """const add = EventTarget.prototype.addEventListener;
        window.heard = 0;
        EventTarget.prototype.addEventListener = function (kind, ...rest) {
            if (kind === "click" && this.classList?.contains("st-key-figure")) window.heard++;
            return add.call(this, kind, ...rest);
        };"""
    )
    opened(page, f"{server.url}/?data=digits")
    replay = page.get_by_role("group", name="Replay of the attack: the left and right arrow keys step")
    expect(replay).to_have_count(1)
    for index in (3, 4):
        page.get_by_role("option", name=f"picture {index}:").click()
        page.wait_for_url(f"**index={index}**")
        settled(page)
    assert page.evaluate("heard") == 1
    expect(replay).to_have_attribute("tabindex", "0")
    opened(page, f"{server.url}/?data=digits&attack=fgsm")  # in one step
    expect(replay).to_have_count(0)


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_data_set_fits_a_laptop_and_a_phone_in_light_and_dark(page: Page, server, name: str) -> None:
    page.set_viewport_size({"width": 1366, "height": 768})
    opened(page, f"{server.url}/?data={name}")
    for control in (".updatemenu-button", ".slider-grip-rect"):  # the replay is at hand without scrolling
        for box in (found.bounding_box() for found in page.locator(f"{FIGURE} {control}").all()):
            assert box["y"] + box["height"] <= 768
    assert page.locator(f"{FIGURE} .updatemenu-button").count() >= 8
    for width in (1366, 420):
        page.set_viewport_size({"width": width, "height": 900})
        opened(page, page.url)  # anew: a window that was wide before is no phone
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            settled(page)
            assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_an_own_picture_is_attacked_or_refused_in_a_sentence(page: Page, server, tmp_path: Path) -> None:
    Image.radial_gradient("L").convert("RGB").save(tmp_path / "own.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "own.png").read_bytes()[:200])
    opened(page, f"{server.url}/?data=digits")
    page.get_by_text("Your own picture").click()
    page.locator("input[type=file]").set_input_files(tmp_path / "cut.png")
    expect(page.get_by_test_id("stAlert")).to_contain_text("picture")
    assert "upload" not in page.url
    page.locator("input[type=file]").set_input_files(tmp_path / "own.png")
    page.wait_for_url("**upload=**")
    settled(page)
    address, words = page.url, story(page)
    opened(page, address)
    assert story(page) == words
    page.goto(f"{server.url}/?upload={'0' * 64}")
    expect(page.get_by_test_id("stAlert")).to_be_visible()


def saved(download: Download, folder: Path) -> bytes:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path.read_bytes()


def test_every_export_opens(page: Page, browser: Browser, server, tmp_path: Path) -> None:
    opened(page, f"{server.url}/?data=digits")
    page.get_by_text("Take it away").click()

    def press(name: str) -> bytes:
        with page.expect_download() as waiting:
            page.get_by_role("button", name=name).click()
        return saved(waiting.value, tmp_path)

    picture = Image.open(io.BytesIO(press("PNG picture")))
    assert picture.width > 600
    assert len(picture.convert("RGB").getcolors(1 << 24)) > 50
    drawing = press("SVG picture").decode()
    assert ET.fromstring(drawing).tag.endswith("svg")
    assert "standard" in drawing
    assert "Play" not in drawing  # a picture has no use for buttons
    expect(page.locator(FIGURE).get_by_text("Play")).to_have_count(1)
    rows = list(csv.DictReader(io.StringIO(press("Numbers (CSV)").decode())))
    assert {row["model"] for row in rows} == {"A standard", "B robust"}
    html = press("Web page (HTML)")
    (tmp_path / "view.html").write_bytes(html)
    offline = browser.new_context(offline=True)
    alone = offline.new_page()
    alone.goto(f"file://{tmp_path}/view.html")
    expect(alone.locator(".js-plotly-plot .main-svg").first).to_be_visible()
    assert "The standard model fell" in alone.inner_text("body")
    offline.close()
    code = press("Python file")
    (tmp_path / "view.py").write_bytes(code)
    found = subprocess.run([sys.executable, "view.py"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "model A, under attack" in found.stdout


@pytest.mark.parametrize("name", DATA_SETS)
def test_run_prints_the_numbers_of_the_page(page: Page, server, tmp_path: Path, name: str) -> None:
    opened(page, f"{server.url}/?data={name}&seed=5&pgd_steps=12")
    page.get_by_text("Take it away").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Numbers (CSV)").click()
    rows = csv.DictReader(io.StringIO(saved(waiting.value, tmp_path).decode()))
    shown = [float(row["value"]) for row in rows if (row["step"], row["quantity"]) == ("result", "margin")]
    command = [sys.executable, "-m", "explorer", "run", page.url, "--json"]
    env = os.environ | {"EXPLORER_CACHE": str(tmp_path)}  # nothing of the server's to read from
    found = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    printed = [model["margin"]["adversarial"] for model in json.loads(found.stdout)["models"]]
    assert shown == pytest.approx(printed, rel=1e-3, abs=1e-3)
