"""A piece of a feature space: some test pictures under an attack on one model, as that model has them."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.device import best_device
from explorer.core.errors import Unsuited
from explorer.core.goals import Goal
from explorer.core.norms import Norm
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Featured
from explorer.core.types import Threat
from explorer.data import DATA, load_data
from explorer.features.representation import represent
from explorer.models.zoo import load_model
from explorer.work.inputs import crowd_of
from explorer.work.request import Pairs, Request, unit_of
from explorer.work.sample import SIZE, Sample, kept

SHARED = ("data", "data_knobs", "attack", "knobs", "norm", "eps", "seed")  # with the request


@dataclass(frozen=True, slots=True)
class Attacked(Sample):
    """A sample under an attack to its end, in a space: "features" (with the logits beside them) or "pixels"."""

    attack: str = ""
    knobs: Pairs = ()
    norm: Norm = "linf"
    eps: int = 0
    space: str = "features"

    def address(self) -> str:
        """Return words for the log."""
        what = f"{self.page} of pictures {self.start} to {self.stop} of {self.data}"
        return f"{what} in {self.space}, {self.attack} on {self.model}"


def chosen(request: Request) -> dict[str, Any]:
    """Return what every piece of the page shares with the request."""
    return {name: getattr(request, name) for name in SHARED}


def number(request: Request) -> int:
    """Return how many pictures are asked for, of those that there are."""
    return int(min(dict(request.choices)["n"], DATA[request.data].facts["sizes"]["test"]))


def cut(n: int, model: str, space: str, **shared: Any) -> tuple[Attacked, ...]:
    """Return the pieces of the first `n` test pictures; the logits have none of their own."""
    shared |= {"model": model, "space": "pixels" if space == "pixels" else "features"}
    return tuple(Attacked("features", start=start, stop=min(start + SIZE, n), **shared) for start in range(0, n, SIZE))


def features(sample: Sample, tick: Tick = silent) -> Featured:
    """Return a piece's features, clean and attacked; the attack goes on when a picture is broken."""
    if not isinstance(sample, Attacked):
        raise TypeError("features are those of attacked pictures")
    knobs: dict[str, Any] = dict(sample.data_knobs)
    data, device = load_data(sample.data, "test", tick=tick, **knobs), best_device()
    rows = slice(sample.start, sample.stop)
    x, y = data.x[rows].to(device), data.y[rows].to(device)
    model = load_model(sample.model, device)
    found = run_attack(
        sample.attack,
        model,
        x,
        Goal(y),
        Threat(sample.norm, sample.eps / unit_of(sample.data, sample.norm)),
        seed=sample.seed,
        knobs=dict(sample.knobs),
        stop=False,
        crowd=crowd_of(sample.attack, sample.data, sample.data_knobs, tick),
        tick=tick,
    )
    refused = ""
    try:
        clean, attacked = (points(model, one, sample.space) for one in (x, torch.from_numpy(found.x_adv).to(device)))
    except Unsuited as error:
        refused = str(error)
        clean = attacked = np.empty((len(x), 0), np.float32)
    return Featured(sample.start, found.labels, found.logits, found.logits_adv, clean, attacked, refused)


def points(model: nn.Module, x: Tensor, space: str) -> Array:
    """Return pictures `x` (N, ...) as points (N, D) of a space. Raises `Unsuited` where the model has no such one."""
    if space == "features":
        found = represent(model, x)
    elif space == "pixels":
        found = x.flatten(1)
    else:
        with torch.no_grad():
            found = model(x)
    return np.asarray(found.cpu().numpy(), np.float32)


def joined(pieces: tuple[Attacked, ...], space: str, tick: Tick) -> Featured:
    """Return some pieces as one, with its logits as features where those are asked for.

    Those that this machine has computed before are looked up. Raises `Unsuited` where the model has no such space.
    """
    parts = [kept(piece, features, tick) for piece in pieces]
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("labels", "logits", "logits_adv", "clean", "attacked")
    }
    if space == "logits":
        columns |= {"clean": columns["logits"], "attacked": columns["logits_adv"]}
    elif parts[0].refused:
        raise Unsuited(parts[0].refused)
    return Featured(parts[0].start, **columns)
