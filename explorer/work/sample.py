"""A sample of a data set: some test pictures, looked at through one model. A task of its own."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, TypeVar

import numpy as np

from explorer.core.digest import of_json
from explorer.core.progress import Tick
from explorer.data import DATA, data_digest
from explorer.models.zoo import weights_digest
from explorer.work.key import FORMAT
from explorer.work.request import Pairs, Request
from explorer.work.store import shared_store

R = TypeVar("R")
S = TypeVar("S", "Sample", Request)
SIZE = 250  # pictures in a sample
LOOK = ("method", "method_knobs", "explained", "against", "seed")  # what a map hangs on besides picture and model


@dataclass(frozen=True, slots=True)
class Sample:
    """Pictures `start` to `stop` of the test set, and what is asked of them. Cut by `samples`, from checked choices.

    page : what is to be found, a line in `work.compute.SAMPLES`
    score : "logit", "difference" or "loss"; the other choices as in a request, "" or () where the question does not
        hang on them
    """

    page: str
    data: str
    data_knobs: Pairs
    model: str
    start: int
    stop: int
    method: str = ""
    method_knobs: Pairs = ()
    score: str = ""
    explained: str = ""
    against: str = ""
    seed: int = 0
    other: str = ""
    upload: str = ""

    @property
    def key(self) -> str:
        """The name of the computation: equal for two samples exactly when their results are."""
        digests = [weights_digest(name) for name in (self.model, self.other) if name]
        digests.append(data_digest(self.data, "test", self.data_knobs))
        return of_json({"sample": asdict(self), "digests": digests, "format": FORMAT})

    @property
    def needs(self) -> tuple["Sample", ...]:
        """The samples whose results this one is made of; whoever computes it computes those that are not there."""
        return ()

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: pictures {self.start} to {self.stop} of {self.data}, {self.method} on {self.model}"


def samples(request: Request, page: str, model: str, n: int, *, looks: bool = True, other: str = "") -> list[Sample]:
    """Return the samples of the first `n` test pictures, as the request says.

    looks : whether what is asked hangs on the method and what it explains
    """
    n = min(n, DATA[request.data].facts["sizes"]["test"])
    chosen: dict[str, Any] = {"data": request.data, "data_knobs": request.data_knobs, "model": model, "other": other}
    if looks:
        chosen |= {name: getattr(request, name) for name in LOOK} | {"score": dict(request.choices)["score"]}
    return [Sample(page, start=start, stop=min(start + SIZE, n), **chosen) for start in range(0, n, SIZE)]


def kept(sample: S, compute: Callable[[S, Tick], R], tick: Tick) -> R:
    """Return the result of a piece that another is made of: looked up where this machine has it, else computed."""
    store, key = shared_store(), sample.key
    found: R | None = store.get(key)
    if found is None:
        found = store.put(key, compute(sample, tick))
    return found


def joined(parts: Sequence[R]) -> R:
    """Return the results of some samples as one: every array put behind the other's, the rest that of the first."""
    return _joined(parts)  # type: ignore[no-any-return]


def _joined(parts: Sequence[Any]) -> Any:
    first = parts[0]
    if isinstance(first, np.ndarray):
        return np.concatenate(parts)
    if isinstance(first, Mapping):
        return {name: _joined([part[name] for part in parts]) for name in first}
    if is_dataclass(first) and not isinstance(first, type):
        columns = {f.name: _joined([getattr(part, f.name) for part in parts]) for f in fields(first)}
        return type(first)(**columns)
    return first
