"""ONNX's operations as steps of a draft: one function each, `(draft, node) -> Value`.

Here those that compute; `shapes.py` and `windows.py` have the others.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from explorer.core.errors import UserError
from explorer.models.graph import Draft, Value


@dataclass(frozen=True, eq=False, slots=True)
class Node:
    """One operation of a file.

    inputs : a `Value`, a constant, or None for one left out, each; alone : nothing else uses its values
    """

    kind: str
    inputs: tuple[Any, ...]
    attributes: dict[str, Any]
    opset: int
    alone: bool

    def value(self, i: int = 0) -> Value:
        """Return an input that is computed; `UserError` where it is a constant."""
        if i >= len(self.inputs) or not isinstance(found := self.inputs[i], Value):
            raise UserError(f"Input {i + 1} of the file's {self.kind} is a constant, which is not read here.")
        return found

    def constant(self, i: int, name: str = "", default: Any = None) -> Any:
        """Return an input that is constant, or in older opsets the attribute `name`, or else the default."""
        found = self.inputs[i] if i < len(self.inputs) else None
        if isinstance(found, Value):
            raise UserError(f"Input {i + 1} of the file's {self.kind} is computed; only constants are read there.")
        return self.attributes.get(name, default) if found is None else found

    def tensor(self, i: int) -> Tensor:
        """Return a constant input as float32; `UserError` where it is left out."""
        if (found := self.constant(i)) is None:
            raise UserError(f"Input {i + 1} of the file's {self.kind} is missing.")
        return _tensor(found)

    def whole(self, i: int, name: str = "") -> list[int] | None:
        """Return a constant input, or the attribute, as whole numbers; None where it is left out."""
        found = self.constant(i, name)
        return None if found is None else [int(n) for n in np.atleast_1d(found)]


Operation = Callable[[Draft, Node], Value]
OPERATIONS: dict[str, Operation] = {}
ML = ("Scaler", "ZipMap")  # of the domain ai.onnx.ml


def operation(*names: str) -> Callable[[Operation], Operation]:
    """Return the decorator that puts a function under its operations' names."""

    def add(function: Operation) -> Operation:
        OPERATIONS.update(dict.fromkeys(names, function))
        return function

    return add


def _tensor(value: Any) -> Tensor:
    try:
        return torch.from_numpy(np.array(value, dtype=np.float32))
    except (ValueError, TypeError) as error:  # text
        raise UserError("The file has weights that are no numbers.") from error


@operation("Identity", "Dropout", "ZipMap")
def same(draft: Draft, node: Node) -> Value:
    """Change nothing, as these do in a trained network."""
    return node.value()


@operation("Cast")
def cast(draft: Draft, node: Node) -> Value:
    """Change the type of float: all are float32 here."""
    if node.attributes["to"] not in (1, 10, 11, 16):  # FLOAT, FLOAT16, DOUBLE, BFLOAT16
        raise UserError("The file rounds values to whole numbers (Cast), so that no gradient passes.")
    return node.value()


@operation("Relu", "Sigmoid", "Tanh", "HardSwish")
def plain(draft: Draft, node: Node) -> Value:
    """Apply a function of one number without settings."""
    return draft.add({"HardSwish": "hard_swish"}.get(node.kind, node.kind.lower()), node.value())


@operation("LeakyRelu")
def leaky_relu(draft: Draft, node: Node) -> Value:
    """Give alpha · x below 0."""
    return draft.add("leaky_relu", node.value(), negative_slope=node.attributes.get("alpha", 0.01))


@operation("Elu")
def elu(draft: Draft, node: Node) -> Value:
    """Give alpha · (exp x - 1) below 0."""
    return draft.add("elu", node.value(), alpha=node.attributes.get("alpha", 1.0))


@operation("HardSigmoid")
def hard_sigmoid(draft: Draft, node: Node) -> Value:
    """Give alpha · x + beta, cut to [0, 1]."""
    slope, shift = node.attributes.get("alpha", 0.2), node.attributes.get("beta", 0.5)
    return draft.add("hard_sigmoid", node.value(), slope=slope, shift=shift)


@operation("Clip")
def clip(draft: Draft, node: Node) -> Value:
    """Cut to between two constants, each of which may be left out."""

    def bound(found: Any) -> float | None:
        return float(found) if found is not None and math.isfinite(found) else None

    low, high = bound(node.constant(1, "min")), bound(node.constant(2, "max"))
    return node.value() if low is None and high is None else draft.add("clip", node.value(), low=low, high=high)


