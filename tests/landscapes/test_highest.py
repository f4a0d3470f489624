import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.types import Threat
from explorer.landscapes._highest import Highest
from explorer.landscapes.directions import random
from explorer.landscapes.grids import grid
from explorer.landscapes.surface import Climb, attacked, surface


def test_the_iterate_of_the_highest_loss_is_kept_right_or_wrong():
    x, goal = torch.zeros(2, 1), Goal(torch.tensor([0, 0]))
    seen = Highest(x, goal)
    shown = torch.tensor([[[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 3.0]], [[9.0, 0.0], [5.0, 0.0]]])
    for step, logits in enumerate(shown):
        assert seen.see(torch.full((2, 1), step + 1.0), logits).all()
    assert seen.best[:, 0].tolist() == [2, 2]
    expected = cross_entropy(shown[1], goal.labels, reduction="none")
    assert seen.loss.tolist() == pytest.approx(expected.tolist())
    assert seen.right.tolist() == [True, False]
    assert seen.restart().tolist() == [0, 1]


class Well(nn.Module):
    """A loss that a step of the whole budget from the middle overshoots: highest where x is 0.5."""

    def __init__(self) -> None:
        super().__init__()
        self.w = nn.Parameter(torch.ones(1, 1))

    def forward(self, x: Tensor) -> Tensor:
        odds = -((x.flatten(1) - 0.5) ** 2 * 1000 * self.w[0]).sum(1)
        return torch.stack([torch.zeros_like(odds), odds], 1)


def test_an_attack_that_overshoots_is_told_by_its_best_iterate_and_keeps_it():
    model, x, y = Well(), torch.full((5, 1, 1, 1), 0.5), torch.zeros(5).long()
    climb = Climb(Threat("linf", 0.2), steps=3, step=1.0)
    x_adv = attacked(model, x, y, climb)
    start = (x + 0.4 * torch.rand(x.shape, generator=generator(0)) - 0.2 - 0.5).abs()  # of the random starts
    assert ((x_adv - 0.5).abs() <= start.max() + 1e-6).all()
    still = random(model, generator(1))
    found = surface(model, x, y, still, still, grid(1, 0.0)[:1], climb=climb)
    with torch.no_grad():
        assert found.loss[0] == pytest.approx(float(cross_entropy(model(x_adv), y)), rel=1e-5)
