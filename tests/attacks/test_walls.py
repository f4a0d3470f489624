"""The shortest ways inside the box, against solvers that know nothing of them."""

import numpy as np
import pytest
import torch
from scipy.optimize import brentq, linprog

from explorer.attacks._walls import into_l1, to_plane
from explorer.core.device import generator, uniform

CPU = torch.device("cpu")


def points(count: int = 40, d: int = 30, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    """Return points of the box, some at its walls, and directions."""
    rng = generator(seed)
    x = (uniform((count, d), rng, CPU) * 1.4 - 0.2).clamp(0, 1).double()
    return x, torch.randn((count, d), generator=rng).double()


@pytest.mark.parametrize("eps", [0.3, 2.0, 6.0, 100.0])
def test_into_l1_equals_the_solution_of_its_optimality_conditions(eps):
    x, delta = points()
    found = into_l1(x, delta, eps).numpy()
    for a, v, got in zip(x.numpy(), delta.numpy(), found, strict=True):
        room = np.where(v > 0, 1 - a, a)

        def reach(t, v=v, room=room):
            return np.clip(np.abs(v) - t, 0, room)

        t = brentq(lambda t: reach(t).sum() - eps, 0, np.abs(v).max(), xtol=1e-14) if reach(0).sum() > eps else 0
        np.testing.assert_allclose(got, np.sign(v) * reach(t), atol=1e-5 * eps)


def test_into_l1_keeps_ball_and_box_also_of_pictures():
    x, delta = (part.float().view(40, 3, 2, 5) for part in points())
    for scale in (1e-3, 1.0, 5.0):
        found = into_l1(x, delta * scale, 1.5)
        assert found.abs().sum((1, 2, 3)).max() <= 1.5 * (1 + 1e-5)
        assert (x + found).min() >= -1e-7
        assert (x + found).max() <= 1 + 1e-7
        torch.testing.assert_close(into_l1(x, found, 1.5), found, atol=1e-5, rtol=1e-5)
    assert into_l1(x, delta, 0.0).abs().max() == 0


def length_by_program(x: np.ndarray, w: np.ndarray, rise: float, norm: str) -> float:
    """Return the least length of a delta on the plane, by a linear program."""
    d = len(x)
    lows, highs = -x, 1 - x
    if norm == "linf":  # variables delta, t: minimise t with |delta| <= t
        cost = np.r_[np.zeros(d), 1.0]
        above = np.block([[np.eye(d), -np.ones((d, 1))], [-np.eye(d), -np.ones((d, 1))]])
        found = linprog(
            cost, above, np.zeros(2 * d), np.r_[w, 0.0][None], [rise], [*zip(lows, highs, strict=True), (0, None)]
        )
    else:  # variables p, n with delta = p - n
        bounds = [*((0, high) for high in highs), *((0, -low) for low in lows)]
        found = linprog(np.ones(2 * d), A_eq=np.r_[w, -w][None], b_eq=[rise], bounds=bounds)
    assert found.success
    return float(found.fun)


@pytest.mark.parametrize("norm", ["linf", "l1"])
@pytest.mark.parametrize("share", [0.02, -0.3, 0.9])
def test_to_plane_is_as_short_as_a_linear_program_finds(norm, share):
    """`share` of the rise that the box allows, upwards or downwards."""
    x, w = points(12)
    way = w.sign() if share > 0 else -w.sign()
    most = (w * torch.where(way > 0, 1 - x, -x)).sum(1)
    rise = most * abs(share)
    delta = to_plane(x, w, rise, norm)
    torch.testing.assert_close((w * delta).sum(1), rise, rtol=1e-5, atol=1e-9)
    assert ((x + delta > -1e-9) & (x + delta < 1 + 1e-9)).all()
    size = delta.abs().amax(1) if norm == "linf" else delta.abs().sum(1)
    best = [length_by_program(a, b, float(c), norm) for a, b, c in zip(x.numpy(), w.numpy(), rise, strict=True)]
    np.testing.assert_allclose(size.numpy(), best, rtol=1e-5)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_to_plane_in_l2_meets_the_optimality_conditions(share):
    """delta = t·w clipped by the walls, with one t for all that are not stopped."""
    x, w = points(12)
    rise = share * (w * torch.where(w > 0, 1 - x, -x)).sum(1)
    delta = to_plane(x, w, rise, "l2")
    torch.testing.assert_close((w * delta).sum(1), rise, rtol=1e-5, atol=1e-9)
    stopped = ((x + delta) < 1e-12) | ((x + delta) > 1 - 1e-12)
    t = delta / w
    for row, held in zip(t, stopped, strict=True):
        assert row[~held].max() - row[~held].min() < 1e-9
        assert (row[held] <= row[~held].max() + 1e-9).all()


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_a_plane_beyond_the_box_is_approached_up_to_the_wall(norm):
    x, w = points(5)
    delta = to_plane(x, w, torch.full((5,), 1e4).double(), norm)
    torch.testing.assert_close(x + delta, (w > 0).double())
    assert to_plane(x, w * 0, torch.ones(5).double(), norm).abs().max() == 0


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
@pytest.mark.parametrize("factor", [1e-30, 1e-20, 1e4])
def test_the_scale_of_the_weights_does_not_matter(norm, factor):
    x, w = (part.float() for part in points(8))
    rise = torch.linspace(-1, 1, 8)
    plain, scaled = (to_plane(x, w * by, rise * by, norm) for by in (1.0, factor))
    torch.testing.assert_close(scaled, plain, atol=1e-5, rtol=1e-4)
    both = to_plane(torch.stack([x, x]), w, torch.stack([rise, -rise]), norm)
    torch.testing.assert_close(both[0], plain)
