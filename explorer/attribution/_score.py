"""The number that a map explains, as a module from pictures to one value each: what Captum is given."""

import torch
from captum.attr import Saliency
from torch import Tensor, nn

from explorer.attribution.target import Target, score_of
from explorer.core.progress import Tick, silent


class Score(nn.Module):
    """A model and its target: pictures (M, ...) and their labels to scores (M,).

    Captum repeats `args` as it repeats the pictures, so every copy of a picture keeps its target.

    limit : images at once, which bounds the memory; never fewer than the pictures themselves
    """

    def __init__(self, model: nn.Module, target: Target, limit: int, tick: Tick = silent) -> None:
        super().__init__()
        self.model, self.target, self.tick = model, target, tick
        self.limit = max(limit, len(target.labels))
        self.seen, self.whole = 0, len(target.labels)

    @property
    def args(self) -> tuple[Tensor, Tensor]:
        """Captum's `additional_forward_args`."""
        return self.target.labels, self.target.rivals

    @property
    def copies(self) -> int:
        """How many copies of each picture pass at once."""
        return self.limit // len(self.target.labels)

    def expect(self, passes: int) -> None:
        """Say how often each picture will pass, for the progress."""
        self.whole = passes * len(self.target.labels)

    def forward(self, x: Tensor, labels: Tensor, against: Tensor) -> Tensor:
        """Return the target's score, (M,)."""
        return score_of(self.target.kind, self._logits(x), labels, against)

    def _logits(self, x: Tensor) -> Tensor:
        self.tick(min(self.seen, self.whole), self.whole)
        self.seen += len(x)
        logits: Tensor = self.model(x)
        return logits

    def at(self, x: Tensor) -> Tensor:
        """Return the scores (N,) of other values of the same pictures, without gradients."""
        with torch.no_grad():
            scores: Tensor = self(x, *self.args)
        return scores

    def mean_over(self, empties: Tensor) -> Tensor:
        """Return each picture's mean score, (N,), over K images (K, ...) that serve all: each passes once."""
        with torch.no_grad():
            logits = torch.cat([self._logits(some) for some in empties.split(self.limit)])  # type: ignore[no-untyped-call]
        kind, n = self.target.kind, len(self.target.labels)
        every = logits.repeat_interleave(n, 0)  # (K·N, classes)
        scores = score_of(kind, every, *(labels.repeat(len(logits)) for labels in self.args))
        return scores.view(-1, n).mean(0)

    def gradients(self, points: Tensor) -> Tensor:
        """Return the score's gradient at K points for each picture, (K, N, ...), a few copies at a time."""
        found = []
        for first in range(0, len(points), self.copies):
            some = points[first : first + self.copies].detach()
            args = tuple(labels.repeat(len(some)) for labels in self.args)
            flat = some.flatten(0, 1).requires_grad_()
            gradient = Saliency(self).attribute(flat, abs=False, additional_forward_args=args)
            found.append(gradient.view_as(some))
        return torch.cat(found)
