"""Sharpness in numbers: rows, scattering, sentences, from numbers made by hand."""

import csv
import io

import numpy as np
import pytest

from explorer.core.results import (
    Ball,
    Curvatures,
    Curved,
    Density,
    Eigenvalues,
    Scattered,
    Scattering,
    Sharp,
    Steepness,
    Trace,
)
from explorer.figures import landscape
from explorer.figures.curvatures import after, curvatures, quantities, snippet, table
from explorer.figures.curved import counted, follows, told
from explorer.figures.setting import Setting

SETTING = Setting(("0", "1"), ("standard", "robust"), "linf", 8, 255)
N = 30


def curved(top: float, trace: float = 10.0, spread: float = 0.1) -> Curved:
    values = Eigenvalues(np.array([top, top / 2]), np.array([0.01, 0.01]), -0.5, 0.1, 100, 9, 0.25, 0.1)
    density = Density(np.array([[-0.5, 0.0, top]]), np.array([[0.1, 0.8, 0.1]]), 100)
    draws = np.array([-spread, 0.0, spread])
    sharp = Sharp(values, density, Trace(trace, draws, 100))
    return Curved(sharp, Ball(0.5, 0.01, np.array([0.25, 0.5, 1.0, 0.75])), np.zeros(N, bool))


def scattered(cosine: float, again: float = 0.5, noise: float = 0.01) -> Scattered:
    rng = np.random.default_rng(1)
    cosines = (cosine - np.array([0, 0.1, 0.2])[:, None, None] + noise * rng.normal(size=(3, 2, N))).astype(np.float32)
    cosines[:, :, 0] = np.nan  # one perturbation is zero
    other = np.full(N, again, np.float32)
    turned = Scattering("linf", 8 / 255, np.array([0.02, 0.05, 0.1]), cosines, cosines, other, other)
    return Scattered(turned, Steepness(0.5, np.ones(3), np.full(N, 7.0), np.full(N, 0.1)), np.zeros(N, bool))


@pytest.fixture
def both() -> Curvatures:
    clean = {"a": curved(8.0), "b": curved(2.0, trace=0.05)}
    under = {"a": curved(80.0), "b": curved(20.0)}
    return Curvatures(N, {"clean": clean, "adversarial": under}, {"a": scattered(0.9), "b": scattered(0.8)}, 10)


def test_every_number_has_its_row_and_its_interval(both):
    rows = {one.words: one.means for one in quantities(both, SETTING)}
    eigen = rows["largest eigenvalue, clean loss"]["standard"]
    assert (eigen.value, eigen.interval) == (8.0, pytest.approx((7.99, 8.01)))
    low, high = rows["trace, loss under attack"]["robust"].interval
    assert low < 10 < high
    assert rows["rise in the ball, or more, clean loss"]["standard"].value == 0.75
    moved = rows["cosine of perturbations after weights move by 5 % of each filter"]
    assert moved["standard"].value == pytest.approx(0.8, abs=0.01)
    assert moved["standard"].n == N - 1
    assert rows["the same from another random start, at the same weights"]["robust"].value == 0.5


def test_words_tell_numbers_then_how_models_compare(both):
    text = " ".join(counted(both, SETTING))
    assert "trace undetermined (95 % interval" in text  # of model B, clean
    assert "the standard model's clean loss rises from 0.25 to 1 or more" in text
    assert "takes reaches 0.5." in text
    moved = after(both.scattered["a"], 0)
    assert f"keep a cosine of {moved}" in text
    assert moved.value == pytest.approx(0.9, abs=0.01)
    assert "changes by 7 (n = 30" in text
    assert "for each unit by which the weights move, 0.5 away from the trained ones: 1." in text
    assert f"Of their signs alone these are {float(np.nanmean(both.scattered['a'].scattering.signs[0])):.3g}" in text
    sharper, under, turned, made = follows(both, SETTING)
    assert sharper.startswith("On clean pictures the standard model's loss is the sharper one")
    assert "4 times the robust model's" in under
    assert turned.startswith(
        "When weights move by 2 %, perturbations on the robust model turn more than those on the st"
    )
    assert "the cosine is lower by 0.1 (n = 29, 95 % interval 0.1 to 0.1)" in turned
    assert "8/255 = 0.031 in ℓ∞, with 10 steps" in made
    assert "of each its mean over 2 random directions of the weights" in made
    assert told(both, SETTING, {}) == [*counted(both, SETTING), *follows(both, SETTING)]
    assert landscape.told(both, SETTING, {}) == told(both, SETTING, {})


