"""Weights find their architecture by names and shapes alone."""

import pytest
import torch
from safetensors.torch import save

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.models.build import build
from explorer.models.importers.checkpoint import fits
from explorer.models.importers.variants import Pictures, read_model
from explorer.models.zoo import card, load_model, zoo_names

GREY = Pictures("grey", 5, torch.rand((4, 1, 12, 12), generator=generator(0)))
CASES = [
    ("mlp", {"width": 7, "depth": 3}),
    ("mlp", {"width": 9, "depth": 1}),
    ("cnn", {"width": 3, "stages": 3, "hidden": 11, "batchnorm": True}),
    ("cnn", {"width": 4, "stages": 1, "hidden": 6, "down": "max"}),
    ("resnet", {"width": 4, "depth": 2}),
]
HIDDEN = {"cnn": "down"}  # knobs that no tensor tells of


def weights(architecture: str, knobs: dict[str, object]) -> dict[str, torch.Tensor]:
    return build(architecture, GREY.shape, GREY.classes, knobs, rng=generator(0)).state_dict()


@pytest.mark.parametrize(("architecture", "knobs"), CASES)
def test_knobs_are_found_from_the_tensors(architecture, knobs):
    found = fits(weights(architecture, knobs), GREY.shape, GREY.classes)
    assert {fit.architecture for fit in found} == {architecture}
    assert any(knobs.items() <= fit.knobs.items() for fit in found)
    differing = {k for fit in found for k, v in fit.knobs.items() if v != found[0].knobs[k]}
    assert differing == ({HIDDEN[architecture]} if architecture in HIDDEN else set())
    assert len(found) == (3 if differing else 1)


@pytest.mark.parametrize(("architecture", "knobs"), CASES)
def test_a_card_leaves_nothing_open(architecture, knobs):
    (found,) = fits(weights(architecture, knobs), GREY.shape, GREY.classes, architecture, knobs)
    assert knobs.items() <= found.knobs.items()


def test_what_leaves_no_tensors_has_to_be_named():
    tensors = weights("quantised", {"width": 4, "levels": 3})
    assert {fit.architecture for fit in fits(tensors, GREY.shape, 5)} == {"cnn"}
    (found,) = fits(tensors, GREY.shape, 5, "quantised")
    assert (found.knobs["width"], found.knobs["levels"]) == (4, 8)
    (found,) = fits(tensors, GREY.shape, 5, "quantised", {"width": 4, "levels": 3})
    assert found.knobs["levels"] == 3


@pytest.mark.parametrize("name", zoo_names("digits") + zoo_names("toy"))
def test_the_zoo_s_own_files_are_recognised(name):
    found, model = card(name), load_model(name)
    x = torch.rand((3, *found["shape"]), generator=generator(0))
    reading = read_model(save(model.state_dict()), Pictures("any", len(found["classes"]), x))
    one = next(v for v in reading.variants if found["network"].items() <= v.network.items())
    mean, std = (torch.tensor(numbers).view(1, -1, *[1] * (x.ndim - 2)) for numbers in one.inside)
    assert torch.equal(one.net((x - mean) / std), model(x))


@pytest.mark.parametrize("prefix", ["", "net.", "module.", "module.net.", "_orig_mod."])
def test_a_wrapper_s_prefix_is_taken_off(prefix):
    net = build("mlp", GREY.shape, 5, {"width": 7}, rng=generator(0)).net
    raw = save({prefix + name: tensor for name, tensor in net.state_dict().items()})
    variant = read_model(raw, GREY).variants[0]
    assert variant.inside is None
    assert torch.equal(variant.net(GREY.x), net(GREY.x))


def test_half_precision_is_read():
    raw = save({name: tensor.half() for name, tensor in weights("mlp", {"width": 7}).items()})
    assert read_model(raw, GREY).variants[0].net(GREY.x).dtype == torch.float32


FULL = weights("mlp", {"width": 7, "depth": 2})
MISFITS = {
    "nearest is mlp .width 7, depth 2., whose tensor 'logits.bias' is not in the file": {"net.logits.bias": None},
    "which has no tensor 'extra' of 3×1": {"net.extra": torch.zeros(3, 1)},
    "tensor 'logits.weight' is 5×7, and the file's is 6×7": {"net.logits.weight": torch.zeros(6, 7)},
    "not a mean and a positive std for each of 1 channels": {"normalise.std": torch.zeros(1)},
    "a positive std for each of 1 channels": {"normalise.mean": torch.zeros(3)},
    "a std for each|a positive std": {"normalise.mean": None},
}


@pytest.mark.parametrize("words", MISFITS)
def test_a_misfit_is_told_by_its_tensor(words):
    tensors = {name: tensor for name, tensor in (FULL | MISFITS[words]).items() if tensor is not None}
    with pytest.raises(UserError, match=words) as caught:
        read_model(save(tensors), GREY)
    assert "\n" not in str(caught.value)


def test_an_unknown_architecture_or_knob_is_told():
    with pytest.raises(UserError, match="no architecture 'perceptron'"):
        fits(FULL, GREY.shape, 5, "perceptron")
    with pytest.raises(UserError, match="no parameter 'wings'"):
        fits(FULL, GREY.shape, 5, "mlp", {"wings": 2})
