"""Progress out, cancellation in: the one callback that every long loop takes."""

from typing import Protocol


class Cancelled(Exception):
    """Raised by a tick when nobody waits for the result any more."""


class Tick(Protocol):
    """Called once per round of a loop; may raise `Cancelled`."""

    def __call__(self, done: int, total: int, note: str = "") -> None:
        """Report `done` of `total` rounds."""


def silent(done: int, total: int, note: str = "") -> None:
    """Tick for someone who watches nothing."""


def part(tick: Tick, before: int, size: int, whole: int) -> Tick:
    """Return a tick for a piece of the work: `size` of `whole`, after `before` of them."""

    def inner(done: int, total: int, note: str = "") -> None:
        tick(before * 100 + size * 100 * done // max(total, 1), whole * 100, note)

    return inner
