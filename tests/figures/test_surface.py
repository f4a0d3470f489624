from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Losses, Terrain
from explorer.figures.export import html, staged
from explorer.figures.setting import Setting
from explorer.figures.surface import contours, heights, limits

SETTING = Setting(("0", "1"), ("standard", "<robust>"), "linf", 8, 255)


def losses(scale: float) -> Losses:
    ticks = np.linspace(-1, 1, 5)
    b, a = np.meshgrid(ticks, ticks, indexing="ij")
    loss = (scale * np.exp(a + 2 * b)).ravel()
    return Losses(np.stack([a.ravel(), b.ravel()], 1), loss, 0 * loss, np.zeros(25, np.int64), 100)


@pytest.fixture
def view() -> Terrain:
    path = np.array([[1.0, 0.5], [0.0, 0.0]])
    return Terrain(losses(1.0), losses(0.1), {"across": "first", "up": "second"}, "clean", path_b=path)


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
    ways = [trace for trace in contours(view, SETTING).data if trace.type == "scatter" and "lines" in trace.mode]
    assert [way.xaxis for way in ways] == ["x2"]
    assert ways[0].x.tolist() == [1, 0]


def test_two_scenes_have_one_range_of_heights(view):
    figure = heights(view, SETTING)
    assert [trace.scene for trace in figure.data if trace.type == "surface"] == ["scene", "scene2"]
    marks = [trace for trace in figure.data if trace.type == "scatter3d"]
    assert [float(mark.z[0]) for mark in marks] == pytest.approx([np.log10(1.0), np.log10(0.1)])
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
