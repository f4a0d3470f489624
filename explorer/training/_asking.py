"""A model that is being trained, asked for the time of an attack."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def asking(model: nn.Module) -> Iterator[nn.Module]:
    """Put a model in eval mode (running batch statistics), and back to train mode at the end.

    All recipes attack so: with the statistics of the batch an attack would move these too.
    """
    model.eval()
    try:
        yield model
    finally:
        model.train()
