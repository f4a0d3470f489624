"""What a measure is given: a model, pictures, and a method to explain them by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import one_hot

from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.device import in_batches
from explorer.core.goals import ascent
from explorer.core.progress import Tick, silent
from explorer.core.results import Saliency
from explorer.models.prepare import prepare

BATCH = 128  # as attacks: a cache holds no more


@dataclass(frozen=True)
class Lead:
    """What a gradient is taken of: the winning logit, or its `margin` over the runner-up; or a given class' logit.

    A hill (`core.goals.Hill`) whose height nobody asks for.
    """

    labels: Tensor | None = None
    margin: bool = False

    def height(self, logits: Tensor) -> Tensor:
        """Return the number itself, (N,)."""
        return (self.uphill(logits) * logits).sum(1)

    def uphill(self, logits: Tensor) -> Tensor:
        """Return its gradient in the logits, (N, K)."""
        best = logits.topk(2, 1).indices  # (N, 2)
        first = one_hot(best[:, 0] if self.labels is None else self.labels, logits.shape[1])
        return (first - one_hot(best[:, 1], logits.shape[1]) if self.margin else first).to(logits)


@dataclass(eq=False)
class Case:
    """A model, N pictures, and the method whose maps are measured. Used by one thread.

    model : as loaded, in eval mode; x : (N, ...), y : (N,) int64
    method, knobs, seed, crowd : as `run_method` takes them
    mask : (N, 1, H, W) the share of each pixel that the object covers, where that is known
    bright : the object is what is bright
    """

    model: nn.Module
    x: Tensor
    y: Tensor
    method: str = "gradient"
    knobs: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    crowd: Tensor | None = None
    mask: Tensor | None = None
    bright: bool = False

    @cached_property
    def quick(self) -> nn.Module:
        """The same network, faster."""
        return prepare(self.model)

    @cached_property
    def winners(self) -> Tensor:
        """(N,) int64: what the model says of each picture."""
        return self.logits(self.x).argmax(1)

    def logits(self, x: Tensor) -> Tensor:
        """Return the logits of as many pictures as are given."""
        with torch.no_grad():
            return torch.cat(in_batches(len(x), BATCH, lambda rows: self.quick(x[rows])))

    def gradients(self, lead: Lead, tick: Tick = silent) -> Tensor:
        """Return the input gradients (N, ...) of what `lead` says: one forward and one input-backward pass."""
        return _gradients(self.quick, self.x, lead, tick)

    def saliency(self, tick: Tick = silent) -> Saliency:
        """Return the method's maps for the logit of the class that the model says."""
        return run_method(
            self.method,
            self.model,
            self.x,
            Target(self.winners),
            knobs=self.knobs,
            seed=self.seed,
            crowd=self.crowd,
            tick=tick,
        )

    def maps(
        self, labels: Tensor, tick: Tick = silent, *, x: Tensor | None = None, model: nn.Module | None = None
    ) -> Tensor:
        """Return the method's maps of the logits of `labels`; of other values `x`, or on another `model`."""
        x = self.x if x is None else x
        if self.method == "gradient":  # Captum's to the rounding, and as fast as the passes themselves
            quick = self.quick if model is None else prepare(model)
            return _gradients(quick, x, Lead(labels), tick)
        model = self.model if model is None else model
        found = run_method(
            self.method, model, x, Target(labels), knobs=self.knobs, seed=self.seed, crowd=self.crowd, tick=tick
        )
        return torch.from_numpy(found.maps).to(x.device)


def _gradients(quick: nn.Module, x: Tensor, lead: Lead, tick: Tick) -> Tensor:
    def work(rows: slice) -> Tensor:
        tick(rows.start, len(x))
        some = lead if lead.labels is None else Lead(lead.labels[rows], lead.margin)
        return ascent(quick, x[rows], some)[1]

    return torch.cat(in_batches(len(x), BATCH, work))
