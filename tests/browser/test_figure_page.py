"""The replay as a browser draws it: sharp, complete at every step, without a network."""

from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from explorer.attacks.run import run_attack
from explorer.core.goals import Goal
from explorer.core.results import AttackView
from explorer.core.types import Threat
from explorer.figures.export import html
from explorer.figures.images import change, pixels
from explorer.figures.pictures import reach
from explorer.figures.replay import replay
from explorer.figures.setting import Setting
from explorer.figures.sides import sides

SETTING = Setting(("cat", "dog", "eel"), ("standard", "robust"), "linf", 16, 255)
STEPS = 6


@pytest.fixture(scope="module")
def view() -> AttackView:
    rng = torch.Generator().manual_seed(0)
    x = torch.rand((1, 3, 8, 8), generator=rng)
    goal, threat = Goal(torch.zeros(1, dtype=torch.int64)), Threat("linf", SETTING.budget)
    found = []
    for size in (0.5, 0.05):
        weight = torch.randn((3, 192), generator=rng) * size
        model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(192, 3)).eval()
        model.load_state_dict({"1.weight": weight, "1.bias": -weight @ x.flatten() + torch.tensor([2.0, 0, 0])})
        found.append(run_attack("pgd", model, x, goal, threat, knobs={"steps": STEPS}, stop=False, path=True))
    a, b = found
    return AttackView(0, a, b, a.logits_adv[0], b.logits_adv[0], a, b)


@pytest.fixture
def page(view: AttackView, browser: Browser, tmp_path: Path) -> Page:
    file = tmp_path / "figure.html"
    file.write_bytes(html(replay(view, SETTING), "Replay", "A note."))
    page = browser.new_page(viewport={"width": 1200, "height": 1000})
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    page.locator(".main-svg text", has_text="result").first.wait_for()
    yield page
    assert all(url.startswith(("file:", "data:", "blob:")) for url in asked)
    page.close()


def middles(shot: Image.Image, box: dict[str, float], side: int = 8) -> np.ndarray:
    """Return the colours near the corners of every pixel of a picture: smoothing would change them."""
    whole = np.asarray(shot.convert("RGB")).astype(int)
    found = np.zeros((side, side, 4, 3), int)
    for i in range(side):
        for j in range(side):
            for k, (v, u) in enumerate([(0.25, 0.25), (0.25, 0.75), (0.75, 0.25), (0.75, 0.75)]):
                row, column = box["y"] + (i + v) * box["height"] / side, box["x"] + (j + u) * box["width"] / side
                found[i, j, k] = whole[round(row), round(column)]
    return found


def assert_drawn(shot: Image.Image, page: Page, view: AttackView, step: int | None) -> None:
    two = sides(view, SETTING)
    scale, expected = reach(two, SETTING), []
    for side in two:
        now = side.at(step)
        expected += [pixels(side.clean.x), change(now.x - side.clean.x, scale), pixels(now.x)]
    drawn = sorted((image.bounding_box() for image in page.locator(".main-svg image").all()), key=lambda box: box["x"])
    assert len(drawn) == 6
    for box, levels in zip(drawn, expected, strict=True):
        assert box["width"] == pytest.approx(box["height"], abs=1)
        assert np.abs(middles(shot, box) - levels[:, :, None].astype(int)).max() <= 1


def photograph(page: Page) -> Image.Image:
    return Image.open(BytesIO(page.screenshot()))


def test_pictures_are_sharp_and_first_show_the_outcome(page: Page, view: AttackView) -> None:
    assert_drawn(photograph(page), page, view, None)


def test_arrow_keys_step_through_the_attack(page: Page, view: AttackView) -> None:
    for step in (STEPS, STEPS - 1):
        page.keyboard.press("ArrowLeft")
        expect(page.locator(".main-svg text", has_text=f"step {step}").last).to_be_visible()
        page.wait_for_timeout(200)  # the browser decodes the picture
        assert_drawn(photograph(page), page, view, step)
    page.keyboard.press("ArrowRight")
    expect(page.locator(".main-svg text", has_text=f"step {STEPS}").last).to_be_visible()


def test_playing_keeps_everything_on_the_page_and_ends_at_the_result(page: Page, view: AttackView) -> None:
    active = "document.getElementById('figure')._fullLayout.sliders[0].active"
    page.get_by_text("Slow").click()
    page.wait_for_function(f"{active} >= 1 && {active} <= {STEPS}")  # the page itself looks: a step may be short
    assert page.locator(".main-svg image").count() == 6
    assert page.locator(".main-svg text", has_text="✓ cat").count() >= 4
    page.get_by_text("▶ Play").click()  # goes on from here, faster
    page.wait_for_function(f"{active} === {STEPS + 1}")
    page.wait_for_timeout(200)
    assert_drawn(photograph(page), page, view, None)


def test_the_camera_takes_the_same_picture(page: Page, view: AttackView) -> None:
    take = """() => { const g = document.getElementById('figure'), box = g.getBoundingClientRect();
        return Plotly.toImage(g, {format: 'png', width: box.width, height: box.height, scale: 1}); }"""
    shot = Image.open(BytesIO(b64decode(page.evaluate(take).split(",")[1])))
    corner = page.locator("#figure").bounding_box()
    whole = Image.new("RGB", (1200, 1000))
    whole.paste(shot.convert("RGB"), (round(corner["x"]), round(corner["y"])))
    page.evaluate("scrollTo(0, 0)")
    assert_drawn(whole, page, view, None)
