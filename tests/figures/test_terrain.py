"""What the sentences say of loss surfaces, and what leaves the page."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Losses, Planes, Surfaces, Terrain
from explorer.figures import hits
from explorer.figures.elevation import height_of
from explorer.figures.setting import Setting
from explorer.figures.surface import contours
from explorer.figures.terrain import larger, reaches_edge, share_below, snippet, table, told

SETTING = Setting(("0", "1"), ("standard", "robust"), "linf", 8, 255)
TICKS = np.linspace(-1, 1, 5)
AXES = {"across": "first", "up": "second"}


def losses(scale: float, *, right: int = 90, spread: float = 1.0, backwards: int = 0) -> Losses:
    """Return scale·(0.1 + a² + b²) at 5 x 5 points."""
    b, a = np.meshgrid(TICKS, TICKS, indexing="ij")
    loss = scale * (0.1 + a**2 + b**2).ravel()
    points = np.stack([a.ravel(), b.ravel()], 1)
    return Losses(points, loss, spread * loss, np.full(25, right), 100, 1 + backwards, backwards)


def clean(a: float = 1.0, b: float = 1.0, **more: object) -> Terrain:
    return Terrain(losses(a, **more), losses(b, **more), AXES, "clean", note="A note.")


def under(a: Losses, b: Losses) -> Terrain:
    return Terrain(a, b, AXES, "under attack")


def test_the_basin_is_where_the_loss_is_below_guessing():
    assert share_below(losses(1.0), SETTING) == pytest.approx(9 / 25)  # 0.1 + a² + b² < ln 2: up to a diagonal step
    assert share_below(losses(0.01), SETTING) == 1
    assert share_below(losses(100.0), SETTING) == 0


def test_numbers_of_the_middle_and_the_plane_are_told():
    lines = told(Surfaces({"clean": clean(spread=2.0)}, "clean"), SETTING, {})
    assert "at the trained weights is 0.1 (mean of n = 100 pictures, standard deviation 0.2), and" in lines[0]
    assert "right on 90.0% (n = 100, 95 % interval 82.6% to 94.5%)" in lines[0]
    assert "from 0.1 to 2.1" in lines[0]
    assert lines[1].startswith("The robust model's clean loss")
    assert "5 × 5 points" in lines[-1]
    assert lines[-1].endswith("A note.")


def test_a_loss_that_few_pictures_make_is_told_as_such():
    each = np.zeros(100)
    each[:2] = 5.0, 1.0
    loss, spread = each.mean(), each.std()
    middle = Losses(np.zeros((1, 2)), np.array([loss]), np.array([spread]), np.array([98]), 100)
    lines = told(Surfaces({"clean": replace(clean(), centre_a=middle)}, "clean"), SETTING, {})
    assert "standard deviation 0.51: one picture alone makes at least 72% of it)" in lines[0]
    assert round((5**2 + 1) / 6**2, 2) == 0.72 < 5 / 6  # what the worst one makes
    assert "one picture alone" not in lines[1]


@pytest.mark.parametrize(
    ("a", "b", "words"),
    [
        (1.0, 1.0, "neither model's basin"),
        (0.5, 0.5, "Which model's basin, where the loss is below guessing, is the larger one is not to be seen"),
        (0.5, 0.01, "is not to be seen here: what reaches the edge of the square may go on beyond it"),
        (1.0, 0.01, "The robust model's basin, where the loss is below guessing, is at least 2.8 times as large"),
        (5.0, 1.0, "The robust model's basin, where the loss is below guessing, is 9 times as large"),
        (0.01, 100.0, "Basins are not compared: the robust model's trained weights lie in none"),
    ],
)
def test_the_larger_basin_is_named_if_the_mesh_tells(a, b, words):
    lines = told(Surfaces({"clean": clean(a, b)}, "clean"), SETTING, {})
    assert words in lines[2]
    assert ("others may differ" in lines[2]) == ("not to be seen" not in words and "not compared" not in words)


def test_a_basin_that_reaches_the_edge_is_not_taken_for_whole():
    small, middle, whole = losses(2.0), losses(0.5), losses(0.01)
    assert [reaches_edge(one, SETTING) for one in (small, middle, whole)] == [False, True, True]
    assert larger(small, whole, SETTING) == (1, True)
    assert larger(whole, small, SETTING) == (0, True)
    assert larger(middle, whole, SETTING) == (None, True)
    assert larger(small, small, SETTING) == (None, False)
    lines = told(Surfaces({"clean": clean(2.0, 0.01)}, "clean"), SETTING, {})
    assert "edge" not in lines[0]
    assert lines[1].endswith("at all of the 25 points, up to the edge of the square.")


def test_losses_that_are_not_finite_are_counted():
    odd = losses(1.0)
    odd = replace(odd, loss=np.where(np.arange(25) < 3, np.inf, odd.loss))
    lines = told(Surfaces({"clean": replace(clean(), b=odd)}, "clean"), SETTING, {})
    assert any("Of the 25 points the loss is not finite at 0 for standard and 3 for robust" in line for line in lines)
    assert "inf" not in lines[1].replace("finite", "")


def test_of_the_accuracy_the_accuracy_is_told():
    a, b = losses(1.0), losses(1.0)
    far = np.abs(a.points).max(1)
    view = replace(clean(), a=replace(a, right=np.where(far < 0.7, 90, 40)), b=replace(b, right=np.full(25, 80)))
    lines = told(Surfaces({"clean": view}, "clean"), SETTING, {"height": "accuracy"})
    assert (
        "standard model's accuracy (clean) is 90.0% (n = 100, 95 % interval 82.6% to 94.5%) at the trained" in lines[0]
    )
    assert (
        "from 40.0% to 90.0%, and is at least half of that at the trained weights at 36 % of the 25 points" in lines[0]
    )
    assert "at all of the 25 points" in lines[1]
    assert lines[2].startswith("The robust model keeps half of its accuracy over more of the plane than the")
    assert not any("loss" in line for line in lines)
    planes = hits.over(Planes({"0": view, "1": view, "2": view}), SETTING)
    assert "standard model keeps half of its accuracy at 36" in planes[0]
    assert "64.0 percentage points" in planes[2]


def test_the_accuracy_is_drawn_without_a_spline_and_that_is_said():
    found = Surfaces({"clean": clean()}, "clean")
    assert any("staircase" in line for line in told(found, SETTING, {"between": True, "height": "accuracy"}))
    assert not any("staircase" in line for line in told(found, SETTING, {"between": True, "height": "loss"}))


def test_kept_perturbations_that_help_are_told():
    found = Surfaces({"clean": clean(), "kept": under(losses(0.5), losses(2.0))}, "kept")
    text = " ".join(told(found, SETTING, {}))
    assert (
        "even more than 1 % below the clean one at all of the points for standard and none of the points for robust"
        in text
    )
    found = Surfaces({"clean": clean(), "kept": under(losses(0.995), losses(2.0))}, "kept")
    assert "below the clean one" not in " ".join(told(found, SETTING, {}))


def test_kept_and_anew_are_compared_on_one_mesh():
    anew = under(losses(3.0, backwards=10), losses(4.0, backwards=10))
    found = Surfaces({"clean": clean(), "kept": under(losses(1.5), losses(1.0)), "anew": anew}, "anew")
    lines = told(found, SETTING, {})
    assert any("the loss is 2 times as high for standard and 4 times for robust as with" in line for line in lines)
    assert "10 gradient steps at each point" in lines[-1]
    assert "8/255 = 0.031 in ℓ∞" in lines[-1]


@pytest.mark.parametrize(("scale", "how"), [(0.01, "the larger one"), (100.0, "the smaller one"), (1.0, "neither")])
def test_whether_the_robust_one_lies_flatter_is_computed(scale, how):
    attacked = under(losses(5.0, right=0), losses(2.0, right=80))
    lines = told(Surfaces({"clean": clean(1.0, scale), "kept": attacked}, "kept"), SETTING, {})
    (line,) = (line for line in lines if "stands the attack better" in line)
    assert line.startswith("The robust model")
    assert how in line
    assert "disagree" in line
    cut = told(Surfaces({"clean": clean(0.5, 0.4), "kept": attacked}, "kept"), SETTING, {})
    assert any("not to be compared with the other's" in line for line in cut)
    unsure = under(losses(5.0, right=50), losses(2.0, right=55))
    lines = told(Surfaces({"clean": clean(1.0, scale), "kept": unsure}, "kept"), SETTING, {})
    assert not any("stands the attack better" in line for line in lines)


def test_the_table_has_every_point_of_every_kind():
    found = Surfaces({"clean": clean(), "kept": under(losses(2.0), losses(3.0))}, "kept")
    rows = list(csv.DictReader(io.StringIO(table(found, SETTING).decode())))
    assert len(rows) == 2 * 2 * 25
    last = rows[-1]
    assert (last["model"], last["loss of"], last["first"], last["second"]) == ("B robust", "under attack", "1.0", "1.0")
    assert float(last["loss"]) == pytest.approx(6.3)
    assert float(last["standard deviation"]) == pytest.approx(6.3)
    assert "run('/landscape?seed=1')" in snippet("/landscape?seed=1")


def test_accuracy_is_drawn_from_0_to_1_and_the_loss_with_the_line_of_guessing():
    view = clean(1.0, 0.01)
    assert height_of(view, "accuracy").ends == (0, 1)
    figure = contours(view, SETTING, what="accuracy")
    assert {(trace.zmin, trace.zmax) for trace in figure.data if trace.type == "contour"} == {(0, 1)}
    assert any("90.0% at the trained weights" in note.text for note in figure.layout.annotations)
    lines = [trace for trace in contours(view, SETTING).data if trace.type == "contour" and trace.line.dash == "dash"]
    assert [10**line.contours.start for line in lines] == pytest.approx([np.log(2)] * 2)
