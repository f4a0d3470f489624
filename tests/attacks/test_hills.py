"""The losses that attacks climb, by hand and against automatic differentiation of the papers' formulas."""

import pytest
import torch

from explorer.attacks._hills import Dlr, Gap, likeliest
from explorer.core.device import generator
from explorer.core.goals import Goal


def some(classes: int, count: int = 60) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return logits, and for each image two different classes."""
    rng = generator(classes)
    logits = torch.randn((count, classes), generator=rng).double()
    first = torch.randint(classes, (count,), generator=rng)
    other = (first + 1 + torch.randint(classes - 1, (count,), generator=rng)) % classes
    return logits, first, other


def of(logits: torch.Tensor, classes: torch.Tensor) -> torch.Tensor:
    return logits.gather(1, classes[:, None])[:, 0]


def eq6(logits: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Return Croce & Hein 2020, eq. 6."""
    ordered = logits.sort(descending=True).values
    return -(of(logits, y) - logits.scatter(1, y[:, None], -torch.inf).amax(1)) / (ordered[:, 0] - ordered[:, 2])


def eq7(logits: torch.Tensor, y: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """Return Croce & Hein 2020, eq. 7."""
    ordered = logits.sort(descending=True).values
    return -(of(logits, y) - of(logits, t)) / (ordered[:, 0] - (ordered[:, 2] + ordered[:, 3]) / 2)


def aligned(found: torch.Tensor, expected: torch.Tensor) -> torch.Tensor:
    """Return the cosine of the angle, and insist that neither vanishes."""
    assert (found.norm(dim=1) > 1e-9).all()
    assert (expected.norm(dim=1) > 1e-9).all()
    return torch.cosine_similarity(found, expected)


@pytest.mark.parametrize("classes", [4, 5, 10, 37])
def test_dlr_is_the_paper_s_with_its_gradient(classes):
    logits, y, t = some(classes)
    third = logits.topk(3).indices[:, 2] == y
    logits, y, t = logits[~third].requires_grad_(), y[~third], t[~third]
    for dlr, expected in ((Dlr(Gap(Goal(y))), eq6(logits, y)), (Dlr(Gap(Goal(y), t)), eq7(logits, y, t))):
        torch.testing.assert_close(dlr.height(logits.detach()), expected.detach())
        (gradient,) = torch.autograd.grad(expected.sum(), logits)
        slope = dlr.uphill(logits.detach())
        torch.testing.assert_close(aligned(slope, gradient), torch.ones(len(y)).double())
        assert not dlr.uphill(logits.detach()).requires_grad


@pytest.mark.parametrize("classes", [4, 10])
@pytest.mark.parametrize("targeted", [False, True])
def test_a_label_in_third_place_stalls_nothing(classes, targeted):
    """Eq. 6 is 1 there, and flat; a step along the slope brings the goal closer all the same."""
    logits, _, _ = some(classes)
    y = logits.topk(3).indices[:, 2]
    goal = Goal(y, targeted)
    flat = logits.clone().requires_grad_()
    assert torch.autograd.grad(eq6(flat, y).sum(), flat)[0].abs().max() < 1e-9
    slope = Dlr(Gap(goal)).uphill(logits)
    assert (goal.margin(logits + 1e-4 * slope) < goal.margin(logits)).all()


@pytest.mark.parametrize("classes", [2, 3])
def test_fewer_than_four_classes_have_the_difference_alone(classes):
    logits, y, t = some(classes)
    goal = Goal(y)
    torch.testing.assert_close(Dlr(Gap(goal)).height(logits), -goal.margin(logits))
    torch.testing.assert_close(Dlr(Gap(goal, t)).height(logits), of(logits, t) - of(logits, y))
    assert torch.equal(Dlr(Gap(goal, t)).uphill(logits), Gap(goal, t).uphill(logits))


@pytest.mark.parametrize("classes", [2, 3, 4, 12])
@pytest.mark.parametrize("targeted", [False, True])
def test_the_gap_is_minus_the_margin_with_its_gradient(classes, targeted):
    logits, y, _ = some(classes)
    goal, logits = Goal(y, targeted), logits.requires_grad_()
    torch.testing.assert_close(Gap(goal).height(logits), -goal.margin(logits))
    (gradient,) = torch.autograd.grad(-goal.margin(logits).sum(), logits)
    torch.testing.assert_close(Gap(goal).uphill(logits.detach()), gradient)


def test_a_hill_of_some_of_the_images():
    logits, y, t = some(6)
    rows = torch.arange(60) % 3 == 1
    for hill in (Gap(Goal(y)), Gap(Goal(y), t), Dlr(Gap(Goal(y), t))):
        torch.testing.assert_close(hill[rows].height(logits[rows]), hill.height(logits)[rows])


@pytest.mark.parametrize("factor", [1e-30, 1e20])
def test_dlr_does_not_see_the_scale_of_the_logits(factor):
    logits, y, t = (part.float() if part.is_floating_point() else part for part in some(10))
    for dlr in (Dlr(Gap(Goal(y))), Dlr(Gap(Goal(y), t))):
        torch.testing.assert_close(dlr.height(logits * factor), dlr.height(logits))
        torch.testing.assert_close(dlr.uphill(logits * factor), dlr.uphill(logits))


def test_the_likeliest_other_classes():
    logits = torch.tensor([[0.0, 3.0, 1.0], [5.0, 4.0, 6.0]])
    goal = Goal(torch.tensor([1, 0]))
    assert likeliest(logits, goal, 9).tolist() == [[2, 0], [2, 1]]
    assert likeliest(logits, goal, 1).tolist() == [[2], [2]]
