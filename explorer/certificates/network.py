"""A model as bounds see it: affine layers, ReLUs, maxima and sums, in the order in which they are computed."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
from torch import Tensor, fx, nn

from explorer.certificates._affine import Affine, is_affine
from explorer.core.errors import UserError
from explorer.models import _layers as ours
from explorer.models.build import Normalise

Kind = Literal["affine", "relu", "maximum", "sum"]
INPUT = -1
NOTHING = "Nothing can be proved of this model"


@dataclass(frozen=True, eq=False, slots=True)
class Step:
    """One layer.

    name : as the model calls it
    sources : the steps whose values it takes, `INPUT` for the picture
    shape : of its value for one picture
    affine : what an affine step computes
    pool : the layer of a "maximum"
    """

    name: str
    kind: Kind
    sources: tuple[int, ...]
    shape: tuple[int, ...]
    affine: Affine | None = None
    pool: nn.MaxPool2d | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Network:
    """The steps of a model; the last gives the logits (N, K). Its weights are the model's own, not copies.

    model : in eval mode
    shape : of one picture
    """

    model: nn.Module
    shape: tuple[int, ...]
    steps: tuple[Step, ...]

    @property
    def classes(self) -> int:
        """The number of logits."""
        return self.steps[-1].shape[0]

    @property
    def inner(self) -> list[int]:
        """The steps whose values go into a ReLU or a maximum: those that a relaxation needs bounds of."""
        return sorted(
            {s for step in self.steps if step.kind in ("relu", "maximum") for s in step.sources if s != INPUT}
        )


class _Tracer(fx.Tracer):
    """Looks into a model's own modules, but not into the layers that `Affine` knows."""

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return type(m).__module__ in (ours.__name__, Normalise.__module__) or super().is_leaf_module(
            m, module_qualified_name
        )


def read(model: nn.Module, shape: Sequence[int]) -> Network:
    """Return the steps of a model from pictures (N, *shape) to logits (N, K).

    Raises `UserError` naming the first layer that no bound here knows.
    """
    try:
        graph = _Tracer().trace(model)
    except (fx.proxy.TraceError, TypeError, RuntimeError) as error:
        raise UserError(
            "Nothing can be proved of this model: its code asks for values, which a bound does not have."
        ) from error
    layers, places, steps = dict(model.named_modules()), dict[fx.Node, int](), list[Step]()
    shapes: dict[int, tuple[int, ...]] = {INPUT: tuple(shape)}
    for node in graph.nodes:
        if node.op == "placeholder":
            places[node] = INPUT
        elif node.op == "output":
            (last,) = node.args
            if places[last] != len(steps) - 1 or not steps or len(steps[-1].shape) != 1:
                raise UserError(
                    "Nothing can be proved of this model: its last layer does not give one number per class."
                )
        else:
            step = _step(node, layers, [places[source] for source in node.all_input_nodes], shapes)
            shapes[len(steps)] = step.shape
            places[node] = len(steps)
            steps.append(step)
    return Network(model, tuple(shape), tuple(steps))


def _step(node: fx.Node, layers: dict[str, nn.Module], sources: list[int], shapes: dict[int, tuple[int, ...]]) -> Step:
    layer = layers.get(str(node.target)) if node.op == "call_module" else None
    name = str(node.target) if layer is not None else node.name
    inputs = [shapes[source] for source in sources]
    settings: dict[str, Any] = {"name": name, "sources": tuple(sources)}
    if isinstance(layer, nn.ReLU):
        return Step(kind="relu", shape=inputs[0], **settings)
    if isinstance(layer, ours.Sum) or (isinstance(layer, ours.Both) and layer.how is torch.add):
        if len(inputs) == 2 and inputs[0] == inputs[1]:
            return Step(kind="sum", shape=inputs[0], **settings)
    elif layer is not None and len(inputs) == 1:
        if isinstance(layer, nn.MaxPool2d) and not layer.return_indices:
            return Step(kind="maximum", shape=_shape(layer, inputs[0]), pool=layer, **settings)
        shape = _shape(layer, inputs[0]) if is_affine(layer) else None
        if shape is not None and not (isinstance(layer, ours.Fixed) and shape != inputs[0]):
            return Step(kind="affine", shape=shape, affine=Affine(layer, inputs[0], shape), **settings)
    what = type(layer).__name__ if layer is not None else str(node.target)
    raise UserError(
        f"{NOTHING}: no bound here knows its layer {name} ({what}). "
        "Known are fully connected and convolutional layers, ReLU, batch norm, pooling, flattening and sums."
    )


def _shape(layer: nn.Module, inputs: tuple[int, ...]) -> tuple[int, ...]:
    like: Tensor = next(layer.parameters(), next(layer.buffers(), torch.zeros(())))
    with torch.no_grad():
        return tuple(layer(like.new_zeros(1, *inputs)).shape[1:])
