"""A network as a list of steps: what an imported file becomes. Names, numbers and tensors, no code.

A step is {"name": "conv1", "layer": "conv2d", "inputs": ["x"], and the layer's own settings}: plain JSON,
which is what a model's card keeps. The input is called "x"; the last step gives the output.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from explorer.core.errors import UserError
from explorer.models import _layers as ours

Step = dict[str, Any]
LAYERS: dict[str, Callable[..., nn.Module]] = {
    "conv1d": nn.Conv1d,
    "conv2d": nn.Conv2d,
    "linear": nn.Linear,
    "batch_norm1d": nn.BatchNorm1d,
    "batch_norm2d": nn.BatchNorm2d,
    "relu": nn.ReLU,
    "leaky_relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "hard_swish": nn.Hardswish,
    "softmax": nn.Softmax,
    "log_softmax": nn.LogSoftmax,
    "max_pool1d": nn.MaxPool1d,
    "max_pool2d": nn.MaxPool2d,
    "avg_pool1d": nn.AvgPool1d,
    "avg_pool2d": nn.AvgPool2d,
    "flatten": nn.Flatten,
    "hard_sigmoid": ours.HardSigmoid,
    "clip": ours.Clip,
    "mean": ours.Mean,
    "reshape": ours.Reshape,
    "permute": ours.Permute,
    "pad": ours.Pad,
    "slice": ours.Slice,
    "concat": ours.Concat,
    "both": lambda how: ours.Sum() if how == "add" else ours.Both(how),
    "fixed": ours.Fixed,
    "log": ours.Log,
}
INPUT = "x"


def assemble(steps: Sequence[Step]) -> fx.GraphModule:
    """Return the network of these steps, its weights left for `load_state_dict`."""
    graph, layers = fx.Graph(), {step["name"]: _layer(step) for step in steps}
    nodes = {INPUT: graph.placeholder(INPUT)}
    for step in steps:
        nodes[step["name"]] = graph.call_module(step["name"], tuple(nodes[name] for name in step["inputs"]))
    graph.output(nodes[steps[-1]["name"] if steps else INPUT])
    return fx.GraphModule(layers, graph, "Imported")


def _layer(step: Step) -> nn.Module:
    settings = {key: value for key, value in step.items() if key not in ("name", "layer", "inputs")}
    return LAYERS[step["layer"]](**settings)


@dataclass(frozen=True, eq=False, slots=True)
class Value:
    """What a step gives: the step's name, and the value itself for a batch of blank pictures (N, ...)."""

    step: str
    probe: Tensor

    @property
    def shape(self) -> tuple[int, ...]:
        """(N, ...)."""
        return tuple(self.probe.shape)


class Draft:
    """A network in the making. Every step is tried on blank pictures when it is added: that gives its shape."""

    def __init__(self, shape: Sequence[int], batch: int = 1) -> None:
        self.steps: list[Step] = []
        self.input = Value(INPUT, torch.zeros(batch, *shape))
        self._values = {INPUT: self.input}
        self._layers: dict[str, nn.Module] = {}
        self._count: Counter[str] = Counter()

    def add(self, layer: str, *inputs: Value, tensors: Mapping[str, Tensor] | None = None, **settings: Any) -> Value:
        """Add a step; raise `UserError` where it cannot be computed, mixes pictures, or holds NaN.

        tensors : the layer's weights, by the names that torch gives them
        """
        self._count[layer] += 1
        name = f"{layer}{self._count[layer]}"
        step = {"name": name, "layer": layer, "inputs": [value.step for value in inputs], **settings}
        for tensor in (tensors or {}).values():
            if not tensor.isfinite().all():
                raise UserError(f"The weights of {name} hold NaN or infinite numbers.")
        try:
            module = _layer(step).eval().requires_grad_(False)
            module.load_state_dict(dict(tensors or {}), strict=False)
            probe = module(*(value.probe for value in inputs))
        except (RuntimeError, ValueError, IndexError, TypeError) as error:
            if "allocate memory" in str(error):
                raise
            shapes = " and ".join("×".join(map(str, value.shape)) for value in inputs)
            raise UserError(f"The step {name} cannot be computed on {shapes}: {_first_line(error)}.") from error
        if not probe.ndim or len(probe) != len(self.input.probe):
            raise UserError(f"The step {name} mixes the pictures of a batch.")
        self.steps.append(step)
        self._layers[name] = module
        return self._known(Value(name, probe))

    def reshaped(self, value: Value, shape: Sequence[int]) -> Value:
        """Return the value in a shape (N, ...), by a step where it has another."""
        if tuple(shape) == value.shape:
            return value
        if not shape or shape[0] != len(value.probe):
            raise UserError(f"The step after {value.step} mixes the pictures of a batch.")
        return self.add("flatten", value) if len(shape) == 2 else self.add("reshape", value, shape=list(shape[1:]))

    def add_bias(self, value: Value, bias: Tensor) -> Value:
        """Return the value of a linear step without bias as that of the same step with one."""
        self._layers[value.step].register_parameter("bias", nn.Parameter(bias, requires_grad=False))
        next(step for step in self.steps if step["name"] == value.step)["bias"] = True
        return self._known(Value(value.step, value.probe + bias))

    def drop(self, value: Value) -> Value:
        """Take the last step away, which gave this value from one other; return that one."""
        step = self.steps.pop()
        del self._layers[value.step]
        (source,) = step["inputs"]
        return self._values[source]

    def state(self) -> dict[str, Tensor]:
        """Return all weights, as `assemble` names them."""
        layers = self._layers.items()
        return {f"{name}.{key}": tensor for name, layer in layers for key, tensor in layer.state_dict().items()}

    def _known(self, value: Value) -> Value:
        self._values[value.step] = value
        return value


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n")[0].rstrip(".")
