"""The figures, sentences and tables of the Certificate page, of results made by hand."""

import csv
import io

import numpy as np
import plotly.graph_objects as go
import pytest

from explorer.core.results import (
    Bracket,
    Proofs,
)
from explorer.core.stats import Rate
from explorer.figures import boxing, certifying, enveloping, ruled, rungs, voting
from explorer.figures.certified import certified, drawn, errors, proved_by
from explorer.figures.methods import Method, best, known
from explorer.figures.ruler import ruler, verdict
from explorer.figures.setting import Setting

SETTING = Setting(("cat", "<dog>"), ("standard", "robust"), "linf", 100, 1000)
METHODS = {
    "ibp": Method("ibp", "Intervals", "proved"),
    "crown": Method("crown", "Lines", "proved"),
    "smoothing": Method("smoothing", "Votes", "probable", 0.001),
    "exact": Method("exact", "Exact", "exact"),
    "attack": Method("attack", "Attack", "broken"),
}
INF = np.inf


def bracket(low, high, *, right=True, sentence="", time=0.5):
    n = len(np.atleast_1d(low))
    low, high = (np.broadcast_to(np.asarray(value, np.float32), n) for value in (low, high))
    said = np.zeros(n, np.int64) if right else np.ones(n, np.int64)
    return Bracket(np.zeros(n, np.int64), said, low.copy(), high.copy(), time, sentence)


@pytest.fixture
def proofs():
    a = {"ibp": bracket(0.01, INF), "crown": bracket(0.05, INF), "attack": bracket(0, 0.08)}
    b = {
        "ibp": bracket(0, INF, sentence="Nothing known here."),
        "crown": bracket(0.15, INF),
        "smoothing": bracket(0.3, INF),
        "attack": bracket(0, 0.16),
    }
    return Proofs({"a": a, "b": b}, "linf", 0.2)


def told(proofs):
    return " ".join(ruled.told(proofs, SETTING, METHODS))


def bars(figure):
    return [trace for trace in figure.data if trace.type == "bar" and trace.marker.pattern.shape != "/"]


def test_what_is_known_is_the_best_proof_and_the_nearest_break(proofs):
    what = known(proofs.models["b"], METHODS, 0.2)
    assert (what.by, what.broken, what.settled) == ("crown", "attack", False)
    assert what.low == pytest.approx(0.15)  # not the vote's 0.3, which is another model's
    assert what.high == pytest.approx(0.16)
    assert known({"crown": bracket(0.1, 0.1)}, METHODS, 0.2).settled
    assert best({"smoothing": bracket(0.3, INF)}, METHODS) is None


def test_the_ruler_has_a_bar_for_each_proof_a_cross_and_a_hatched_gap(proofs):
    figure = ruler(proofs, SETTING, METHODS, "ibp")
    assert [bar.x[0] for bar in bars(figure)] == pytest.approx([10, 50, 150, 300])
    gaps = [trace for trace in figure.data if trace.type == "bar" and trace.marker.pattern.shape == "/"]
    assert [(gap.base[0], gap.x[0]) for gap in gaps] == [pytest.approx((50, 30)), pytest.approx((150, 10))]
    crosses = [trace for trace in figure.data if trace.type == "scatter" and trace.marker.symbol == "x"]
    assert [cross.x[0] for cross in crosses] == pytest.approx([80, 160])
    notes = " ".join(note.text for note in figure.layout.annotations)
    assert "not here" in notes
    assert "<b>Intervals</b>" in notes
    assert "proved to 50/1000, broken at 80/1000" in notes
    dashed = [shape for shape in figure.layout.shapes if shape.line.dash == "dash"]
    assert [shape.x0 for shape in dashed] == [100, 100]
    clicked = [set(trace.customdata) for trace in figure.data if trace.customdata is not None]
    assert clicked == [{"ibp", "crown", "attack"}, {"ibp", "crown", "smoothing", "attack"}]


def test_what_is_probable_is_drawn_otherwise_than_what_is_proved(proofs):
    figure = ruler(proofs, SETTING, METHODS, "ibp")
    probable = bars(figure)[-1]
    assert probable.marker.pattern.shape == "x"
    assert probable.marker.color == "rgba(0,0,0,0)"
    assert all(bar.marker.pattern.shape is None for bar in bars(figure)[:-1])


def test_sentences_keep_proved_probable_broken_and_unknown_apart(proofs):
    words = told(proofs)
    assert "Proved: no change up to 50/1000 in ℓ∞ makes the standard model's answer another (Lines)." in words
    assert "Broken: there is a change of 80/1000 that does (Attack)." in words
    assert "What lies between 50/1000 and 80/1000, nobody here knows." in words
    assert "At the budget, 100/1000 = 0.1, the picture is broken." in words
    assert "the picture is proved safe" in words
    assert "Probably, with a confidence of 99.9 %: the smoothed robust model, which is not the model itself" in words
    assert "Intervals, robust model: Nothing known here." in words


def test_what_was_not_broken_is_not_said_to_be_safe():
    some = {"crown": bracket(0.05, INF), "attack": bracket(0, INF)}
    words = told(Proofs({"a": some}, "linf", 0.2))
    assert "no attack broke it proves nothing" in words
    assert "unknown: neither proved nor broken" in words
    wrong = {"crown": bracket(0, INF, right=False), "attack": bracket(0, 0, right=False)}
    assert "wrong about this picture by itself" in told(Proofs({"a": wrong}, "linf", 0.2))
    assert "nothing to prove" in verdict(known(wrong, METHODS, 0.2), SETTING)
    settled = {"crown": bracket(0.1, INF), "attack": bracket(0, 0.1001)}
    assert "nothing is left open" in told(Proofs({"a": settled}, "linf", 0.2))


