import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Descent, Losses, Surfaces, Terrain
from explorer.figures.elevation import limits
from explorer.figures.export import html, staged
from explorer.figures.setting import Setting
from explorer.figures.surface import contours, heights
from explorer.figures.terrain import table, told

SETTING = Setting(("0", "1"), ("standard", "<robust>"), "linf", 8, 255)


PLACES = np.array([[0.8, 0.4], [0.5, -0.2], [0.0, 0.0]])
FAR = 5 * np.linalg.norm(PLACES, axis=1)
WAY = Descent(np.array([0.0, 0.4, 1.0]), PLACES, FAR * [0.1, 0.5, 0], FAR, np.array([0.7, 0.2]), 4.0)


def losses(scale: float) -> Losses:
    ticks = np.linspace(-1, 1, 5)
    b, a = np.meshgrid(ticks, ticks, indexing="ij")
    loss = (scale * np.exp(a + 2 * b)).ravel()
    return Losses(np.stack([a.ravel(), b.ravel()], 1), loss, 0 * loss, np.zeros(25, np.int64), 100)


@pytest.fixture
def view() -> Terrain:
    return Terrain(losses(1.0), losses(0.1), {"across": "first", "up": "second"}, "clean", descent_b=WAY)


@pytest.mark.parametrize("dark", [False, True])
def test_both_models_have_one_scale_of_logarithms(view, dark):
    figure = contours(view, SETTING, dark=dark)
    a, b = (trace for trace in figure.data if trace.type == "contour" and trace.zmin is not None)
    assert (a.zmin, a.zmax) == (b.zmin, b.zmax) == pytest.approx((np.log10(0.1 * np.exp(-3)), np.log10(np.exp(3))))
    assert a.z == pytest.approx(np.log10(view.loss(0)))
    assert np.array(b.customdata) == pytest.approx(view.loss(1))
    assert (a.showscale, b.showscale) == (False, True)
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "n = 100" in words
    assert "1 at the trained weights" in words
    assert "&lt;robust&gt;" in words


def test_a_ceiling_is_kept_to_and_printed(view):
    figure = contours(view, SETTING, ceiling=2.0)
    assert max(trace.z.max() for trace in figure.data if trace.type == "contour") == pytest.approx(np.log10(2))
    assert any("losses above 2 shown as 2" in note.text for note in figure.layout.annotations)
    assert limits(view, 2.0)[1] == pytest.approx(np.log10(2))


def test_training_is_drawn_where_it_is_known(view):
    figure = contours(view, SETTING)
    ways = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines"]
    assert {way.xaxis for way in ways} == {"x2"}
    assert ways[0].x.tolist() == [0.8, 0.5, 0]
    (start,) = (trace for trace in figure.data if trace.type == "scatter" and trace.marker.symbol == "square")
    assert (start.x.tolist(), start.y.tolist()) == ([0.8], [0.4])
    assert start.customdata.tolist() == [pytest.approx([0, 0.1])]
    assert figure.layout.xaxis.title.text == "first"
    assert figure.layout.xaxis2.title.text == "first: 70.0 % of the variance"
    assert any("□ untrained" in note.text for note in figure.layout.annotations)


def test_the_path_is_told_with_what_lies_off_its_plane(view):
    lines = told(Surfaces({"clean": view}, "clean"), SETTING, {})
    (line,) = (line for line in lines if "states were recorded" in line)
    assert "the <robust> model's training 3 states were recorded: across explains 70.0 %" in line
    assert "up 20.0 %, both 90 %; 1 on the axes is 4 in ℓ2" in line
    assert f"untrained weights are {FAR[0]:.3g} away from the trained ones, and 10 % of that distance" in line
    whole = np.linalg.norm(WAY.off) / np.linalg.norm(FAR)
    assert f"as {whole:.0%}".replace("%", " %") in line
    assert "its own loss may be another" in line
    assert not any("basin" in line for line in lines)  # each model has a scale of its own
    rows = list(csv.reader(io.StringIO(table(Surfaces({"clean": view}, "clean"), SETTING).decode())))
    assert rows[-3][:4] == ["B <robust>", "recorded weights after 0.000 of the training", "0.8", "0.4"]


def test_lines_lie_on_the_surface(view):
    figure = heights(view, SETTING)
    lines = [trace for trace in figure.data if trace.type == "scatter3d" and trace.mode == "lines"]
    assert [line.scene for line in lines] == ["scene", "scene2", "scene2", "scene2"]  # guessing in both, and the path
    guess, _, _, way = lines
    there = np.isfinite(guess.z)
    assert guess.z[there] == pytest.approx(np.log10(np.log(2)), abs=0.1)  # between the grid's points it is no plane
    assert (guess.x + 2 * guess.y)[there] == pytest.approx(np.log(np.log(2)), abs=0.05)
    log_loss = np.log10(0.1) + (way.x + 2 * way.y) / np.log(10)  # linear, and so between the points, too
    assert way.z == pytest.approx(log_loss, abs=0.1)
    assert (way.z > log_loss - 1e-6).all()
    assert any("the loss of guessing" in note.text for note in figure.layout.annotations)


def test_two_scenes_have_one_range_of_heights(view):
    figure = heights(view, SETTING)
    assert [trace.scene for trace in figure.data if trace.type == "surface"] == ["scene", "scene2"]
    marks = [trace for trace in figure.data if trace.type == "scatter3d" and len(trace.x) == 1 and trace.x[0] == 0]
    assert [float(mark.z[0]) for mark in marks] == pytest.approx([np.log10(1.0), np.log10(0.1)], abs=0.15)
    assert figure.layout.scene.zaxis.range == figure.layout.scene2.zaxis.range
    low, high = limits(view)
    assert figure.layout.scene.zaxis.range[0] < low < high < figure.layout.scene.zaxis.range[1]
    assert figure.layout.scene.camera == figure.layout.scene2.camera
    assert all(float(text.replace(",", "")) > 0 for text in figure.layout.scene.zaxis.ticktext)


def test_only_surfaces_turn_together(view):
    assert staged(heights(view, SETTING))
    assert not staged(contours(view, SETTING))
    page = html(heights(view, SETTING), "title", "note").decode()
    assert "turn(document.body, about, true)" in page


def test_a_terrain_is_a_square_of_both(view):
    part = replace(view.a, **{n: getattr(view.a, n)[:7] for n in ("points", "loss", "spread", "right")})
    with pytest.raises(ValueError, match="square grid"):
        replace(view, a=part, b=part)
    with pytest.raises(ValueError, match="square grid"):
        replace(view, b=part)


def test_what_lies_between_is_drawn_with_its_measured_error(view):
    fine = np.exp(np.random.default_rng(0).normal(size=(9, 9)))
    filled = replace(view, fine_a=fine, fine_b=0.1 * fine, errors=np.log([1.01, 1.02]))
    for draw, kind in ((contours, "contour"), (heights, "surface")):
        trace = next(one for one in draw(filled, SETTING).data if one.type == kind)
        assert trace.z.shape == (9, 9)
        assert trace.x == pytest.approx(np.linspace(-1, 1, 9))
    words = " ".join(note.text for note in contours(filled, SETTING).layout.annotations)
    assert "at 2 others off by 1.5%, at most 2.0%" in words
    accuracy = next(one for one in contours(filled, SETTING, what="accuracy").data if one.type == "contour")
    assert accuracy.z.shape == (5, 5)  # a staircase is not interpolated
