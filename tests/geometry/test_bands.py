"""Margins by frequency of linear models, known in closed form, and of a network beside the authors' loop."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.data import load_data
from explorer.geometry._waves import bases, lift, lower, windows
from explorer.geometry.bands import band_margins
from explorer.models.zoo import load_model

OVER, LEAST = 1.02, 1e-4  # how far beyond a plane DeepFool goes


def closed_form(w, gap, size, count):
    """Return gap / ||S'w|| for each band, (B,), of weights (C, H, W)."""
    starts = windows(w.shape[-1], size, count)
    waves = bases(w[None], starts, size)
    return torch.stack([gap / lower(w[None], waves, b).norm() for b in range(len(starts))], dim=-1)


@pytest.mark.parametrize(("size", "count"), [(3, 6), (4, 3), (8, 1)])
def test_of_a_linear_model_in_closed_form(linear, size, count):
    found = band_margins(linear.model, linear.x, size=size, count=count, nearer=0)
    truth = torch.stack([closed_form(linear.w.view(1, 8, 8), m, size, count) for m in linear.margin])
    np.testing.assert_allclose(found.margins, OVER * (truth + LEAST).numpy(), rtol=1e-3)
    assert found.converged.all()
    assert (found.reached == 1).all()
    assert found.starts.tolist() == windows(8, size, count).tolist()


@pytest.mark.parametrize(("size", "count"), [(3, 6), (8, 1)])
def test_the_second_search_finds_no_more_than_the_walk_and_no_less_than_the_truth(linear, size, count):
    walk, found = (band_margins(linear.model, linear.x, size=size, count=count, nearer=n) for n in (0, 30))
    truth = torch.stack([closed_form(linear.w.view(1, 8, 8), m, size, count) for m in linear.margin]).numpy()
    assert (found.margins <= walk.margins).all()
    assert (found.margins >= truth * (1 - 1e-5)).all()


def test_of_several_classes_and_channels_the_nearest():
    w, x = torch.randn((5, 3, 8, 8), generator=generator(1)), torch.rand((6, 3, 8, 8), generator=generator(2))
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 5)).requires_grad_(False).eval()
    model[1].weight.data, model[1].bias.data = w.flatten(1), -x.mean(0).flatten() @ w.flatten(1).T
    found = band_margins(model, x, size=2, count=4, nearer=0)
    logits = model(x)
    for i, label in enumerate(logits.argmax(1).tolist()):
        others = [k for k in range(5) if k != label]
        each = torch.stack([closed_form(w[label] - w[k], logits[i, label] - logits[i, k], 2, 4) for k in others])
        np.testing.assert_allclose(found.margins[i], OVER * (each.amin(0) + LEAST).numpy(), rtol=1e-3)
        assert found.reached[i].tolist() == [others[k] for k in each.argmin(0).tolist()]


def test_a_band_that_the_model_does_not_see_is_told(linear):
    """Weights of the two lowest frequencies alone: in the highest band nothing leads to the boundary."""
    waves = bases(linear.x, windows(8, 2, 4), 2)
    low = lower(linear.w.view(1, 1, 8, 8), waves, 0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2)).requires_grad_(False).eval()
    model[1].weight.data = torch.stack([(waves.down[0].T @ low[0, 0] @ waves.along[0]).flatten(), torch.zeros(64)])
    model[1].bias.data = torch.tensor([1.0 - float((model(linear.x)[:, 0]).min()), 0.0])
    found = band_margins(model, linear.x[:2], size=2, count=4, keep=True)
    assert found.converged[:, 0].all()
    reached_by_rounding = found.margins[:, 1:] < 1e3 * found.margins[:, :1]
    assert not reached_by_rounding.any()


def test_the_change_lies_in_its_band_and_deceives(network):
    found = band_margins(network.model, network.x, size=3, count=6, keep=True)
    assert found.converged.mean() > 0.9
    delta = torch.from_numpy(found.delta)
    waves = bases(network.x, torch.from_numpy(found.starts), 3)
    for b in range(6):
        sure = torch.from_numpy(found.converged[:, b])
        inner = lower(delta[:, b], waves, b).flatten(1).norm(dim=1)
        torch.testing.assert_close(delta[:, b].flatten(1).norm(dim=1), inner)
        torch.testing.assert_close(inner[sure], torch.from_numpy(found.margins[:, b])[sure])
        said = network.model(network.x + delta[:, b]).argmax(1)
        assert torch.equal(said[sure], torch.from_numpy(found.reached[:, b])[sure])
        assert (said[sure] != torch.from_numpy(found.labels)[sure]).all()


