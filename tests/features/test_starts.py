"""Where drawings begin."""

import pytest
import torch

from explorer.core.device import generator
from explorer.core.types import Data
from explorer.features.starts import STARTS, others, starts_of

LABELS = torch.arange(3)


@pytest.fixture
def data() -> Data:
    """Three classes of 200 grey pictures about a mean of their own, with two directions of spread."""
    rng = generator(0)
    means = 0.5 + 0.1 * torch.randn((3, 1, 4, 4), generator=rng)
    ways = 0.02 * torch.randn((2, 16), generator=rng)
    y = torch.arange(600) % 3
    x = means[y] + (torch.randn((600, 2), generator=rng) @ ways).view(-1, 1, 4, 4)
    return Data(x.clamp(0, 1), y, ("a", "b", "c"))


@pytest.mark.parametrize("kind", STARTS)
def test_a_start_for_each_label_in_the_box_and_the_same_by_seed(data, kind):
    picture = data.x[:1]
    found = starts_of(kind, picture, LABELS, data, generator(1))
    assert found.shape == (3, 1, 4, 4)
    assert found.min() >= 0
    assert found.max() <= 1
    assert torch.equal(found, starts_of(kind, picture, LABELS, data, generator(1)))
    drawn = not torch.equal(found, starts_of(kind, picture, LABELS, data, generator(2)))
    assert drawn == (kind in ("noise", "class"))
    assert torch.equal(found[0], found[1]) == (kind != "class")


def test_the_average_is_of_all_and_the_picture_is_the_picture(data):
    assert torch.allclose(starts_of("average", data.x[:1], LABELS, data, generator(0))[0], data.x.mean(0))
    assert torch.equal(starts_of("picture", data.x[5:6], LABELS, data, generator(0))[2], data.x[5])


def test_a_class_is_drawn_with_its_mean_and_covariance(data):
    label, rng = torch.tensor([1]), generator(3)
    draws = torch.cat([starts_of("class", data.x[:1], label, data, rng) for _ in range(4000)]).flatten(1)
    own = data.x[data.y == 1].flatten(1)
    assert torch.allclose(draws.mean(0), own.mean(0), atol=3e-3)
    expected = torch.cov(own.T, correction=0)
    assert (torch.cov(draws.T) - expected).norm() < 0.06 * expected.norm()


def test_others_are_one_picture_each_of_other_classes(data):
    found = others(data, 1, 5, generator(0))
    assert sorted(data.y[found].tolist()) == [0, 2]
    assert torch.equal(found, others(data, 1, 5, generator(0)))
    assert len(others(data, -1, 2, generator(0))) == 2


def test_no_picture_that_shows_no_class_is_among_the_others(data):
    covered = (torch.arange(600) >= 6).float()[:, None, None, None].expand(-1, 1, 4, 4)
    found = others(Data(data.x, data.y, data.classes, {"occluded": covered}), 0, 5, generator(0))
    assert (found < 6).all()
    assert sorted(data.y[found].tolist()) == [1, 2]
