"""Where tensors live, and how many fit there at once."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import torch
from torch import Tensor

from explorer.core.errors import UserError

T = TypeVar("T")


def best_device() -> torch.device:
    """CUDA when present, else the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def generator(seed: int, device: torch.device | str = "cpu") -> torch.Generator:
    """Return a seeded generator; the global one is never touched."""
    return torch.Generator(device=device).manual_seed(seed)


def own_seeds(seed: int, start: int, count: int) -> Tensor:
    """Return a seed for each of `count` pictures from place `start` on, (count,): the same whatever is beside it."""
    return torch.randint(1 << 62, (start + count,), generator=generator(seed))[start:]


def uniform(shape: Sequence[int], rng: torch.Generator, device: torch.device) -> Tensor:
    """Return numbers from [0, 1) on a device, drawn where the generator lives: the same on every machine."""
    return torch.rand(tuple(shape), generator=rng, device=rng.device).to(device)


def normal(shape: Sequence[int], rng: torch.Generator, device: torch.device) -> Tensor:
    """Return standard normal numbers on a device, drawn where the generator lives."""
    return torch.randn(tuple(shape), generator=rng, device=rng.device).to(device)


def in_batches(count: int, size: int, work: Callable[[slice], T]) -> list[T]:
    """Return `work(rows)` of each batch of at most `size` of `count` rows, in their order.

    A batch that the device's memory does not hold is halved and tried again. Raises `UserError` where
    it does not hold one row.
    """
    done: list[T] = []
    first = 0
    while first < count:
        rows = slice(first, min(first + size, count))
        try:
            done.append(work(rows))
        except torch.OutOfMemoryError as error:
            size = (rows.stop - first) // 2
            if not size:
                raise UserError(
                    "The device's memory does not hold this model with one picture: choose a smaller model, "
                    "or hide the device (CUDA_VISIBLE_DEVICES='') to use the CPU."
                ) from error
        else:
            first = rows.stop
    return done


@contextmanager
def whole_float32() -> Iterator[None]:
    """Let a GPU's convolutions compute in float32, not in TF32, whose ten bits prove nothing. A decorator, too."""
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
        yield
