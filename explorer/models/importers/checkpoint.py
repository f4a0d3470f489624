"""Weights in safetensors, matched with our architectures: their knobs are found from names and shapes."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import Tensor, nn

from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Knob, Switch, Whole, fill
from explorer.models import ARCHITECTURES
from explorer.models.build import build

PREFIXES = ("module.", "_orig_mod.")  # of torch's wrappers
FEW = 16  # a whole number of no wider a range is tried at each value; others at the lengths in the file
Shapes = dict[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Fit:
    """An architecture whose tensors are those of the file."""

    architecture: str
    knobs: Mapping[str, Any]


def read_weights(raw: bytes) -> dict[str, Tensor]:
    """Return the file's tensors by our names: "net." before each, but for "normalise.mean" and "normalise.std".

    Raises `UserError` for a damaged file, and where numbers are NaN or infinite.
    """
    try:
        found = load(raw)
    except SafetensorError as error:
        raise UserError(f"The safetensors file is damaged or cut short ({error}).") from error
    if not found:
        raise UserError("The safetensors file has no tensors.")
    tensors = {}
    for name, tensor in found.items():
        for prefix in PREFIXES:
            name = name.removeprefix(prefix)
        if tensor.is_floating_point():
            tensor = tensor.float()
            if not tensor.isfinite().all():
                raise UserError(f"The tensor {name[:60]!r} holds NaN or infinite numbers.")
        tensors[name] = tensor
    if not any(name.startswith("net.") for name in tensors):
        tensors = {name if name.startswith("normalise.") else f"net.{name}": t for name, t in tensors.items()}
    return tensors


def normalisation(tensors: Mapping[str, Tensor], channels: int) -> tuple[list[float], list[float]] | None:
    """Return mean and std per channel as the file has them, or None."""
    found = {name: t.flatten().tolist() for name, t in tensors.items() if name.startswith("normalise.")}
    if not found:
        return None
    mean, std = found.get("normalise.mean", []), found.get("normalise.std", [])
    if not len(mean) == len(std) == channels or min(std) <= 0:
        raise UserError(f"The file's normalisation is not a mean and a positive std for each of {channels} channels.")
    return mean, std


def fits(
    tensors: Mapping[str, Tensor],
    shape: tuple[int, ...],
    classes: int,
    architecture: str | None = None,
    knobs: Mapping[str, Any] | None = None,
) -> list[Fit]:
    """Return the networks of ours that have just these tensors; several where they tell no pooling from a stride.

    Of several architectures the one that needs the fewest layers: what leaves no tensors has to be named.

    architecture, knobs : where they are known; knobs that a card leaves out are at their defaults

    Raises `UserError` naming the first tensor in which the nearest network differs.
    """
    wanted = {name: tuple(t.shape) for name, t in tensors.items() if not name.startswith("normalise.")}
    found: dict[str, tuple[int, Fit]] = {}
    nearest: tuple[int, str] | None = None
    for fit in _tried(wanted, shape, classes, architecture, knobs):
        if (net := _net(fit, shape, classes)) is None:
            continue
        ours = _shapes(net)
        strangers = [name for name in (*ours, *wanted) if ours.get(name) != wanted.get(name)]
        if not strangers:
            found.setdefault(str(net), (len(list(net.modules())), fit))  # knobs without effect: the same layers
        elif nearest is None or len(strangers) < nearest[0]:
            nearest = len(strangers), _difference(fit, strangers[0], ours, wanted)
    if not found:
        raise UserError(nearest[1] if nearest else "No architecture of ours takes such pictures.")
    _, plainest = min(found.values(), key=lambda pair: pair[0])
    return [fit for _, fit in found.values() if fit.architecture == plainest.architecture]


def _net(fit: Fit, shape: tuple[int, ...], classes: int) -> nn.Module | None:
    """Return the network without its weights; None where it takes no such pictures."""
    try:
        with torch.device("meta"):
            return build(fit.architecture, shape, classes, fit.knobs).get_submodule("net")
    except (RuntimeError, ValueError):  # too small a picture, or a layer without outputs
        return None


def _shapes(net: nn.Module) -> Shapes:
    return {f"net.{name}": tuple(t.shape) for name, t in net.state_dict().items()}


def _tried(
    wanted: Shapes,
    shape: tuple[int, ...],
    classes: int,
    architecture: str | None,
    known: Mapping[str, Any] | None,
) -> Iterator[Fit]:
    """Give the networks worth a look.

    The names of tensors hang on choices and small numbers: where they are nearest, the lengths in the file are tried.
    """
    lengths = sorted({n for lengths in wanted.values() for n in lengths})
    sketches: list[tuple[int, str, dict[str, Any]]] = []
    for name in [architecture] if architecture else ARCHITECTURES:
        knobs = ARCHITECTURES[name].knobs
        if known is not None:
            yield Fit(name, fill(knobs, known))
            continue
        for chosen in _products({k: values for k, knob in knobs.items() if (values := _few(knob))}):
            if (net := _net(Fit(name, fill(knobs, chosen)), shape, classes)) is not None:
                sketches.append((len(_shapes(net).keys() ^ wanted.keys()), name, chosen))
    least = min((difference for difference, _, _ in sketches), default=0)
    for difference, name, chosen in sketches:
        if difference == least:
            knobs = ARCHITECTURES[name].knobs
            for rest in _products({k: _lengths(knob, lengths) for k, knob in knobs.items() if k not in chosen}):
                yield Fit(name, fill(knobs, chosen | rest))


def _products(choices: Mapping[str, list[Any]]) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*choices.values()):
        yield dict(zip(choices, values, strict=True))


def _few(knob: Knob) -> list[Any]:
    """Return all values of a knob that has few; else none."""
    match knob.kind:
        case Choice(options):
            return list(options)
        case Switch():
            return [False, True]
        case Whole(low, high) if high - low < FEW:
            return list(range(low, high + 1))
    return []


def _lengths(knob: Knob, lengths: list[int]) -> list[Any]:
    """Return the lengths in the file that a knob can have, after its default, where it leaves no trace."""
    low, high = (knob.kind.low, knob.kind.high) if isinstance(knob.kind, Whole) else (1, 0)
    return list(dict.fromkeys((knob.default, *(n for n in lengths if low <= n <= high))))


def _difference(fit: Fit, name: str, ours: Shapes, wanted: Shapes) -> str:
    words = ", ".join(f"{key} {value}" for key, value in fit.knobs.items())
    start = f"The weights fit none of our architectures; the nearest is {fit.architecture} ({words}), "
    told = name.removeprefix("net.")[:60]
    if name not in wanted:
        return f"{start}whose tensor {told!r} is not in the file."
    if name not in ours:
        return f"{start}which has no tensor {told!r} of {_size(wanted[name])}."
    return f"{start}whose tensor {told!r} is {_size(ours[name])}, and the file's is {_size(wanted[name])}."


def _size(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "one number"