@operation("Softmax", "LogSoftmax")
def softmax(draft: Draft, node: Node) -> Value:
    """Normalise over one axis; before opset 13 over all from it on, which is read where that is the last."""
    value, old = node.value(), node.opset < 13
    rank = len(value.shape)
    axis = node.attributes.get("axis", 1 if old else -1) % rank
    if old and axis != rank - 1:
        raise UserError(f"The file's {node.kind} is taken over several axes, which is not read here.")
    return draft.add("softmax" if node.kind == "Softmax" else "log_softmax", value, dim=axis)


@operation("Add", "Sub", "Mul", "Div")
def arithmetic(draft: Draft, node: Node) -> Value:
    """Join two values, or a value and a constant; what is added to a matrix product becomes its bias."""
    how, (a, b) = node.kind.lower(), node.inputs
    if isinstance(a, Value) and isinstance(b, Value):
        return draft.add("both", a, b, how=how)
    left = isinstance(b, Value)
    value, constant = (b, _tensor(a)) if left else (a, _tensor(b))
    left = left and how in ("sub", "div")
    if how == "add" and node.alone and _lacks_bias(draft, value) and constant.numel() == value.shape[-1]:
        return draft.add_bias(value, constant.flatten())
    constant = constant.reshape(()) if constant.numel() == 1 else constant
    return draft.add("fixed", value, tensors={"constant": constant}, how=how, shape=list(constant.shape), left=left)


def _lacks_bias(draft: Draft, value: Value) -> bool:
    step = draft.steps[-1] if draft.steps else {"name": "", "layer": ""}
    return step["name"] == value.step and step["layer"] == "linear" and not step["bias"]


@operation("Scaler")
def scaler(draft: Draft, node: Node) -> Value:
    """Give (x - offset) · scale, as scikit-learn's StandardScaler becomes."""
    value = node.value()
    for how, name in (("sub", "offset"), ("mul", "scale")):
        constant = _tensor(node.attributes[name])
        value = draft.add("fixed", value, tensors={"constant": constant}, how=how, shape=list(constant.shape))
    return value


@operation("MatMul")
def matmul(draft: Draft, node: Node) -> Value:
    """Multiply a value with a matrix of weights: a linear layer."""
    value, weight = node.value(), node.tensor(1)
    if weight.ndim != 2:
        raise UserError(f"The file's MatMul takes weights with {weight.ndim} axes; matrices are read.")
    return _linear(draft, value, weight.T, None)


@operation("Gemm")
def gemm(draft: Draft, node: Node) -> Value:
    """Give alpha · x · B + beta · c, with constants B and c: a linear layer."""
    settings = node.attributes
    if settings.get("transA", 0):
        raise UserError("The file's Gemm transposes the batch (transA), which is not read here.")
    weight = node.tensor(1) * settings.get("alpha", 1.0)  # (in, out), or (out, in) with transB
    weight = weight if settings.get("transB", 0) else weight.T
    bias = None
    if node.constant(2) is not None:
        bias = (node.tensor(2) * settings.get("beta", 1.0)).flatten().expand(len(weight))
    return _linear(draft, node.value(), weight, bias)


def _linear(draft: Draft, value: Value, weight: Tensor, bias: Tensor | None) -> Value:
    outputs, inputs = weight.shape
    tensors = {"weight": weight} | ({} if bias is None else {"bias": bias})
    return draft.add("linear", value, tensors=tensors, in_features=inputs, out_features=outputs, bias=bias is not None)


@operation("BatchNormalization")
def batch_norm(draft: Draft, node: Node) -> Value:
    """Normalise by the statistics of training."""
    if node.attributes.get("training_mode", 0):
        raise UserError("The file's batch norm is in training mode: export the model in eval mode.")
    value = node.value()
    names = ("weight", "bias", "running_mean", "running_var")
    tensors = {name: node.tensor(i) for i, name in enumerate(names, start=1)}
    eps, kind = node.attributes.get("epsilon", 1e-5), "batch_norm2d" if len(value.shape) == 4 else "batch_norm1d"
    return draft.add(kind, value, tensors=tensors, num_features=len(tensors["weight"]), eps=eps)


@operation("GlobalAveragePool", "ReduceMean")
def mean(draft: Draft, node: Node) -> Value:
    """Average over axes of a picture."""
    value = node.value()
    rank = len(value.shape)
    if node.kind == "GlobalAveragePool":
        return draft.add("mean", value, axes=list(range(2, rank)), keep=True)
    axes = node.whole(1, "axes")
    if not axes and node.attributes.get("noop_with_empty_axes", 0):
        return value
    chosen = [axis % rank for axis in axes or range(rank)]
    return draft.add("mean", value, axes=chosen, keep=bool(node.attributes.get("keepdims", 1)))
