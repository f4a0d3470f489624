"""Distances drawn and told, from numbers made by hand."""

import csv
import io
import math

import numpy as np
import pytest

from explorer.core.results import Distances, Reached, Reaches
from explorer.core.stats import Median
from explorer.figures.distances import distances
from explorer.figures.reaching import KINDS, flat, snippet, table, told
from explorer.figures.setting import Setting

SIZE, REACH = 100, 10.0
SETTING = Setting(("cat", "dog"), ("weak", "strong"), "l2", 30, 255)
SHOW = {"length": "l2", "taken": "median", "over": "many"}


def along(kind, l2, *, outside=False):
    l2 = np.array(l2, np.float32)
    reached = np.where(np.isfinite(l2), 1, -1)
    return Distances(kind, l2, l2 / 2, reached, np.isfinite(l2) & outside, np.zeros(len(l2), np.int64), REACH, SIZE)


def reached(near, random, truth=None):
    """Each picture's attack, its random lines; other kinds cross once of twice."""
    n = len(near)
    kinds = {"attack": along("attack", [[v, 2 * v] for v in near])}
    kinds["attack_linf"] = along("attack_linf", [[3 * v] for v in near])
    kinds["pixels"] = along("pixels", [[5.0, np.inf]] * n, outside=True)
    kinds["random"] = along("random", random)
    return Reached(np.arange(n), np.array(truth or [0] * n), kinds)


@pytest.fixture
def many():
    near = np.linspace(0.1, 0.2, 11)
    weak = reached(near, [[8 * v, 10 * v, 12 * v] for v in near], [0] * 9 + [1] * 2)
    far = [[10 * v, 10 * v, 10 * v] for v in near]
    far[3] = [1.0, np.inf, np.inf]
    return Reaches({"a": weak, "b": reached(2 * near, far)})


@pytest.fixture
def one():
    weak = reached([0.1], [[1.0, 2.0, *[1.5] * 7, np.inf]])
    return Reaches({"a": weak, "b": reached([0.2], [[*[2.0] * 10]], [1])})


def test_of_a_hyperplane_the_median_line_is_that_many_times_as_far():
    """For large d 1.48 times its root; in the plane, where the angle is uniform, the root of 2; on a line, 1."""
    assert flat(3072) == pytest.approx(math.sqrt(3072) / 0.6745, rel=1e-3)
    assert flat(2) == pytest.approx(math.sqrt(2))
    assert flat(1) == 1
    u = np.random.default_rng(0).normal(size=(20_000, 5))
    assert flat(5) == pytest.approx(1 / np.median(np.abs(u[:, 0]) / np.linalg.norm(u, axis=1)), rel=0.02)


def marks_of(figure, axis, name):
    return [t for t in figure.data if t.xaxis == axis and t.mode == "markers" and t.legendgroup == name]


@pytest.mark.parametrize("dark", [False, True])
def test_of_many_pictures_each_has_a_mark_and_the_median_its_interval(many, dark):
    figure = distances(many, SETTING, SHOW, dark=dark)
    points, _, stroke = marks_of(figure, "x", "weak")[:3]
    near = many.models["a"].kinds["attack"].l2.min(1)
    np.testing.assert_allclose(points.x, near * 255)
    middle = Median.of(near * 255)
    assert stroke.x[0] == pytest.approx(middle.value)
    assert stroke.x[0] + stroke.error_x.array[0] == pytest.approx(middle.interval[1])
    assert figure.layout.yaxis.ticktext == tuple(KINDS[kind] for kind in many.models["a"].kinds)
    assert np.mean(points.y) < 0 < np.mean(marks_of(figure, "x", "strong")[0].y)


def test_what_does_not_cross_is_counted_and_what_lies_outside_is_open(many):
    figure = distances(many, SETTING, SHOW)
    texts = [t.text[0] for t in figure.data if t.mode == "text"]
    assert texts.count("1 of 11") == 2  # a picture of the strong model's, as a line and as a ratio
    assert texts.count("11 of 11") == 2  # of two ways the upper median, which does not cross
    shortest = distances(many, SETTING, SHOW | {"taken": "shortest"})
    opened = [t for t in marks_of(shortest, "x", "weak") if len(t.x) and "open" in t.marker.symbol]
    assert [list(t.x) for t in opened] == [[pytest.approx(5.0 * 255)] * 11]
    assert not [t.text[0] for t in shortest.data if t.mode == "text" and t.text[0]][:-1]


