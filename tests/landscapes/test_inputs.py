import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softplus

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.results import Rays
from explorer.geometry.plane import attack_and_random
from explorer.landscapes.grids import grid
from explorer.landscapes.inputs import along_sign, over_plane, straight, turning

STEPS = np.array([-0.5, 0.0, 0.1, 1.0])


class Square(nn.Module):
    """Two classes with logits (0, |x|²): the gradient at x points along x."""

    def __init__(self) -> None:
        super().__init__()
        self.unused = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        size = (x * x).flatten(1).sum(1)
        return torch.stack([torch.zeros_like(size), size], 1)


def test_the_plane_of_a_picture_holds_the_loss_of_each_of_its_points(plain):
    x, x_adv = plain.x[0], (plain.x[0] + 0.1 * plain.x[1].sign()).clamp(0, 1)
    section = attack_and_random(x, x_adv, "linf", reach=0.3, rng=generator(0))
    at = grid(5, 2.0)  # far beyond [0, 1]
    found = over_plane(plain.model, section, 2, at)
    s, t = torch.from_numpy(at.T).float().view(2, -1, 1, 1, 1)
    there = x + s * torch.from_numpy(section.across) + t * torch.from_numpy(section.up)
    logits = plain.model(there)
    assert found.loss == pytest.approx(cross_entropy(logits, torch.full((25,), 2), reduction="none"), rel=1e-4)
    assert found.right.tolist() == (logits.argmax(1) == 2).long().tolist()
    assert found.loss[12] == pytest.approx(float(cross_entropy(plain.model(x[None]), torch.tensor([2]))), rel=1e-5)
    with pytest.raises(UserError, match="0 to 3"):
        over_plane(plain.model, section, 4, at)


def test_along_its_sign_a_linear_models_margin_falls_by_the_l1_norm(line):
    found = along_sign(line.model, line.x, line.y, STEPS)
    w = line.model[1].weight.double()
    z = line.model.double()(line.x.double())
    margin = ((z[:, 0] - z[:, 1]) * (1 - 2 * line.y))[:, None]
    steep = float((w[0] - w[1]).abs().sum())
    expected = softplus(-margin + torch.from_numpy(STEPS) * steep)
    assert found.loss == pytest.approx(expected.numpy(), rel=1e-4)
    assert found.start == pytest.approx(expected[:, 1].numpy(), rel=1e-4)
    assert found.slope == pytest.approx((steep * (-margin).sigmoid())[:, 0].numpy(), rel=1e-4)
    assert (found.loss >= found.linear - 1e-4 * (1 + abs(found.linear))).all()  # it is convex
    assert (found.right == (margin.numpy() > STEPS * steep)).all()


def test_a_sure_model_has_a_slope_all_the_same(line):
    line.model[1].weight.data *= 20
    with torch.no_grad():
        own = line.model(line.x).argmax(1)
    found = along_sign(line.model, line.x, own, np.array([0.0, 0.5]))
    assert (found.start < 1e-6).any()
    assert (found.slope > 0).all()
    assert not found.right[:, 1].any()


def test_clipped_rays_end_at_the_walls(plain):
    free, clipped = (along_sign(plain.model, plain.x, plain.y, np.array([0.0, 5.0]), clipped=c) for c in (False, True))
    assert (free.loss[:, 0] == clipped.loss[:, 0]).all()
    assert not np.allclose(free.loss[:, 1], clipped.loss[:, 1])
    far = along_sign(plain.model, plain.x, plain.y, np.array([50.0]), clipped=True)
    assert far.loss[:, 0] == pytest.approx(clipped.loss[:, 1], rel=1e-6)  # in the same corner


def test_the_gradient_of_a_linear_model_does_not_turn(line):
    path = straight(line.x, line.x.flip(0), 4)
    found = turning(line.model, line.y, path)
    assert found.first == pytest.approx(np.ones((12, 4)), abs=1e-5)
    assert found.last == pytest.approx(np.ones((12, 4)), abs=1e-5)
    apart = (line.x.flip(0) - line.x).flatten(1).norm(dim=1).numpy()
    assert found.far == pytest.approx(np.outer(apart, [0, 1 / 3, 2 / 3, 1]), rel=1e-4, abs=1e-6)


def test_the_gradient_of_a_square_turns_as_the_way_does():
    x, x_adv = torch.rand((5, 1, 3, 3), generator=generator(0)), torch.rand((5, 1, 3, 3), generator=generator(1))
    path = straight(x, x_adv, 6)
    found = turning(Square(), torch.tensor([0, 1, 0, 1, 0]), path)
    unit = torch.nn.functional.normalize(path.flatten(2).double(), dim=2)
    assert found.first == pytest.approx((unit * unit[:, :1]).sum(2).numpy(), abs=1e-5)
    assert found.last[:, 1:] == pytest.approx((unit[:, 1:] * unit[:, :-1]).sum(2).numpy(), abs=1e-5)
    assert found.size == pytest.approx(2 * path.flatten(2).norm(dim=2).numpy(), rel=1e-5)


def test_no_gradient_has_no_direction():
    path = straight(torch.zeros(1, 1, 2, 2), torch.ones(1, 1, 2, 2), 3)
    found = turning(Square(), torch.tensor([0]), path)
    assert np.isnan(found.first).all()
    assert np.isnan(found.last[0]).tolist() == [True, True, False]


def test_along_anothers_gradient_a_linear_models_log_odds_rise_by_the_inner_product(line, plain):
    flipped = copy.deepcopy(line.model)
    flipped[1].weight.data *= -1
    with_own, against = (along_sign(line.model, line.x, line.y, STEPS, guide=g) for g in (line.model, flipped))
    own = along_sign(line.model, line.x, line.y, STEPS)
    assert with_own.loss == pytest.approx(own.loss)
    assert against.slope == pytest.approx(-own.slope)
    for rays, way in ((own, 1), (against, -1)):
        w = line.model[1].weight.double()
        steep = way * float((w[0] - w[1]).abs().sum())
        assert rays.rise == pytest.approx(np.tile(STEPS * steep, (len(line.x), 1)), rel=1e-3, abs=1e-4)
        assert rays.expected == pytest.approx(rays.rise, rel=1e-3, abs=1e-4)


def test_log_odds_are_those_of_losses_small_and_large():
    odds = np.array([[-40.0, -1.0, 0.0, 3.0, 50.0]])
    rays = Rays(np.zeros(5), np.logaddexp(0, odds), np.logaddexp(0, odds[:, 0]), np.zeros(1), np.ones((1, 5), bool))
    assert rays.odds == pytest.approx(odds)
    assert rays.rise == pytest.approx(odds + 40)
