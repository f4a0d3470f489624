"""What the engine asks of the place where tasks run, and the simplest such place: this process."""

from collections.abc import Callable
from typing import Protocol

from explorer.work.task import Compute, Outcome, Progress, Task, perform

Hear = Callable[[str, Progress | Outcome], None]


class Backend(Protocol):
    """Runs tasks, and tells `hear` of each one's progress and outcome."""

    @property
    def ready(self) -> bool:
        """Whether tasks are being taken."""

    def warm(self) -> None:
        """Start in the background; return at once."""

    def send(self, task: Task) -> None:
        """Have a task computed."""

    def drop(self, key: str) -> None:
        """Give a task up."""

    def close(self) -> None:
        """Stop for good."""


class Here:
    """Runs each task in this process, before `send` returns."""

    ready = True

    def __init__(self, compute: Compute, hear: Hear) -> None:
        self._compute, self._hear = compute, hear

    def warm(self) -> None:
        """Do nothing: there is nothing to start."""

    def send(self, task: Task) -> None:
        """Compute the task."""

        def tick(done: int, total: int, note: str = "") -> None:
            self._hear(task.key, Progress(done, total, note))

        self._hear(task.key, perform(self._compute, task, tick))

    def drop(self, key: str) -> None:
        """Do nothing: the task is over."""

    def close(self) -> None:
        """Do nothing: nothing is open."""
