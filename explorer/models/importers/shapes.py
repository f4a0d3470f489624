"""ONNX's operations that move values without changing them: shapes, axes, parts, borders."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from explorer.core.errors import UserError
from explorer.models.graph import Draft, Value
from explorer.models.importers.operations import Node, operation


@operation("Shape")
def shape(draft: Draft, node: Node) -> Any:
    """Return the lengths of a value: a constant, as all shapes are known."""
    lengths = np.array(node.value().shape, dtype=np.int64)
    return lengths[node.attributes.get("start", 0) : node.attributes.get("end")]


@operation("Flatten")
def flatten(draft: Draft, node: Node) -> Value:
    """Make a matrix: of the axes before `axis`, and those from it on."""
    value = node.value()
    axis = node.attributes.get("axis", 1)
    rows = math.prod(value.shape[: axis if axis >= 0 else axis + len(value.shape)])
    return draft.reshaped(value, (rows, math.prod(value.shape) // max(rows, 1)))


@operation("Reshape")
def reshape(draft: Draft, node: Node) -> Value:
    """Give constant lengths; 0 keeps a length, -1 is what is left."""
    value, wanted = node.value(), node.whole(1)
    if wanted is None:
        raise UserError("The file's Reshape does not say to what shape.")
    if not node.attributes.get("allowzero", 0):
        wanted = [value.shape[i] if n == 0 and i < len(value.shape) else n for i, n in enumerate(wanted)]
    try:
        lengths = value.probe.reshape(wanted).shape
    except RuntimeError as error:
        given, asked = ("×".join(map(str, lengths)) for lengths in (value.shape, wanted))
        raise UserError(f"The file's Reshape cannot bring {given} numbers to {asked}.") from error
    return draft.reshaped(value, lengths)


@operation("Squeeze")
def squeeze(draft: Draft, node: Node) -> Value:
    """Leave out axes of length 1; without a list of them all but the batch's."""
    value, axes = node.value(), node.whole(1, "axes")
    rank = len(value.shape)
    gone = {axis % rank for axis in axes} if axes else {i for i in range(1, rank) if value.shape[i] == 1}
    return draft.reshaped(value, [n for i, n in enumerate(value.shape) if i not in gone])


@operation("Unsqueeze")
def unsqueeze(draft: Draft, node: Node) -> Value:
    """Put in axes of length 1."""
    value, axes = node.value(), node.whole(1, "axes") or []
    rank = len(value.shape) + len(axes)
    new, old = {axis % rank for axis in axes}, iter(value.shape)
    return draft.reshaped(value, [1 if i in new else next(old) for i in range(rank)])


@operation("Transpose")
def transpose(draft: Draft, node: Node) -> Value:
    """Put the axes in another order; the batch's stays first."""
    value = node.value()
    order = list(node.attributes.get("perm", range(len(value.shape))[::-1]))
    if order[0] != 0:
        raise UserError("The file's Transpose moves the axis of the pictures, which is not read here.")
    return value if order == sorted(order) else draft.add("permute", value, order=order)


@operation("Concat")
def concat(draft: Draft, node: Node) -> Value:
    """Join values along an axis."""
    values = [node.value(i) for i in range(len(node.inputs))]
    return draft.add("concat", *values, axis=node.attributes["axis"] % len(values[0].shape))


@operation("Slice")
def slice_(draft: Draft, node: Node) -> Value:
    """Take part of some axes, forwards."""
    value = node.value()
    starts, stops = node.whole(1, "starts") or [], node.whole(2, "ends") or []
    axes, steps = node.whole(3, "axes") or list(range(len(starts))), node.whole(4) or [1] * len(starts)
    ranges = [[0, n, 1] for n in value.shape]
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        if step < 1:
            raise UserError("The file's Slice runs backwards, which is not read here.")
        ranges[axis] = list(slice(start, stop, step).indices(value.shape[axis]))
    if ranges[0] != [0, value.shape[0], 1]:
        raise UserError("The file's Slice takes some pictures of a batch, which is not read here.")
    return draft.add("slice", value, ranges=ranges[1:])


@operation("Pad")
def pad(draft: Draft, node: Node) -> Value:
    """Add a border of one value."""
    if (mode := node.attributes.get("mode", "constant")) != "constant":
        raise UserError(f"The file's Pad is of the kind {mode}; constant ones are read.")
    value, pads = node.value(), node.whole(1, "pads") or []
    axes = node.whole(3) or list(range(len(value.shape)))
    before, after = [0] * len(value.shape), [0] * len(value.shape)
    for i, axis in enumerate(axes):
        before[axis], after[axis] = pads[i], pads[i + len(axes)]
    return bordered(draft, value, before, after, float(node.constant(2, "value", 0.0)))


def bordered(draft: Draft, value: Value, before: Sequence[int], after: Sequence[int], filling: float) -> Value:
    """Return the value with a border: so many before and after along its last axes."""
    if not any((*before, *after)):
        return value
    border = [n for pair in zip(before[::-1], after[::-1], strict=True) for n in pair]
    return draft.add("pad", value, border=border, value=filling)
