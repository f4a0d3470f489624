"""An attack with limits of its own: no budget is named, and no curve is drawn."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Evaluation, Judged
from explorer.core.stats import Rate
from explorer.figures.by_class import by_class
from explorer.figures.judgement import snippet, table
from explorer.figures.radii import radii
from explorer.figures.setting import Setting
from explorer.figures.verdicts import verdicts
from explorer.figures.within import within

LIMITS = "its own limits (rotation 30)"
SETTING = Setting(("cat", "dog"), ("standard", "robust"), "linf", 8, 255, LIMITS)
ANY = np.float32(1e-6)


@pytest.fixture
def evaluation() -> Evaluation:
    labels, radius = np.array([0, 0, 1, 1]), np.array([0, ANY, ANY, np.inf], np.float32)
    judged = Judged(0, labels, np.array([1, 0, 1, 1]), np.array([1, 1, 0, 1]), radius, 40, 1.0)
    return Evaluation({"a": judged}, np.array([1 / 255], np.float32))


@pytest.mark.parametrize("eps", [0, 8])  # whatever the budget
def test_what_stands_is_drawn_as_bars_and_no_budget_is_named(evaluation, eps):
    setting = replace(SETTING, eps=eps)
    figure = within(evaluation, setting)
    (bars,) = figure.data
    assert bars.type == "bar"
    assert list(bars.x) == ["clean", "within its own limits"]
    assert list(bars.y) == [0.75, 0.25]
    assert bars.error_y.array[1] == pytest.approx(Rate(1, 4).interval[1] - 0.25)
    assert bars.error_y.arrayminus[1] == pytest.approx(0.25 - Rate(1, 4).interval[0])
    assert list(radii(evaluation, setting).data[0].x) == ["wrong by itself", "broken", "not broken"]
    assert list(radii(evaluation, setting).data[0].y) == [0.25, 0.5, 0.25]
    assert list(by_class(evaluation, setting).data[0].y) == [0, 0.5]
    (line,) = verdicts(evaluation, setting)
    assert f"within {LIMITS} {Rate(1, 4)} stand" in line
    drawn = [fig.to_json() for fig in (figure, radii(evaluation, setting))]
    assert not any("/255" in text or "budget" in text for text in (*drawn, line))


def test_the_table_says_what_is_broken_and_names_no_budget(evaluation):
    head, *rows = csv.reader(io.StringIO(table(evaluation, LIMITS).decode()))
    assert head[-1] == "broken"
    assert [row[-1] for row in rows] == ["yes", "yes", "yes", "no"]
    assert b"e-06" not in table(evaluation, LIMITS)


def test_the_snippet_asks_for_no_budget():
    code = snippet("/robustness?data=digits", "curve", LIMITS)
    compile(code, "snippet", "exec")
    assert "eps" not in code
    assert "run('/robustness?data=digits')" in code
