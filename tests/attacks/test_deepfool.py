"""Truths about DeepFool: planes have their nearest points in closed form."""

import pytest
import torch
from torch import Tensor, nn

from explorer.attacks import ATTACKS
from explorer.attacks._track import Track
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import DUAL, Norm, length
from explorer.core.types import Threat

deepfool = ATTACKS["deepfool"].run
NORMS: tuple[Norm, ...] = ("l2", "linf")
norms = pytest.mark.parametrize("norm", NORMS)


def of(count: int, label: int, targeted: bool = False) -> Goal:
    return Goal(torch.full((count,), label), targeted)


def planes(classes: int) -> tuple[nn.Module, Tensor]:
    """Return a linear model and points close to several of its boundaries, whose class is 0."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, classes, bias=False))
    model[1].weight.data = torch.randn((classes, 64), generator=generator(5))
    x = 0.5 + 0.01 * torch.randn((6, 1, 8, 8), generator=generator(6))
    with torch.no_grad():
        model[1].bias = nn.Parameter(-model(x).mean(0))
        model[1].bias[0] += 0.5 - (model(x)[:, 0] - model(x)[:, 1:].amax(1)).min()
    return model.requires_grad_(False), x


@norms
@pytest.mark.parametrize("targeted", [False, True])
def test_on_a_linear_model_the_nearest_point_of_the_boundary(linear, norm, targeted):
    x_adv = deepfool(linear.model, linear.x, of(3, int(targeted), targeted), Threat(norm, 0.0))
    best = linear.margin / length(linear.w[None], DUAL[norm])
    torch.testing.assert_close(length(x_adv - linear.x, norm), best, rtol=0.01, atol=0)
    assert (linear.model(x_adv).argmax(1) == 1).all()


@norms
def test_without_looks_back_it_is_the_paper_s_step(linear, norm):
    x_adv = deepfool(linear.model, linear.x, of(3, 0), Threat(norm, 0.0), looks=0)
    step = 1.02 * (linear.margin / length(linear.w[None], DUAL[norm]) + 1e-4)
    torch.testing.assert_close(length(x_adv - linear.x, norm), step, rtol=1e-3, atol=0)


@norms
@pytest.mark.parametrize("classes", [2, 3, 5, 12])
def test_of_many_planes_the_nearest(norm, classes):
    model, x = planes(classes)
    w, logits = model[1].weight, model(x)
    away = (logits[:, :1] - logits[:, 1:]) / length(w[0] - w[1:], DUAL[norm])  # (6, classes - 1)
    x_adv = deepfool(model, x, of(6, 0), Threat(norm, 0.0), classes=classes)
    torch.testing.assert_close(length(x_adv - x, norm), away.amin(1), rtol=0.01, atol=0)
    assert torch.equal(model(x_adv).argmax(1), away.argmin(1) + 1)


@norms
def test_the_walls_of_the_box_are_walked_along(norm):
    """The pixel that matters most is at the wall: without it the boundary is its own dual norm away."""
    w = torch.tensor([50.0, 0.3, 0.4])
    model = nn.Sequential(nn.Flatten(), nn.Linear(3, 2, bias=False)).requires_grad_(False)
    model[1].weight.data = torch.stack([w, torch.zeros(3)])
    x = torch.tensor([[[[0.0, 0.5, 0.5]]]])
    model[1].bias = nn.Parameter(torch.tensor([-0.2, 0.0]))  # a margin of 0.15
    x_adv = deepfool(model, x, of(1, 0), Threat(norm, 0.0))
    assert length(x_adv - x, norm).item() == pytest.approx(0.15 / length(w[None, 1:], DUAL[norm]).item(), rel=0.01)
    assert x_adv[0, 0, 0, 0] == 0


def test_a_step_differentiates_few_classes():
    """Two forwards and the looks back; nine logits differentiated in the first step, none after the last."""
    model, x = planes(12)
    asked, differentiated = [], []

    def note(_model: nn.Module, _inputs: object, logits: Tensor) -> None:
        asked.append(1)
        if logits.requires_grad:
            logits.register_hook(lambda _: differentiated.append(1))

    model.register_forward_hook(note)
    track = Track(x, of(6, 0), "l2", smallest=True)
    deepfool(model, x, of(6, 0), Threat("l2", 0.0), looks=3, track=track)
    assert track.size.isfinite().all()
    assert len(asked) == 2 + 3
    assert len(differentiated) == 9 + 2  # the step that finds everybody beyond has looked at two


@norms
def test_two_planes_that_nearly_meet_are_passed(norm):
    """Towards a class between two others, a wedge of 12 degrees: steps to one plane and the other do not arrive."""
    model = nn.Linear(2, 3).requires_grad_(False)
    model.weight.data = torch.tensor([[0.0, 0.0], [0.1, -1.0], [0.1, 1.0]])
    model.bias.data = torch.tensor([0.0, 0.45, -0.55])
    x = torch.tensor([[0.95, 0.2], [0.95, 0.9]])
    x_adv = deepfool(model, x, of(2, 0, targeted=True), Threat(norm, 0.0))
    assert (model(x_adv).argmax(1) == 0).all()
    assert (x_adv >= 0).all()
    assert (x_adv <= 1).all()


@norms
@pytest.mark.parametrize("factor", [1e-20, 1e4])
def test_being_sure_is_no_defence(linear, norm, factor):
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return linear.model(x) * factor

    plain, scaled = (deepfool(m, linear.x, of(3, 0), Threat(norm, 0.0)) for m in (linear.model, Scaled()))
    torch.testing.assert_close(scaled, plain, atol=1e-5, rtol=0)