def test_the_budget_is_dashed_where_it_is_one_of_the_norm_and_the_theory_has_two_lines(many):
    figure = distances(many, SETTING, SHOW)
    lines = {shape.line.dash: shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1}
    assert lines == {"dash": 30, "dot": 10, "solid": pytest.approx(flat(100))}
    other = distances(many, SETTING, SHOW | {"length": "linf"})
    assert "dash" not in {shape.line.dash for shape in other.layout.shapes}
    assert marks_of(other, "x", "weak")[0].x[0] == pytest.approx(0.1 * 255 / 2)


def test_of_many_pictures_ratio_theory_and_the_misclassified_are_told(many):
    weak, ratio, lost, strong, more, _, between = told(many, SETTING, SHOW)
    assert "11 pictures (2 of them misclassified" in weak
    assert "38.3/255 (95 % interval" in weak
    assert "the median random line 382/255" in weak
    assert "crosses at 10 (95 % interval 10 to 10, n = 11 pictures) times the attack's way" in ratio
    assert "geometric mean is 10 (10 to 10)" in ratio
    assert f"would give {flat(100):.3g} (√d = 10); here it is less" in ratio
    assert "single values 11 of 22" in lost
    assert "random" not in lost
    assert "(0 of them" in strong
    assert "without 1 picture of which half the lines do not cross" in more
    assert "strong over weak" in between
    assert "the attack's way 2 (n = 11" in between
    assert "less far beyond the attack for strong" in between


def test_in_linf_the_shortest_change_is_the_one_that_was_searched_there(many):
    assert "medians in ℓ∞: the shortest change 57.4/255" in told(many, SETTING, SHOW | {"length": "linf"})[0]


def test_of_one_picture_each_way_has_a_mark_and_is_told(one):
    figure = distances(one, SETTING, SHOW)
    lines = [t for t in marks_of(figure, "x", "weak") if len(t.x) == 9]
    assert len(lines) == 1
    assert "then 'dog'" in lines[0].text[0]
    assert "1 of 10" in [t.text[0] for t in figure.data if t.mode == "text"]
    words = told(one, SETTING, SHOW)
    assert (
        words[0]
        == "The weak model says 'cat'. The shortest change found within [0, 1], 25.5/255 in ℓ2, makes it 'dog'."
    )
    assert "single values 1,280/255 (outside of [0, 1], 1 of 2 cross)" in words[1]
    assert "crosses at 15 (95 % interval 15 to 20, n = 10 lines)" in words[2]
    assert "1 line of 10 does not cross" in words[2]
    assert "'cat', wrongly: the distances are to where that answer changes" in words[3]
    assert words[-1].startswith("From this picture the strong model's boundary is 2 times as far")


def test_where_nothing_crosses_that_is_what_is_told():
    none = along("attack", [[np.inf, np.inf]])
    kinds = {"attack": none, "attack_linf": along("attack_linf", [[np.inf]]), "random": along("random", [[np.inf] * 4])}
    found = Reached(np.array([7]), np.array([-1]), kinds)
    result = Reaches({"a": found, "b": found})
    words = " ".join(told(result, SETTING, SHOW))
    assert "says 'cat'. No change that turns it was found" in words
    assert "attack in ℓ∞ none crosses" in words
    assert "4 lines of 4 do not cross" in words
    assert len(told(result, SETTING, SHOW)) == 6
    texts = [t.text[0] for t in distances(result, SETTING, SHOW).data if t.mode == "text"]
    assert texts.count("4 of 4") == 4
    several = Reached(np.arange(3), np.array([0, 0, 1]), {k: along(k, [[np.inf] * 3] * 3) for k in kinds})
    assert "too seldom to be compared" in " ".join(told(Reaches({"a": several}), SETTING, SHOW))


def test_one_model_alone_is_drawn_and_told(one):
    alone = Reaches({"a": one.models["a"]})
    assert len(told(alone, SETTING, SHOW)) == 3
    assert {t.legendgroup for t in distances(alone, SETTING, SHOW).data if t.mode == "text"} == {"weak"}


def test_the_table_has_every_way_(one):
    rows = list(csv.reader(io.StringIO(table(one).decode())))
    assert len(rows) == 1 + 2 * (2 + 1 + 2 + 10)
    assert rows[0][4:7] == ["kind", "way", "l2 (values 0 to 1)"]
    (lost,) = (row for row in rows if row[0] == "a" and row[4] == "random" and row[6] == "")
    assert lost[5] == "9"


def test_the_snippet_runs_its_address_and_prints_medians(one, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr("explorer.run", lambda address: asked.append(address) or one)
    exec(compile(snippet("/boundary?view=distances"), "snippet", "exec"), {})
    assert asked == ["/boundary?view=distances"]
    out = capsys.readouterr().out
    assert "a, random: median 1.5 in l2, 0.75 in linf" in out
    assert "b: random lines are 10 times as long" in out
