"""Where networks are linear, as a layer of a slice, from regions made by hand."""

import base64
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explorer.core.results import Distances, Folds, Refused, Regions, Section, Slice, SliceView
from explorer.figures.folding import folded, legend
from explorer.figures.folds import STRONGEST, folds, shade
from explorer.figures.half import Half
from explorer.figures.setting import Setting
from explorer.figures.slices import slices
from explorer.figures.slicing import told
from explorer.work.pages import PAGES

SETTING = Setting(("cat", "dog"), ("weak", "strong"), "linf", 8, 255)
SHOW = {name: knob.default for name, knob in PAGES["boundary"].show.items()}
SIDE = 5


@pytest.fixture
def section():
    axes = np.eye(4, dtype=np.float32).reshape(4, 1, 2, 2)
    window = np.array([-0.5, 0.5, -0.5, 0.5])
    names = {"across": "right", "up": "up"}
    return Section(np.full((1, 2, 2), 0.5, np.float32), axes[0], axes[1], "linf", window, names, {})


@pytest.fixture
def exact(section):
    cuts = np.array([[[-0.5, 0.2], [0.5, 0.2]], [[0.1, -0.5], [0.1, 0.2]]], np.float32)
    return Regions(section, 3, 7, cuts, np.zeros((0, 0), np.int32))


def grid(section, switched, units, count):
    return Regions(section, count, units, np.zeros((0, 2, 2), np.float32), switched.astype(np.int32))


@pytest.fixture
def view(section):
    flat = np.zeros((SIDE, SIDE), np.float16)
    one = Slice(section, flat.astype(np.uint8), flat + 1, flat + 0.9, flat == 0, SIDE**2, 1)
    none = np.full((1, 4), np.inf, np.float32)
    ahead = Distances("axes", none, none, np.full((1, 4), -1), np.zeros((1, 4), bool), np.array([0]), 1.0, 4)
    return SliceView(0, one, one, None, ahead, ahead)


def test_known_regions_are_lines_each_from_end_to_end(view, exact):
    part = folds(Half(replace(view, folds=Folds(exact, exact)), SETTING, SHOW, 1, False))
    (line,) = part.fixed
    assert line["xaxis"] == "x2"
    np.testing.assert_allclose(line["x"], 255 * np.array([-0.5, 0.5, np.nan, 0.1, 0.1, np.nan]), rtol=1e-6)
    np.testing.assert_allclose(line["y"], 255 * np.array([0.2, 0.2, np.nan, -0.5, 0.2, np.nan]), rtol=1e-6)


def test_others_are_a_shade_on_one_scale_for_both(view, section):
    switched = np.zeros((SIDE, SIDE))
    switched[:, 2], switched[0, 4] = 10, 5
    both = Folds(grid(section, switched, 100, 9), grid(section, switched, 200, 9))
    strong, weak = (shade(one, both, "#102030") for one in (both.a, both.b))
    assert strong[..., :3].tolist() == np.broadcast_to([16, 32, 48], (SIDE, SIDE, 3)).tolist()
    assert strong[1, 2, 3] == round(255 * STRONGEST)
    assert strong[1, 1, 3] == 0
    assert strong[0, 4, 3] == weak[1, 2, 3] == pytest.approx(255 * STRONGEST / 2, abs=1)
    (still,) = folds(Half(replace(view, folds=both), SETTING, SHOW, 0, False)).stills
    picture = np.asarray(Image.open(io.BytesIO(base64.b64decode(still["source"].split(",")[1]))))
    assert picture[-1, -1, 3] == strong[0, 4, 3]  # the first row is the lowest
    assert (still["x"], still["sizex"]) == pytest.approx((255 * -0.625, 255 * 1.25))


def test_words_say_what_is_known_what_is_a_bound_and_why_there_is_nothing(view, section, exact):
    none = Refused("This network has layers other than ReLUs.")
    lines = folded(replace(view, folds=Folds(exact, none)), SETTING)
    assert lines[0].startswith("On this plane the weak model is linear in 3 regions, all of them found")
    assert "255/255 long, crosses 0.9 lines of its 7 units" in lines[0]
    assert lines[1] == "The strong model: This network has layers other than ReLUs."
    switched = np.ones((SIDE, SIDE))
    both = replace(view, folds=Folds(grid(section, switched, 50, 24), grid(section, switched, 50, 9)))
    lines = folded(both, SETTING)
    assert "at least 24 regions, nearly one at each of the 25 places asked" in lines[0]
    assert "at least 9 regions; a way" in lines[1]
    assert "crosses 2.5 switches of its 50 units" in lines[1]
    assert legend(both) == ["shaded: many units switch"]
    assert folded(view, SETTING) == legend(view) == []


@pytest.mark.parametrize("dark", [False, True])
def test_the_figure_and_its_sentences_have_them_where_they_were_asked_for(view, exact, dark):
    with_ = replace(view, folds=Folds(exact, exact))
    plain, more = (slices(one, SETTING, SHOW, dark=dark) for one in (view, with_))
    assert len(more.data) == len(plain.data) + 2
    assert any("thin: units switch" in note.text for note in more.layout.annotations)
    assert len(told(with_, SETTING, SHOW)) == len(told(view, SETTING, SHOW)) + 2
