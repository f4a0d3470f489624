"""Margins by frequency of linear models, known in closed form, and of a network beside the authors' loop."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.geometry._waves import bases, lower, windows
from explorer.geometry.bands import band_margins

OVER, LEAST = 1.02, 1e-4  # how far beyond a plane DeepFool goes


def closed_form(w, gap, size, count):
    """Return gap / ||S'w|| for each band, (B,), of weights (C, H, W)."""
    starts = windows(w.shape[-1], size, count)
    waves = bases(w[None], starts, size)
    return torch.stack([gap / lower(w[None], waves, b).norm() for b in range(len(starts))], dim=-1)


@pytest.mark.parametrize(("size", "count"), [(3, 6), (4, 3), (8, 1)])
def test_of_a_linear_model_in_closed_form(linear, size, count):
    found = band_margins(linear.model, linear.x, size=size, count=count)
    truth = torch.stack([closed_form(linear.w.view(1, 8, 8), m, size, count) for m in linear.margin])
    np.testing.assert_allclose(found.margins, OVER * (truth + LEAST).numpy(), rtol=1e-3)
    assert found.converged.all()
    assert (found.reached == 1).all()
    assert found.starts.tolist() == windows(8, size, count).tolist()


def test_of_several_classes_and_channels_the_nearest():
    w, x = torch.randn((5, 3, 8, 8), generator=generator(1)), torch.rand((6, 3, 8, 8), generator=generator(2))
    model = nn.Sequential(nn.Flatten(), nn.Linear(192, 5)).requires_grad_(False).eval()
    model[1].weight.data, model[1].bias.data = w.flatten(1), -x.mean(0).flatten() @ w.flatten(1).T
    found = band_margins(model, x, size=2, count=4)
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
    found = band_margins(network.model, network.x, size=3, count=3)
    waves = bases(network.x, torch.from_numpy(found.starts), 3)
    for b in range(3):
        basis = torch.einsum("ih,jw->hwij", waves.down[b], waves.along[b]).reshape(64, 9)
        theirs = np.array([authors(network.model, x, basis) for x in network.x])
        both = np.isfinite(theirs) & found.converged[:, b]
        assert both.mean() > 0.8
        np.testing.assert_allclose(np.median(found.margins[both, b] / theirs[both]), 1, rtol=0.05)


def test_points_are_refused():
    with pytest.raises(UserError, match="these are points"):
        band_margins(nn.Linear(2, 2), torch.rand(3, 2), size=1, count=1)


def test_labels_are_the_model_s(network):
    found = band_margins(network.model, network.x, size=3, count=2)
    assert Goal(torch.from_numpy(found.labels)).margin(network.model(network.x)).min() > 0