def test_the_table_has_a_row_for_each_method_and_picture(proofs):
    rows = list(csv.DictReader(io.StringIO(ruled.table(proofs, SETTING, METHODS).decode())))
    assert len(rows) == 7
    assert {row["kind"] for row in rows} == {"proved", "probable", "broken"}
    assert next(row for row in rows if row["method"] == "Attack")["holds within"] == ""


@pytest.fixture
def many():
    lows, highs = np.linspace(0, 0.19, 20), np.linspace(0.05, 0.24, 20)
    a = {"ibp": bracket(lows / 4, INF), "crown": bracket(lows, INF), "attack": bracket(np.zeros(20), highs)}
    return Proofs({"a": a, "b": a}, "linf", 0.2)


def test_the_bold_curve_is_what_any_method_proves_and_the_gap_ends_at_the_attack(many):
    figure = certified(many, SETTING, METHODS)
    eps = np.linspace(0, 0.2, 129)
    lines = [trace for trace in figure.data if trace.mode == "lines" and trace.line.width == 3.5]
    expected = [(np.linspace(0, 0.19, 20) >= e * (1 - 1e-5)).mean() for e in eps]
    assert len(lines) == 2
    assert lines[0].y == pytest.approx(expected, abs=0.051)
    hatched = [trace for trace in figure.data if trace.fillpattern.shape == "/"]
    assert len(hatched) == 2
    assert (hatched[0].y[:129] >= hatched[0].y[129:][::-1]).all()
    assert drawn(many, METHODS) == ["ibp", "crown"]


def test_errors_are_rates_of_the_chosen_budget(many):
    rows = errors(many, SETTING, METHODS)
    crown = next(row for row in rows if row["method"] == "Lines" and row["model"] == "A standard")
    some = many.models["a"]
    assert crown["certified error"] == Rate(int((~some["crown"].certified(0.1)).sum()), 20).cell
    assert crown["error under attack"] == Rate(int((~some["attack"].standing(0.1)).sum()), 20).cell
    assert crown["clean error"] == Rate(0, 20).cell
    assert len([row for row in rows if row["method"].startswith("any")]) == 2
    words = " ".join(certifying.told(many, SETTING, METHODS))
    assert f"{Rate(10, 20)} of the pictures are proved safe on the standard model" in words
    assert "nobody here knows" in words
    assert proved_by({"attack": some["attack"]}, METHODS) is None


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_can_be_sent(proofs, many, dark):
    for figure in (
        ruler(proofs, SETTING, METHODS, "crown", dark=dark),
        certified(many, SETTING, METHODS, dark=dark),
    ):
        assert isinstance(figure, go.Figure)
        assert len(figure.to_json()) > 1000


@pytest.mark.parametrize("module", [ruled, certifying, enveloping, voting, rungs, boxing])
def test_every_snippet_is_python_that_names_the_address(module):
    code = module.snippet("http://x/certificate?data=toy")
    compile(code, "snippet", "exec")
    assert "data=toy" in code


def test_an_exact_answer_that_ran_out_of_time_is_not_called_exact():
    late = bracket(0.05, INF, sentence="1 picture not decided in 20 s: what was proved by then.")
    proofs = Proofs({"a": {"exact": late}, "b": {"exact": bracket(0.08, 0.08)}}, "linf", 0.2)
    hovers = [trace.text for trace in ruler(proofs, SETTING, METHODS, "exact").data if trace.customdata is not None]
    assert "time ran out; proved: 50/1000" in hovers[0][0]
    assert not any("exactly" in one for one in hovers[0])
    rows = list(csv.DictReader(io.StringIO(ruled.table(proofs, SETTING, METHODS).decode())))
    assert [row["kind"] for row in rows] == ["proved", "exact"]


def test_of_many_pictures_those_that_are_not_decided_are_counted_and_what_was_proved_of_them_counts():
    lows = bracket(
        [0.05, 0.1, 0.2], [INF, 0.1, INF], sentence="1 picture not decided in 20 s: what was proved by then."
    )
    proofs = Proofs({"a": {"exact": lows}, "b": {"exact": bracket([0.1] * 3, [0.1] * 3)}}, "linf", 0.2)
    words = certifying.told(proofs, SETTING, METHODS)
    assert sum("not decided" in line for line in words) == 1
    assert "Exact, standard model: 1 of 3 pictures are not decided" in " ".join(words)
    assert proved_by(proofs.models["a"], METHODS).low == pytest.approx([0.05, 0.1, 0.2])


def test_what_a_smoothed_model_says_counts_where_the_model_itself_is_wrong():
    some = {"attack": bracket([0, 0], [0, 0], right=False), "smoothing": bracket([0.15, 0.0], INF, right=False)}
    proofs = Proofs({"a": some}, "linf", 0.2)
    assert f"{Rate(1, 2)} are probably safe" in " ".join(certifying.told(proofs, SETTING, METHODS))
    (row,) = errors(proofs, SETTING, METHODS)
    assert (row["method"], row["certified error"], row["clean error"]) == ("Votes", Rate(1, 2).cell, Rate(2, 2).cell)
