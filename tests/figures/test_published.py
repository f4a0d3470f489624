"""Published claims against a study's models: what is drawn, told and written are the models' figures."""

import csv
import io
import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.arms import mean_of
from explorer.core.results import Arm, Claim, Course, Study
from explorer.core.stats import Mean
from explorer.figures import landscape
from explorer.figures.claims import snippet, table, told
from explorer.figures.marked import LOOKS
from explorer.figures.published import published
from explorer.figures.style import DARK, LIGHT, MARKERS

LN10 = math.log(10)


def arm(way, eps, rate=0.001, data="", **given):
    usual = {"loss": 1.0, "slope": 1.0, "eigenvalue": 10.0, "turn": 0.9, "again": 0.95, "robust": 0.5}
    values = {key: np.broadcast_to(np.array(v, float), (3,)) for key, v in (usual | given).items()}
    return Arm(way, eps, tuple(f"{way}-{eps}-{seed}" for seed in range(3)), values, data, rate)


@pytest.fixture
def study():
    nothing = dict.fromkeys(("turn", "again", "robust"), np.nan)
    arms = (
        arm("none", 0.0, eigenvalue=[5, 6, 7], **nothing),
        arm("PAS", 0.1, eigenvalue=[9, 20, 70]),
        arm("constant", 0.1, loss=[LN10, 1, 1], turn=[1, 0.8, 0.9]),
        arm("PAS", 0.4, robust=[0.6, 0.62, 0.61], again=[0.7, 0.8, 0.9]),
        arm("constant", 0.4, loss=LN10, robust=0.11),
        arm("warm-up", 0.4),
    )
    claims = (Claim("It rises.", "A paper", "by -2", True), Claim("It falls.", "A paper", "by 2", False))
    claims += (Claim("It turns.", "A paper", "by 0", None),)
    share = np.array([0.0, 0.5, 1.0])
    rising = np.array([[1, 2, 3], [1, 3, 5], [1, 4, 7.0]])
    courses = (Course("PAS", 0.4, arms[3].models, share, rising, 10 * rising),)
    courses += (Course("constant", 0.4, arms[4].models, share, 0 * rising + LN10, 0 * rising + 0.1),)
    return Study(arms, claims, courses)


def traces(figure, axis):
    return {trace.name: trace for trace in figure.data if trace.yaxis == axis}


def bars(trace):
    return [
        (y - low, y + high) for y, low, high in zip(trace.y, trace.error_y.arrayminus, trace.error_y.array, strict=True)
    ]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("key", "axis"), [("eigenvalue", "y"), ("slope", "y2"), ("turn", "y3"), ("robust", "y4")])
def test_an_arm_is_drawn_at_its_mean_and_each_seed_beside_it(study, key, axis, dark):
    drawn = traces(published(study, dark=dark), axis)
    for way in ("none", "constant", "warm-up", "PAS"):
        group = [one for one in study.arms if one.way == way and np.isfinite(one.figures[key]).all()]
        if not group:
            assert way not in drawn
            continue
        assert drawn[way].y == pytest.approx([mean_of(one, key).value for one in group])
        assert sorted(drawn[f"{way}, seeds"].y) == pytest.approx(sorted(v for one in group for v in one.figures[key]))
        assert [round(x) for x in drawn[way].x] == [(0.0, 0.1, 0.4).index(one.eps) for one in group]


def test_bars_are_intervals_and_leave_a_logarithmic_axis_at_its_foot(study):
    drawn = traces(published(study), "y")
    first, wide = bars(drawn["none"])[0], bars(drawn["PAS"])[0]
    assert first == pytest.approx(Mean.of(np.array([5.0, 6, 7])).interval)
    low, high = Mean.of(np.array([9.0, 20, 70])).interval
    assert low < 0 < wide[0] < 1e-6
    assert wide[1] == pytest.approx(high)
    foot, top = published(study).layout.yaxis.range
    assert -1 < foot < math.log10(5)  # below every seed
    assert top > math.log10(high)


def test_another_start_is_faint_and_stands_where_cosines_do(study):
    drawn = traces(published(study), "y3")
    assert drawn["PAS, other start"].y == pytest.approx([0.95, 0.8])
    assert drawn["PAS, other start"].opacity < 0.5 < drawn["PAS"].opacity
    assert "constant, other start" in drawn


@pytest.mark.parametrize(("dark", "page"), [(False, LIGHT.page), (True, DARK.page)])
def test_stuck_models_are_hollow_and_counted(study, dark, page):
    figure = published(study, dark=dark)
    drawn = traces(figure, "y4")
    assert [colour == page for colour in drawn["constant"].marker.color] == [False, True]
    assert [colour == page for colour in drawn["constant, seeds"].marker.color] == [True, False, False, *[True] * 3]
    assert all(colour != page for colour in drawn["PAS"].marker.color)
    words = [note.text for note in figure.layout.annotations if note.text.startswith("stuck")]
    assert words == ["stuck<br>1 of 3", "stuck<br>3 of 3"]
    assert "3 of 3 stuck" in drawn["constant"].customdata[1]


