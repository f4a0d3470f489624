"""Slices of models whose regions are known, and adaptive ones beside dense ones."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.norms import CONVEX
from explorer.core.progress import Cancelled
from explorer.geometry import plane
from explorer.geometry.slice import adaptive, coarse, dense


def linear_margin(linear, section, side):
    """Return w·x + b in float64 at each place of the grid."""
    s, t = section.ticks(side)
    w = linear.w.double().numpy()
    start, across, up = (float(a.astype(np.float64).ravel() @ w) for a in (section.origin, section.across, section.up))
    return start + linear.b + across * s[None, :] + up * t[:, None]


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("how", [dense, adaptive])
def test_of_a_linear_model_the_half_plane(linear, norm, how):
    reach = {"linf": 0.5, "l2": 2.0, "l1": 20.0}[norm]
    section = plane.attack_and_random(
        linear.x[0], linear.x[0] - linear.w.view(1, 8, 8), norm, reach=reach, rng=generator(1)
    )
    found, truth = how(linear.model, section, 97), linear_margin(linear, section, 97)
    clear = np.abs(truth) > 1e-4
    assert clear.mean() > 0.99
    assert 0.1 < (truth < 0).mean() < 0.9
    assert np.array_equal(found.labels[clear], (truth < 0).astype(int)[clear])
    np.testing.assert_allclose(found.margin[found.checked], np.abs(truth)[found.checked], atol=1e-4)
    np.testing.assert_allclose(
        found.confidence[found.checked], 1 / (1 + np.exp(-np.abs(truth)))[found.checked], atol=1e-4
    )


@pytest.mark.parametrize("side", [2, 7, 60, 97])
def test_adaptive_is_dense_for_less(network, side):
    section = plane.through(network.x[:3], "l2", rng=generator(0))
    whole, part = dense(network.model, section, side), adaptive(network.model, section, side)
    assert whole.checked.all()
    assert whole.asked == side**2
    assert np.array_equal(part.labels, whole.labels)
    np.testing.assert_allclose(part.margin[part.checked], whole.margin[part.checked], atol=1e-5)
    if side == 97:
        assert len(np.unique(whole.labels)) > 2
        assert part.asked < 0.4 * whole.asked
        away = ~part.checked
        assert np.abs(part.margin - whole.margin)[away].mean() < 0.05 * whole.margin[away].mean()


class Disc(nn.Module):
    """Class 1 within a radius of the middle of [0, 1]², and beyond it class 0."""

    def __init__(self, radius: float, slope: float = 1.0) -> None:
        super().__init__()
        self.radius, self.slope = nn.Parameter(torch.tensor(radius)), slope

    def forward(self, x: Tensor) -> Tensor:
        inside = (self.radius - (x - 0.5).norm(dim=1)) * self.slope
        return torch.stack([torch.zeros_like(inside), inside], dim=1)


def square(reach=0.5):
    x = torch.tensor([0.5, 0.5])
    return plane.attack_and_random(x, torch.tensor([0.6, 0.5]), "l2", reach=reach, rng=generator(0))


def test_an_island_between_the_corners_is_announced_by_the_margin():
    """A disc that no coarse corner meets: the margin falls towards it from all sides."""
    x = torch.tensor([0.47, 0.455])
    section = plane.attack_and_random(x, torch.tensor([0.6, 0.455]), "l2", reach=0.5, rng=generator(0))
    model = Disc(0.012)
    first = coarse(model, section, 97)
    assert (first.labels == 0).all()
    whole, part = dense(model, section, 97), adaptive(model, section, 97)
    assert (whole.labels == 1).sum() >= 2
    assert np.array_equal(part.labels, whole.labels)


def test_a_boundary_that_is_met_is_followed_to_its_end():
    """A thin arm between the corners: only its root is met, and the margin there announces nothing (it is flat)."""

    class Arm(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bias = nn.Parameter(torch.zeros(1))

        def forward(self, x: Tensor) -> Tensor:
            u, v = x.T
            arm = (u < 0.27) | ((u < 0.9) & ((v - 0.535).abs() < 0.011))
            return torch.stack([torch.zeros_like(u), arm.float() - 0.5], dim=1) + self.bias

    section = square()
    whole, part = dense(Arm(), section, 97), adaptive(Arm(), section, 97)
    assert coarse(Arm(), section, 97).labels[:, 40:-16].max() == 0
    assert np.array_equal(part.labels, whole.labels)
    assert part.asked < 0.25 * whole.asked


def test_what_is_not_checked_is_told():
    found = adaptive(Disc(0.3), square(), 97)
    assert found.step == 8
    assert 0 < found.checked.sum() <= found.asked < 97**2
    assert found.checked[::8, ::8].all()


def test_a_first_look_costs_little(network):
    section = plane.through(network.x[:3], "l2", rng=generator(0))
    first = coarse(network.model, section, 201)
    assert first.labels.shape == (201, 201)
    assert first.asked == 26**2
    assert np.array_equal(first.labels[::8, ::8], dense(network.model, section, 26).labels)
    np.testing.assert_array_equal(np.argwhere(first.checked), 8 * np.argwhere(np.ones((26, 26))))


def test_it_can_be_cancelled(network):
    def stop(done, total, note=""):
        raise Cancelled

    with pytest.raises(Cancelled):
        adaptive(network.model, square(), tick=stop)


@pytest.mark.parametrize(("side", "step"), [(1, 8), (201, 6), (201, 0)])
def test_what_is_refused_in_a_sentence(network, side, step):
    with pytest.raises(UserError, match="in steps of"):
        adaptive(network.model, square(), side, step=step)
