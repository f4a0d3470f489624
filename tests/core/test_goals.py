import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from explorer.core.device import generator
from explorer.core.goals import Goal, ascent


@given(seed=st.integers(0, 10_000), classes=st.integers(2, 12), targeted=st.booleans())
@settings(max_examples=50)
def test_the_margin_is_negative_exactly_where_the_goal_is_reached(seed, classes, targeted):
    logits = torch.randn((16, classes), generator=generator(seed))
    goal = Goal(torch.arange(16) % classes, targeted)
    assert torch.equal(goal.margin(logits) < 0, goal.reached(logits))


def test_margins_by_hand():
    logits = torch.tensor([[3.0, 1.0, 2.5], [0.0, 4.0, 1.0]])
    torch.testing.assert_close(Goal(torch.tensor([0, 0])).margin(logits), torch.tensor([0.5, -4.0]))
    torch.testing.assert_close(Goal(torch.tensor([2, 1]), True).margin(logits), torch.tensor([0.5, -3.0]))


def test_two_classes():
    logits = torch.tensor([[1.0, -2.0]])
    away, towards = Goal(torch.tensor([0])), Goal(torch.tensor([1]), targeted=True)
    assert away.margin(logits).tolist() == towards.margin(logits).tolist() == [3.0]


@pytest.mark.parametrize("targeted", [False, True])
def test_a_tie_has_margin_zero_and_goes_by_argmax(targeted):
    logits = torch.tensor([[2.0, 2.0, 0.0], [2.0, 2.0, 0.0]])
    goal = Goal(torch.tensor([0, 1]), targeted)
    assert goal.margin(logits).tolist() == [0.0, 0.0]
    assert goal.reached(logits).tolist() == ([True, False] if targeted else [False, True])


def test_the_loss_rises_towards_the_goal():
    logits = torch.tensor([[2.0, 0.0]])
    closer = torch.tensor([[1.0, 1.0]])
    for goal in (Goal(torch.tensor([0])), Goal(torch.tensor([1]), targeted=True)):
        assert goal.loss(closer) > goal.loss(logits)
        assert goal.margin(closer) < goal.margin(logits)


def test_a_goal_of_some_of_the_images():
    goal = Goal(torch.tensor([4, 5, 6]), targeted=True)
    assert goal[torch.tensor([True, False, True])].labels.tolist() == [4, 6]
    assert goal[1:].labels.tolist() == [5, 6]
    assert goal[1:].targeted


@pytest.mark.parametrize("targeted", [False, True])
def test_the_ascent_is_the_loss_s_gradient_but_for_a_factor(targeted):
    """d(-log p) / dx = (1 - p) d(log odds) / dx, and no weight is touched."""
    model = nn.Sequential(nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 3))
    x, goal = torch.rand((4, 6), generator=generator(0)), Goal(torch.tensor([0, 1, 2, 0]), targeted)
    with torch.no_grad():
        logits, gradient = ascent(model, x, goal)
        p = logits.softmax(1).gather(1, goal.labels[:, None])
    assert all(weight.grad is None for weight in model.parameters())
    assert not any(tensor.requires_grad for tensor in (logits, gradient, x))

    y = x.clone().requires_grad_(True)
    goal.loss(model(y)).sum().backward()
    torch.testing.assert_close((1 - p) * gradient, y.grad)
    torch.testing.assert_close(logits, model(x).detach())


@pytest.mark.parametrize("targeted", [False, True])
@pytest.mark.parametrize("gap", [1.0, 20.0, 120.0, 1e4])
def test_the_ascent_does_not_vanish_where_the_model_is_sure(targeted, gap):
    """Two logits (gap·x, 0): the log odds' slope is the gap, however sure the model is."""
    model = nn.Linear(1, 2, bias=False)
    model.weight.data = torch.tensor([[gap], [0.0]])
    _, gradient = ascent(model, torch.ones(1, 1), Goal(torch.tensor([1 if targeted else 0]), targeted))
    assert gradient.tolist() == [[-gap]]


def test_one_image_s_gradient_does_not_depend_on_the_others():
    model = nn.Linear(6, 3)
    x, goal = torch.rand((4, 6), generator=generator(0)), Goal(torch.tensor([0, 1, 2, 0]))
    together = ascent(model, x, goal)[1]
    alone = ascent(model, x[2:3], goal[2:3])[1]
    torch.testing.assert_close(together[2:3], alone)
