"""Progress on standard error."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click

from explorer.core.progress import Tick

PAUSE = 10.0  # seconds between two lines


@contextmanager
def ticker(title: str) -> Iterator[Tick]:
    """Give a tick that says how far it is: in one line on a terminal, else in a line every `PAUSE` seconds."""
    terminal = sys.stderr.isatty()
    pause = 0.2 if terminal else PAUSE
    next_word = time.monotonic() + pause

    def tick(done: int, total: int, note: str = "") -> None:
        nonlocal next_word
        if time.monotonic() >= next_word:
            next_word = time.monotonic() + pause
            word = f"{title}: {done / max(total, 1):.0%} {note}".rstrip()
            click.echo(f"\r\033[K{word}" if terminal else word, nl=not terminal, err=True)

    yield tick
    if terminal:
        click.echo("\r\033[K", nl=False, err=True)
