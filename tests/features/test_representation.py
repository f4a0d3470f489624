"""What the last layer is given, as the plain model has it."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.errors import Unsuited
from explorer.features.representation import represent
from explorer.models.build import build


def test_of_a_linear_model_it_is_known(linear):
    found = represent(linear.model, linear.x)
    assert torch.allclose(found, linear.x.flatten(1) @ linear.m.T, atol=1e-5)


def test_the_last_layer_makes_the_logits_of_it(subject):
    found = represent(subject.model, subject.x, batch=3)
    assert found.shape == (len(subject.x), subject.size)
    last = [layer for layer in subject.model.modules() if isinstance(layer, nn.Linear)][-1]
    with torch.no_grad():
        assert torch.allclose(last(found), subject.model(subject.x), atol=1e-4)
    assert not any(layer._forward_pre_hooks for layer in subject.model.modules())


def test_points_of_the_plane_have_one_too():
    x = torch.rand(5, 2)
    model = build("mlp", (2,), 2, {"width": 7}, pixels=x).eval()
    found = represent(model, x).numpy()
    assert found.shape == (5, 7)
    assert (found >= 0).all()  # behind a ReLU
    assert np.ptp(found, 0).any()


def test_a_model_that_ends_otherwise_has_none():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten()).eval()
    with pytest.raises(Unsuited, match="no representation"):
        represent(model, torch.rand(2, 1, 8, 8))
