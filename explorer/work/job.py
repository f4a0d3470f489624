"""One computation as those who wait for it see it."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from explorer.work.piece import Asked

Phase = Literal["queued", "running", "finished", "failed", "cancelled"]
ENDED = ("finished", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class State:
    """What a job is doing at one moment.

    place : in the line, 1 for the next one; 0 once it runs
    done, total, note : progress; `total` 0 where it is not known
    result : when finished; sentence : when failed, for the person
    """

    phase: Phase
    place: int = 0
    done: int = 0
    total: int = 0
    note: str = ""
    result: Any = None
    sentence: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.phase in ENDED


class Computation:
    """One task, whoever waits for it. The engine's own, and under the engine's lock."""

    def __init__(self, key: str, request: Asked, state: State, rank: tuple[int, int] = (0, 0)) -> None:
        self.key, self.request, self.rank = key, request, rank
        self.watchers: set[str] = set()
        self.over = threading.Event()
        self.become(state)

    @property
    def phase(self) -> Phase:
        """What it is doing, in one word."""
        return self.state.phase

    def become(self, state: State) -> None:
        """Change the state."""
        self.state = state
        if state.ended:
            self.over.set()


class Job:
    """A computation as one watcher sees it. Made by `Engine.submit`; cheap, and safe to share between threads."""

    def __init__(
        self,
        computation: Computation,
        watcher: str,
        look: Callable[[Computation, str], State],
        leave: Callable[[Computation, str], None],
    ) -> None:
        self.key, self.request = computation.key, computation.request
        self._computation, self._watcher = computation, watcher
        self._look, self._leave = look, leave

    def state(self) -> State:
        """Return what the job is doing now; "cancelled" as soon as its own watcher has left."""
        return self._look(self._computation, self._watcher)

    def wait(self, seconds: float) -> State:
        """Wait until the job has ended, or for some seconds; return its state."""
        if not self.state().ended:
            self._computation.over.wait(seconds)
        return self.state()

    def leave(self, watcher: str) -> None:
        """Let a watcher cancel what it waits for. The computation goes on as long as anybody else does."""
        self._leave(self._computation, watcher)
