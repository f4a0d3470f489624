"""The view "slices" of the Boundary page: one plane through input space as model A and model B see it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import best_device
from explorer.core.errors import Unsuited
from explorer.core.norms import CONVEX, length
from explorer.core.progress import Tick, part
from explorer.core.results import AttackResult, Distances, Folds, Refused, Regions, Section, Slice, SliceView, Trail
from explorer.data import DATA, load_data
from explorer.geometry.distances import distances
from explorer.geometry.neighbours import neighbours
from explorer.geometry.outline import outlines
from explorer.geometry.plane import place
from explorer.geometry.regions import regions
from explorer.geometry.slice import adaptive, coarse, dense
from explorer.models.zoo import load_model
from explorer.work.boundary.planes import ATTACKED, SHARES, USES, Desk, lay, reach_of
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default
from explorer.work.sample import kept

FOLDS = "folds"  # in place of a grid: where the models' units switch
GRIDS: dict[str, Callable[..., Slice]] = {"coarse": coarse, "adaptive": adaptive, "dense": dense}


def pieces(request: Request) -> list[Request]:
    """Return the requests of the plane's coarse look, and of the chosen one: with what it does not hang on as usual.

    Then, where it is shown, that of where the models' units switch.
    """
    usual, chosen = default(request.data, page=request.page), dict(request.choices)
    pictures = len(DATA[request.data].facts["shape"]) == 3
    plane = str(chosen["plane"]) if pictures else "attacks"  # points live in the plane that they are cut from
    kept = {name: chosen[name] for name in USES[plane]} if pictures else {}
    kept |= {"reach": reach_of(plane, chosen)} if "reach" in kept else {}
    grids = dict.fromkeys(("coarse", chosen["grid"], *([FOLDS] if dict(request.show)["folds"] else [])))
    choices = [dict(usual.choices) | kept | {"view": "slices", "plane": plane, "grid": grid} for grid in grids]
    return [request.with_(choices=tuple(sorted(one.items()))) for one in choices]


def needs(request: Request) -> list[Request]:
    """Return the coarse look, whose plane every other one shows, finer."""
    first = request.with_(choices=tuple(sorted((dict(request.choices) | {"grid": "coarse"}).items())))
    return [] if first == request else [first]


def gather(request: Request, found: Mapping[Any, Any]) -> SliceView | None:
    """Return the finest look that is there, with where the models are linear if that is; None where there is none."""
    there = {dict(one.choices)["grid"]: found[one] for one in pieces(request) if one in found}
    folds, view = there.pop(FOLDS, None), next(reversed(there.values()), None)
    return view if view is None or folds is None else replace(view, folds=folds)


def sliced(request: Request, uploaded: bytes | None, tick: Tick) -> SliceView | Folds:
    """Return the plane of a request, and what both models say on it; or where their units switch.

    Raises `UserError` for pictures that are not there, and for frequencies that a picture does not have.
    """
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    a, b = (load_model(name, device) for name in (request.a, request.b))
    desk = Desk(request, x[0].to(device), label, (a, b), tick)
    if desk.choices["grid"] == "coarse":
        return _first(desk)
    (asked,) = needs(request)
    first = kept(asked, lambda one, told: _first(replace(desk, request=one, tick=told)), tick)
    section = _writable(first.section)
    return _folded(desk, section) if desk.choices["grid"] == FOLDS else _fine(desk, first, section)


def _writable(section: Section) -> Section:
    """Return a plane as torch takes it: arrays of the store are read-only."""
    return replace(section, **{name: getattr(section, name).copy() for name in ("origin", "across", "up")})


def _first(desk: Desk) -> SliceView:
    """Return a plane, and what both models say on it, coarsely.

    It comes without what takes long and hangs on no model's regions: the training pictures near by, and the attacks,
    where the plane is not laid along them.
    """
    request, section = desk.request, lay(desk)
    budget = outlines(section, request.norm, request.threat.eps) if request.norm in CONVEX else None
    (a, b), (ahead_a, ahead_b) = _asked(desk, section), (_ahead(model, desk.x, section) for model in desk.models)
    view = SliceView(desk.label, a, b, budget, ahead_a, ahead_b)
    return _struck(desk, view) if desk.x.ndim == 1 or desk.choices["plane"] in ATTACKED else view


def _fine(desk: Desk, first: SliceView, section: Section) -> SliceView:
    """Return a coarse look's plane with what both models say on it in detail, and the layers that are missing."""
    request, tick = desk.request, desk.tick
    a, b = _asked(desk, section)
    view = replace(first if first.trail_a else _struck(desk, first), a=a, b=b)
    knobs: dict[str, Any] = dict(request.data_knobs)
    data = load_data(request.data, "train", tick=tick, **knobs)
    return replace(view, near=neighbours(section, data.x, data.y, tick=part(tick, 4, 1, SHARES)))


