"""The figures of the Certificate page's envelopes, boxes, votes and ladders, of results made by hand."""

import csv
import io

import numpy as np
import pytest

from explorer.core.results import Boxed, Boxes, Envelope, Envelopes, Ladder, Ladders, Section, Slice, Voted, Votes
from explorer.figures import boxing, enveloping, rungs, voting
from explorer.figures.boxed import boxed
from explorer.figures.enveloped import enveloped
from explorer.figures.methods import Method, seconds
from explorer.figures.setting import Setting
from explorer.figures.voted import voted

SETTING = Setting(("cat", "<dog>"), ("standard", "robust"), "linf", 100, 1000)
METHODS = {"crown": Method("crown", "Lines", "proved"), "attack": Method("attack", "Attack", "broken")}
INF = np.inf


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
    assert [seconds(0.123), seconds(47.2), seconds(168.0)] == ["0.12 s", "47 s", "168 s"]


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