def test_what_is_not_told_apart_is_said_not_to_be():
    even = Curvatures(N, {}, {"a": scattered(0.9, noise=0.2), "b": scattered(0.9, noise=0.2)}, 10)
    assert follows(even, SETTING)[0].startswith("When weights move by 2 %, perturbations on neither model turn more")
    assert "Error bars" not in follows(even, SETTING)[-1]
    still = scattered(0.9)
    still.scattering.cosines[:] = np.nan
    lines = counted(Curvatures(N, {}, {"a": still, "b": scattered(0.9)}, 10), SETTING)
    assert lines[0] == "On the standard model too few perturbations have a length to say how they turn."


def test_pictures_without_a_gradient_are_counted_and_left_out(both):
    for models in (both.scattered, both.curved["adversarial"]):
        models["b"].still[:12] = True
    lines = follows(both, SETTING)
    assert not any("On adversarial pictures" in line for line in lines)
    (line,) = (line for line in lines if "stay random starts" in line)
    assert line.startswith("The robust model's gradient is zero at 40.0% (n = 30")
    assert "losses under attack are not compared" in line
    assert any("the cosine is lower by 0.1 (n = 18" in line for line in lines)
    assert after(both.scattered["b"], 0).n == 18


def test_a_model_without_any_gradient_is_not_compared(both):
    for models in (both.scattered, both.curved["adversarial"]):
        models["b"].still[:] = True
    clean, nothing, _ = follows(both, SETTING)
    assert clean.startswith("On clean pictures")
    assert nothing.startswith("The robust model's gradient is zero at all 30 pictures")
    assert "nothing to compare" in nothing
    assert not any("gradient in the robust model" in line for line in counted(both, SETTING))
    assert not any("have a length" in line for line in counted(both, SETTING))
    names = [trace.name for trace in curvatures(both, SETTING, "scattering").data]
    assert any("robust, none to compare" in name for name in names)


def test_pointing_tells_what_each_interval_is(both):
    told_ = [trace.hovertemplate for trace in curvatures(both, SETTING, "numbers").data]
    (eigen,) = (words for words in told_ if "largest eigenvalue, clean" in words and "8 (" in words)
    assert "8 (by its residual, an eigenvalue lies from 7.99 to 8.01)" in eigen
    assert any("10 (of 3 random draws, 95 % interval" in words for words in told_)
    assert any("rise in the ball, or more, clean loss: 0.75<extra>" in words for words in told_)
    assert any("mean over n = 29 pictures, 95 % interval, given 2 directions of the weights" in one for one in told_)
    assert not any("n = 1," in words for words in told_)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("what", ["numbers", "eigenvalues", "density", "scattering"])
def test_all_are_drawn(both, what, dark):
    figure = curvatures(both, SETTING, what, dark=dark)
    assert len(figure.data) >= 4
    if what == "scattering":
        lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
        assert lines[0].x == pytest.approx([2, 5, 10])
        assert lines[0].y == pytest.approx([0.9, 0.8, 0.7], abs=0.01)
        assert [trace.y[0] for trace in figure.data if trace.line.dash == "dash"] == pytest.approx([0.5, 0.5])


def test_clean_losses_alone_are_drawn_and_told():
    alone = Curvatures(N, {"clean": {"a": curved(8.0)}}, {}, 10)
    assert len(curvatures(alone, SETTING, "numbers").data) == 3
    assert "Attacks keep" not in told(alone, SETTING, {})[-1]


def test_the_table_has_every_eigenvalue(both):
    rows = list(csv.DictReader(io.StringIO(table(both, SETTING).decode())))
    second = next(
        row for row in rows if row["what"] == "eigenvalue 2, loss under attack" and row["model"] == "standard"
    )
    assert float(second["value"]) == 40
    assert float(second["low"]) == pytest.approx(39.99)
    assert "run('/landscape?seed=1')" in snippet("/landscape?seed=1")
