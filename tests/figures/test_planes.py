"""Several planes: one scale for all, and what is said of basins over them."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Losses, Planes, Terrain
from explorer.figures import landscape
from explorer.figures.planes import planes, snippet, table, told
from explorer.figures.setting import Setting

SETTING = Setting(("0", "1"), ("standard", "<robust>"), "linf", 8, 255)
SHOW = {"height": "loss", "ceiling": 0.0}


def losses(share: float, high: float = 5.0) -> Losses:
    """Return 5 x 5 points, some share of which have a loss of 0.1, the innermost ones, the others `high`."""
    ticks = np.linspace(-1, 1, 5)
    b, a = np.meshgrid(ticks, ticks, indexing="ij")
    far = np.maximum(abs(a), abs(b)).ravel()
    loss = np.full(25, high)
    loss[np.argsort(far, kind="stable")[: round(25 * share)]] = 0.1
    return Losses(np.stack([a.ravel(), b.ravel()], 1), loss, 0 * loss, np.full(25, 60), 100)


def several(a: list[float], b: list[float]) -> Planes:
    names = {"across": "1", "up": "2"}
    made = (Terrain(losses(x), losses(y, 9.0), names, "clean", note="A note.") for x, y in zip(a, b, strict=True))
    return Planes({str(seed): one for seed, one in enumerate(made)})


def test_the_larger_basin_is_named_where_the_planes_agree():
    found = several([0.04, 0.08, 0.12], [0.28, 0.36, 0.32])
    a, b, larger, made = told(found, SETTING, SHOW)
    assert a.startswith("The standard model's loss lies below that of guessing at 8.0% (0.0%–17.9%)")
    assert "over 3 planes" in b
    assert "the <robust> model's basin is the larger one: on 3 of 3, by 24.0 percentage points" in larger
    assert made.endswith("A note.")
    assert landscape.told(found, SETTING, SHOW) == [a, b, larger, made]
    swapped = told(several([0.28, 0.36, 0.32], [0.04, 0.08, 0.12]), SETTING, SHOW)
    assert "the standard model's basin is the larger one: on 3 of 3" in swapped[2]
    unsure = told(several([0.04, 0.36, 0.2], [0.32, 0.04, 0.2]), SETTING, SHOW)
    assert unsure[2] == "Plane by plane neither model's basin is clearly the larger one."


def test_basins_that_reach_the_edge_are_not_compared_as_if_whole():
    cut = told(several([0.2, 0.24, 0.28], [0.72, 0.8, 0.76]), SETTING, SHOW)
    assert "reaches the edge of the square on 3 of 3" in cut[1]
    assert "edge" not in cut[0]
    assert "on 3 of 3, by at least 52.0 percentage points" in cut[2]
    unseen = told(several([0.2, 0.72, 0.28], [0.72, 0.8, 0.76]), SETTING, SHOW)
    assert unseen[2].startswith("Plane by plane it is not to be seen whose basin is the larger one")


def test_an_infinite_loss_is_told_and_leaves_the_scale_alone():
    found = several([0.2, 0.24], [0.6, 0.68])
    plain = planes(found, SETTING, SHOW)
    one = found.terrains["1"]
    loss = np.where(np.arange(25) == 0, np.inf, np.where(np.arange(25) == 1, np.nan, one.a.loss))
    odd = Planes(dict(found.terrains) | {"1": replace(one, a=replace(one.a, loss=loss))})
    figure = planes(odd, SETTING, SHOW)
    before, after = ([t for t in f.data if t.type == "contour" and t.zmin is not None] for f in (plain, figure))
    assert [(t.zmin, t.zmax) for t in after] == [(t.zmin, t.zmax) for t in before]
    assert after[1].z[0, 0] == pytest.approx(np.log10(9))  # the highest of all planes
    assert np.isfinite(after[0].z).all()
    lines = told(odd, SETTING, SHOW)
    assert any("Of the 50 points the loss is not finite at 2 for standard and 0 for <robust>" in line for line in lines)
    one = Planes({"1": odd.terrains["1"]})
    never = replace(one.terrains["1"].a, loss=np.full(25, np.nan))
    planes(Planes({"1": replace(one.terrains["1"], a=never)}), SETTING, SHOW)


def test_one_plane_has_no_mean():
    assert len(told(several([0.2], [0.6]), SETTING, SHOW)) == 1


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("height", ["loss", "accuracy"])
def test_all_maps_have_one_scale_and_a_column_for_each_seed(height, dark):
    figure = planes(several([0.2, 0.4], [0.6, 0.8]), SETTING, SHOW | {"height": height}, dark=dark)
    maps = [trace for trace in figure.data if trace.type == "contour" and trace.zmin is not None]
    assert len(maps) == 4
    ends = (0, 1) if height == "accuracy" else pytest.approx((-1, np.log10(9)))
    assert all((one.zmin, one.zmax) == ends for one in maps)
    assert [one.showscale for one in maps] == [True, False, False, False]
    lines = [trace for trace in figure.data if trace.line.dash == "dash"]
    assert len(lines) == (4 if height == "loss" else 0)
    words = " ".join(note.text for note in figure.layout.annotations)
    assert "seed 1" in words
    assert "&lt;robust&gt;" in words


def test_the_table_names_the_seed():
    rows = list(csv.DictReader(io.StringIO(table(several([0.2, 0.4], [0.6, 0.8]), SETTING).decode())))
    assert len(rows) == 2 * 2 * 25
    assert rows[-1]["seed"] == "1"
    assert "run('/landscape?view=planes')" in snippet("/landscape?view=planes")
