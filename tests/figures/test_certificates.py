"""The figures, sentences and tables of the Certificate page, of results made by hand."""

import csv
import io

import numpy as np
import plotly.graph_objects as go
import pytest

from explorer.core.results import (
    Boxed,
    Boxes,
    Bracket,
    Envelope,
    Envelopes,
    Ladder,
    Ladders,
    Proofs,
    Section,
    Slice,
    Voted,
    Votes,
)
from explorer.core.stats import Rate
from explorer.figures import boxing, certifying, enveloping, ruled, rungs, voting
from explorer.figures.boxed import boxed
from explorer.figures.certified import certified, drawn, errors, proved_by
from explorer.figures.enveloped import enveloped
from explorer.figures.methods import Method, best, known, seconds
from explorer.figures.ruler import ruler, verdict
from explorer.figures.setting import Setting
from explorer.figures.voted import voted

SETTING = Setting(("cat", "<dog>"), ("standard", "robust"), "linf", 100, 1000)
METHODS = {
    "ibp": Method("ibp", "Intervals", "proved"),
    "crown": Method("crown", "Lines", "proved"),
    "smoothing": Method("smoothing", "Votes", "probable", 0.001),
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
    assert "Intervals: Nothing known here." in words


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


@pytest.fixture
def around():
    section = Section(
        np.zeros(2, np.float32),
        np.array([1, 0], np.float32),
        np.array([0, 1], np.float32),
        "linf",
        np.array([-0.2, 0.2, -0.2, 0.2]),
        {"across": "first", "up": "second"},
        {"point": np.zeros(2)},
    )
    labels = (np.arange(9)[:, None] > 5).repeat(9, 1).astype(np.int64)
    seen = Slice(section, labels, np.ones((9, 9), np.float32), np.ones((9, 9), np.float32), labels == 0, 81, 1)
    tried = np.array([0.05, 0.1, 0.15])
    squares = np.array([[[-e, -e], [e, -e], [e, e], [-e, e]] for e in (0.05, 0.08, 0.02)])
    squares[2, 3] = np.nan
    whole = np.array([True, False, False])
    one = Envelope(seen, tried, np.array([0.05, 0.08, 0.02]), whole, squares)
    none = Envelope(seen, np.empty(0), np.empty(0), np.empty(0, bool), np.empty((0, 0, 2)), "No bound knows it.")
    held = {"a": {"0": squares[0], "1": squares[1]}}
    return Envelopes({"a": one, "b": none}, 0, held=held, balls={"0": squares[0]})


def test_the_envelope_moves_with_the_ball_and_begins_at_the_budget(around):
    figure = enveloped(around, SETTING, METHODS)
    assert [frame.name for frame in figure.frames] == ["0", "1", "2", "result"]
    polygons = [next(t for t in frame.data if t.x is not None and len(t.x) in (4, 5)) for frame in figure.frames]
    assert [max(polygon.x) for polygon in polygons] == pytest.approx([50, 80, 20, 80])
    assert len(polygons[2].x) == 4  # a triangle and its first corner again
    assert figure.layout.sliders[0].steps[1].label == "1"
    assert figure.layout.updatemenus[0].buttons[-1].label == "At the budget"
    words = " ".join(enveloping.told(around, SETTING, METHODS))
    assert "certifies most, 80/1000, with the ball of 100/1000; the largest ball tried that is" in words
    assert "The ball of 150/1000 certifies 20/1000: its planes are looser." in words
    assert "Of the robust model there is no envelope. No bound knows it." in words
    rows = list(csv.DictReader(io.StringIO(enveloping.table(around, SETTING).decode())))
    assert len(rows) == 4 + 4 + 3


def test_an_envelope_holds_nothing_outside_of_its_ball(around):
    one = around.models["a"]
    with pytest.raises(ValueError, match="outside of its ball"):
        Envelope(one.seen, one.tried, one.tried * 1.1, one.whole, one.corners)


def test_votes_say_how_sure_they_are_and_what_abstains():
    counts = np.array([[5, 95]])
    one = Votes(0.25, 0.001, counts, counts, np.array([1]), np.array([0.86]), np.array([0.27]), np.array([1]))
    other = Votes(0.25, 0.001, counts, counts, np.array([1]), np.array([0.4]), np.array([0.0]), np.array([-1]))
    view = Voted({"a": one, "b": other}, 0)
    figure = voted(view, SETTING)
    assert [list(trace.x) for trace in figure.data if trace.type == "bar"] == [[0.05, 0.95]] * 2
    notes = " ".join(note.text for note in figure.layout.annotations)
    assert "&lt;dog&gt;, probably up to 270/1000 in ℓ2" in notes
    assert "abstains" in notes
    words = " ".join(voting.told(view, SETTING))
    assert "With a confidence of 99.9 % that is at least 86 % of all copies" in words
    assert "which is not what the picture shows" in words
    assert "the smoothed model abstains" in words
    assert "the radius would be 375/1000" in words  # 0.25 Phi^-1(0.001 ^ 0.01)
    rows = list(csv.DictReader(io.StringIO(voting.table(view, SETTING).decode())))
    assert [row["votes"] for row in rows] == ["5", "95"] * 2


def test_a_ladder_goes_from_the_loosest_bound_to_what_was_met():
    margins = np.array([INF, 2.0])
    bounds = {"product": np.array([0, 100.0]), "path": np.array([0, 10.0]), "sampled": np.array([0, 4.0])}
    one = Ladder("linf", 0.5, 0, margins, bounds, dict.fromkeys(bounds, 0.001), {"lipopt 2": "Too deep."})
    view = Ladders({"a": one}, {"b": "Nothing can be proved."}, ("a", "b"))
    figure = rungs.rungs(view, SETTING)
    assert [trace.x[0] for trace in figure.data if trace.type == "bar"] == [100, 10]
    diamonds = [trace.x[0] for trace in figure.data if trace.type == "scatter"]
    assert diamonds == [4]
    words = " ".join(rungs.told(view, SETTING))
    assert (
        "falls by at most 10 per length within 500/1000 of the picture (1-path norm); somewhere it does by 4." in words
    )
    assert "Over all rivals that proves 200/1000 (1-path norm)." in words
    assert "Not on the standard model: LiPopt, level 2. Too deep." in words
    assert "Nothing can be proved." in words
    assert "<0.01 s" in " ".join(note.text for note in figure.layout.annotations)
    assert seconds(0.123) == "0.12 s"


@pytest.mark.parametrize("dark", [False, True])
def test_every_figure_can_be_sent(proofs, many, around, dark):
    for figure in (
        ruler(proofs, SETTING, METHODS, "crown", dark=dark),
        certified(many, SETTING, METHODS, dark=dark),
        enveloped(around, SETTING, METHODS, dark=dark),
    ):
        assert isinstance(figure, go.Figure)
        assert len(figure.to_json()) > 1000


@pytest.mark.parametrize("module", [ruled, certifying, enveloping, voting, rungs])
def test_every_snippet_is_python_that_names_the_address(module):
    code = module.snippet("http://x/certificate?data=toy")
    compile(code, "snippet", "exec")
    assert "data=toy" in code


@pytest.fixture
def some_boxes():
    eps = np.full((1, 1, 2, 2), 0.1, np.float32)
    eps[0, 0, 0] = 0.4
    one = Boxes(np.array([0]), np.array([0.2], np.float32), eps, np.ones_like(eps))
    x = np.full((1, 1, 2, 2), 0.5, np.float32)
    return Boxed({"b": one}, x, np.array([0]), {"b": 1.0}, {"a": "Too large."}, order=("a", "b"))


def test_a_box_is_a_map_on_its_own_models_side_and_its_gain_is_told(some_boxes):
    figure = boxed(some_boxes, SETTING)
    shown = [trace for trace in figure.data if trace.type == "heatmap" and trace.showscale is not False]
    assert len(shown) == 1
    assert shown[0].name == "◆ B · robust"
    assert shown[0].z == pytest.approx(np.array([[0.4, 0.4], [0.1, 0.1]]))
    assert "Too large." in " ".join(note.text for note in figure.layout.annotations)
    words = " ".join(boxing.told(some_boxes, SETTING))
    assert "On the robust model one eps for all certifies 200/1000" in words
    assert "from 100/1000 to 400/1000, and all of them hold the box back" in words
    assert some_boxes.models["b"].gain[0] == pytest.approx(0, abs=1e-6)  # 0.4² 0.1² = 0.2⁴
    rows = list(csv.DictReader(io.StringIO(boxing.table(some_boxes, SETTING).decode())))
    assert [row["model"] for row in rows] == ["B robust"] * 4
    compile(boxing.snippet("x"), "snippet", "exec")


def test_of_a_point_both_boxes_are_drawn_around_it():
    eps = np.array([[0.1, 0.3]], np.float32)
    one = Boxes(np.array([0]), np.array([0.2], np.float32), eps, np.ones_like(eps))
    view = Boxed({"a": one}, np.array([[0.5, 0.9]], np.float32), np.array([0]), {"a": 1.0}, order=("a",))
    figure = boxed(view, SETTING)
    solid, dashed = figure.data[:2]
    assert (min(solid.x), max(solid.x), min(solid.y), max(solid.y)) == pytest.approx((400, 600, 600, 1000))
    assert (min(dashed.x), max(dashed.x)) == pytest.approx((300, 700))
    assert dashed.line.dash == "dash"


def test_many_maps_are_compared_in_order_of_their_class():
    rng = np.random.default_rng(0)
    eps = rng.uniform(0.05, 0.2, (4, 1, 2, 2)).astype(np.float32)
    y = np.array([1, 0, 1, 0])
    one = Boxes(y, np.full(4, 0.04, np.float32), eps, np.ones_like(eps))
    alike = {"a": {"same": np.array([0.5, 4, 0.1, 0.9]), "other": np.array([0.2, 4, -0.1, 0.4])}}
    view = Boxed({"a": one}, eps, y, {"a": 1.0}, alike=alike, order=("a",))
    figure = boxed(view, SETTING)
    order = [1, 3, 0, 2]
    assert figure.data[0].z / 100 == pytest.approx(one.similarity[np.ix_(order, order)], abs=0.006)
    words = " ".join(boxing.told(view, SETTING))
    assert "correlate by 0.50 (n = 4 pictures, 95 % interval 0.10 to 0.90) for two of the same class" in words
    assert "4 of 4 pictures have a box" in words
