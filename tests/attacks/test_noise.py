import pytest
import torch

from explorer.attacks import ATTACKS
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, length
from explorer.core.types import Threat

noise = ATTACKS["noise"].run
GOAL = Goal(torch.zeros(5, dtype=torch.long))


def unusable(x: torch.Tensor) -> torch.Tensor:
    raise AssertionError("noise looks at no model")


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("kind", ["sign", "uniform", "gaussian"])
def test_it_has_the_whole_budget_s_length(norm, kind):
    x = torch.full((5, 3, 8, 8), 0.5)
    delta = noise(unusable, x, GOAL, Threat(norm, 0.3), kind=kind, rng=generator(0)) - x
    torch.testing.assert_close(length(delta, norm), torch.full((5,), 0.3), atol=1e-5, rtol=0)


def test_signs_move_every_value_by_eps():
    x = torch.full((5, 3, 8, 8), 0.5)
    delta = noise(unusable, x, GOAL, Threat("linf", 0.25), rng=generator(0)) - x
    torch.testing.assert_close(delta.abs(), torch.full_like(delta, 0.25))
    assert abs(delta.sign().mean()) < 0.15


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("kind", ["sign", "uniform", "gaussian"])
def test_what_the_box_cuts_off_is_made_up_for(norm, kind):
    x = torch.rand(5, 3, 8, 8, generator=generator(1)).round()  # every value at a wall
    eps = {"linf": 0.3, "l2": 2.0, "l1": 9.0}[norm]
    found = noise(unusable, x, GOAL, Threat(norm, eps), kind=kind, rng=generator(0))
    torch.testing.assert_close(length(found - x, norm), torch.full((5,), eps), atol=0, rtol=1e-3)
    assert found.min() >= 0
    assert found.max() <= 1


def test_it_is_as_long_as_the_box_allows():
    found = noise(unusable, torch.zeros(5, 4), GOAL, Threat("l2", 50.0), rng=generator(0))
    assert ((found == 0) | (found == 1)).all()


@pytest.mark.parametrize("kind", ["sign", "uniform", "gaussian"])
def test_l0_changes_so_many_pixels(kind):
    x = torch.rand(5, 3, 8, 8, generator=generator(1)).round()
    found = noise(unusable, x, GOAL, Threat("l0", 7), kind=kind, rng=generator(0))
    assert length(found - x, "l0").tolist() == [7] * 5
    other = noise(unusable, x, GOAL, Threat("l0", 7), kind=kind, rng=generator(1))
    assert ((found != x).any(1) != (other != x).any(1)).any()