def authors(model, x, basis):
    """Return the margin of one picture as the paper's algorithm finds it: all classes in each step."""
    label, r = int(model(x[None]).argmax()), torch.zeros(x.numel())
    for _ in range(100):
        at = (x.flatten() + OVER * r).view_as(x)
        if int(model(at[None]).argmax()) != label:
            return float(OVER * r.norm())
        at = (x.flatten() + r).view_as(x)[None].requires_grad_()
        logits = model(at)[0]
        best, step = np.inf, None
        for k in range(len(logits)):
            if k != label:
                (w,) = torch.autograd.grad(logits[k] - logits[label], at, retain_graph=True)
                w = basis @ (basis.T @ w.flatten())
                size = max(float((logits[k] - logits[label]).detach().abs() / w.norm()), LEAST)
                if size < best:
                    best, step = size, size * w / w.norm()
        r = r + step
    return np.inf


def test_beside_the_authors_loop(network):
    found = band_margins(network.model, network.x, size=3, count=3, nearer=0)
    waves = bases(network.x, torch.from_numpy(found.starts), 3)
    for b in range(3):
        basis = torch.einsum("ih,jw->hwij", waves.down[b], waves.along[b]).reshape(64, 9)
        theirs = np.array([authors(network.model, x, basis) for x in network.x])
        both = np.isfinite(theirs) & found.converged[:, b]
        assert both.mean() > 0.8
        np.testing.assert_allclose(np.median(found.margins[both, b] / theirs[both]), 1, rtol=0.05)


def by_projected_gradients(model, x, labels, waves, b, radius):
    """Return the shortest change in a band (N,) that plain descent finds on balls of falling radius, from (N,)."""
    least = np.full(len(x), np.inf)
    for share in np.linspace(1, 0.4, 7):
        a, size = torch.zeros(len(x), 1, 3, 3), share * radius[:, None, None, None]
        for _ in range(15):
            logits = model(x + lift(a.requires_grad_(), waves, b))
            (slope,) = torch.autograd.grad(Goal(labels).margin(logits).sum(), a)
            a = a.detach() - 0.2 * size * slope / slope.flatten(1).norm(dim=1)[:, None, None, None]
            a = a * (size / a.flatten(1).norm(dim=1)[:, None, None, None]).clamp_max(1)
            over = (model(x + lift(a, waves, b)).argmax(1) != labels).numpy()
            least = np.where(over, np.minimum(least, a.flatten(1).norm(dim=1).numpy()), least)
    return least


@pytest.mark.parametrize("name", ["digits-standard", "digits-pgd"])
def test_with_the_second_search_it_is_as_near_as_projected_gradients_find(name):
    """Which the greedy walk is not, by more on the robust model: the cross-check of a margin by another attack."""
    model, x = load_model(name), load_data("digits").x[:24]
    walk, found = (band_margins(model, x, size=3, count=3, nearer=n) for n in (0, 30))
    assert (found.margins <= walk.margins).all()
    waves, labels = bases(x, torch.from_numpy(found.starts), 3), torch.from_numpy(found.labels)
    every = [by_projected_gradients(model, x, labels, waves, b, torch.from_numpy(walk.margins[:, b])) for b in range(3)]
    theirs = np.stack(every, axis=1)
    assert np.median(walk.margins / theirs) > np.median(found.margins / theirs)
    assert np.median(found.margins / theirs, axis=0).max() < 1.02


def test_points_are_refused():
    with pytest.raises(UserError, match="these are points"):
        band_margins(nn.Linear(2, 2), torch.rand(3, 2), size=1, count=1)


def test_labels_are_the_model_s(network):
    found = band_margins(network.model, network.x, size=3, count=2)
    assert Goal(torch.from_numpy(found.labels)).margin(network.model(network.x)).min() > 0
