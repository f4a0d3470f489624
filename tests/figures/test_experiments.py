"""Studies of trainings: drawn, told, as a table."""

import csv
from dataclasses import replace
from io import StringIO

import numpy as np
import pytest

from explorer.core.results import Claim, Experiment, Trials
from explorer.figures.experiments import cell, made, mean_of, snippet, table, told
from explorer.figures.kinds import FAINT, ends, epochs, kinds, legend, over, seconds
from explorer.figures.style import faint

NAN = float("nan")


def trials(name, pgd, robust) -> Trials:
    """Return two trainings of three epochs."""
    history = {"epoch": np.tile([1.0, 2, 3], (2, 1)), "cpu": np.ones((2, 3)), "test_robust": np.array(robust)}
    figures = {"pgd": np.array(pgd), "step": np.array([NAN, NAN])}
    return Trials(name, f"<{name}>", {}, (0, 1), history, figures, np.array([60.0, 60.0]), ({}, {}))


@pytest.fixture
def found() -> Experiment:
    one = trials("one", [0.2, 0.4], [[0, 0.1, 0.2], [0, 0.3, 0.4]])
    other = trials("other", [0.0, 0.0], [[0, 0, 0], [0, 0, 0]])
    claim = Claim("A says.", "Reported.", "Found -0.5.", None)
    return Experiment("tiny", (one, other), (claim,), {"pgd": "under PGD", "step": "mean step"}, "make it")


def test_the_curves_are_means_with_each_training_faintly(found):
    y, values = (0.0, 1.0), {one.name: one.history["test_robust"] for one in found.trials}
    part = over(found, values, {one.name: epochs(one) for one in found.trials}, 2, ("h", "x", "y"), y, False)
    assert len(part.fixed) == 2 * 3
    assert part.fixed[2]["y"] == pytest.approx([0, 0.2, 0.3])
    assert part.fixed[2]["x"] == [1, 2, 3]
    assert "&lt;one&gt;" in part.fixed[2]["hovertemplate"]
    colour = part.fixed[2]["line"]["color"]
    assert part.fixed[0]["line"]["color"] == faint(colour, FAINT)
    assert "opacity" not in part.fixed[0]
    assert seconds(found.trials[0]).tolist() == [1, 2, 3]


def test_what_a_kind_comes_to_stands_with_its_interval(found):
    part = ends(found, "pgd", 1, ("head", "up"), (0.0, 1.0), False)
    assert len(part.fixed) == 2 * 2
    assert part.fixed[1]["y"] == pytest.approx([0.3])
    low, high = mean_of(found.trials[0], "pgd").interval
    assert part.fixed[1]["error_y"]["array"] == pytest.approx([high - 0.3])
    assert part.fixed[1]["error_y"]["arrayminus"] == pytest.approx([0.3 - low])
    assert not ends(found, "step", 1, ("head", "up"), (0.0, 1.0), False).fixed


def test_no_interval_of_a_length_goes_below_nothing():
    one = replace(
        trials("one", [0.2, 0.4], [[0, 0.1, 0.2]] * 2),
        figures={"cpu": np.array([0.1, 5.0]), "gap": np.array([0.1, 0.5])},
    )
    assert mean_of(one, "cpu").interval[0] == 0
    assert mean_of(one, "gap").interval[0] < 0


def test_kinds_are_told_apart_without_colour(found):
    looks = kinds(found).values()
    for what in ("colour", "symbol", "sign", "dash"):
        assert len({getattr(look, what) for look in looks}) == 2
    (note,) = legend(found, (0.0, 1.0), False).notes
    assert "&lt;one&gt;" in note["text"]


def test_a_table_has_every_training_and_every_mean(found):
    head, *rows = csv.reader(StringIO(table(found).decode()))
    assert head == ["kind", "what", "epoch", "seed", "value", "low", "high", "n"]
    means = [row for row in rows if row[3] == "mean"]
    assert [float(row[4]) for row in means] == pytest.approx([0.3, 0.0])
    assert [row[4] for row in rows if row[1] == "mean step"] == [""] * 4
    assert len([row for row in rows if row[1] == "test_robust"]) == 2 * 2 * 3


def test_what_a_training_has_no_number_of_is_empty_in_a_table(found):
    one = replace(found.trials[0], history={"epoch": np.ones((2, 1)), "cpu": np.array([[NAN], [2.0]])})
    rows = csv.reader(StringIO(table(replace(found, trials=(one,))).decode()))
    assert [row[4] for row in rows if row[1] == "cpu"] == ["", "2.0"]


def test_it_is_told_with_true_minus_signs_and_how_it_was_made(found):
    first, last = told(found)
    assert first == "A says. Open here. Found −0.5. (Reported.)"
    assert last == made(found)
    assert "4 trainings, 2 seeds of each kind, which took 4 minutes" in last
    assert "They are made anew by “make it”" in last
    assert (cell(found.trials[0], "step"), cell(found.trials[1], "pgd")) == ("", "0.0% (0.0%–65.8%)")
    compile(snippet("/training?view=tiny"), "snippet", "exec")


def test_trials_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="two trainings or more"):
        Trials("one", "one", {}, (0,), {"epoch": np.ones((1, 2))}, {}, np.ones(1))
