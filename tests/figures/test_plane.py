from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.figures.budget import outline
from explorer.figures.plane import plane
from explorer.figures.regions import regions, shade
from explorer.figures.style import DARK, LIGHT

ORDER = {"linf": np.inf, "l2": 2, "l1": 1}
unit = st.floats(0, 1)


@pytest.fixture
def points() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    return rng.random((30, 2)).astype(np.float32), np.arange(30) % 3


@given(st.sampled_from(["linf", "l2", "l1"]), unit, unit, st.floats(1e-3, 1.5))
def test_the_outline_is_that_of_the_ball_in_the_box(norm: str, u: float, v: float, eps: float) -> None:
    x = np.array([u, v])
    edge = outline(x, norm, eps)
    assert (edge[0] == edge[-1]).all()
    assert edge.min() >= 0
    assert edge.max() <= 1
    length = np.linalg.norm(edge - x, ORDER[norm], axis=1)
    assert length.max() <= eps + 1e-9
    on_wall = ((edge == 0) | (edge == 1)).any(1)
    on_ball = length > eps * (1 - 1e-4)  # a chord of the circle's 720 sides
    assert (on_wall | on_ball).all()


@pytest.mark.parametrize(("norm", "area"), [("linf", 4.0), ("l1", 2.0), ("l2", np.pi)])
def test_the_outline_encloses_the_area_of_the_ball(norm: str, area: float) -> None:
    x, y = outline(np.array([0.5, 0.5]), norm, 0.25).T
    found = abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    assert found == pytest.approx(area * 0.25**2, rel=1e-4)


@pytest.mark.parametrize("norm", ["linf", "l1", "l2"])
def test_a_budget_in_the_corner_is_cut_to_a_quarter(norm: str) -> None:
    x, y = outline(np.array([0.0, 1.0]), norm, 0.2).T
    found = abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2
    assert found == pytest.approx({"linf": 4, "l1": 2, "l2": np.pi}[norm] * 0.04 / 4, rel=1e-3)


def test_no_budget_is_a_point() -> None:
    assert (outline(np.array([0.3, 0.4]), "l2", 0.0) == [0.3, 0.4]).all()


def test_the_surer_the_model_the_stronger_the_colour() -> None:
    p = np.array([[[0.5, 0.5], [0.7, 0.3], [1.0, 0.0]]])
    for dark, colours in ((False, LIGHT), (True, DARK)):
        page = np.array([int(colours.page[i : i + 2], 16) for i in (1, 3, 5)])
        away = np.abs(shade(p, dark)[0].astype(int) - page).sum(-1)
        assert 0 < away[0] < away[1] < away[2]


def test_the_regions_lie_where_the_plane_says(hand, setting) -> None:
    found = hand.flat(2)
    part = regions(found, replace(setting, classes=("cat", "dog")), 1, False)
    under, line = part.fixed
    assert under["z"].dtype == np.uint8
    assert under["z"][0].tolist() == [round(10 * i) for i in range(11)]  # the second class, in percent
    assert "dog" in under["hovertemplate"]
    assert (np.sign(line["z"])[:, [0, -1]] == [-1, 1]).all()
    assert abs(int(line["z"][0, 5])) <= 1  # equally likely in the middle


def test_the_plane_shows_point_path_and_budget(make, setting, points) -> None:
    view = make(shape=(2,))
    fig = plane(view, setting, points=points)
    assert isinstance(fig, go.Figure)
    edges = [trace for trace in fig.data if trace.name == "budget"]
    assert len(edges) == 2
    expected = outline(view.a.x[0], "linf", setting.budget)
    for edge in edges:  # the same true outline on both planes, dashed
        assert np.allclose(np.stack([edge.x, edge.y], 1), expected)
        assert edge.line.dash == "dash"
    stars = [trace for trace in fig.data if trace.type == "scatter" and trace.marker.symbol == "star"]
    for star, found in zip(stars, (view.a, view.b), strict=True):
        assert (star.x[0], star.y[0]) == pytest.approx(tuple(found.x_adv[0]))
    for k in ("", "2"):
        assert fig.layout[f"yaxis{k}"].scaleanchor == f"x{k}"
        assert fig.layout[f"xaxis{k}"].range == fig.layout[f"yaxis{k}"].range


def test_the_way_grows_with_the_steps(make, setting, points) -> None:
    view = make(shape=(2,))
    fig = plane(view, setting, points=points)
    assert [frame.name for frame in fig.frames] == ["0", "1", "2", "3", "result"]
    for t, frame in enumerate(fig.frames[:4]):
        ways = [trace for trace in frame.data if trace.text and trace.text[0] == "step 0"]
        assert len(ways[0].x) == t + 1
        assert ways[0].x == pytest.approx(view.a.path["x"][: t + 1, 0, 0], abs=1e-5)
        assert len(ways[1].x) == min(t + 1, 2)


def test_close_up_shows_the_whole_budget_at_one_scale(make, setting, points) -> None:
    fig = plane(make(shape=(2,)), setting, points=points)
    far, near = (button for menu in fig.layout.updatemenus for button in menu.buttons if button.method == "relayout")
    assert near.label == "Close-up"
    spans = {key: high - low for key, (low, high) in near.args[0].items()}
    assert set(spans) == {"xaxis.range", "yaxis.range", "xaxis2.range", "yaxis2.range"}
    assert list(spans.values()) == pytest.approx([3 * setting.budget] * 4)
    assert list(far.args[0].values()) == [[-0.01, 1.01]] * 4


def test_transfer_moves_the_star_and_leaves_the_way_out(make, setting, points) -> None:
    view = make(shape=(2,))
    fig = plane(view, setting, points=points, transfer=True)
    stars = [trace for trace in fig.data if trace.type == "scatter" and trace.marker.symbol == "star"]
    assert (stars[0].x[0], stars[0].y[0]) == pytest.approx(tuple(view.b.x_adv[0]))
    assert fig.frames == ()
    assert any("on the point made on B" in note.text for note in fig.layout.annotations)
    assert [button.label for button in fig.layout.updatemenus[0].buttons] == ["Whole plane", "Close-up"]


def test_pictures_have_no_plane(make, setting, points) -> None:
    with pytest.raises(ValueError, match="no planes"):
        plane(make(), setting, points=points)


@pytest.mark.parametrize("dark", [False, True])
def test_the_plane_is_small_and_of_its_own_template(make, hand, setting, points, dark) -> None:
    import streamlit  # noqa: F401  (replaces Plotly's default template by placeholder colours)

    view = make(shape=(2,))
    view = replace(view, plane_a=hand.flat(3, 151), plane_b=hand.flat(3, 151))
    text = plane(view, setting, points=points, dark=dark).to_json()
    assert "#000001" not in text
    assert len(text) < 700_000


def test_no_budget_still_has_a_close_up(make, setting, points) -> None:
    fig = plane(make(shape=(2,)), replace(setting, eps=0), points=points)
    near = next(button for menu in fig.layout.updatemenus for button in menu.buttons if button.label == "Close-up")
    low, high = near.args[0]["xaxis.range"]
    assert high > low
