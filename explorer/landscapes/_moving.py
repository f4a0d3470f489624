"""A copy of a model whose weights can be put anywhere on a plane, and back, exactly."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from explorer.landscapes._weights import Direction
from explorer.models._quick import refresh
from explorer.models.prepare import prepare


class Moving:
    """A prepared copy of a model, in eval mode, at (a, b): its weights + a·first + b·second.

    Each move starts from the saved weights, so that none leaves a trace in the next. The caller's model is not touched.
    """

    def __init__(self, model: nn.Module, first: Direction, second: Direction) -> None:
        self.net = prepare(model, fold=False)
        own = dict(model.named_parameters())
        for direction in (first, second):
            if {n: d.shape for n, d in direction.items()} != {n: p.shape for n, p in own.items()}:
                raise ValueError("a direction has one tensor for each parameter of the model, of its shape")
        # what the model never calls is not in the copy
        places = dict(self.net.named_parameters(remove_duplicate=False))
        moved = [n for n in own if n in places and (first[n].any() or second[n].any())]
        self.parts = [(places[n], *(_like(places[n], v[n]) for v in (own, first, second))) for n in moved]
        self.norms = [m for m in self.net.modules() if isinstance(m, _BatchNorm) and m.track_running_stats]

    @torch.no_grad()
    def to(self, a: float, b: float) -> nn.Module:
        """Return the copy, moved to a point of the plane."""
        for place, start, first, second in self.parts:
            torch.add(start, first, alpha=a, out=place)
            place.add_(second, alpha=b)
        refresh(self.net)
        return self.net

    @torch.no_grad()
    def measure(self, batches: Iterable[Tensor]) -> None:
        """Measure batch norm's statistics anew where the copy is: the means over the batches of their statistics.

        As `torch.optim.swa_utils.update_bn` does. Where there is no batch norm nothing is done.
        """
        if not self.norms:
            return
        kept = [norm.momentum for norm in self.norms]
        for norm in self.norms:
            norm.reset_running_stats()
            norm.momentum = None  # the plain mean over all batches
            norm.train()
        for batch in batches:
            self.net(batch)
        for norm, momentum in zip(self.norms, kept, strict=True):
            norm.momentum = momentum
            norm.eval()


def _like(place: Tensor, value: Tensor) -> Tensor:
    """Return a copy of a value that lies in memory as its place does."""
    return torch.empty_like(place).copy_(value.detach())
