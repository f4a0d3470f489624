"""The loss around one picture, and along gradients: what is drawn and what is said of it."""

import csv
import io

import numpy as np
import pytest

from explorer.core.results import Bends, Losses, Outlines, Rays, Section, Slopes, Turns, Valley, Valleys
from explorer.figures import climbed, landscape, valley
from explorer.figures.setting import Setting

SETTING = Setting(("0", "1"), ("standard", "<robust>"), "linf", 8, 255)
SHOW = {"relief": False, "ceiling": 0.0}
SIDE, EPS = 21, 8 / 255
BALL = EPS * np.array([[-1.0, -1], [1, -1], [1, 1], [-1, 1]])


def one(slope: float, *, label: int = 0, reached: bool = True, outlined: bool = True) -> Valley:
    """Return a loss exp(slope·s / eps) / 10 that s alone raises, wrong where that is above 0.5."""
    ticks = np.linspace(-2 * EPS, 2 * EPS, SIDE)
    t, s = np.meshgrid(ticks, ticks, indexing="ij")
    loss = (0.1 * np.exp(slope * s / EPS)).ravel()
    points = np.stack([s.ravel(), t.ravel()], 1)
    axes = np.eye(2, dtype=np.float32)
    names = {"across": "the attack", "up": "a random direction"}
    marks = {"picture": np.zeros(2), "attack on A": np.array([EPS, 0.0])}
    window = 2 * EPS * np.array([-1, 1, -1, 1])
    plane = Section(np.zeros(2, np.float32), *axes, "linf", window, names, marks, "A note.")
    found = Losses(points, loss, 0 * loss, (loss < 0.5).astype(np.int64), 1)
    outlines = Outlines("linf", EPS, BALL, BALL, BALL) if outlined else None
    return Valley(plane, found, label, reached, outlines)


def test_what_lies_within_the_budget_is_told_along_both_axes():
    a, b, made, note = valley.told(Valleys(one(2.0), one(0.1, reached=False)), SETTING, SHOW)
    assert f"at most {0.1 * np.exp(4):.2g} here; the attack reaches its goal" in a
    assert f"rises to {0.1 * np.exp(2):.2g} ({0.1 * np.exp(2):.2g} along the attack alone, 0.1 along the random" in a
    assert "the answer is another at 9 % of the points" in a  # at s = eps: 1 of 11 columns
    assert "the attack does not reach its goal" in b
    assert "another at none of the points" in b
    assert "up to 16/255 in ℓ∞" in made
    assert "the class “0” on both models" in made
    assert note == "A note."


def test_without_an_outline_and_without_a_class_nothing_is_invented():
    a, _, made, *_ = valley.told(Valleys(one(2.0, outlined=False), one(2.0, label=1)), SETTING, SHOW)
    assert "Within the budget" not in a
    assert "of all points" in a
    assert "“0” on model A and “1” on model B, their own answers" in made


def test_an_end_beyond_the_budget_is_said_to_be():
    within, far = one(2.0), one(2.0)
    far.section.marks["attack on A"][0] = 1.5 * EPS
    a, b, *_ = valley.told(Valleys(within, far), SETTING, SHOW)
    assert "beyond" not in a
    assert "the attack reaches its goal beyond the budget, 12/255 away" in b
    pixels = one(2.0, outlined=False)
    few, none = (Setting(("0", "1"), ("a", "b"), "l0", eps, 255) for eps in (1, 0))
    assert "beyond" not in valley.told(Valleys(pixels, pixels), few, SHOW)[0]
    assert "beyond the budget, 1 pixel away" in valley.told(Valleys(pixels, pixels), none, SHOW)[0]


@pytest.mark.parametrize("dark", [False, True])
def test_planes_are_drawn_on_one_scale_in_the_datas_unit(dark):
    figure = valley.valleys(Valleys(one(2.0), one(0.1)), SETTING, SHOW, dark=dark)
    maps = [trace for trace in figure.data if trace.type == "contour" and trace.zmin is not None]
    assert [(one.zmin, one.zmax) for one in maps] == [pytest.approx(np.log10([0.1 * np.exp(-4), 0.1 * np.exp(4)]))] * 2
    assert figure.layout.xaxis.range == pytest.approx((-16, 16))
    dashed = [trace for trace in figure.data if trace.type == "scatter" and trace.line.dash == "dash"]
    assert [np.abs(trace.x).max() for trace in dashed] == pytest.approx([8, 8])
    edges = [trace for trace in figure.data if trace.type == "contour" and trace.zmin is None]
    assert [trace.xaxis for trace in edges] == ["x", "x"]  # model B's answer is one everywhere
    assert [trace.line.color for trace in edges] == ["#000000", "#ffffff"]  # dark below white
    assert edges[0].line.width > edges[1].line.width
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "&lt;robust&gt;" in words
    assert "0.1 at the picture" in words
    scenes = valley.valleys(Valleys(one(2.0), one(0.1)), SETTING, SHOW | {"relief": True}, dark=dark)
    assert [trace.scene for trace in scenes.data if trace.type == "surface"] == ["scene", "scene2"]


def test_losses_below_the_scale_are_said_to_be_cut():
    figure = valley.valleys(Valleys(one(20.0), one(0.1)), SETTING, SHOW)
    assert any("losses below 1e-06 shown as 1e-06" in note.text for note in figure.layout.annotations)


