"""Auto-PGD: the optimum of linear models in closed form, and what its adaptive steps are for."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks._climb import checkpoints
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat

apgd = ATTACKS["apgd"].run
EPS = {"linf": 0.1, "l2": 0.5, "l1": 0.4}
LOSSES = ("ce", "dlr", "dlr-targeted")
ZEROS = Goal(torch.zeros(3, dtype=torch.long))


def margins(result) -> np.ndarray:
    return Goal(torch.from_numpy(result.labels)).margin(torch.from_numpy(result.logits_adv)).numpy()


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("loss", LOSSES)
def test_on_a_linear_model_it_reaches_the_optimum(linear, norm, loss):
    """The least margin in the ball is w·x - eps·||w||_dual, away from the walls of the box."""
    knobs = {"loss": loss, "steps": 100}
    result = run_attack("apgd", linear.model, linear.x, ZEROS, Threat(norm, EPS[norm]), knobs=knobs, stop=False)
    best = linear.margin - EPS[norm] * length(linear.w[None], DUAL[norm])
    np.testing.assert_allclose(margins(result), best, atol=1e-3, rtol=1e-3)


def test_l1_fills_the_strongest_pixels_to_their_walls(linear):
    """The optimum in ball and box: all of the room of the heaviest pixels, as far as the budget lasts."""
    rng = generator(5)
    x = (torch.rand(3, 1, 8, 8, generator=rng) * 1.4 - 0.2).clamp(0, 1)
    room = torch.where(linear.w > 0, x.flatten(1), 1 - x.flatten(1))
    order = linear.w.abs().argsort(descending=True)
    filled = room[:, order].cumsum(1).clamp_max(3.0).diff(dim=1, prepend=torch.zeros(3, 1))
    best = x.flatten(1) @ linear.w - filled @ linear.w.abs()[order]
    result = run_attack("apgd", linear.model, x, ZEROS, Threat("l1", 3.0), stop=False)
    np.testing.assert_allclose(margins(result), best, atol=0.05)
    assert (margins(result) >= best.numpy() - 1e-4).all()


def test_the_checkpoints_are_the_paper_s():
    """Croce & Hein 2020, sec. 3.1: p = 0, 0.22, then by 0.03 less each time, at least 0.06."""
    assert sorted(checkpoints(100)) == [22, 41, 57, 70, 80, 87, 93, 99]
    assert sorted(checkpoints(5)) == [1, 2, 3, 4, 5]


class Valley(nn.Module):
    """Class 0 has margin |x - 0.503| + 0.1: no step of fixed length comes to rest at its bottom."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        away = ((x - 0.503).abs().sum(1, keepdim=True) + 0.1) * self.scale
        return torch.cat([away, torch.zeros_like(away)], 1)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_step_is_halved_until_the_bottom_is_found(norm):
    x, goal, threat = torch.full((4, 1), 0.45), Goal(torch.zeros(4, dtype=torch.long)), Threat(norm, 0.1)
    adaptive = run_attack("apgd", Valley(), x, goal, threat)
    fixed = run_attack("pgd", Valley(), x, goal, threat, knobs={"steps": 100})
    assert margins(adaptive).max() < 0.1 + 0.002
    assert margins(adaptive).max() < margins(fixed).min() + 1e-6


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("targeted", [False, True])
def test_dropping_the_broken_changes_no_success(cnn, norm, loss, targeted):
    goal = Goal(cnn.others if targeted else cnn.y, targeted)
    threat, knobs = Threat(norm, {"linf": 0.03, "l2": 0.15, "l1": 0.3}[norm]), {"loss": loss, "steps": 30}
    early, late = (run_attack("apgd", cnn.model, cnn.x, goal, threat, knobs=knobs, stop=stop) for stop in (True, False))
    assert early.images < late.images
    if loss == "dlr-targeted" and not targeted:
        assert early.success.sum() <= late.success.sum() + 1  # other images, and so other starts, in later runs
    else:
        assert np.array_equal(early.success, late.success)


