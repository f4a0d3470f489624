"""The distances of planes, and the regulariser made of them, against closed forms and searches."""

import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.types import Threat
from explorer.training._envelope import chosen, distances, nearness
from explorer.training.batch import Batch


@pytest.mark.parametrize(("norm", "dual"), [("linf", 1), ("l2", 2)])
def test_far_from_the_edges_it_is_height_by_the_dual_norm(norm, dual):
    x, rows = torch.full((3, 5), 0.5), torch.randn(3, 4, 5, generator=generator(0))
    shift = torch.randn(3, 4, generator=generator(1)) * 0.1 - rows.sum(2) / 2
    expected = ((rows * 0.5).sum(2) + shift) / torch.linalg.vector_norm(rows, ord=dual, dim=2)
    torch.testing.assert_close(distances(x, rows, shift, norm), expected, atol=2e-5, rtol=1e-4)
    assert expected.min() < 0 < expected.max()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_within_the_box_it_is_where_bisection_says(norm):
    """The least of a plane over the ball cut by the box falls as the ball grows: the distance is where it is 0."""
    x, rows = torch.rand(20, 6, generator=generator(0)), torch.randn(20, 3, 6, generator=generator(1))
    x[:, :2] = x[:, :2].round()  # some pixels stand at an edge
    shift = -(rows * torch.rand(20, 1, 6, generator=generator(2))).sum(2)
    found = distances(x.view(20, 1, 2, 3), rows.view(20, 3, 1, 2, 3), shift, norm)
    down = torch.where((rows * x[:, None]).sum(2) + shift > 0, 1.0, -1.0)[..., None]
    towards = -(rows * down).sign() if norm == "linf" else -rows * down

    def height(t: torch.Tensor) -> torch.Tensor:
        return (rows * (x[:, None] + t[..., None] * towards).clamp(0, 1)).sum(2) + shift

    low, high = torch.zeros(20, 3), torch.full((20, 3), 1e3)
    for _ in range(60):
        middle = (low + high) / 2
        beyond = height(middle) * down[..., 0] < 0
        low, high = torch.where(beyond, low, middle), torch.where(beyond, middle, high)
    moved = (x[:, None] + low[..., None] * towards).clamp(0, 1) - x[:, None]
    order = {"linf": float("inf"), "l2": 2}[norm]
    expected = torch.linalg.vector_norm(moved, ord=order, dim=2) * down[..., 0]
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-3)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_gradients_are_those_of_small_changes(norm):
    x = torch.tensor([[0.0, 0.9, 0.5, 0.4]], dtype=torch.double)
    rows = torch.tensor([[[1.0, -2.0, 0.7, 0.3], [0.5, 1.0, -1.0, 0.4]]], dtype=torch.double, requires_grad=True)
    shift = torch.tensor([[1.9, -1.5]], dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda rows, shift: distances(x, rows, shift, norm), (rows, shift), atol=1e-4)


def test_a_plane_that_no_picture_reaches_is_far():
    assert distances(torch.tensor([[0.5, 0.5]]), torch.ones(1, 1, 2), torch.ones(1, 1), "linf").item() > 1e6


def test_of_a_linear_model_the_planes_are_its_boundaries():
    """z = W x: distances by hand, the nearest two of each picture, and no plane of the label's own."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    with torch.no_grad():
        model[1].weight.copy_(torch.tensor([[2.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 1.0]]))
        model[1].bias.copy_(torch.tensor([0.0, 0.3, -1.0]))
    x, y = torch.full((2, 4), 0.5), torch.tensor([0, 1])
    batch = Batch(model, x, y, torch.arange(2), Threat("linf", 0.4), 0.9, generator(0))
    # logits 1, 0.8, 0: margins of 0 over 1 and 2 are 0.2 and 1, slopes 3 and 4; of 1 over 0 and 2 -0.2 and 0.8, 3 and 3
    d = [[0.2 / 3, 1 / 4], [-0.2 / 3, 0.8 / 3]]
    for nearest, count in ((1, 1), (2, 2), (9, 2)):
        expected = sum(1 - one / 0.4 for each in d for one in each[:count]) / 2
        assert nearness(batch, x, torch.arange(2), 1.0, nearest, "substitution").item() == pytest.approx(
            expected, rel=1e-4
        )
    halved = sum(max(0.0, 1 - one / 0.2) for each in d for one in each) / 2
    assert nearness(batch, x, torch.arange(2), 0.5, 2, "substitution").item() == pytest.approx(halved, rel=1e-4)
    first = sum(1 - one / 0.4 for one in d[0])
    assert nearness(batch, x, torch.arange(1), 1.0, 2, "substitution").item() == pytest.approx(first, rel=1e-4)
    at = torch.full((2, 4), 0.45)  # other points, the same planes: margins 0.15 and 1, -0.15 and 0.85
    moved = sum(1 - one / 0.4 for one in (0.15 / 3, 1 / 4, -0.15 / 3, 0.85 / 3)) / 2
    assert nearness(batch, at, torch.arange(2), 1.0, 2, "substitution").item() == pytest.approx(moved, rel=1e-4)


def test_bounds_are_of_the_first_pictures_or_of_those_of_the_smallest_margins():
    logits, labels = torch.tensor([[3.0, 0, 1], [0, 1.0, 5], [2.0, 9, 8], [0, 0.5, 0]]), torch.tensor([0, 1, 1, 1])
    assert chosen(logits, labels, 0.5, closest=False).tolist() == [0, 1]
    assert chosen(logits, labels, 0.5, closest=True).tolist() == [1, 3]  # margins 2, -4, 1, 0.5
    assert len(chosen(logits, labels, 0.01, closest=True)) == 1
