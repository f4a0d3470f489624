"""What is explained of each picture: a logit, the difference of two, or the loss that an attacker climbs."""

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

from explorer.core.errors import UserError
from explorer.core.goals import Goal, known_labels

Kind = Literal["logit", "difference", "loss"]


def score_of(kind: Kind, logits: Tensor, labels: Tensor, against: Tensor) -> Tensor:
    """Return the number that is explained, (N,), from logits (N, K).

    The loss is not the cross-entropy but the log odds that rise with it, log sum_{j != y} exp z_j - z_y: their
    gradients point the same way, and the cross-entropy's is rounded to zero where the model is sure
    (`core.goals.ascent`).
    """
    if kind == "loss":
        return Goal(labels).height(logits)
    own = logits.gather(1, labels[:, None])[:, 0]
    return own - logits.gather(1, against[:, None])[:, 0] if kind == "difference" else own


@dataclass(frozen=True, eq=False, slots=True)
class Target:
    """What is explained of N pictures.

    labels : (N,) int64; against : (N,) int64, of a difference only
    kind : "logit": z_label; "difference": z_label - z_against ("why 7 and not 3"); "loss": see `score_of`,
        its map is positive where a larger value serves the attacker
    """

    labels: Tensor
    kind: Kind = "logit"
    against: Tensor | None = None

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise UserError(f"kind = {str(self.kind)[:40]!r} is not one of {', '.join(get_args(Kind))}.")
        if (self.kind == "difference") != (self.against is not None):
            raise UserError("A difference needs a second class to set the first against, and nothing else takes one.")

    def __getitem__(self, index: Tensor | slice) -> "Target":
        """Return the target of some of the pictures."""
        return Target(self.labels[index], self.kind, None if self.against is None else self.against[index])

    @property
    def rivals(self) -> Tensor:
        """(N,) int64: `against`, or the labels themselves, where nobody reads them."""
        return self.labels if self.against is None else self.against

    def on(self, device: torch.device, classes: int) -> "Target":
        """Return it on a device; raise `UserError` for a label that the model does not have."""
        for labels in (self.labels, self.rivals):
            known_labels(labels, classes)
        against = None if self.against is None else self.against.to(device)
        return Target(self.labels.to(device), self.kind, against)
