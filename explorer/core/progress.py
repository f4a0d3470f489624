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


def part_of(tick: Tick, part: int, parts: int) -> Tick:
    """Return a tick for one of some equal parts of the work, in hundredths of it."""

    def inner(done: int, total: int, note: str = "") -> None:
        tick(part * 100 + 100 * done // max(total, 1), parts * 100, note)

    return inner
