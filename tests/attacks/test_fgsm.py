import copy

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.zoo import card, load_model

fgsm = ATTACKS["fgsm"].run


@pytest.mark.parametrize("norm", CONVEX)
def test_on_a_linear_model_it_is_optimal(linear, norm):
    """The least margin in the ball is w·x - eps·||w||_dual."""
    x_adv = fgsm(linear.model, linear.x, Goal(torch.zeros(3, dtype=torch.long)), Threat(norm, 0.2))
    best = linear.margin - 0.2 * length(linear.w[None], DUAL[norm])
    torch.testing.assert_close(x_adv.flatten(1) @ linear.w, best, atol=1e-5, rtol=1e-5)


def test_l1_moves_the_strongest_coordinate_alone(linear):
    x_adv = fgsm(linear.model, linear.x, Goal(torch.zeros(3, dtype=torch.long)), Threat("l1", 0.3))
    moved = (x_adv != linear.x).flatten(1)
    assert moved.sum(1).tolist() == [1, 1, 1]
    assert moved[0].nonzero().item() == linear.w.abs().argmax()


@pytest.mark.parametrize("targeted", [False, True])
def test_l1_does_not_push_against_the_wall_of_the_box(linear, targeted):
    """Class 0's margin falls along -w, and rises (a goal to keep it) along w: the strongest pixel is at that wall."""
    strongest, second = linear.w.abs().topk(2).indices
    x = linear.x.clone()
    x.view(3, -1)[:, strongest] = float((linear.w[strongest] > 0) == targeted)
    x_adv = fgsm(linear.model, x, Goal(torch.zeros(3, dtype=torch.long), targeted), Threat("l1", 0.3))
    moved = (x_adv != x).flatten(1)
    assert moved.sum(1).tolist() == [1, 1, 1]
    assert moved[0].nonzero().item() == second


def test_targeted_moves_the_other_way(linear):
    away = fgsm(linear.model, linear.x, Goal(torch.zeros(3, dtype=torch.long)), Threat("linf", 0.1))
    towards = fgsm(linear.model, linear.x, Goal(torch.ones(3, dtype=torch.long), targeted=True), Threat("linf", 0.1))
    keep = fgsm(linear.model, linear.x, Goal(torch.zeros(3, dtype=torch.long), targeted=True), Threat("linf", 0.1))
    assert torch.equal(away, towards)
    torch.testing.assert_close(keep - linear.x, linear.x - away)


@pytest.mark.parametrize("name", ["digits-standard", "digits-pgd", "shapes-standard"])
def test_a_model_that_is_sure_does_not_blunt_it(name):
    """Every sign is that of the cross-entropy's gradient in float64, where that is more than rounding."""
    found = card(name)
    data, model = load_data(found["data"]), load_model(name)
    x, y, eps = data.x[:100], data.y[:100], found["threat"]["eps"]
    result = run_attack("fgsm", model, x, Goal(y), Threat("linf", eps), stop=False)
    exact = x.double().requires_grad_(True)
    (gradient,) = torch.autograd.grad(cross_entropy(copy.deepcopy(model).double()(exact), y, reduction="sum"), exact)
    clear = gradient.abs() > 1e-5 * gradient.abs().amax((1, 2, 3), keepdim=True)
    expected = (x + eps * gradient.sign().float()).clamp(0, 1)
    assert clear.float().mean() > 0.9
    np.testing.assert_allclose(result.x_adv[clear], expected[clear], atol=1e-6)
