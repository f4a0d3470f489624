"""Local linearity of a logistic loss, whose greatest distance from its tangent is at an end of the budget."""

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.core.norms import CONVEX, DUAL, length
from explorer.geometry.linearity import linearity

norms = pytest.mark.parametrize("norm", CONVEX)


@norms
def test_of_a_linear_model_in_closed_form(linear, norm):
    """With m the margin and t its change: log(1 + exp(-(m + t))) less its tangent, at t = eps·||w||_q or minus it."""
    eps = {"linf": 0.05, "l2": 0.4, "l1": 1.0}[norm]
    found = linearity(linear.model, linear.x, torch.zeros(4, dtype=torch.int64), norm, eps)
    m, reach = linear.margin.double(), eps * length(linear.w[None], DUAL[norm]).double()

    def off(t):
        return torch.nn.functional.softplus(-(m + t)) - torch.nn.functional.softplus(-m) + t * torch.sigmoid(-m)

    np.testing.assert_allclose(found.gap, torch.maximum(off(reach), off(-reach)).numpy(), rtol=2e-3)
    np.testing.assert_allclose(found.slope, float(linear.w.norm()), rtol=1e-5)
    np.testing.assert_allclose(found.turned, 1, atol=1e-5)


@norms
def test_it_is_larger_in_a_larger_ball_and_the_same_for_the_same_seed(network, norm):
    labels, eps = network.model(network.x).argmax(1), {"linf": 0.1, "l2": 1.0, "l1": 8.0}[norm]
    small, large, again = (linearity(network.model, network.x, labels, norm, e) for e in (eps / 4, eps, eps))
    assert np.median(large.gap / small.gap) > 2
    assert (small.gap > 0).all()
    assert np.array_equal(large.gap, again.gap)
    assert (np.abs(large.turned) <= 1 + 1e-5).all()


def test_what_is_refused_in_a_sentence(linear):
    labels = torch.zeros(4, dtype=torch.int64)
    for norm, eps in (("l0", 1.0), ("l2", 0.0)):
        with pytest.raises(UserError, match="positive eps"):
            linearity(linear.model, linear.x, labels, norm, eps)
    with pytest.raises(UserError, match="label = 7"):
        linearity(linear.model, linear.x, labels + 7, "l2", 1.0)
