import pytest
import torch

from explorer.data import load_data
from explorer.data.toy import SIZES

KINDS = ("moons", "circles", "spirals", "blobs")


@pytest.mark.parametrize("split", SIZES)
@pytest.mark.parametrize("noise", [0.0, 0.08, 0.3])
@pytest.mark.parametrize("kind", KINDS)
def test_points_lie_in_the_unit_square(kind, noise, split):
    data = load_data("toy", split, kind=kind, noise=noise)
    assert data.x.shape == (SIZES[split], 2)
    assert data.x.dtype == torch.float32
    assert data.x.min() >= 0
    assert data.x.max() <= 1
    assert data.y.bincount().tolist() == [SIZES[split] // 2] * 2
    assert data.classes == ("blue", "orange")


@pytest.mark.parametrize("kind", KINDS)
def test_few_points_are_moved_to_the_edge_at_the_default_noise(kind):
    x = load_data("toy", "train", kind=kind).x
    assert ((x == 0) | (x == 1)).any(1).float().mean() < 0.02
    assert x.amin(0).max() < 0.25
    assert x.amax(0).min() > 0.75


@pytest.mark.parametrize("kind", KINDS)
def test_train_and_test_share_one_frame(kind):
    train, test = (load_data("toy", split, kind=kind) for split in ("train", "test"))
    nearest = torch.cdist(test.x, train.x).argmin(1)
    assert (train.y[nearest] == test.y).float().mean() > 0.95


def test_without_noise_circles_have_their_two_radii():
    data = load_data("toy", kind="circles", noise=0)
    radius = (data.x - 0.5).norm(dim=1) * 2.6
    assert torch.allclose(radius, torch.where(data.y == 0, 1.0, 0.5), atol=1e-5)


def test_without_noise_spirals_wind_outwards_half_a_turn_apart():
    data = load_data("toy", kind="spirals", noise=0)
    u, v = ((data.x - 0.5) * 2.6 * 1.5).T
    turn = u.hypot(v)  # the radius of an Archimedean spiral is its turn
    angle = torch.atan2(v, u) / (2 * torch.pi)
    assert turn.min() >= 0.25
    assert turn.max() <= 1.5 + 1e-5
    off = (angle - turn - 0.5 * data.y) % 1
    assert torch.minimum(off, 1 - off).max() < 1e-4
