import pytest
import torch

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.attacks.square import _patch, _side
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.types import Threat

square = ATTACKS["square"].run
LINF = Threat("linf", 0.1)


@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_comes_near_the_optimum(linear, targeted):
    """The least margin is w·x - eps·||w||_1, at a corner of the ball; flips of single pixels find it in the end."""
    goal = Goal(torch.full((3,), int(targeted)), targeted)
    x_adv = square(linear.model, linear.x, goal, LINF, queries=3000, area=0.1, rng=generator(0))
    gained = linear.margin - x_adv.flatten(1) @ linear.w
    assert (gained > 0.97 * 0.1 * linear.w.abs().sum()).all()


def test_it_asks_for_scores_only(cnn):
    def scores(x):
        assert not torch.is_grad_enabled()
        return cnn.model(x)

    x_adv = square(scores, cnn.x, Goal(cnn.y), LINF, queries=20, rng=generator(0))
    assert not x_adv.requires_grad


def test_every_value_moves_to_the_edge_of_the_budget(cnn):
    x_adv = square(cnn.model, cnn.x, Goal(cnn.y), LINF, queries=30, rng=generator(0))
    edge = torch.minimum((x_adv - (cnn.x - 0.1).clamp_min(0)).abs(), (x_adv - (cnn.x + 0.1).clamp_max(1)).abs())
    assert edge.max() < 1e-6


def test_a_patch_is_one_square_of_one_sign_in_each_picture():
    patch = _patch(torch.zeros(20, 3, 9, 7), 4, generator(0))
    assert (patch.abs().sum((2, 3)) == 16).all()
    assert (patch.sum((2, 3)).abs() == 16).all()
    places = (patch[:, 0] != 0).flatten(1).float().argmax(1)
    assert len(set(places.tolist())) > 5


def test_the_patches_shrink_on_the_schedule():
    sides = [_side(i, 10_000, 0.8, 32, 32) for i in (1, 20, 100, 300, 900, 1500, 9000)]
    assert sides == sorted(sides, reverse=True)
    assert sides[0] == 29  # sqrt(0.8)·32
    assert _side(9, 100, 0.8, 32, 32) == _side(900, 10_000, 0.8, 32, 32)
    assert _side(99, 100, 0.01, 4, 4) == 1


def test_more_queries_are_never_weaker(cnn):
    few, more = (
        run_attack(
            "square", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.03), knobs={"queries": n, "area": 0.1}, stop=stop
        )
        for n, stop in ((1, False), (300, True))
    )
    assert more.success.sum() > few.success.sum()
    assert few.images == len(cnn.x)
    assert more.images < 300 * len(cnn.x)
