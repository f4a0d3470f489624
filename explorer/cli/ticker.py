"""Progress on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from explorer.core.progress import Tick

PAUSE, STEP = 10.0, 5  # seconds, and percent, between two lines


@contextmanager
def ticker(title: str) -> Iterator[Tick]:
    """Give a tick that says how far it is: in one line on a terminal, else in a line where there is news.

    News is `STEP` percent more or less than was said, not sooner than after `PAUSE` seconds; and the end of what was
    spoken of.
    """
    terminal = sys.stderr.isatty()
    pause, said = 0.2 if terminal else PAUSE, 0
    next_word = time.monotonic() + pause

    def tick(done: int, total: int, note: str = "") -> None:
        nonlocal next_word, said
        percent = int(100 * done / max(total, 1))
        due = time.monotonic() >= next_word and (terminal or abs(percent - said) >= STEP)
        if due or (percent == 100 and 0 < said < 100):
            next_word, said = time.monotonic() + pause, percent
            word = f"{title}: {percent}% {note}".rstrip()
            click.echo(f"\r\033[K{word}" if terminal else word, nl=not terminal, err=True)

    yield tick
    if terminal:
        click.echo("\r\033[K", nl=False, err=True)
