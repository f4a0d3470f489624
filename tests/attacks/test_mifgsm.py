"""Truths about the momentum iterative method: closed forms, its neighbours, and a zigzag that momentum ends."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat

mifgsm, pgd, fgsm = (ATTACKS[name].run for name in ("mifgsm", "pgd", "fgsm"))
EPS = {"linf": 0.1, "l2": 0.5, "l1": 0.4}
ONE_COORDINATE = 0.001


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_reaches_the_optimum(linear, norm, targeted):
    """Steps of eps / steps along one direction add up to the whole budget: w·x - eps·||w||_dual."""
    goal, threat = Goal(torch.full((3,), int(targeted)), targeted), Threat(norm, EPS[norm])
    x_adv = mifgsm(linear.model, linear.x, goal, threat, share=ONE_COORDINATE)
    best = linear.margin - EPS[norm] * length(linear.w[None], DUAL[norm])
    torch.testing.assert_close(x_adv.flatten(1) @ linear.w, best, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("norm", CONVEX)
def test_without_momentum_it_is_pgd_from_the_picture(cnn, norm):
    threat, goal = Threat(norm, EPS[norm]), Goal(cnn.y)
    plain = mifgsm(cnn.model, cnn.x, goal, threat, steps=5, decay=0.0)
    steps = {"steps": 5, "step": 0.2, "random_start": False}
    same = pgd(cnn.model, cnn.x, goal, threat, **steps, rng=generator(0))
    torch.testing.assert_close(plain, same.detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("norm", CONVEX)
def test_one_step_is_fgsm(cnn, norm):
    threat, goal = Threat(norm, EPS[norm]), Goal(cnn.y)
    one = mifgsm(cnn.model, cnn.x, goal, threat, steps=1, share=ONE_COORDINATE)
    torch.testing.assert_close(one, fgsm(cnn.model, cnn.x, goal, threat).detach(), atol=1e-6, rtol=0)


class Ravine(nn.Module):
    """Two values: the margin falls slowly along the second and steeply towards first = 0.5, from both sides."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        margin = 5 * (x[:, 0] - 0.5).abs() - 0.5 * x[:, 1]
        return torch.stack([margin * self.scale, torch.zeros_like(margin)], 1)


def test_momentum_goes_along_a_ravine_that_plain_steps_cross_to_and_fro():
    x, goal = torch.tensor([[0.51, 0.2]]), Goal(torch.zeros(1, dtype=torch.long))
    plain, heavy = (
        mifgsm(Ravine(), x, goal, Threat("l2", 0.3), steps=10, decay=decay)[0, 1].item() - 0.2 for decay in (0.0, 1.0)
    )
    assert heavy > 2 * plain > 0


@pytest.mark.parametrize("stop", [False, True])
def test_each_image_is_attacked_for_its_own_goal(cnn, stop):
    """Images that fall leave; the momentum of the others stays theirs."""
    knobs, threat = {"steps": 5}, Threat("linf", 0.03)
    together = run_attack("mifgsm", cnn.model, cnn.x, Goal(cnn.y), threat, knobs=knobs, stop=stop)
    assert 0 < together.success.sum() < 6
    for i in range(6):
        goal = Goal(cnn.y[i : i + 1])
        alone = run_attack("mifgsm", cnn.model, cnn.x[i : i + 1], goal, threat, knobs=knobs, stop=stop)
        np.testing.assert_allclose(alone.x_adv[0], together.x_adv[i], atol=1e-6)
