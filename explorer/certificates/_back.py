"""Back-substitution: from rows on a step's values to affine lower bounds in the picture's pixels."""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.certificates.network import INPUT, Network


@dataclass(frozen=True, eq=False, slots=True)
class Lines:
    """Two lines that hold a ReLU between them: low_slope · z <= relu(z) <= slope · z + shift, (N, *shape) each."""

    low_slope: Tensor
    slope: Tensor
    shift: Tensor


@dataclass(frozen=True, eq=False, slots=True)
class Planes:
    """Affine lower bounds: rows · x' + shift, for all x' in the ball; (N, R, *shape) and (N, R)."""

    rows: Tensor
    shift: Tensor


def planes(net: Network, start: int, rows: Tensor, lines: Mapping[int, Lines]) -> Planes:
    """Return planes below rows · (values of step `start`), rows (N, R, *shape of the step).

    lines : of each ReLU before `start`, by its step
    Zhang et al. 2018 (arXiv:1811.00866), eqs. 4 and 5, for lower bounds; upper ones are those of -rows.
    """
    held: dict[int, Tensor] = {start: rows}
    shift = rows.new_zeros(rows.shape[:2])
    for index in range(start, INPUT, -1):
        if index not in held:
            continue
        a, step = held.pop(index), net.steps[index]
        if step.affine is not None:
            shift = shift + (a * step.affine.shift()[:, None]).flatten(2).sum(2)
            a = step.affine.back(a.flatten(0, 1)).view(*a.shape[:2], *step.affine.inputs)
        elif step.kind == "relu":
            line = lines[index]
            up, down = a.clamp_min(0), a.clamp_max(0)
            shift = shift + (down * line.shift[:, None]).flatten(2).sum(2)
            a = up * line.low_slope[:, None] + down * line.slope[:, None]
        elif step.kind == "maximum":
            raise NotImplementedError
        for source in step.sources:
            held[source] = held[source] + a if source in held else a
    found = held.get(INPUT)
    return Planes(rows.new_zeros(*rows.shape[:2], *net.shape) if found is None else found, shift)


def differences(labels: Tensor, classes: int) -> Tensor:
    """Return the rows of the margins logits[label] - logits[k], (N, K, K); that of the label itself is 0."""
    eye = torch.eye(classes, device=labels.device)
    return eye[labels][:, None] - eye[None]
