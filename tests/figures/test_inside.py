"""What is inside of balls, drawn and told, from numbers made by hand."""

import csv
import io

import numpy as np
import pytest

from explorer.core.results import Inside, Insides, Judged
from explorer.core.stats import Pooled, Rate
from explorer.figures.inside import inside
from explorer.figures.setting import Setting
from explorer.figures.surroundings import snippet, table, told

SETTING = Setting(("cat", "dog"), ("weak", "strong"), "linf", 8, 255)
RADII = np.array([4, 8, 16, 32]) / 255


def balls(changed, count=20):
    changed = np.array(changed)
    return Inside("linf", RADII, changed, count, np.zeros(len(changed), np.int64))


def judged(*radius):
    n = np.zeros(len(radius), np.int64)
    return Judged(0, n, n, n, np.array(radius, np.float32) / 255, 1, 1.0)


@pytest.fixture
def many():
    """Ten pictures, the first wrong by itself on both; eight fall within the budget on the weak model."""
    weak = [[20, 20, 20, 20], *[[0, 0, 2, 18]] * 8, [0, 1, 2, 3]]
    strong = [[20, 20, 20, 20], *[[0, 0, 0, 1]] * 9]
    stands = {"a": judged(0, *[4] * 8, 16), "b": judged(0, *[16] * 9)}
    return Insides(np.arange(10), {"a": balls(weak), "b": balls(strong)}, stands)


@pytest.mark.parametrize("dark", [False, True])
def test_both_shares_of_both_models_have_lines_and_bands_over_pictures(many, dark):
    figure = inside(many, SETTING, {}, dark=dark)
    lines = {t.name: t for t in figure.data if t.name}
    assert list(lines) == [f"{who}: {way}" for who in ("A weak", "B strong") for way in ("attack", "points drawn")]
    np.testing.assert_allclose(lines["A weak: attack"].y, [0.9, 0.9, 1, 1])
    shares = many.models["a"].changed[:, 3] / 20
    np.testing.assert_allclose(lines["A weak: points drawn"].y[3], shares.mean())
    low, high = Pooled.of(shares).interval
    assert tuple(lines["A weak: points drawn"].customdata[3]) == pytest.approx((low, high))
    assert tuple(lines["A weak: attack"].customdata[1]) == pytest.approx(Rate(9, 10).interval)
    np.testing.assert_allclose(lines["A weak: attack"].x, [4, 8, 16, 32])
    (budget,) = figure.layout.shapes
    assert (budget.x0, budget.line.dash) == (8, "dash")
    assert len({t.line.dash for t in lines.values()}) == 2


def test_what_draws_miss_is_told(many):
    words = told(many, SETTING, {})
    assert words[0].startswith("The weak model: of 20 points drawn from each ball of the budget, 8/255 = 0.031 in ℓ∞")
    assert "10.5% (n = 10, 95 % interval" in words[0]
    assert "breaks 90.0% (n = 10" in words[1]
    assert "1 of them wrong by themselves; that many points are wrong at no radius tried" in words[1]
    assert "Of 8 pictures that the attack on the weak model breaks" in words[2]
    assert "100.0% (n = 8" in words[2]
    assert "In 1 of 10 balls the weak model is wrong at a drawn point although the attack found none" in words[3]
    assert "breaks 10.0% (n = 10" in words[5]
    assert "that many points are wrong from radius 4/255 on, 0.5 times the budget" in words[5]
    assert any("strong less weak, picture by picture: -0.5 percentage points" in line for line in words)
    assert words[-1].startswith("Pictures that the attack breaks, strong less weak: -80 percentage points")
    assert words[-1].endswith("they are apart.")


def test_an_attack_that_breaks_nothing_and_models_that_do_not_differ_are_told_so(many):
    quiet, stands = balls([[0, 0, 0, 1]] * 10), judged(*[16] * 10)
    same = Insides(many.places, {"a": quiet, "b": quiet}, {"a": stands, "b": stands})
    words = told(same, SETTING, {})
    assert any("breaks 0.0%" in line and line.endswith("0 of them wrong by themselves.") for line in words)
    assert words[-1].endswith("0 percentage points on every one of 10 pictures.")


def test_without_the_attack_the_draws_are_told_alone(many):
    early = Insides(many.places, many.models)
    words = told(early, SETTING, {})
    assert len(words) == 4
    assert "not there yet" in words[2]
    assert len([t for t in inside(early, SETTING, {}).data if t.name]) == 2
    own = Setting(("cat", "dog"), ("weak", "strong"), "linf", 8, 255, "its own limits")
    assert "keeps to its own limits" in told(early, own, {})[2]


def test_a_budget_of_nothing_has_no_line_and_no_share(many):
    none = Setting(("cat", "dog"), ("weak", "strong"), "linf", 0, 255)
    assert not inside(many, none, {}).layout.shapes
    assert told(many, none, {}) == []


@pytest.mark.parametrize(
    ("radius", "words"),
    [
        (4, "finds a wrong point within 4/255; half of the points are wrong from radius 32/255 on (of those tried), 8"),
        (0, "is wrong about the picture itself; half of the points are wrong from radius 32/255"),
        (np.inf, "finds nothing at any radius tried"),
    ],
)
def test_of_one_picture_the_attack_is_a_step_and_the_points_are_draws(radius, words):
    found = Insides(np.array([3]), {"a": balls([[0, 1, 5, 15]])}, {"a": judged(radius)})
    lines = told(found, SETTING, {})
    assert "5.0% (n = 20, 95 % interval" in lines[0]
    assert "are not 'cat'" in lines[0]
    assert words in lines[1]
    traces = {t.name: t for t in inside(found, SETTING, {}).data if t.name}
    assert traces["A weak: attack"].line.shape == "hv"
    assert tuple(traces["A weak: points drawn"].customdata[1]) == pytest.approx(Rate(1, 20).interval)
    assert "half of the points are wrong" in " ".join(told(Insides(found.places, found.models), SETTING, {})).lower()


def test_the_table_has_every_ball_(many):
    rows = list(csv.reader(io.StringIO(table(many).decode())))
    assert len(rows) == 1 + 2 * 10 * 4
    assert rows[1] == ["a", "0", "0", "linf", str(4 / 255), "20", "20", "True"]
    assert [row[-1] for row in rows[-4:]] == ["False", "False", "True", "True"]
    assert next(csv.reader(io.StringIO(table(Insides(many.places, many.models)).decode().splitlines()[1])))[-1] == ""


def test_the_snippet_runs_its_address_and_prints_both_shares(many, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("explorer.run", lambda address: asked.append(address) or many)
    exec(compile(snippet("/boundary?view=inside"), "snippet", "exec"), {})
    assert asked == ["/boundary?view=inside"]
    out = capsys.readouterr().out
    assert "a, radius 0.03137: 10.50% of the points are wrong" in out
    assert "90.00% of the pictures are broken by the attack" in out
