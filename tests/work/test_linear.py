"""A linear model under attack: the exact threshold."""

import numpy as np
import pytest

from explorer.figures.lineared import lineared, told, useful
from explorer.work.study.linear import linear


@pytest.fixture(scope="module")
def found():
    return linear(300)


def test_doing_nothing_is_best_exactly_from_the_threshold_on(found):
    """A statement of its own: the subgradient at w = 0 holds 0 exactly where |mean(y·x)| <= eps in every entry."""
    zero = np.abs(found.w).max(1) < 1e-6
    assert (zero == (found.eps >= found.threshold - 1e-12)).all()
    assert 0 < zero.sum() < len(zero)
    assert found.loss[zero] == pytest.approx(np.log(2))
    assert (found.loss[~zero] < np.log(2)).all()
    assert (np.diff(found.loss) >= -1e-9).all()


def test_no_weights_do_better_than_those_found(found):
    rng = np.random.default_rng(0)
    for i in (0, 5, 20):
        for w in found.w[i] + rng.normal(scale=0.5, size=(50, 2)):
            loss = np.logaddexp(0, -found.y * (found.x @ w) + found.eps[i] * np.abs(w).sum()).mean()
            assert loss >= found.loss[i] - 1e-6


def test_directions_that_help_become_fewer_and_none(found):
    counts = [int((~np.isnan(useful(found.way, eps)[:, 0])).sum()) for eps in found.eps]
    assert counts == sorted(counts, reverse=True)
    assert counts[0] > 150
    assert counts[-1] == 0


def test_it_is_drawn_with_a_slider_and_told(found):
    figure = lineared(found)
    assert len(figure.layout.sliders[0].steps) == len(found.eps)
    assert f"{found.threshold:.4f}" in told(found)
