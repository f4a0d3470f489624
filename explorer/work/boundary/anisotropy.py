"""The view "anisotropy" of the Boundary page: the directions that an architecture prefers before it is trained."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.digest import of_json
from explorer.core.progress import Tick, silent
from explorer.core.results import Anisotropy, Gradients
from explorer.geometry.anisotropy import anisotropy, gradients, point, steep
from explorer.models.build import build, initialise
from explorer.work.key import FORMAT
from explorer.work.request import Request
from explorer.work.sample import Sample, joined

SIZE = 250  # networks in a piece


@dataclass(frozen=True, slots=True)
class Networks(Sample):
    """Networks `start` to `stop` of those drawn of an architecture, for pictures of one channel, `side` pixels square.

    What they give hangs neither on the data set nor on a trained model, and so does their key.
    """

    architecture: str = ""
    side: int = 0

    @property
    def key(self) -> str:
        """The name of the computation: equal for two pieces exactly when their results are."""
        asked = (self.page, self.architecture, self.side, self.start, self.stop, self.seed)
        return of_json({"networks": asked, "format": FORMAT})

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: {self.start} to {self.stop} of {self.architecture}"


def pieces(request: Request) -> list[Networks]:
    """Return the networks that are to be drawn, some at a time; none where they are too few to say anything."""
    show: dict[str, Any] = dict(request.show)
    n, about = int(show["networks"]), {name: show[name] for name in ("architecture", "side")}
    about |= {"data": request.data, "data_knobs": request.data_knobs, "model": "", "seed": request.seed}
    return [Networks("networks", start=at, stop=min(at + SIZE, n), **about) for at in range(0, n, SIZE)]


def refusal(request: Request) -> str:
    """Return in a sentence why these choices cannot give directions, or ""."""
    show = dict(request.show)
    side, n = int(show["side"]), int(show["networks"])
    if n >= side**2:
        return ""
    return f"{n:,} networks are too few for {side}×{side} pixels: draw {side**2:,} or more, or choose a smaller side."


def networks(piece: Networks, tick: Tick = silent) -> Gradients:
    """Return the gradients of a piece's networks, all at one point that the seed chooses."""
    shape = (1, piece.side, piece.side)
    model = build(piece.architecture, shape, 1, {})

    def draw(rng: torch.Generator) -> nn.Module:
        initialise(model, rng)
        return model

    seeds = torch.randint(1 << 62, (piece.stop,), generator=generator(piece.seed)).tolist()
    found = gradients(draw, point(shape, piece.seed), seeds[piece.start :], tick=tick)
    return Gradients(piece.start, found.numpy())


def gather(request: Request, found: Mapping[Any, Any]) -> Anisotropy | None:
    """Return the directions by the networks that are there; None while too few of those have a gradient.

    Raises `UserError` where all are there and too few of them have a gradient.
    """
    asked = pieces(request)
    there = [found[one] for one in asked if one in found]
    size = int(dict(request.show)["side"]) ** 2
    if not there:
        return None
    rows = joined(there).rows
    if len(there) < len(asked) and steep(rows).sum() < size:
        return None
    return anisotropy(rows)
