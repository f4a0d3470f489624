"""The ways in which a file can be a model of some pictures: layouts of an ONNX input, knobs that weights leave open."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.models.build import IMPORTED, build
from explorer.models.graph import Draft, Value
from explorer.models.importers.kinds import kind_of

SUM = 1e-3  # how far from 1 probabilities may sum
Layout = tuple[str, list[int], tuple[int, ...]]  # name, order of the axes or [], lengths of the file's input


@dataclass(frozen=True, slots=True)
class Pictures:
    """What a model is to be one of: pictures `x` (N, *shape) in [0, 1] in some classes; `data` is their name."""

    data: str
    classes: int
    x: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one picture."""
        return tuple(self.x.shape[1:])


@dataclass(frozen=True, eq=False, slots=True)
class Variant:
    """One way to understand a file: a network from normalised pictures (N, *shape) to logits (N, classes).

    name : "" where there is but one; inside : (mean, std) per channel, where the file itself says
    """

    name: str
    architecture: str
    network: Mapping[str, Any]
    net: nn.Module
    inside: tuple[list[float], list[float]] | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Reading:
    """A file as it was understood.

    kind : in words; shape : of its input, per picture; output : "logits", "probabilities" or
    "log-probabilities"; notes : sentences
    """

    kind: str
    shape: tuple[int, ...]
    output: str
    notes: list[str]
    variants: list[Variant]


def read_model(
    raw: bytes, pictures: Pictures, architecture: str | None = None, knobs: Mapping[str, Any] | None = None
) -> Reading:
    """Read a file as a model of these pictures; raise `UserError` in one sentence where it is none.

    architecture, knobs : of a safetensors file, where they are known
    """
    if kind_of(raw) == "safetensors":
        return _weights(raw, pictures, architecture, knobs)
    if architecture:
        raise UserError("An architecture is named for safetensors only: an ONNX file has its own.")
    return _onnx(raw, pictures)


def _onnx(raw: bytes, pictures: Pictures) -> Reading:
    from explorer.models.importers.onnx import OnnxFile  # slow to import, and few processes need it

    file, shape = OnnxFile(raw), pictures.shape
    layouts = _layouts(file.shape, shape)
    if not layouts:
        given, wanted = ("×".join(str(n or "any") for n in lengths) for lengths in (file.shape, shape))
        raise UserError(f"The model takes {given} numbers per picture, and {pictures.data} has {wanted}.")
    found: list[Variant] = []
    for name, order, lengths in layouts:
        draft = Draft(shape, file.batch)
        value = draft.add("permute", draft.input, order=order) if order else draft.input
        value = file.build(draft, draft.reshaped(value, (file.batch, *lengths)))
        value = draft.reshaped(value, (file.batch, math.prod(value.shape[1:])))
        if (count := value.shape[1]) != pictures.classes:
            raise UserError(
                f"The model gives {count} numbers per picture, and {pictures.data} has {pictures.classes} classes."
            )
        output, notes = _to_logits(draft, value, pictures)
        found.append(Variant(name, IMPORTED, {"steps": draft.steps}, _network(draft, shape)))
    kind = f"ONNX by {file.producer}" if file.producer else "ONNX"
    return Reading(kind, layouts[0][2], output, notes, found)


def _network(draft: Draft, shape: tuple[int, ...]) -> nn.Module:
    net = build(IMPORTED, shape, 0, {"steps": draft.steps}).get_submodule("net")
    net.load_state_dict(draft.state())
    return net.eval().requires_grad_(False)


def _layouts(found: Sequence[int | None], shape: tuple[int, ...]) -> list[Layout]:
    """Return how a picture (C, H, W) may become the file's input."""
    ways: list[Layout] = [("", [], shape)]
    if len(shape) == 3:
        ways.append(("channels last", [0, 2, 3, 1], (*shape[1:], shape[0])))
    fitting = [(name, order, _lengths(found, ordered)) for name, order, ordered in ways]
    kept = [(name, order, lengths) for name, order, lengths in fitting if lengths]
    if shape[0] == 1:  # with one channel the order makes no difference
        return [("", [], lengths) for _, _, lengths in kept[:1]]
    return kept


def _lengths(found: Sequence[int | None], shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return the file's lengths, all known, where it can hold such a picture, flat or not; else ()."""
    known, flat = tuple(n for n in found if n is not None), (math.prod(shape),)
    thin = tuple(n for n in shape if n != 1)
    if len(known) == len(found):
        return known if tuple(n for n in known if n != 1) in (thin, flat) else ()
    for lengths in (shape, thin, flat):
        if len(lengths) == len(found) and all(a in (None, b) for a, b in zip(found, lengths, strict=True)):
            return lengths
    return ()


def _to_logits(draft: Draft, value: Value, pictures: Pictures) -> tuple[str, list[str]]:
    """Make the draft give logits; return what the file gives, and what is to be told of that."""
    net = _network(draft, pictures.shape)
    _check_batch(net, pictures.shape)
    with torch.no_grad():
        out = net(pictures.x)
    if bool((out >= 0).all() and (out.sum(1) - 1).abs().max() < SUM):
        if draft.steps[-1]["layer"] == "softmax":
            draft.drop(value)
            return "probabilities", [
                "It gives probabilities: its last step, a softmax, is left out, as attacks need logits."
            ]
        draft.add("log", value)
        return "probabilities", ["It gives probabilities: their logarithm is taken, as attacks need logits."]
    if bool((out.exp().sum(1) - 1).abs().max() < SUM):
        return "log-probabilities", ["It gives log-probabilities, which serve as logits."]
    if bool((out >= 0).all() and (out <= 1).all()):
        return "logits", ["Its numbers lie between 0 and 1 but do not sum to 1, and are taken as logits."]
    return "logits", []


def _check_batch(net: nn.Module, shape: tuple[int, ...]) -> None:
    """Refuse a network whose answer to a picture hangs on the others beside it."""
    x = torch.rand((3, *shape), generator=generator(0))
    try:
        with torch.no_grad():
            together, alone = net(x), torch.cat([net(x[i : i + 1]) for i in range(len(x))])
        same = torch.allclose(together, alone, rtol=1e-3, atol=1e-4, equal_nan=True)
    except RuntimeError as error:
        if "allocate memory" in str(error):
            raise
        same = False
    if not same:
        raise UserError(
            "The model's answer to a picture hangs on its batch: export it in eval mode, with an open batch size."
        )


def _weights(raw: bytes, pictures: Pictures, architecture: str | None, knobs: Mapping[str, Any] | None) -> Reading:
    from explorer.models.importers.checkpoint import fits, normalisation, read_weights

    tensors = read_weights(raw)
    inside = normalisation(tensors, pictures.shape[0])
    matching = fits(tensors, pictures.shape, pictures.classes, architecture, knobs)
    found = []
    for fit in matching:
        open_ = [f"{k} {v}" for k, v in fit.knobs.items() if any(other.knobs[k] != v for other in matching)]
        net = build(fit.architecture, pictures.shape, pictures.classes, fit.knobs).get_submodule("net")
        net.load_state_dict({name.removeprefix("net."): t for name, t in tensors.items() if name.startswith("net.")})
        net = net.eval().requires_grad_(False)
        found.append(Variant(", ".join(open_), fit.architecture, fit.knobs, net, inside))
    return Reading(f"safetensors of a {matching[0].architecture}", pictures.shape, "logits", [], found)
