"""Truths about turned and shifted pictures: exact turns and shifts, the limits, and the worst of all tries."""

import math

import numpy as np
import pytest
import torch
from scipy import ndimage
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.attacks.spatial import posed
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import NORMS
from explorer.core.types import Threat

spatial = ATTACKS["spatial"].run


def pose(angle: float, right: float = 0.0, down: float = 0.0) -> torch.Tensor:
    return torch.tensor([[math.radians(angle), right, down]])


@pytest.mark.parametrize("shape", [(3, 8, 8), (1, 7, 7)])
def test_quarter_turns_and_whole_shifts_are_exact(shape):
    x = torch.rand((1, *shape), generator=generator(0))
    for quarters in range(4):
        turned = posed(x, pose(90.0 * quarters))
        torch.testing.assert_close(turned, torch.rot90(x, -quarters, (2, 3)), atol=1e-5, rtol=0)
    shifted = posed(x, pose(0, right=2, down=-1))
    expected = torch.zeros_like(x)
    expected[:, :, :-1, 2:] = x[:, :, 1:, :-2]
    torch.testing.assert_close(shifted, expected, atol=1e-5, rtol=0)


def test_first_turned_then_shifted():
    x = torch.rand((1, 1, 9, 9), generator=generator(0))
    both = posed(x, pose(90, right=3))
    torch.testing.assert_close(both, posed(posed(x, pose(90)), pose(0, right=3)), atol=1e-5, rtol=0)


@pytest.mark.parametrize("shape", [(12, 12), (9, 14)])
@pytest.mark.parametrize("angle", [17.0, -40.0])
def test_it_reads_out_as_scipy_does(shape, angle):
    x = torch.rand((1, 1, *shape), generator=generator(1))
    x[..., :2], x[..., -2:], x[..., :2, :], x[..., -2:, :] = 0, 0, 0, 0  # at the very edge they blend differently
    turned = posed(x, pose(angle))[0, 0].numpy()
    np.testing.assert_allclose(turned, ndimage.rotate(x[0, 0].numpy(), -angle, reshape=False, order=1), atol=1e-5)


class Recorder(nn.Module):
    """Notes what it is shown; the brighter the left half against the right, the surer it is of class 0."""

    def __init__(self) -> None:
        super().__init__()
        self.bias, self.shown = nn.Parameter(torch.zeros(1)), []

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        self.shown.append(x.clone())
        left = x[..., : x.shape[3] // 2].sum((1, 2, 3)) - x[..., x.shape[3] // 2 :].sum((1, 2, 3)) + self.bias
        return torch.stack([left, torch.zeros_like(left)], 1)


def dot(count: int, column: int) -> torch.Tensor:
    """Return pictures with one square of 2 by 2 at a column."""
    x = torch.zeros(count, 1, 16, 16)
    x[..., 7:9, column : column + 2] = 1
    return x


@pytest.mark.parametrize("targeted", [False, True])
def test_a_shift_over_the_middle_is_found_and_one_too_short_is_not(targeted):
    goal = Goal(torch.full((4,), int(targeted)), targeted)
    x = dot(4, 4)  # its centre at 5, 3 pixels left of the middle
    for shift, falls in ((4.0, True), (2.9, False)):
        knobs = {"rotation": 0.0, "shift": shift}
        result = run_attack("spatial", Recorder(), x, goal, Threat("linf", 0), knobs=knobs)
        assert (result.success == falls).all()


def test_every_try_keeps_the_limits_and_there_are_so_many():
    model, x = Recorder(), dot(3, 7)
    with torch.no_grad():
        spatial(
            model,
            x,
            Goal(torch.zeros(3, dtype=torch.long)),
            Threat("l2", 0),
            shift=2.0,
            rotation=0.0,
            tries=57,
            rng=generator(0),
        )
    shown = torch.cat(model.shown)
    assert len(shown) == 3 * 57
    column = (shown.sum(2) * torch.arange(16)).sum((1, 2)) / shown.sum((1, 2, 3)) - 7.5
    row = (shown.sum(3) * torch.arange(16)).sum((1, 2)) / shown.sum((1, 2, 3)) - 7.5
    assert column.abs().max() <= 2 + 1e-4
    assert column.abs().max() > 1.8
    assert row.abs().max() <= 2 + 1e-4
    assert abs(column.mean()) < 0.4


def test_turning_alone_does_it():
    """A dot above the middle, which a quarter turn brings to the right; a tenth of a turn does not."""
    x = torch.zeros(2, 1, 16, 16)
    x[..., 1:3, 5:7] = 1
    goal = Goal(torch.zeros(2, dtype=torch.long))
    for rotation, falls in ((90.0, True), (10.0, False)):
        knobs = {"rotation": rotation, "shift": 0.0}
        result = run_attack("spatial", Recorder(), x, goal, Threat("linf", 0), knobs=knobs)
        assert (result.success == falls).all()


@pytest.mark.parametrize("stop", [False, True])
def test_the_worst_of_all_tries_is_shown_or_the_first_that_works(stop):
    model = Recorder()
    x, goal = dot(2, 5), Goal(torch.zeros(2, dtype=torch.long))
    result = run_attack(
        "spatial", model, x, goal, Threat("linf", 0), knobs={"rotation": 0.0, "tries": 40}, stop=stop, path=True
    )
    margins = Goal(torch.zeros(2, dtype=torch.long)).margin(torch.from_numpy(result.logits_adv))
    np.testing.assert_allclose(margins, result.path["margin"].min(0), atol=1e-4)
    assert result.images == 2 * 40 if not stop else result.images < 2 * 40


def test_the_norm_only_measures(cnn):
    found = [run_attack("spatial", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 0)).x_adv for norm in NORMS]
    assert all(np.array_equal(found[0], other) for other in found)


def test_no_turn_and_no_shift_is_the_picture_itself(cnn):
    knobs = {"rotation": 0.0, "shift": 0.0, "tries": 3}
    result = run_attack("spatial", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0), knobs=knobs)
    np.testing.assert_allclose(result.x_adv, result.x, atol=1e-5)
    assert not result.success.any()
