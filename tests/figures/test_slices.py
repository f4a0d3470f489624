"""The figure of a plane and its sentences, on planes whose regions are known."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Distances, Neighbours, Outlines, Section, Slice, SliceView, Trail
from explorer.figures.borders import borders, centres
from explorer.figures.geometry import told
from explorer.figures.relief import relief
from explorer.figures.setting import Setting
from explorer.figures.slices import slices
from explorer.figures.slicing import inside, lengths, snippet, table
from explorer.work.pages import PAGES

SIDE, EPS = 41, 8 / 255
SHOW = {name: knob.default for name, knob in PAGES["boundary"].show.items()}
SETTING = Setting(("cat", "dog", "owl"), ("standard", "robust"), "linf", 8, 255)
SQUARE = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]], float)


def section(norm="linf", window=2 * EPS):
    """The plane of the first two of four values."""
    axes = np.eye(4, dtype=np.float32).reshape(4, 1, 2, 2)
    marks = {"picture": np.zeros(2), "attack on A": np.array([EPS, 0.0])}
    names = {"across": "the attack on A", "up": "towards the attack on B"}
    origin = np.full((1, 2, 2), 0.5, np.float32)
    return Section(origin, axes[0], axes[1], norm, window * np.array([-1.0, 1, -1, 1]), names, marks)


def half_plane(where, wall, margin=10.0):
    """Class 0 left of a wall, 1 right of it, the margin as steep as `margin` per eps."""
    across, _ = where.ticks(SIDE)
    lead = np.broadcast_to((wall - across) * margin / EPS, (SIDE, SIDE))
    sure = 1 / (1 + np.exp(-np.abs(lead)))
    return Slice(
        where,
        (lead < 0).astype(np.uint8),
        np.abs(lead).astype(np.float16),
        sure.astype(np.float16),
        np.ones((SIDE, SIDE), bool),
        SIDE**2,
        8,
    )


def ahead(wall):
    far = np.array([[wall, np.inf, np.inf, np.inf]], np.float32)
    reached = np.where(np.isfinite(far), 1, -1)
    return Distances("axes", far, far, reached, np.zeros((1, 4), bool), np.array([0]), 4 * EPS, 4)


def trail(off):
    places = EPS * np.array([[0, 0], [0.5, 0], [1, 0]])
    return Trail(
        np.array([-1, 0, 1]),
        places,
        EPS * np.array([0, off, 0]),
        EPS * np.array([0, 0.8, 1]),
        np.array([0, 0, 1]),
        1,
        True,
    )


def view(wall_a=0.5 * EPS, wall_b=4 * EPS, **changes):
    where = section()
    near = Neighbours(
        np.array([5, 9]), np.array([0, 2]), EPS * np.array([[0.1, 0.2], [1.0, -1.0]]), np.array([0.5, 0.75]), 60, 2
    )
    parts = {
        "outlines": Outlines("linf", EPS, EPS * SQUARE, 2 * EPS * SQUARE, EPS * SQUARE),
        "trail_a": trail(0.4),
        "trail_b": trail(0.0),
        "near": near,
    }
    return SliceView(
        0,
        half_plane(where, wall_a),
        half_plane(where, wall_b),
        ahead_a=ahead(wall_a),
        ahead_b=ahead(np.inf),
        **parts | changes,
    )


def test_the_border_of_a_half_plane_is_its_wall_and_one_line():
    where = section()
    x, y = borders(half_plane(where, 0.31 * EPS).labels, half_plane(where, 0.31 * EPS).margin, *where.ticks(SIDE))
    np.testing.assert_allclose(x[:-1], 0.31 * EPS, atol=1e-3 * EPS)
    assert np.isnan(x).sum() == 1
    assert (y[:-1].min(), y[:-1].max()) == pytest.approx((-2 * EPS, 2 * EPS))


def test_the_border_of_a_disc_is_one_ring_and_three_regions_meet_in_a_place():
    ticks = np.linspace(-1, 1, 101)
    s, t = np.meshgrid(ticks, ticks)
    far = np.hypot(s, t)
    x, y = borders((far > 0.5).astype(int), np.abs(far - 0.5), ticks, ticks)
    assert np.isnan(x).sum() == 1
    assert np.abs(np.hypot(x, y) - 0.5)[:-1].max() < 1e-3
    three = np.where(t < 0.1, 0, np.where(s < 0.1, 1, 2))
    x, y = borders(three, np.ones_like(s), ticks, ticks)
    meeting = np.hypot(x - 0.09, y - 0.09)
    assert np.nanmin(meeting) < 0.02
    assert borders(np.zeros((5, 5), int), np.ones((5, 5)), ticks[:5], ticks[:5])[0].size == 0


def test_names_stand_where_there_is_room_and_cover_no_mark():
    labels = np.zeros((41, 41), int)
    labels[:, 20:] = 1
    labels[0, 0] = 2
    found = centres(labels, 5, np.empty((0, 2)))
    assert set(found) == {0, 1}
    assert found[0][1] < 15
    row, column = centres(labels, 5, np.array([found[0]]))[0]
    assert max(abs(row - found[0][0]), abs(column - found[0][1])) > 5
    assert labels[row, column] == 0


def test_the_budgets_share_is_that_of_the_half_plane():
    lines = told(view(), SETTING, SHOW)
    assert lines[0] == (
        "The standard model says 'cat' of the picture. Its boundary is at 4/255 to the right ('dog'); no other class "
        "to the left, upwards and downwards as far as the plane goes."
    )
    assert "along the axes it knows no other class" in lines[1]
    assert (
        lines[2]
        == "Along the axes the standard model's answer changes within what is shown, the robust model's does not."
    )
    within = inside(EPS * SQUARE, *section().ticks(SIDE))
    assert within.sum() == 21**2
    assert lines[3].endswith(
        "another answer than the picture itself: 24 % for the standard model and none for the robust model, measured "
        "at 441 places."
    )  # 5 of 21
    assert lines[4] == (
        "The attack on A has 1 iterate: up to 3.2/255 away from the plane in ℓ2, 50 % of that one's distance from the "
        "picture, and the outcome in it; its outcome reaches the goal."
    )
    assert lines[5] == "The attack on B has 1 iterate: all in the plane; its outcome reaches the goal."
    assert lines[6] == "2 of 60 training pictures are in sight and within 191/255 of the plane in ℓ2."
    assert lines[7].startswith("Asked at 1,681 (A) and 1,681 (B) points for 1,681 places")


def test_a_nearer_boundary_of_the_robust_model_is_said_as_it_is():
    where = section()
    sides = half_plane(where, EPS), half_plane(where, 0.5 * EPS)
    lines = told(SliceView(0, *sides, view().outlines, ahead(EPS), ahead(0.5 * EPS)), SETTING, SHOW)
    assert (
        lines[2]
        == "Along the axes the standard model's boundary is 2 times as far from the picture as the robust one's."
    )


def test_what_cannot_be_shown_is_a_sentence():
    none = view(outlines=None, near=None, trail_a=None, trail_b=None)
    lines = told(none, Setting(SETTING.classes, SETTING.names, "l0", 3, 255), SHOW)
    assert "A budget in ℓ0 has no outline in a plane: the axes are in ℓ∞." in lines
    flat = Outlines("linf", EPS, EPS * SQUARE, np.empty((0, 2)), np.empty((0, 2)))
    assert any("this plane shows next to nothing" in line for line in told(view(outlines=flat), SETTING, SHOW))
    lines = told(view(), SETTING, SHOW | {"near": 0.1})
    assert (
        "No one of 60 training pictures is in sight and within 25.5/255 of the plane in ℓ2; the nearest is 128/255 off."
        in lines
    )


@pytest.mark.parametrize("dark", [False, True])
def test_layers_are_switched_one_by_one(dark):
    layers = ("regions", "contours", "neighbours", "outlines", "trail", "marks")
    whole = slices(view(), SETTING, SHOW, dark=dark)
    assert whole.layout.xaxis.range == whole.layout.xaxis2.range == pytest.approx((-16, 16))
    bare = slices(view(), SETTING, SHOW | dict.fromkeys(layers, False), dark=dark)
    assert [trace.type for trace in bare.data] == ["heatmap", "heatmap"]
    count = 0
    for layer in layers:
        one = slices(view(), SETTING, SHOW | dict.fromkeys(layers, False) | {layer: True}, dark=dark)
        assert len(one.data) > 2, layer
        count += len(one.data) - 2
    assert count == len(whole.data) - 2
    dashed = [trace for trace in whole.data if trace.type == "scatter" and trace.line.dash == "dash"]
    assert len(dashed) == 2
    np.testing.assert_allclose(dashed[0].x, [-8, 8, 8, -8, -8])
    json.loads(whole.to_json())


def test_hovering_tells_what_is_there():
    (left, _) = (trace for trace in slices(view(), SETTING, SHOW).data if trace.type == "heatmap")
    assert left.text[20][0] == "cat"
    assert left.text[20][-1] == "dog"
    assert left.x[0] == pytest.approx(-16)
    assert left.customdata[0][0][1] == pytest.approx(16)  # the corner, in l_inf
    assert left.z[20][20] == pytest.approx(5, abs=0.01)


def test_a_first_look_tells_at_fewer_places_than_a_fine_one():
    def grown(found):
        names = ("labels", "margin", "confidence", "checked")
        parts = {name: getattr(found, name).repeat(5, 0).repeat(5, 1)[:201, :201] for name in names}
        return replace(found, **parts)

    fine, asked = view(), np.zeros((201, 201), bool)
    asked[::8, ::8] = True
    fine = replace(fine, a=grown(fine.a), b=grown(fine.b))
    calm = replace(fine, a=replace(fine.a, checked=asked))  # one model's answer never changes: it was asked no further
    first = replace(calm, b=replace(fine.b, checked=asked), near=None)
    for found, side in ((fine, 101), (calm, 101), (first, 51)):
        told = [trace for trace in slices(found, SETTING, SHOW).data if trace.type in ("heatmap", "contour")]
        assert [np.shape(trace.z) for trace in told] == [(side, side)] * 4
        assert (told[0].x[0], told[0].x[-1]) == pytest.approx((-16, 16))


def test_the_surface_has_one_sheet_for_each_class():
    figure = relief(view(), SETTING, SHOW)
    sheets = [trace for trace in figure.data if trace.type == "surface"]
    assert [trace.scene for trace in sheets] == ["scene", "scene", "scene2"]
    together = np.nansum([np.asarray(trace.z, float) for trace in sheets[:2]], axis=0)
    np.testing.assert_allclose(together, view().a.margin, rtol=1e-3)


def test_every_place_step_and_neighbour_is_in_the_table():
    rows = list(csv.DictReader(io.StringIO(table(view(), SETTING).decode())))
    kinds = [row["kind"] for row in rows]
    assert (kinds.count("place"), len(rows)) == (2 * SIDE**2, 2 * SIDE**2 + 6 + 2)
    assert {row["class"] for row in rows if row["kind"] == "training picture 9"} == {"owl"}
    compile(snippet("/boundary?data=digits"), "snippet", "exec")


def test_a_crossing_beyond_what_is_shown_is_told_of_nobody():
    here = view(wall_a=1.9 * EPS, wall_b=np.inf)
    assert lengths(here, 0)[0] == pytest.approx(1.9 * EPS)
    beyond = view(wall_a=2.1 * EPS, wall_b=np.inf)
    assert np.isinf(lengths(beyond, 0)).all()
    assert any(
        "Along the axes neither model's answer changes within what is shown." in line
        for line in told(beyond, SETTING, SHOW)
    )
