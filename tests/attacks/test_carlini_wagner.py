"""Truths about Carlini & Wagner's attack: the nearest point of a plane, of few classes and many, and what c becomes."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import Track
from explorer.attacks.carlini_wagner import _descend
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.core.progress import silent
from explorer.core.types import Threat

carlini_wagner = ATTACKS["carlini_wagner"].run
L2 = Threat("l2", 0.0)


@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_the_nearest_point_of_the_boundary(linear, targeted):
    goal = Goal(torch.full((3,), int(targeted)), targeted)
    x_adv = carlini_wagner(linear.model, linear.x, goal, L2)
    best = linear.margin / length(linear.w[None], "l2")
    torch.testing.assert_close(length(x_adv - linear.x, "l2"), best, rtol=0.01, atol=0)


@pytest.mark.parametrize("classes", [2, 3, 12])
def test_of_many_classes_it_finds_the_nearest(classes):
    """A linear model's boundary is the least of (z_y - z_k) / ||w_k - w_y|| away."""
    model, rng = nn.Linear(16, classes), generator(classes)
    model.weight.data = torch.randn((classes, 16), generator=rng)
    model.bias.data = -model.weight.detach() @ torch.full((16,), 0.5)
    x = 0.5 + 0.03 * torch.randn((20, 16), generator=rng)
    logits = model(x).detach()
    y = logits.argmax(1)
    apart = (model.weight.detach()[y][:, None] - model.weight.detach()).norm(dim=2)
    best = ((logits.gather(1, y[:, None]) - logits) / apart).scatter(1, y[:, None], torch.inf).amin(1)
    result = run_attack("carlini_wagner", model, x, Goal(y), L2)
    assert result.success.all()
    np.testing.assert_allclose(np.median(result.distance["l2"] / best.numpy()), 1.0, rtol=0.01)
    assert (result.distance["l2"] >= best.numpy() * (1 - 1e-5)).all()


@pytest.mark.parametrize(("share", "reaches"), [(0.5, False), (2.0, True)])
def test_the_price_decides_whether_the_boundary_is_reached(linear, share, reaches):
    """The least of |delta|^2 + c max(margin, 0) is at delta = -c w / 2, or on the boundary if c > 2 margin / |w|^2."""
    best = linear.margin / length(linear.w[None], "l2")
    c = share * 2 * best / length(linear.w[None], "l2")
    goal = Goal(torch.zeros(3, dtype=torch.long))
    track = Track(linear.x, goal, "l2", smallest=True, keep=True)
    unit = torch.ones_like(c)
    found = _descend(linear.model, linear.x, linear.x, goal, unit, c, 300, 0.01, track, silent)
    assert found.tolist() == [reaches] * 3
    end = track.path[-1]["distance"]
    torch.testing.assert_close(end, min(share, 1.0) * best, rtol=0.02, atol=0)


def test_it_costs_a_pass_there_and_back_for_every_step(cnn):
    result = run_attack("carlini_wagner", cnn.model, cnn.x, Goal(cnn.y), L2, knobs={"steps": 7, "searches": 3})
    assert result.success.all()
    assert result.images == 6 * (1 + 7 * 3 + 4)  # the clean picture's first, four looks back last


@pytest.mark.parametrize("factor", [1e-20, 1e4])
def test_being_sure_is_no_defence(linear, factor):
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return linear.model(x) * factor

    goal = Goal(torch.zeros(3, dtype=torch.long))
    plain, scaled = (length(carlini_wagner(m, linear.x, goal, L2) - linear.x, "l2") for m in (linear.model, Scaled()))
    torch.testing.assert_close(scaled, plain, rtol=0.01, atol=0)
