"""The view "drawn" of the Saliency page: what each model's features are, as pictures that it draws."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.device import best_device, generator
from explorer.core.errors import Unsuited
from explorer.core.progress import Tick, part
from explorer.core.results import Array, Drawings, Drawn, Refused, Versions
from explorer.core.types import Data
from explorer.data import DATA, load_data
from explorer.features.drawing import draw_classes, draw_units, invert, top_units, units_from
from explorer.features.representation import refuse_points
from explorer.features.starts import Start, others, starts_of
from explorer.models.zoo import load_model
from explorer.work.inputs import picture_of
from explorer.work.maps import PICTURE
from explorer.work.request import Request, default

UNITS = 8  # drawn beside each other
OTHERS = 3  # pictures of other classes that an inversion starts from
SLIGHT = {"steps": 60, "step": 0.1}  # of the non-robust version; the step's length as a share of its budget
Draw = Callable[..., Drawn]  # (model, ..., eps, step, steps, tick)


def pieces(request: Request) -> list[Request]:
    """Return the one request whose result the view is: with what that does not hang on at its usual value."""
    usual, choices = default(request.data, page=request.page), dict(request.choices)
    unused = ("n", "score", *UNUSED[str(choices["draw"])])
    kept = {name: value for name, value in choices.items() if name not in unused} | {"view": "drawn"}
    fields: dict[str, Any] = {name: getattr(request, name) for name in PICTURE}
    fields |= {"norm": "l2", "eps": _slight(request)} if choices["draw"] == "versions" else {}
    return [usual.with_(choices=tuple(sorted((dict(usual.choices) | kept).items())), **fields)]


UNUSED = {
    "classes": ("unit", "relabel"),
    "units": ("relabel",),
    "inversion": ("unit", "start", "relabel"),
    "versions": ("unit", "start", "reach"),
}  # by what is drawn: the choices that it does not hang on


def gather(request: Request, found: Mapping[Any, Any]) -> Drawings | Versions | None:
    """Return what is drawn; None where it is not there yet."""
    (asked,) = pieces(request)
    return found.get(asked)


def _slight(request: Request) -> int:
    """Return the non-robust version's budget: the chosen one where it is one in l2, or the data set's usual one."""
    return request.eps if request.norm == "l2" else int(DATA[request.data].facts["eps"]["l2"])


@dataclass(frozen=True, eq=False)
class _Desk:
    """What every drawing needs: the picture, both models, the pictures that starts are made of, and the lengths."""

    request: Request
    x: Tensor
    label: int
    models: tuple[nn.Module, nn.Module]
    data: Data
    tick: Tick

    @property
    def choices(self) -> dict[str, Any]:
        return dict(self.request.choices)

    @property
    def begun(self) -> Start:
        """Where drawings begin: as chosen, but that a unit is of no class."""
        chosen: Start = self.choices["start"]
        return "average" if chosen == "class" and self.choices["draw"] == "units" else chosen

    @property
    def side(self) -> float:
        """The l2 length of a change by 1 in every value."""
        return float(self.x[0].numel() ** 0.5)

    @property
    def rng(self) -> torch.Generator:
        """A generator that begins with the request's seed."""
        return generator(self.request.seed)


def drawn(request: Request, uploaded: bytes | None, tick: Tick) -> Drawings | Versions:
    """Return what both models draw for a request. Raises `Unsuited` for points of the plane."""
    x, label = picture_of(request, uploaded, tick)
    refuse_points(x)
    device = best_device()
    a, b = (load_model(name, device) for name in (request.a, request.b))
    knobs: dict[str, Any] = dict(request.data_knobs)
    desk = _Desk(request, x.to(device), label, (a, b), load_data(request.data, "test", tick=tick, **knobs), tick)
    return DRAW[desk.choices["draw"]](desk)


def _classes(desk: _Desk) -> Drawings:
    labels = torch.arange(len(desk.data.classes))
    start = starts_of(desk.begun, desk.x.cpu(), labels, desk.data, desk.rng)
    return _both(desk, "classes", start, lambda model, **how: draw_classes(model, start, labels, **how))


