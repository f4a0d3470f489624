"""Two trainings, drawn and told."""

import csv
from io import StringIO

import numpy as np
import pytest

from explorer.core.results import Plane
from explorer.figures.courses import Line, courses
from explorer.figures.setting import Setting
from explorer.figures.trained import table, told

SETTING = Setting(("a", "b"), ("", ""), "linf", 60, 1000)


def line(epochs=3, planes=(), **changes) -> Line:
    ramp = np.linspace(0.5, 0.9, epochs)
    history = {"epoch": np.arange(1.0, epochs + 1), "loss": 1 - ramp}
    for split in ("train", "test"):
        history |= {f"{split}_clean": ramp, f"{split}_fgsm": ramp - 0.1, f"{split}_robust": ramp - 0.2}
    return Line("Standard training", history | changes, 6, 100, 12.0, planes)


def plane(shift: float) -> Plane:
    p = np.clip(np.linspace(0, 1, 5)[None].repeat(5, 0) + shift, 0.01, 0.99).astype(np.float32)
    return Plane(np.stack([p, 1 - p], -1))


def test_both_sides_share_their_axes_and_each_has_its_own():
    figure = courses([line(), line()], SETTING)
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range == (0, 6.5)
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    solid = [trace for trace in figure.data if trace.line.dash == "solid" and trace.xaxis == "x"]
    assert len(solid) == 2
    assert np.array_equal(solid[1].y, line().history["test_robust"])
    assert not figure.layout.sliders


def test_a_side_that_has_not_begun_leaves_its_place_free():
    figure = courses([line(), None], SETTING)
    assert {trace.xaxis for trace in figure.data} == {"x", "x3"}


def test_planes_move_with_the_slider_each_as_it_was_by_then():
    two = [line(planes=[(1, plane(0)), (3, plane(0.2))]), line(2, planes=[(2, plane(-0.2))])]
    figure = courses(two, SETTING)
    assert len(figure.frames) == 3  # after epochs 1, 2, and the last
    sources = [[image.source for image in frame.layout.images] for frame in figure.frames]
    assert sources[0][0] == sources[1][0] != sources[2][0]
    assert sources[0][1] == sources[1][1] == sources[2][1]


def test_the_words_have_rates_with_n_and_interval_and_the_gap():
    (words,) = told([line(train_robust=np.full(3, 0.85)), None], SETTING)
    assert "after 3 of 6 epochs, 12 s: accuracy on test pictures 90.0% (n = 100, 95 % interval" in words
    assert "under PGD-10 at 60/1000 = 0.06 in ℓ∞ 70.0% (n = 100" in words
    assert "training pictures are 15 points ahead." in words
    (words,) = told([line(train_robust=np.full(3, 0.73)), None], SETTING)
    assert "training pictures are 3 points ahead, which may be chance." in words
    assert "overfitted" not in words


@pytest.mark.parametrize(("fgsm", "said"), [(0.9, True), (0.75, False)])
def test_overfitting_to_one_step_is_told_where_intervals_are_far_apart(fgsm, said):
    (words, _) = told([line(test_fgsm=np.full(3, fgsm), test_robust=np.full(3, 0.1)), line()], SETTING)
    assert "far more often than against ten: trained by one, it has overfitted to it" in words
    (words,) = told([line(test_fgsm=np.full(3, fgsm), test_robust=np.full(3, 0.5)), None], SETTING)
    assert ("overfitted" in words) is said


def test_the_table_has_a_row_for_each_epoch_of_each_side():
    rows = list(csv.DictReader(StringIO(table([line(), line(2)]).decode())))
    assert [row["side"] for row in rows] == ["A"] * 3 + ["B"] * 2
    assert float(rows[2]["test_clean"]) == 0.9