def _asked(desk: Desk, section: Section) -> tuple[Slice, Slice]:
    """Return what both models say on a plane, on the grid that is asked for."""
    ask = GRIDS[desk.choices["grid"]]
    a, b = (compact(ask(one, section, tick=part(desk.tick, 2 + i, 1, SHARES))) for i, one in enumerate(desk.models))
    return a, b


def _struck(desk: Desk, view: SliceView) -> SliceView:
    """Return a view with the attacks' steps."""
    trail_a, trail_b = (_trail(view.section, found) for found in desk.attacked)
    return replace(view, trail_a=trail_a, trail_b=trail_b)


def _folded(desk: Desk, section: Section) -> Folds:
    """Return where both models are linear on a plane."""
    a, b = (_regions(model, section, part(desk.tick, 2 + i, 1, SHARES)) for i, model in enumerate(desk.models))
    return Folds(a, b)


def _regions(model: nn.Module, section: Section, tick: Tick) -> Regions | Refused:
    try:
        return regions(model, section, tick=tick)
    except Unsuited as error:
        return Refused(str(error))


def compact(found: Slice) -> Slice:
    """Return a slice with its numbers in half the bytes or less: three digits of margin and confidence.

    Of a model whose largest margin is beyond the range of half precision, margins keep their bytes: none is infinite.
    """
    kind = np.float16 if found.margin.max() <= np.finfo(np.float16).max else np.float32
    margin, confidence = found.margin.astype(kind), found.confidence.astype(np.float16)
    return replace(found, labels=found.labels.astype(np.uint8), margin=margin, confidence=confidence)


def _ahead(model: nn.Module, x: Tensor, section: Section) -> Distances:
    """Return how far the boundary is from the picture along both axes, both ways, as far as the plane is shown."""
    axes = [torch.from_numpy(axis).to(x) for axis in (section.across, section.up)]
    sizes = [float(length(axis[None], "l2")) for axis in axes]
    ways = torch.stack([sign * axis / size for axis, size in zip(axes, sizes, strict=True) for sign in (1, -1)])
    reach = float(np.abs(section.window.reshape(2, 2) * np.array(sizes)[:, None]).max())
    return distances(model, x[None], lambda *_: ways[None], "axes", reach=reach)


def _trail(section: Section, found: AttackResult) -> Trail:
    """Return where the steps of an attack are, seen from the plane."""
    path = found.path
    xs = np.concatenate([found.x, *([path["x"][:, 0]] if path else []), found.x_adv])
    kept = path["kept"] if path else np.empty(0, np.int64)
    logits = np.concatenate([found.logits, *([path["logits"][kept, 0]] if path else []), found.logits_adv])
    count = len(path["logits"]) if path else 0
    places, off = place(section, torch.from_numpy(xs))
    size = np.linalg.norm((xs - found.x).reshape(len(xs), -1).astype(np.float64), axis=1)
    steps = np.array([-1, *kept.tolist(), count])
    return Trail(steps, places, off, size, logits.argmax(1), count, bool(found.success[0]))
