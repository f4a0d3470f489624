"""FAB: on linear models the distance to the boundary is known, of two classes and of many, and inside the box."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import ROUNDING
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat

fab = ATTACKS["fab"].run
LOOKS = 4  # of the final search
EXACT = 1e-3  # relative: it stops a ten-thousandth beyond the boundary


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("way", ["nearest", "each"])
@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_it_finds_the_boundary(linear, norm, way, targeted):
    """The nearest point of the plane w·x = 0 is |w·x| / ||w||_dual away, here short of the walls."""
    close = nn.Sequential(linear.model, Shift(1.0 - linear.margin[0]))  # a margin of 1
    goal = Goal(torch.full((3,), int(targeted)), targeted)
    result = run_attack("fab", close, linear.x, goal, Threat(norm, 0.1), knobs={"way": way, "steps": 20})
    best = 1.0 / length(linear.w[None], DUAL[norm]).item()
    assert result.success.all()
    np.testing.assert_allclose(result.distance[norm], best, rtol=EXACT)


class Shift(nn.Module):
    """Add to the first of two logits."""

    def __init__(self, amount: torch.Tensor) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.tensor([float(amount), 0.0]))

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return logits + self.bias


def test_the_walls_of_the_box_lengthen_the_way(linear):
    """Half of the pixels at a wall: the shortest change in linf that stays inside, by a linear program."""
    x = linear.x.clone()
    x.view(3, 64)[:, ::2] = (linear.w[::2] < 0).float()  # where the margin falls only beyond the wall
    goal = Goal((linear.model(x)[:, 0] < 0).long())
    result = run_attack("fab", linear.model, x, goal, Threat("linf", 0.1), knobs={"steps": 30})
    w, flat = linear.w.double().numpy(), x[0].flatten().double().numpy()
    rises = np.block([[np.eye(64), -np.ones((64, 1))], [-np.eye(64), -np.ones((64, 1))]])
    walls = [*zip(-flat, 1 - flat, strict=True), (0, None)]
    best = linprog(np.r_[np.zeros(64), 1.0], rises, np.zeros(128), np.r_[w, 0.0][None], [-flat @ w], walls)
    assert best.success
    np.testing.assert_allclose(result.distance["linf"], best.fun, rtol=EXACT)
    assert result.success.all()


@pytest.mark.parametrize("classes", [2, 3, 12])
@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("way", ["nearest", "each"])
def test_of_many_classes_it_finds_the_nearest(classes, norm, way):
    """A linear model's boundary is the least of (z_y - z_t) / ||w_t - w_y||_dual away, and rounding a little more."""
    model, rng = nn.Linear(16, classes), generator(classes)
    model.weight.data = torch.randn((classes, 16), generator=rng)
    model.bias.data = -model.weight.detach() @ torch.full((16,), 0.5)
    x = 0.5 + 0.02 * torch.randn((20, 16), generator=rng)
    logits = model(x).detach()
    y = logits.argmax(1)
    apart = (model.weight.detach()[y][:, None] - model.weight.detach()).flatten(0, 1)
    gaps = logits.gather(1, y[:, None]) - logits + ROUNDING * logits.abs().amax(1, keepdim=True)
    best = (gaps / length(apart, DUAL[norm]).view(20, classes)).scatter(1, y[:, None], torch.inf).amin(1)
    knobs = {"way": way, "steps": 20, "targets": 50}
    result = run_attack("fab", model, x, Goal(y), Threat(norm, 0.1), knobs=knobs)
    assert result.success.all()
    np.testing.assert_allclose(result.distance[norm], best, rtol=EXACT, atol=1e-6)


@pytest.mark.parametrize("norm", CONVEX)
def test_it_is_shorter_than_a_gradient_step_that_reaches_the_goal(cnn, norm):
    """FGSM with the least budget that lets it succeed, by halving."""
    found = run_attack("fab", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 0.1)).distance[norm]
    for i in range(6):
        low, high = 0.0, 20.0
        for _ in range(20):
            eps = (low + high) / 2
            x_adv = ATTACKS["fgsm"].run(cnn.model, cnn.x[i : i + 1], Goal(cnn.y[i : i + 1]), Threat(norm, eps))
            fell = bool(cnn.model(x_adv).argmax(1) != cnn.y[i])
            low, high = (low, eps) if fell else (eps, high)
        assert found[i] <= high * (1 + EXACT)


def test_who_is_within_reach_leaves(cnn):
    """An image whose change is short enough costs no more; the others are searched as before."""
    full = run_attack("fab", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.0), knobs={"steps": 20})
    reach = float(np.median(full.distance["linf"])) * 1.02
    asked = []
    cnn.model.register_forward_hook(lambda _module, inputs, _output: asked.append(len(inputs[0])))
    found = fab(cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.0), steps=20, within=reach)
    size = length(found - cnn.x, "linf").numpy()
    assert np.array_equal(size <= reach, full.distance["linf"] <= reach)
    walking = asked[2:-LOOKS]  # two questions a step, the first by all six; in the end those that fell look back
    assert walking == sorted(walking, reverse=True)
    assert walking[0] == 6
    assert walking[-1] == (size > reach).sum()


@pytest.mark.parametrize("factor", [1e-30, 1e4])
@pytest.mark.parametrize("norm", CONVEX)
def test_being_sure_is_no_defence(cnn, norm, factor):
    """Scaled logits leave every decision as it was, and so the walk."""
    plain, scaled = (
        fab(nn.Sequential(cnn.model, Scale(by)), cnn.x, Goal(cnn.y), Threat(norm, 0.0), steps=5) for by in (1.0, factor)
    )
    torch.testing.assert_close(length(scaled - cnn.x, norm), length(plain - cnn.x, norm), rtol=1e-2, atol=1e-6)


class Scale(nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return logits * self.factor