def _units(desk: _Desk) -> Drawings:
    first = int(desk.choices["unit"])
    start = starts_of(desk.begun, desk.x.cpu(), torch.zeros(UNITS, dtype=torch.int64), desk.data, desk.rng)

    def draw(model: nn.Module, **how: Any) -> Drawn:
        units = top_units(model, desk.x, UNITS) if first < 0 else units_from(model, desk.x, first, UNITS)
        return draw_units(model, start[: len(units)], units, **how)

    return _both(desk, "units", start, draw)


def _inversion(desk: _Desk) -> Drawings:
    x, rng = desk.x.cpu(), desk.rng
    alone = [starts_of(kind, x, torch.zeros(1, dtype=torch.int64), desk.data, rng) for kind in ("average", "noise")]
    places = others(desk.data, desk.label, OTHERS, rng)
    start = torch.cat([*alone, desk.data.x[places]])
    origin = torch.cat([torch.tensor([-1, -1]), desk.data.y[places]])
    return _both(desk, "inversion", start, lambda model, **how: invert(model, start, desk.x, **how), origin)


def _versions(desk: _Desk) -> Versions:
    (place,) = others(desk.data, desk.label, 1, desk.rng).tolist()
    start, origin = desk.data.x[place][None], desk.data.y[place][None]
    free = {"eps": desk.side}  # no end of the box is farther away
    robust = _both(desk, "inversion", start, lambda model, **how: invert(model, start, desk.x, **how), origin, free)
    count = len(desk.data.classes)
    with torch.no_grad():
        label = desk.label if desk.label >= 0 else int(desk.models[0](desk.x).argmax())
    shift = 1 if desk.choices["relabel"] == "next" else int(torch.randint(1, count, (1,), generator=desk.rng))
    wanted, eps = torch.tensor([(label + shift) % count]), desk.request.threat.eps
    slight = {"eps": eps, "step": SLIGHT["step"] * eps, "steps": SLIGHT["steps"]}
    x, mine = desk.x.cpu(), torch.tensor([desk.label])
    return Versions(
        robust,
        _both(desk, "classes", x, lambda model, **how: draw_classes(model, x, wanted, **how), mine, slight),
    )


DRAW: dict[str, Callable[[_Desk], Drawings | Versions]] = {
    "classes": _classes,
    "units": _units,
    "inversion": _inversion,
    "versions": _versions,
}


def _both(
    desk: _Desk,
    what: str,
    start: Tensor,
    draw: Draw,
    origin: Tensor | None = None,
    other: Mapping[str, Any] | None = None,
) -> Drawings:
    """Let both models draw, and show each what the other drew.

    origin : the classes of the pictures that the starts are, if they are; other : lengths other than those chosen
    """
    how: dict[str, Any] = {"steps": int(desk.choices["steps"])}
    how |= {"eps": desk.choices["reach"] * desk.side, "step": desk.choices["pace"] * desk.side} | dict(other or {})

    def one(i: int) -> Drawn | Refused:
        try:
            return draw(desk.models[i], **how, tick=part(desk.tick, i, 1, 2))
        except Unsuited as error:
            return Refused(str(error))

    a, b = one(0), one(1)
    return Drawings(
        what=what,
        label=desk.label,
        x=_array(desk.x),
        begun="several" if origin is not None else desk.begun,
        start=_array(start),
        origin=_array(torch.full((len(start),), -1) if origin is None else origin),
        a=a,
        b=b,
        other_a=_said(desk.models[0], b),
        other_b=_said(desk.models[1], a),
        **how,
    )


def _said(model: nn.Module, found: Drawn | Refused) -> Array | None:
    """Return what a model says of what another drew."""
    if isinstance(found, Refused):
        return None
    with torch.no_grad():
        return _array(model(torch.from_numpy(found.x).to(next(model.parameters()).device)))


def _array(value: Tensor) -> Array:
    array: Array = value.detach().cpu().contiguous().numpy()
    return array
