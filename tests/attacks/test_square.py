"""Square Attack: linear models, where single pixels find the corner of the ball, and the shapes that it draws."""

import numpy as np
import pytest
import torch

from explorer.attacks import ATTACKS
from explorer.attacks._squares import change, side_of, start
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat

square = ATTACKS["square"].run
LINF = Threat("linf", 0.1)


@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_comes_near_the_optimum(linear, targeted):
    """The least margin is w·x - eps·||w||_1, at a corner of the ball; flips of single pixels find it in the end."""
    goal = Goal(torch.full((3,), int(targeted)), targeted)
    x_adv = square(linear.model, linear.x, goal, LINF, queries=3000, area=0.02, rng=generator(0))
    gained = linear.margin - x_adv.flatten(1) @ linear.w
    assert (gained > 0.97 * 0.1 * linear.w.abs().sum()).all()


@pytest.mark.parametrize("norm", ["l2", "l1"])
def test_in_other_norms_it_comes_a_good_part_of_the_way(linear, norm):
    """Bumps of three by three pixels cannot follow random weights: a fifth of the optimum, never beyond it."""
    goal, threat = Goal(torch.zeros(3, dtype=torch.long)), Threat(norm, 0.4)
    x_adv = square(linear.model, linear.x, goal, threat, queries=600, rng=generator(0))
    gained = linear.margin - x_adv.flatten(1) @ linear.w
    best = 0.4 * length(linear.w[None], DUAL[norm])
    assert (gained > 0.2 * best).all()
    assert (gained <= best * (1 + 1e-5)).all()


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


@pytest.mark.parametrize("shape", [(20, 1, 28, 28), (20, 3, 9, 7), (20, 3, 3, 5), (20, 1, 1, 1)])
@pytest.mark.parametrize("norm", CONVEX)
def test_tries_keep_ball_and_box_on_any_picture(shape, norm):
    rng = generator(1)
    x = (torch.rand(shape, generator=rng) * 1.4 - 0.2).clamp(0, 1)
    eps = {"linf": 0.1, "l2": 0.5, "l1": 2.0}[norm]
    x_t = start(x, norm, eps, rng)
    for query in (0, 20, 300, 3000, 9000):
        for tried in (x_t, change(x, x_t, side_of(query, 0.8, x.shape, norm), norm, eps, rng)):
            assert tried.shape == shape
            assert length(tried - x, norm).max() <= eps * (1 + 1e-5)
            assert tried.min() >= 0
            assert tried.max() <= 1
            assert tried.isfinite().all()


def test_a_change_is_one_square_of_one_sign_in_each_picture():
    x = torch.full((20, 3, 9, 7), 0.5)
    changed = change(x, x, 4, "linf", 0.1, generator(0)) - x
    assert ((changed != 0).sum((2, 3)) == 16).all()
    torch.testing.assert_close(changed.sum((2, 3)).abs(), torch.full((20, 3), 1.6))
    rows, columns = (changed[0, 0] != 0).nonzero().unbind(1)
    assert int(rows.max() - rows.min()) == int(columns.max() - columns.min()) == 3
    assert len(changed.sum((2, 3)).sign().unique(dim=0)) > 3


@pytest.mark.parametrize("norm", ["l2", "l1"])
def test_a_change_uses_the_whole_budget_and_moves_it_into_the_window(norm):
    x, rng = torch.full((20, 3, 12, 12), 0.5), generator(0)
    x_t = start(x, norm, 0.4, rng)
    torch.testing.assert_close(length(x_t - x, norm), torch.full((20,), 0.4), rtol=1e-4, atol=0)
    assert ((x_t != x).flatten(1).float().mean(1) > 0.3).all()
    changed = change(x, x_t, 3, norm, 0.4, rng)
    torch.testing.assert_close(length(changed - x, norm), torch.full((20,), 0.4), rtol=1e-4, atol=0)


def test_the_squares_shrink_on_the_schedule():
    """Andriushchenko et al. 2020, sec. 5: p is halved at 10, 50, 200, ... of 10,000 queries."""
    shape = torch.Size((1, 32, 32))
    sides = [side_of(i, 0.8, shape, "linf") for i in (1, 10, 11, 20, 100, 300, 900, 1500, 9000)]
    assert sides == sorted(sides, reverse=True)
    assert sides[:3] == [29, 29, 20]  # sqrt(0.8)·32, sqrt(0.4)·32
    assert side_of(9000, 0.01, torch.Size((1, 4, 4)), "linf") == 1
    odd = [side_of(i, 0.8, shape, "l2") for i in (1, 20, 100, 9000)]
    assert all(side % 2 for side in odd)
    assert odd[-1] == 3


def test_a_shorter_schedule_is_the_long_one_at_the_same_share(cnn):
    """Rescaled by default; `schedule` fixes it, as in AutoAttack."""
    settings = {"queries": 40, "rng": generator(0)}
    plain = square(cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.01), **settings)
    settings["rng"] = generator(0)
    fixed = square(cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.01), schedule=40, **settings)
    settings["rng"] = generator(0)
    other = square(cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.01), schedule=10_000, **settings)
    assert torch.equal(plain, fixed)
    assert not torch.equal(plain, other)


@pytest.mark.parametrize("norm", CONVEX)
def test_more_queries_are_never_weaker(cnn, norm):
    threat, goal = Threat(norm, {"linf": 0.03, "l2": 0.2, "l1": 1.0}[norm]), Goal(cnn.y)
    few = run_attack("square", cnn.model, cnn.x, goal, threat, knobs={"queries": 1}, stop=False)
    more = run_attack("square", cnn.model, cnn.x, goal, threat, knobs={"queries": 300, "area": 0.1})
    assert more.success.sum() > few.success.sum()
    assert few.images == len(cnn.x)
    assert more.images < 300 * len(cnn.x)


def test_what_changes_nothing_is_not_asked():
    """A picture of one pixel has two tries in linf: each is asked about once, by every picture."""
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(1, 2))
    x = torch.full((8, 1, 1, 1), 0.5)
    model.requires_grad_(False)
    y = model(x).argmax(1)
    model[1].bias[y[0]] += 5.0  # out of reach
    result = run_attack("square", model, x, Goal(y), LINF, knobs={"queries": 50})
    worst = 0.1 * float((model[1].weight[0] - model[1].weight[1]).abs())
    margin = np.sort(result.logits_adv, 1)[:, 1] - np.sort(result.logits_adv, 1)[:, 0]
    start_margin = np.sort(result.logits, 1)[:, 1] - np.sort(result.logits, 1)[:, 0]
    np.testing.assert_allclose(start_margin - margin, worst, rtol=1e-3)
    assert 8 < result.images < 8 * 50 * 0.75
