"""The polyhedral envelope: between the all-or-nothing answer and the ball."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from torch import nn

from explorer.certificates.ball import Ball
from explorer.certificates.envelope import distances
from explorer.certificates.network import read
from explorer.certificates.run import margins, radii
from explorer.core.device import generator
from explorer.core.norms import CONVEX, DUAL, length


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("bound", ["crown", "fast_lin"])
def test_it_lies_between_the_all_or_nothing_answer_and_the_ball(learned, norm, bound):
    shares = []
    for scale in (0.5, 1.0, 2.0, 3.0):
        eps = torch.full((len(learned.x),), learned.radius(norm) * scale)
        ball = Ball(learned.x, norm, eps)
        found = margins("envelope", learned.net, ball, learned.y, {"bound": bound})
        whole = (margins(bound, learned.net, ball, learned.y) > 0).all(1)
        assert torch.equal(found[whole], eps[whole])
        assert ((found >= 0) & (found <= eps)).all()
        shares += [found / eps]
    assert any(((share > 0) & (share < 1)).any() for share in shares)


@pytest.mark.parametrize("norm", CONVEX)
def test_of_a_linear_model_it_is_the_distance_to_the_boundary(norm):
    model = nn.Sequential(nn.Linear(6, 2)).eval().requires_grad_(False)
    model[0].weight.data = torch.tensor([[1.0, -2.0, 0.5, 0.0, 1.0, -1.0], [0.0] * 6])
    model[0].bias.data = torch.tensor([1.7, 0.0])
    x = torch.full((1, 6), 0.5)
    value, w = model(x)[0, 0], model[0].weight[:1]
    ball = Ball(x, norm, torch.tensor([4.0]), box=False)
    plain = margins("envelope", read(model, (6,)), ball, torch.tensor([0]))
    assert plain.item() == pytest.approx((value / length(w, DUAL[norm])).item(), rel=1e-4)


@pytest.mark.parametrize("norm", ["linf", "l1"])
def test_distances_in_the_box_are_a_linear_programme_s(norm):
    rng = generator(4)
    x, rows = torch.rand(3, 5, generator=rng), torch.randn(3, 4, 5, generator=rng)
    rows[0, 0] = 0
    shift = torch.rand(3, 4, generator=rng) - (rows * x[:, None]).sum(2) + 0.2
    found = distances(Ball(x, norm, torch.ones(3)), rows, shift)
    for i in range(3):
        for k in range(4):
            w, centre = rows[i, k].double().numpy(), x[i].double().numpy()
            rise, size = -(w @ centre + float(shift[i, k])), len(w)
            # x' = x + a - b; l1: the sum of all, linf: t above each
            cost = (
                np.concatenate([np.ones(2 * size), [0]]) if norm == "l1" else np.concatenate([np.zeros(2 * size), [1]])
            )
            above = np.hstack([np.tile(np.eye(size), 2), -np.ones((size, 1))]) if norm == "linf" else None
            bounds = [*((0, 1 - c) for c in centre), *((0, c) for c in centre), (0, None)]
            found_by = linprog(
                cost,
                A_ub=above,
                b_ub=None if above is None else np.zeros(size),
                A_eq=[np.concatenate([w, -w, [0]])],
                b_eq=[rise],
                bounds=bounds,
            )
            if found_by.status == 2:  # no point of the box is on the plane
                assert found[i, k] == torch.inf
            else:
                assert found[i, k] <= found_by.fun * (1 + 1e-7)
                assert found[i, k] == pytest.approx(found_by.fun, rel=1e-4)
    assert found.isinf().any()
    assert found.isfinite().any()


def test_beyond_a_plane_there_is_no_distance():
    x, rows = torch.full((1, 3), 0.5), torch.ones(1, 1, 3)
    for norm in CONVEX:
        for box in (True, False):
            assert distances(Ball(x, norm, torch.ones(1), box), rows, torch.tensor([[-2.0]])) <= 0


@pytest.mark.parametrize("norm", CONVEX)
def test_the_search_takes_fewer_steps_and_finds_no_less(learned, norm):
    limit = 3 * learned.radius(norm)
    halving = radii("crown", learned.model, learned.x, learned.y, norm, limit)
    found = radii("envelope", learned.model, learned.x, learned.y, norm, limit)
    assert (found.trials <= halving.trials).all()
    assert found.trials.sum() < halving.trials.sum()
    assert (found.radius >= halving.radius - limit / 256).all()