def rays(gain: float, wrong: int = 0, n: int = 40, slope: float = 1.0) -> Rays:
    """Return log odds that begin at -3 and rise by `gain` times what the slope lets expect."""
    steps = np.linspace(0, 2 * EPS, 21)
    odds = -3 + np.linspace(0.9, 1.1, n)[:, None] * gain * 100 * steps
    start = np.logaddexp(0, np.full(n, -3.0))
    right = np.ones((n, 21), bool)
    right[:wrong, 5:] = False
    expected = slope * 100 * np.exp(-start) * np.expm1(start)  # of the loss, as the slope of the odds is 100
    return Rays(steps, np.logaddexp(0, odds), start, expected, right)


def slopes(gain: float, *, own_wrong: int = 0, other_wrong: int = 0, flat: bool = False, end: float = 0.5) -> Slopes:
    n = 40
    cosines = np.tile(np.linspace(1, end, 6), (n, 1))
    size = np.zeros((n, 6)) if flat else np.ones((n, 6))
    turns = Turns(size, np.full((n, 6), np.nan) if flat else cosines, cosines, size)
    own = rays(0.0 if flat else gain, own_wrong, slope=0.0 if flat else 1.0)
    return Slopes(own, rays(gain, other_wrong), turns)


@pytest.mark.parametrize(("gain", "words"), [(0.5, "less than"), (1.0, "as good as"), (2.0, "more than")])
def test_bending_is_told_with_its_interval(gain, words):
    found = Bends({"a": slopes(gain), "b": slopes(gain)}, EPS)
    line = climbed.told(found, SETTING, SHOW)[0]
    assert f"{words} linearly: {gain:.2f} times what the gradient lets expect" in line
    assert "in the median (n = 40, 95 % interval" in line
    assert "A step of the budget" in line
    assert "cosine of 0.50" in line


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ((0.11, 2.14), ""),
        ((0.95, 1.05), "as good as"),
        ((0.92, 0.97), "as good as"),
        ((0.85, 1.05), ""),
        ((0.5, 0.99), "less than"),
        ((1.01, 1.5), "more than"),
    ],
)
def test_a_rise_is_called_linear_only_where_its_whole_interval_is_near(ends, words):
    assert climbed._bends(*ends) == words


def test_what_few_pictures_tell_of_a_rise_is_not_made_more_of():
    scattered, few = slopes(1.0), slopes(1.0)
    for k, gain in enumerate((50, 200)):
        scattered.own.loss[k::2] = np.logaddexp(0, -3 + gain * scattered.own.steps)
    few.turns.size[5:] = 0  # five have a gradient
    line = climbed.told(Bends({"a": scattered}, EPS), SETTING, SHOW)[0]
    assert "whether that is linear, these pictures do not tell" in line
    assert "in the median (n = 40, 95 % interval" in line
    line = climbed.told(Bends({"a": few}, EPS), SETTING, SHOW)[0]
    assert "lets expect" not in line
    assert "zero at 87.5%" in line


def test_masking_is_named_where_the_others_gradient_leads_further_and_nowhere_else():
    found = Bends({"a": slopes(1.0, own_wrong=38, other_wrong=2), "b": slopes(1.0, flat=True, other_wrong=40)}, EPS)
    a, transfer_a, b, transfer_b, _ = climbed.told(found, SETTING, SHOW)
    assert "masked" not in a + transfer_a
    assert "zero at 100.0%" in b
    assert "nothing to climb" in b
    assert "masked" in transfer_b
    even = Bends({"a": slopes(1.0, own_wrong=20, other_wrong=22), "b": slopes(1.0)}, EPS)
    assert not any("masked" in line for line in climbed.told(even, SETTING, SHOW))


def test_one_model_has_no_other():
    found = Bends({"a": slopes(1.0)}, EPS)
    assert len(climbed.told(found, SETTING, SHOW)) == 2
    dashes = [trace.line.dash for trace in climbed.climbed(found, SETTING).data if trace.xaxis == "x"]
    assert "dash" not in dashes


@pytest.mark.parametrize("dark", [False, True])
def test_curves_of_both_models_have_one_scale(dark):
    found = Bends({"a": slopes(1.0), "b": slopes(0.2, flat=True)}, EPS)
    figure = climbed.climbed(found, SETTING, dark=dark)
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    own = next(trace for trace in figure.data if trace.xaxis == "x" and trace.line.dash == "solid")
    assert own.y[10] == pytest.approx(100 * EPS, rel=0.02)
    hoped = next(trace for trace in figure.data if trace.xaxis == "x" and trace.line.dash == "dot")
    assert hoped.y == pytest.approx(own.y, rel=0.02, abs=1e-6)
    turning = [trace for trace in figure.data if trace.xaxis == "x3" and trace.mode == "lines+markers"]
    assert [trace.y[-1] for trace in turning] == pytest.approx([0.5])  # a gradient of zero has no direction


def test_the_tables_have_every_number():
    rows = list(csv.DictReader(io.StringIO(valley.table(Valleys(one(2.0), one(0.1)), SETTING).decode())))
    assert len(rows) == 2 * SIDE**2
    assert float(rows[-1]["loss"]) == pytest.approx(0.1 * np.exp(0.2))
    found = Bends({"a": slopes(1.0), "b": slopes(0.5)}, EPS)
    rows = list(csv.DictReader(io.StringIO(climbed.table(found, SETTING).decode())))
    assert len(rows) == 2 * 2 * 40 * 21
    assert (rows[0]["model"], rows[0]["gradient of"]) == ("A standard", "own")
    assert landscape.told(found, SETTING, SHOW) == climbed.told(found, SETTING, SHOW)
    for module in (valley, climbed):
        assert "run('/landscape?seed=1')" in module.snippet("/landscape?seed=1")
