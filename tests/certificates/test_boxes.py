"""Non-uniform bounds: the closed form of a linear model, and boxes of which no point loses its label."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.certificates.boxes import Box, alike, boxes
from explorer.certificates.network import read
from explorer.certificates.run import radii
from explorer.core.device import generator, uniform
from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.results import Boxes
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import load_model

D = 16


def linear(margin: float) -> tuple[nn.Module, torch.Tensor, np.ndarray]:
    """Return a model of two classes, a grey picture of class 0 with that margin, and the sizes of the weights."""
    w = (0.5 + torch.arange(D) / 4) * torch.tensor([1.0, -1.0]).repeat(D // 2)
    model, x = nn.Sequential(nn.Flatten(), nn.Linear(D, 2)), torch.full((2, 1, 4, 4), 0.5)
    model[1].weight.data = torch.stack([w, torch.zeros(D)])
    model[1].bias.data = torch.tensor([margin - float(0.5 * w.sum()), 0.0])
    return model.eval().requires_grad_(False), x, w.abs().numpy()


def on_points(model: nn.Module, found: Boxes, x: torch.Tensor, i: int, count: int = 10_000) -> torch.Tensor:
    """Return the classes of random points of a box, and of random corners of it."""
    at = uniform((2, count, *x.shape[1:]), generator(i), x.device) * 2 - 1
    at[1] = at[1].sign()
    points = (x[i] + torch.tensor(found.eps[i]) * at).clamp(0, 1).flatten(0, 1)
    with torch.no_grad():
        return model(points).argmax(1)


@pytest.mark.parametrize("bound", ["crown", "fast_lin"])
def test_of_a_linear_model_every_pixel_gets_an_equal_share_of_the_margin(bound):
    """Maximal sum of log eps_j under sum |w_j|·eps_j <= margin: eps_j = margin / (d·|w_j|)."""
    model, x, w = linear(1.0)
    found = boxes(read(model, (1, 4, 4)), x, torch.zeros(2, dtype=torch.int64), bound=bound)
    truth = 1.0 / (D * w)
    np.testing.assert_allclose(found.eps.reshape(2, D), np.stack([truth, truth]), rtol=0.05)
    np.testing.assert_allclose(found.uniform, 1.0 / w.sum(), rtol=2e-3)
    np.testing.assert_allclose(found.gain, np.log(truth * w.sum()).sum(), rtol=0.02)
    assert ((found.eps.reshape(2, D) @ w) <= 1).all()


def test_dead_pixels_go_to_their_wall_and_no_farther_and_do_not_make_maps_alike():
    model, x, _ = linear(1.0)
    model[1].weight.data[:, :4] = 0  # the first four are not looked at; and nothing balances their part of the bias
    model[1].bias.data[0] = 1.0 - 0.5 * model[1].weight[0].sum()
    x[1] = x[1] + 0.1
    found = boxes(read(model, (1, 4, 4)), x, torch.zeros(2, dtype=torch.int64))
    dead = np.zeros((1, 4, 4), bool)
    dead[0, 0] = True
    np.testing.assert_allclose(found.eps[:, dead], np.repeat([[0.5], [0.6]], 4, 1), rtol=1e-3)
    assert (found.active == ~dead).all()
    assert (found.informative == ~dead).all()
    assert (found.gain_per_active > 0).all()


def test_a_wall_whose_root_is_rounded_up_is_not_passed():
    model, x, _ = linear(1.0)
    model[1].weight.data[:, :4] = 0
    tried = torch.linspace(0.5, 0.6, 100)
    rounded = tried[tried.sqrt().square() > tried][:4]
    x[:, 0, 0] = 1 - rounded
    model[1].bias.data[0] = 1.0 - (model[1].weight[0] * x[0].flatten()).sum()
    found = boxes(read(model, (1, 4, 4)), x, torch.zeros(2, dtype=torch.int64))
    np.testing.assert_array_equal(found.eps[:, 0, 0], [rounded, rounded])


@pytest.mark.parametrize("name", ["toy-standard", "toy-pgd"])
def test_no_point_of_a_box_around_toy_points_loses_its_label(name):
    model, data = load_model(name), load_data("toy").first(12)
    labels = model(data.x).argmax(1)
    found = boxes(read(model, (2,)), data.x, labels, steps=100, rate=0.02)
    assert found.certified.all()
    assert (found.gain >= 0).all()
    assert found.gain.max() > 0.02
    for i in range(len(data.x)):
        assert (on_points(model, found, data.x, i) == labels[i]).all()
    coarse = radii("crown", model, data.x, labels, "linf", 1.0).radius
    assert (np.abs(found.uniform - coarse) <= 1 / 256 + 1e-3).all()


def test_boxes_of_digits_are_sound_larger_than_uniform_ones_and_come_again():
    data = load_data("digits").first(6)
    train = load_data("digits", "train")
    model = build("mlp", (1, 8, 8), 10, {"width": 16, "depth": 2}, rng=generator(0), pixels=train.x)
    descent = torch.optim.Adam(model.parameters(), 0.02)
    for _ in range(100):
        descent.zero_grad()
        nn.functional.cross_entropy(model(train.x), train.y).backward()
        descent.step()
    model.eval().requires_grad_(False)
    labels = model(data.x).argmax(1)
    labels[0] = (labels[0] + 1) % 10  # of this one nothing can be certified
    net = read(model, (1, 8, 8))
    found = boxes(net, data.x, labels, steps=120, rate=0.01)
    assert found.certified.tolist() == [False, *[True] * 5]
    assert found.eps[0].max() == 0
    assert (found.gain[1:] > 1).all()
    for i in range(1, 6):
        assert (on_points(model, found, data.x, i, 5000) == labels[i]).all()
    again = boxes(net, data.x, labels, steps=120, rate=0.01)
    assert (again.eps == found.eps).all()
    assert np.isnan(found.similarity[0]).all()
    assert np.isfinite(found.similarity[1:, 1:]).all()


def test_a_box_is_cut_off_at_black_and_white_and_of_equal_radii_is_a_ball():
    x, eps = torch.tensor([[0.1, 0.5, 0.9]]), torch.tensor([[0.2, 0.1, 0.05]])
    low, high = Box(x, "linf", eps)[:1].limits
    torch.testing.assert_close(low, torch.tensor([[0.0, 0.4, 0.85]]))
    torch.testing.assert_close(high, torch.tensor([[0.3, 0.6, 0.95]]))
    rows = torch.tensor([[[1.0, -1.0, 2.0]]])
    torch.testing.assert_close(Box(x, "linf", eps).least(rows), torch.tensor([[0.0 - 0.6 + 1.7]]))


def test_maps_are_compared_by_what_is_their_own():
    eps = np.exp(np.array([[0.0, -1.0, -2.0, 0.0], [-1.0, -2.0, -3.0, 0.0], [-3.0, -2.0, -1.0, 0.0]])).astype(
        np.float32
    )
    eps = np.concatenate([eps, eps, eps]) * 0.4
    eps[:, 3] = 0.5  # at its wall in all: it says nothing
    found = Boxes(np.array([0, 0, 1] * 3), np.full(9, 0.01), eps, np.full((9, 4), 0.5))
    assert found.informative.tolist() == [True, True, True, False]
    np.testing.assert_allclose(found.similarity[0, :3], [1, 1, -1], atol=1e-6)
    means = alike(found)
    assert means["same"].value == pytest.approx(1, abs=1e-6)
    assert means["other"].value == pytest.approx(-1, abs=1e-6)
    assert means["difference"].value == pytest.approx(2, abs=1e-6)
    assert means["same"].n == 9


def test_of_two_pictures_no_mean_over_pairs_is_made():
    found = Boxes(np.array([0, 1]), np.full(2, 0.01), np.full((2, 3), 0.1), np.full((2, 3), 0.5))
    assert alike(found) == {}


def test_who_cancels_is_heard_and_strange_labels_are_refused():
    model, x, _ = linear(1.0)

    def stop(done: int, total: int, note: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        boxes(read(model, (1, 4, 4)), x, torch.zeros(2, dtype=torch.int64), tick=stop)
    with pytest.raises(UserError, match="label = 2"):
        boxes(read(model, (1, 4, 4)), x, torch.tensor([0, 2]))


def test_boxes_are_validated():
    good = {"labels": np.zeros(1), "uniform": np.ones(1), "eps": np.ones((1, 2)), "cap": np.ones((1, 2))}
    Boxes(**good)
    bad = [{"eps": np.full((1, 2), 2.0)}, {"eps": np.zeros((1, 2))}, {"uniform": np.zeros(1)}, {"labels": np.zeros(2)}]
    for one in bad:
        with pytest.raises(ValueError, match=r"wall|box|row"):
            Boxes(**(good | one))