@pytest.mark.parametrize("norm", CONVEX)
def test_it_is_no_weaker_than_pgd(cnn, norm):
    threat = Threat(norm, {"linf": 0.03, "l2": 0.15, "l1": 0.3}[norm])
    found, usual = (run_attack(name, cnn.model, cnn.x, Goal(cnn.y), threat, stop=False) for name in ("apgd", "pgd"))
    assert margins(found).mean() <= margins(usual).mean() + 1e-3


@pytest.mark.parametrize("classes", [2, 3, 4, 12])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("norm", CONVEX)
def test_any_number_of_classes(classes, loss, norm):
    """A linear model falls to class t exactly where z_y - z_t < eps·||w_t - w_y||_dual; trying all t finds it."""
    model, rng = nn.Linear(16, classes), generator(classes)
    model.weight.data = torch.randn((classes, 16), generator=rng)
    model.bias.data = -model.weight.detach() @ torch.full((16,), 0.5)
    x = 0.5 + 0.04 * torch.randn((20, 16), generator=rng)
    logits = model(x).detach()
    y = logits.argmax(1)
    apart = (model.weight.detach()[y][:, None] - model.weight.detach()).flatten(0, 1)
    ways = (logits.gather(1, y[:, None]) - logits) / length(apart, DUAL[norm]).view(20, classes)
    needed = ways.scatter(1, y[:, None], torch.inf).amin(1).numpy()
    threat = Threat(norm, float(np.median(needed)))

    knobs = {"loss": loss, "steps": 50, "targets": 50}
    found = run_attack("apgd", model, x, Goal(y), threat, knobs=knobs).success
    assert not found[needed > threat.eps * 1.001].any()
    assert found[needed < threat.eps * 0.95].mean() >= (1.0 if loss == "dlr-targeted" or classes == 2 else 0.6)
    wanted = logits.scatter(1, y[:, None], -torch.inf).argmax(1)
    towards = run_attack("apgd", model, x, Goal(wanted, targeted=True), threat, knobs=knobs).success
    assert towards.mean() > 0.3 * found.mean()


def test_targets_are_tried_on_those_that_stand_and_no_more_than_there_are(cnn):
    """Three other classes: of nine targets three are tried, after one look at which they are."""
    knobs = {"loss": "dlr-targeted", "steps": 4}
    full = run_attack("apgd", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 1e-4), knobs=knobs)
    assert not full.success.any()
    assert full.images == 6 * (1 + 3 * 5)
    two = run_attack("apgd", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 1e-4), knobs=knobs | {"targets": 2})
    assert two.images == 6 * (1 + 2 * 5)
    one = run_attack("apgd", cnn.model, cnn.x, Goal(cnn.others, targeted=True), Threat("linf", 1e-4), knobs=knobs)
    assert one.images == 6 * 5


@pytest.mark.parametrize("norm", CONVEX)
def test_restarts_end_when_everything_is_broken(cnn, norm):
    knobs = {"steps": 20, "restarts": 5}
    result = run_attack("apgd", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 30.0), knobs=knobs)  # the whole box
    assert result.success.all()
    assert result.images < 6 * 22


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("factor", [1e-30, 1e4])
def test_being_sure_is_no_defence(linear, norm, loss, factor):
    """Scaled logits leave every decision as it was, and so the attack."""
    plain, scaled = (
        apgd(
            nn.Sequential(linear.model, Scale(by)),
            linear.x,
            ZEROS,
            Threat(norm, EPS[norm]),
            loss=loss,
            steps=20,
            rng=generator(0),
        )
        for by in (1.0, factor)
    )
    gained = linear.margin - plain.flatten(1) @ linear.w
    assert (gained > 0).all()
    torch.testing.assert_close(linear.margin - scaled.flatten(1) @ linear.w, gained, atol=1e-3, rtol=1e-3)


class Scale(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return logits * self.factor
