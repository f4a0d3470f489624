"""A network's weights as one vector, and the loss as a function of it."""

import copy
from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core.goals import known_labels

Direction = dict[str, Tensor]  # one tensor for each of `model.named_parameters()`, of its shape
BATCH = 128  # pictures at once on a CPU: its cache holds no more


class Weights:
    """A copy of a network in eval mode, whose n weights are read and moved as one vector."""

    def __init__(self, model: nn.Module) -> None:
        self.model = copy.deepcopy(model).eval().requires_grad_(True)
        self.named = dict(self.model.named_parameters())
        self.parts = list(self.named.values())
        self.sizes = [part.numel() for part in self.parts]
        self.origin = [part.detach().clone() for part in self.parts]

    @property
    def size(self) -> int:
        """The number of weights, n."""
        return sum(self.sizes)

    @property
    def length(self) -> float:
        """The length of the vector in l2."""
        return float(torch.stack([part.square().sum() for part in self.origin]).sum().sqrt())

    def zeros(self) -> Tensor:
        """Return no direction, (n,)."""
        return self.parts[0].new_zeros(self.size, requires_grad=False)

    def split(self, v: Tensor) -> list[Tensor]:
        """Return a vector (n,) as views of the parameters' shapes."""
        return [piece.view_as(part) for piece, part in zip(torch.split(v, self.sizes), self.parts, strict=True)]

    def shaped(self, v: Tensor) -> Direction:
        """Return a vector (n,) as a direction: a tensor for each named parameter."""
        return {name: piece.clone() for name, piece in zip(self.named, self.split(v), strict=True)}

    def flat(self, direction: Mapping[str, Tensor]) -> Tensor:
        """Return a direction as a vector (n,)."""
        return torch.cat([direction[name].reshape(-1) for name in self.named])

    def move(self, v: Tensor) -> None:
        """Put the weights at their origin plus a vector (n,), exactly: nothing adds up over many moves."""
        with torch.no_grad():
            for part, origin, piece in zip(self.parts, self.origin, self.split(v), strict=True):
                torch.add(origin, piece, out=part)


class Loss:
    """The mean cross-entropy over pictures x (N, ...) that stay as they are, as a function of the weights.

    labels : (N,) int64

    Raises `UserError` for a label that the model does not have.
    """

    def __init__(self, model: nn.Module, x: Tensor, labels: Tensor) -> None:
        self.weights = Weights(model)
        device = self.weights.parts[0].device
        self.x, self.labels = x.to(device), labels.to(device)
        self.batch = BATCH if device.type == "cpu" else 8 * BATCH
        with torch.no_grad():
            known_labels(self.labels, self.weights.model(self.x[:1]).shape[1])

    def chunks(self) -> list[slice]:
        """Return the rows that are worked on at once."""
        return [slice(first, first + self.batch) for first in range(0, len(self.x), self.batch)]

    def share(self, rows: slice) -> Tensor:
        """Return what some pictures add to the mean, with its graph."""
        logits = self.weights.model(self.x[rows])
        return cross_entropy(logits, self.labels[rows], reduction="sum") / len(self.x)

    def slopes(self, share: Tensor, keep: bool = False) -> tuple[Tensor, ...]:
        """Return the gradient of a loss in each parameter; with `keep`, as something that has a gradient in turn."""
        parts = self.weights.parts
        found: tuple[Tensor, ...] = torch.autograd.grad(share, parts, create_graph=keep, materialize_grads=True)
        return found

    def __call__(self, v: Tensor) -> tuple[float, Tensor]:
        """Return the loss and its gradient (n,) at the weights plus v (n,)."""
        self.weights.move(v)
        total, gradient = 0.0, self.weights.zeros()
        with torch.enable_grad():
            for rows in self.chunks():
                share = self.share(rows)
                gradient += join(self.slopes(share))
                total += float(share.detach())
        return total, gradient


def join(parts: tuple[Tensor, ...]) -> Tensor:
    """Return tensors as one vector."""
    return torch.cat([part.reshape(-1) for part in parts])
