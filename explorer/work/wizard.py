"""Importing a model: what a file is, how its pixels are to be normalised, and how often it is right then.

`examine` looks, in a process with limits; nothing has been kept then. `keep` makes the model one of the
person's own, under a name that an address can hold.
"""

import hashlib
import platform
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePath
from typing import Any

import numpy as np
import torch

from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.stats import Rate
from explorer.data import DATA, data_digest, load_data
from explorer.models import own
from explorer.models.build import build
from explorer.models.importers.kinds import kind_of
from explorer.work.limits import in_limits
from explorer.work.normalisations import normalisations
from explorer.work.trials import look

MEGABYTES = 200  # of a file
SECONDS, MEMORY = 120, 3 * 2**30
CLEARLY = 0.1  # of the way from chance to perfection
TITLE = re.compile(r"[\w .,+=-]{1,40}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One way to read pixels into a model: (x - mean) / std per channel, and what it leads to.

    variant : of the file, "" where there is but one; clean : accuracy on the first test pictures
    """

    variant: str
    normalisation: str
    mean: tuple[float, ...]
    std: tuple[float, ...]
    clean: Rate

    @property
    def name(self) -> str:
        """What to choose it by."""
        return f"{self.normalisation}, {self.variant}" if self.variant else self.normalisation

    @property
    def range(self) -> str:
        """What black and white, pixels of 0 and 1, become for the network: "−0.424 to 2.82"; channel by channel."""
        ends = [(-m / s, (1 - m) / s) for m, s in zip(self.mean, self.std, strict=True)]
        each = [f"{0.0 + low:.3g} to {high:.3g}".replace("-", "−") for low, high in ends]
        return "; ".join(each if len(set(each)) > 1 else each[:1])


@dataclass(frozen=True, eq=False, slots=True)
class Examination:
    """What was found in a file; see `explorer.models.importers.variants.Reading`.

    sha256, size : of the file, in bytes; candidates : the best first; chance : the share of the commonest
    class; notes : sentences for the person; networks, tensors : what `keep` needs
    """

    data: str
    sha256: str
    size: int
    kind: str
    shape: tuple[int, ...]
    output: str
    parameters: int
    candidates: tuple[Candidate, ...]
    chance: float
    notes: tuple[str, ...]
    networks: Mapping[str, Mapping[str, Any]] = field(repr=False)
    tensors: Mapping[str, np.ndarray] = field(repr=False)

    @property
    def best(self) -> Candidate:
        """The candidate with the highest clean accuracy among those tried on all pictures; of equals the plainest."""
        return self.candidates[0]

    @property
    def clear(self) -> bool:
        """Whether the best candidate is clearly better than chance."""
        return self.best.clean.interval[0] > self.chance + CLEARLY * (1 - self.chance)


def examine(
    raw: bytes,
    data: str,
    *,
    architecture: str | None = None,
    knobs: Mapping[str, Any] | None = None,
    count: int = 1000,
    tick: Tick = silent,
) -> Examination:
    """Look at a model's file, and try the usual normalisations on the first `count` test pictures.

    architecture, knobs : of a safetensors file, where they are known (a card's "architecture" and "network")

    Raises `UserError` in one sentence for every file that is not a model of these data.
    """
    if len(raw) > MEGABYTES << 20:
        raise UserError(f"The file has {len(raw) / (1 << 20):.0f} MB: {MEGABYTES} MB are the most that is read.")
    kind_of(raw)  # most mistakes need no other process
    test, facts = load_data(data, "test", tick=tick), DATA[data].facts
    x, y = test.x[:count], test.y[:count]
    asked = {
        "data": data,
        "classes": len(facts["classes"]),
        "normalisations": [asdict(normalisation) for normalisation in normalisations(data)],
        "architecture": architecture,
        "knobs": None if knobs is None else dict(knobs),
    }
    arrays = {"file": np.frombuffer(raw, np.uint8), "x": x.numpy(), "y": y.numpy()}
    tensors, found = in_limits(look, arrays, asked, seconds=SECONDS, memory=MEMORY, tick=tick)
    tried = [
        Candidate(row["variant"], row["name"], tuple(row["mean"]), tuple(row["std"]), Rate(row["hits"], row["n"]))
        for row in found["tried"]
    ]
    chance = float(torch.bincount(y).max() / len(y))
    examination = Examination(
        data=data,
        sha256=hashlib.sha256(raw).hexdigest(),
        size=len(raw),
        kind=found["kind"],
        shape=tuple(found["shape"]),
        output=found["output"],
        parameters=found["parameters"],
        candidates=tuple(sorted(tried, key=lambda one: (-one.clean.n, -one.clean.value))),
        chance=chance,
        notes=(),
        networks=found["networks"],
        tensors=tensors,
    )
    return replace(examination, notes=(*found["notes"], *_advice(examination)))


def keep(found: Examination, candidate: Candidate, title: str) -> str:
    """Keep the model as one of the person's own; return its name (see `explorer.models.own`).

    Raises `UserError` for a title of other than 1 to 40 letters, digits, spaces and . , + = - signs.
    """
    if not TITLE.fullmatch(title) or title != title.strip():
        raise UserError(f"The title {title[:60]!r} is not of 1 to 40 letters, digits, spaces and . , + = - signs.")
    facts, network = DATA[found.data].facts, found.networks[candidate.variant]
    shape = facts["shape"]
    model = build(network["architecture"], shape, len(facts["classes"]), network["network"])
    model.get_submodule("net").load_state_dict({name: torch.from_numpy(array) for name, array in found.tensors.items()})
    for name in ("mean", "std"):
        model.get_buffer(f"normalise.{name}")[:] = torch.tensor(getattr(candidate, name)).reshape(
            -1, *[1] * (len(shape) - 1)
        )
    rate = candidate.clean
    card = {
        "title": title,
        "data": found.data,
        "data_digest": data_digest(found.data, "test"),
        "shape": list(shape),
        "classes": list(facts["classes"]),
        **network,
        "parameters": found.parameters,
        "threat": {"norm": facts["norm"], "eps": facts["eps"][facts["norm"]] / facts["unit"]},  # to measure it at
        "seed": 0,
        "kind": found.kind,
        "output": found.output,
        "normalisation": {"name": candidate.name, "mean": list(candidate.mean), "std": list(candidate.std)},
        "source": {"sha256": found.sha256, "bytes": found.size, "shape": list(found.shape)},
        "measured": {"clean": {"hits": rate.hits, "n": rate.n, "interval": list(rate.interval)}},
        "versions": {"torch": torch.__version__, "python": platform.python_version()},
    }
    return own.write(card, model.state_dict())


def choose(found: Examination, name: str) -> Candidate:
    """Return the candidate of a name; "auto" for the best, which must be clearly better than chance.

    Raises `UserError` naming the candidates.
    """
    names = [candidate.name for candidate in found.candidates]
    if name == "auto":
        if found.clear:
            return found.best
        raise UserError(f"{_unclear(found)} Choose one to import it all the same: {'; '.join(names)}.")
    if name not in names:
        raise UserError(f"The normalisation {name[:40]!r} is not one of those tried: {'; '.join(names)}.")
    return found.candidates[names.index(name)]


def title_of(path: str) -> str:
    """Return a title made of a file's name."""
    return re.sub(r"[^\w .,+=-]+", "-", PurePath(path).stem)[:40].strip() or "own model"


def _advice(found: Examination) -> list[str]:
    """Return what is to be told of the candidates."""
    if not found.clear:
        return [_unclear(found)]
    low = found.best.clean.interval[0]
    rivals = [
        one.name for one in found.candidates[1:] if one.clean.interval[1] >= low and one.clean.n == found.best.clean.n
    ]
    if rivals:
        return [f"{', '.join(rivals)} cannot be told from {found.best.name} on these pictures: choose, if you know."]
    return []


def _unclear(found: Examination) -> str:
    best = found.best
    return (
        f"No normalisation is clearly better than chance ({found.chance:.1%}): the best, {best.name}, gives "
        f"{best.clean}; perhaps the model is of other data, or has its classes in another order."
    )
