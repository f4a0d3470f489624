"""What a recipe sees of one step of training."""

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from explorer.core.types import Threat
from explorer.training.augment import Placement
from explorer.training.memory import Memory


@dataclass(frozen=True, eq=False, slots=True)
class Batch:
    """One minibatch on its way to a loss.

    model : in train mode; an attack on it must switch to eval mode and back
    x, y : (N, ...) float32 in [0, 1] after augmentation; (N,) int64
    index : (N,) places in the training set
    threat : the budget to be robust to, at its full size unless the plan lets it grow
    progress : share of the training done, in [0, 1)
    placement : how `x` was cut from the training pictures
    memory : what the recipe keeps of each training picture from one epoch to the next
    after : what a recipe has done to the weights once the optimiser has stepped; each is called with the learning rate
    notes : where a recipe writes what the history shall tell of its steps, by name; it has each epoch's mean
    """

    model: nn.Module
    x: Tensor
    y: Tensor
    index: Tensor
    threat: Threat
    progress: float
    rng: torch.Generator
    placement: Placement = field(default_factory=Placement)
    memory: Memory = field(default_factory=lambda: Memory(0))
    after: list[Callable[[float], None]] = field(default_factory=list)
    notes: dict[str, float] = field(default_factory=dict)