def test_ways_are_told_apart_by_symbol_and_are_neither_model_a_nor_b():
    assert len({one.symbol for one in LOOKS.values()}) == len({one.colour for one in LOOKS.values()}) == len(LOOKS)
    assert not {one.symbol for one in LOOKS.values()} & set(MARKERS)
    assert not {one.colour for one in LOOKS.values()} & {*LIGHT.models, *DARK.models}


def test_trainings_are_drawn_where_they_were_recorded(study):
    figure = published(study)
    loss, eigenvalue = traces(figure, "y5"), traces(figure, "y6")
    assert loss["PAS, course"].x == pytest.approx([0, 0.5, 1])
    assert loss["PAS, course"].y == pytest.approx([1, 3, 5])
    assert eigenvalue["PAS, course"].y == pytest.approx([10, 30, 50])
    assert eigenvalue["PAS-0.4-2"].y == pytest.approx([10, 40, 70])
    assert [shape.y0 for shape in figure.layout.shapes] == pytest.approx([LN10])
    without = published(Study(study.arms, study.claims))
    assert not traces(without, "y5")
    assert without.layout.height < figure.layout.height


def test_two_recorded_trainings_of_one_way_are_two_lines(study):
    first = study.courses[0]
    other = replace(first, eps=0.1, loss=2 * first.loss)
    figure = published(replace(study, courses=(first, other)))
    drawn = [trace.y for trace in figure.data if trace.yaxis == "y5" and trace.name == "PAS, course"]
    assert np.array(drawn) == pytest.approx(np.array([[1, 3, 5], [2, 6, 10]]))


def test_data_sets_stand_beside_each_other_on_one_scale(study):
    first, second = ([replace(one, data=data) for one in study.arms] for data in ("mnist", "cifar10"))
    second[1] = arm("PAS", 8 / 255, data="cifar10", eigenvalue=[1, 2, 300])
    figure = published(Study((*first, *second), study.claims))
    assert traces(figure, "y")["PAS"].y[0] == pytest.approx(33)
    assert traces(figure, "y2")["PAS"].y[0] == pytest.approx(101)
    assert figure.layout.yaxis.range == figure.layout.yaxis2.range
    assert "mnist" in figure.layout.xaxis.title.text
    assert "8/255" in figure.layout.xaxis2.ticktext
    assert not [shape for shape in figure.layout.shapes]  # no course was recorded


def test_learning_rates_stand_apart_from_the_ladder(study):
    others = arm("constant", 0.1, 0.003, robust=0.2, eigenvalue=1e6), arm("PAS", 0.1, 0.003, robust=0.4)
    figure = published(Study((*study.arms, *others), study.claims, study.courses))
    assert max(traces(figure, "y")["constant"].y) < 1e6
    assert list(figure.layout.xaxis5.ticktext) == ["0.001", "0.003"]
    assert list(traces(figure, "y5")["PAS"].y) == pytest.approx([0.5, 0.4])
    assert list(traces(figure, "y6")["constant"].y)[1] == pytest.approx(1)
    assert "PAS, course" in traces(figure, "y7")


def test_claims_are_told_with_their_verdict(study):
    lines = told(study, None, {})
    assert lines[0] == "It rises. Holds here. by −2 (A paper)"
    assert lines[1].startswith("It falls. Does not hold here. ")
    assert lines[2].startswith("It turns. Open here. ")
    assert "18 models, 3 seeds of each way" in lines[3]
    assert "4 models of these are stuck at the loss of guessing, ln 10 = 2.30" in lines[3]
    assert landscape.told(study, None, {}) == lines


def test_the_table_has_every_model_and_every_mean(study):
    rows = list(csv.DictReader(io.StringIO(table(study).decode())))
    some = [row for row in rows if (row["budget eps"], row["way"], row["what"]) == ("0.4", "PAS", "robust accuracy")]
    assert [float(row["value"]) for row in some] == pytest.approx([0.6, 0.62, 0.61, 0.61])
    assert [row["n models"] for row in some] == ["1", "1", "1", "3"]
    assert float(some[-1]["low"]) == pytest.approx(Mean.of(np.array([0.6, 0.62, 0.61])).interval[0])
    assert {row["n stuck"] for row in rows if row["model"] == "mean" and row["budget eps"] == "0.1"} >= {"0", "1"}
    half = [row for row in rows if row["share of training"] == "0.5" and row["way"] == "PAS"]
    assert [float(row["value"]) for row in half if row["model"] == "mean"] == pytest.approx([3, 30])
    assert not [row for row in rows if row["way"] == "none" and row["what"] == "robust accuracy"]


def test_the_snippet_names_the_address():
    code = snippet("/landscape?view=study")
    assert "run('/landscape?view=study')" in code
    compile(code, "snippet", "exec")
