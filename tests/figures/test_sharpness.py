"""Eigenvalues and densities, drawn and told, from numbers made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Density, Eigenvalues, Sharp, Sharpness, Trace
from explorer.figures.setting import Setting
from explorer.figures.sharpness import eigenvalues, spread, told

SETTING = Setting(("cat", "dog"), ("weak", "strong"), "linf", 8, 255)


def sharp(*values, lowest=-0.5, error=0.01):
    found = Eigenvalues(np.array(values), np.full(len(values), error), lowest, error, 100, 9, 0.25, 0.1)
    nodes = np.array([[lowest, 0.0, values[0]], [lowest, 0.1, values[0]]])
    density = Density(nodes, np.array([[0.1, 0.8, 0.1]] * 2), 100)
    return Sharp(found, density, Trace(10.0, np.array([1.0, 3.0]), 100))


@pytest.fixture
def both():
    clean = {"a": sharp(8.0, 4.0, 2.0), "b": sharp(2.0, 1.0, 0.5)}
    return Sharpness(50, clean, {"a": sharp(80.0, 40.0, 20.0), "b": sharp(20.0, 10.0, 5.0)})


@pytest.mark.parametrize("dark", [False, True])
def test_eigenvalues_have_error_bars_a_beside_b(both, dark):
    figure = eigenvalues(both, SETTING, {}, dark=dark)
    names = [trace.name for trace in figure.data]
    assert names == [f"{m}: {k}" for m in ("● A weak", "◆ B strong") for k in ("clean", "adversarial")]
    np.testing.assert_allclose(figure.data[1].y, [80, 40, 20])
    np.testing.assert_allclose(figure.data[2].error_y.array, 0.01)
    assert len({trace.x[0] for trace in figure.data}) == 4
    assert figure.layout.yaxis.type == "log"
    assert [trace.marker.symbol for trace in figure.data[:2]] == ["circle-open", "circle"]


def test_with_a_negative_one_among_them_the_axis_is_linear(both):
    some = Sharpness(50, {"a": sharp(1.0, -0.1)}, {})
    figure = eigenvalues(some, SETTING, {})
    assert figure.layout.yaxis.type is None
    assert len(figure.data) == 1


def test_densities_share_one_blur_and_integrate_to_1(both):
    figure = spread(both, SETTING, {})
    assert figure.layout.yaxis.type == "log"
    for trace in figure.data:
        heights = [value or 0 for value in trace.y]
        assert np.trapezoid(heights, trace.x) == pytest.approx(1, abs=0.02)
    assert "blurred by 0.81" in figure.layout.xaxis.title.text


def test_what_is_told_says_how_sure_it_is(both):
    words = told(both, SETTING, {})
    assert words[0].startswith("The weak model's loss on 50 clean pictures: largest eigenvalue 8 ± 0.01, lowest")
    assert "reached −0.5 ± 0.01; trace undetermined (95 % interval −0.706 to 24.7, 2 draws)" in words[0]
    sure = replace(both.clean["a"], trace=Trace(10.0, np.array([1.0, 1.0, 1.5]), 100))
    assert "trace 11.2 (95 % interval 10.4 to 11.9, 3 draws)" in told(Sharpness(50, {"a": sure}, {}), SETTING, {})[0]
    assert words[-2].startswith("On clean pictures the weak model's loss is the sharper one")
    assert "4 times the strong model's" in words[-1]
    assert "architecture" not in words[-1]
    small = both.clean["b"]
    large = Sharp(replace(small.values, weights=200), None, replace(small.trace, weights=200))
    unlike = told(Sharpness(50, {"a": both.clean["a"], "b": large}, {}), SETTING, {})
    assert "not of one architecture" in unlike[-1]
    near = Sharpness(50, {"a": sharp(8.0), "b": sharp(8.01)}, {})
    assert "are not told apart" in told(near, SETTING, {})[-1]


def test_what_does_not_belong_together_is_refused(both):
    one = sharp(1.0)
    with pytest.raises(ValueError, match="same models"):
        Sharpness(5, {"a": one}, {"b": one})
    with pytest.raises(ValueError, match="same models"):
        Sharpness(5, {}, {})
    with pytest.raises(ValueError, match="as many eigenvalues"):
        Sharp(one.values, one.density, replace(one.trace, weights=7))
    with pytest.raises(ValueError, match="fall"):
        replace(one.values, values=np.array([1.0, 2.0]), errors=np.zeros(2))
    with pytest.raises(ValueError, match="sum to 1"):
        Density(np.zeros((1, 2)), np.full((1, 2), 0.4), 5)
    with pytest.raises(ValueError, match="two draws"):
        Trace(1.0, np.zeros(1), 5)
