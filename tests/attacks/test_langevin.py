"""Truths about the Langevin cloud: it is PGD when cold, its noise has the size it says, and it leaves traps."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import Track
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import DUAL, length
from explorer.core.types import Threat

langevin, pgd = ATTACKS["langevin"].run, ATTACKS["pgd"].run
EPS = {"linf": 0.1, "l2": 0.5}
both = pytest.mark.parametrize("norm", EPS)


@both
@pytest.mark.parametrize("targeted", [False, True])
def test_one_cold_particle_is_pgd(cnn, norm, targeted):
    goal, threat = Goal(cnn.others if targeted else cnn.y, targeted), Threat(norm, EPS[norm])
    cold = langevin(cnn.model, cnn.x, goal, threat, steps=5, temperature=0.0, particles=1, rng=generator(0))
    plain = pgd(cnn.model, cnn.x, goal, threat, steps=5, rng=generator(0))
    torch.testing.assert_close(cold.detach(), plain.detach(), atol=1e-6, rtol=0)


@both
def test_on_a_linear_model_the_cloud_reaches_the_optimum(linear, norm):
    """The least margin in the ball is w·x - eps·||w||_dual; warm particles stay near it."""
    goal, threat = Goal(torch.zeros(3, dtype=torch.long)), Threat(norm, EPS[norm])
    best = linear.margin - EPS[norm] * length(linear.w[None], DUAL[norm])
    for temperature, near in ((0.0, 2e-3), (0.02, 0.1)):
        x_adv = langevin(linear.model, linear.x, goal, threat, steps=100, temperature=temperature, rng=generator(0))
        torch.testing.assert_close(x_adv.flatten(1) @ linear.w, best, atol=near, rtol=1e-3)


class Flat(nn.Module):
    """Says the same of everything, so that nothing but noise moves."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x.flatten(1)[:, :2] * 0 + torch.tensor([1.0, 0.0])


@both
def test_the_noise_has_the_size_of_a_langevin_step(norm):
    """sqrt(2·step)·temperature of eps in each value (linf), or in all of them together (l2)."""
    x, step, temperature = torch.full((4, 1, 32, 32), 0.5), 0.3, 0.02
    threat = Threat(norm, EPS[norm] / 4)
    goal, ends = Goal(torch.zeros(4, dtype=torch.long)), []
    for t in (0.0, temperature):
        track = Track(x, goal, norm, stop=False, keep=True)
        knobs = {"steps": 1, "step": step, "temperature": t, "particles": 1}
        langevin(Flat(), x, goal, threat, **knobs, rng=generator(0), track=track)
        ends.append(track.pictures[1])
    moved = ends[1]
    noise = moved - ends[0]
    expected = math.sqrt(2 * step) * temperature * threat.eps
    inside = (moved - x).abs() < threat.eps  # the ball has not cut it (linf)
    size = noise[inside].std() if norm == "linf" else length(noise, "l2").mean()
    assert size.item() == pytest.approx(expected, rel=0.05)


class Trap(nn.Module):
    """One value: the margin rises from 0.5 on, has a valley at 0.42 that is not deep enough, and falls below 0.35."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        u = x.flatten(1)[:, :1]
        margin = torch.where(u < 0.38, 10 * (u - 0.34), 5 * (u - 0.42).abs() + 0.2)
        return torch.cat([margin, torch.zeros_like(margin)], 1)


def fallen(count: int, **knobs: float) -> int:
    """Return how many of `count` equal pictures in the trap fall."""
    x, goal = torch.full((count, 1), 0.5), Goal(torch.zeros(count, dtype=torch.long))
    model = Trap()
    model.register_parameter("unused", nn.Parameter(torch.zeros(1)))
    settings = {"step": 0.05, "steps": 20, "temperature": 0.0, "particles": 1} | knobs
    return int(run_attack("langevin", model, x, goal, Threat("linf", 0.2), knobs=settings).success.sum())


def test_a_cloud_finds_what_one_particle_misses_and_warmth_leaves_a_trap():
    alone = fallen(64)
    assert 0 < alone < 40
    assert fallen(64, particles=8) > 1.5 * alone
    assert fallen(64, temperature=0.5) > 1.5 * alone


def test_the_strongest_of_the_cloud_is_shown(cnn):
    threat, goal = Threat("linf", 0.05), Goal(cnn.y)
    knobs = {"steps": 4, "particles": 6}
    result = run_attack("langevin", cnn.model, cnn.x, goal, threat, knobs=knobs, stop=False, path=True)
    margins = Goal(cnn.y).margin(torch.from_numpy(result.logits_adv)).numpy()
    np.testing.assert_allclose(margins, result.path["margin"].min(0), atol=1e-5)
    assert len(result.path["margin"]) == 5
    assert result.images == 5 * 6 * 6


def test_broken_images_leave_with_their_whole_cloud(cnn):
    threat, knobs = Threat("linf", 0.04), {"steps": 8, "particles": 3}
    early, late = (
        run_attack("langevin", cnn.model, cnn.x, Goal(cnn.y), threat, knobs=knobs, stop=stop) for stop in (True, False)
    )
    assert 0 < early.success.sum() < 6
    assert early.images < late.images
    assert early.images % 3 == 0
    assert np.array_equal(early.success, late.success)
