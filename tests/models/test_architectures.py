"""Every registered architecture, at its defaults and at the ends of its knobs."""

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Switch
from explorer.models import ARCHITECTURES
from explorer.models.build import Normalise, build

SHAPES = [(name, shape) for name in ARCHITECTURES for shape in ((1, 8, 8), (3, 32, 32))] + [("mlp", (2,))]
VARIANTS = [
    (name, {knob.name: value})
    for name in ARCHITECTURES
    for knob in ARCHITECTURES[name].knobs.values()
    for value in (
        knob.kind.options
        if isinstance(knob.kind, Choice)
        else (False, True)
        if isinstance(knob.kind, Switch)
        else (knob.kind.low, min(knob.kind.high, 8))
    )
]


def test_the_architectures_are_there():
    assert {"mlp", "cnn", "resnet", "quantised"} <= set(ARCHITECTURES)


@pytest.mark.parametrize(("name", "shape"), SHAPES)
def test_defaults_map_pixels_to_logits(name, shape):
    model = build(name, shape, 7, {}, rng=generator(0)).eval()
    logits = model(torch.rand((3, *shape), generator=generator(1)))
    assert logits.shape == (3, 7)
    assert logits.dtype == torch.float32
    assert logits.isfinite().all()
    assert logits.std() > 0


@pytest.mark.parametrize(("name", "knobs"), VARIANTS)
def test_every_knob_builds_at_both_ends(name, knobs):
    model = build(name, (1, 9, 9), 3, {"width": 4} | knobs, rng=generator(0)).eval()
    assert model(torch.rand(2, 1, 9, 9)).shape == (2, 3)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_unknown_knobs_and_names_are_refused(name):
    with pytest.raises(UserError, match="no parameter 'wings'"):
        build(name, (1, 8, 8), 3, {"wings": 2})
    with pytest.raises(UserError, match="no architecture 'perceptron'; known: binary, cnn, mlp, quantised, resnet"):
        build("perceptron", (1, 8, 8), 3, {})


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_weights_follow_the_generator_alone(name):
    def weights(seed: int) -> torch.Tensor:
        return torch.cat([p.flatten() for p in build(name, (1, 8, 8), 3, {}, rng=generator(seed)).parameters()])

    assert torch.equal(weights(0), weights(0))
    assert not torch.equal(weights(0), weights(1))


@pytest.mark.parametrize("shape", [(3, 8, 8), (2,)])
def test_normalisation_is_inside(shape):
    pixels = torch.rand((50, *shape), generator=generator(0)) * 0.3 + 0.5
    model = build("mlp", shape, 3, {}, rng=generator(0), pixels=pixels)
    seen = model.normalise(pixels).transpose(0, 1).flatten(1)
    torch.testing.assert_close(seen.mean(1), torch.zeros(shape[0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(seen.std(1), torch.ones(shape[0]), atol=1e-4, rtol=0)
    torch.testing.assert_close(model(pixels), model.net((pixels - model.normalise.mean) / model.normalise.std))


def test_without_pixels_normalisation_changes_nothing():
    x = torch.rand(2, 3, 4, 4)
    assert torch.equal(Normalise(torch.zeros(3), torch.ones(3), 2)(x), x)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_model_survives_the_way_to_disk(name, tmp_path):
    pixels = torch.rand((20, 1, 8, 8), generator=generator(0))
    model = build(name, (1, 8, 8), 3, {}, rng=generator(0), pixels=pixels)
    save_file(model.state_dict(), tmp_path / "weights.safetensors")
    again = build(name, (1, 8, 8), 3, {})
    again.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    assert torch.equal(again.eval()(pixels), model.eval()(pixels))


@pytest.mark.parametrize("depth", [1, 2])
def test_the_residual_network_is_the_published_one(depth):
    """Width 64, two blocks a stage is ResNet-18: 17 convolutions of 3×3 and one linear layer."""
    model = build("resnet", (3, 32, 32), 10, {"width": 8, "depth": depth})
    convolutions = [m for m in model.modules() if isinstance(m, nn.Conv2d)]
    assert sum(c.kernel_size == (3, 3) for c in convolutions) == 1 + 8 * depth
    assert sum(c.kernel_size == (1, 1) for c in convolutions) == 3
    relus = [m for m in model.modules() if isinstance(m, nn.ReLU)]
    assert len(relus) == 8 * depth + 1


def test_a_quantised_input_hides_the_gradient_and_nothing_else():
    model = build("quantised", (1, 8, 8), 3, {"levels": 2}, rng=generator(0)).eval()
    x = torch.rand((4, 1, 8, 8), generator=generator(1), requires_grad=True)
    (gradient,) = torch.autograd.grad(model(x).sum(), x)
    assert not gradient.any()
    moved = model((x + 0.26).detach())  # levels lie half a unit apart
    assert (moved != model(x)).any()
    model(x).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in model.net.conv0.parameters())
