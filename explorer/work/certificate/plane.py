"""The view "plane" of the Certificate page: certified envelopes around one picture, on a plane through it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.certificates import run
from explorer.certificates.ball import Ball
from explorer.certificates.envelope import faces
from explorer.certificates.network import read
from explorer.core.device import best_device, generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import Norm
from explorer.core.progress import Tick, part
from explorer.core.results import Array, Envelope, Envelopes, Proofs, Section
from explorer.core.types import Threat
from explorer.data import DATA
from explorer.geometry.outline import clip, outlines
from explorer.geometry.plane import between_attacks, whole
from explorer.geometry.slice import adaptive
from explorer.models.zoo import load_model
from explorer.work.certificate import picture
from explorer.work.certificate.effort import too_large
from explorer.work.certificate.methods import ATTACK, base, refusal, top
from explorer.work.certificate.picture import PICTURE
from explorer.work.inputs import picture_of
from explorer.work.request import Request, default

TRIED, FEWER = 24, 12  # balls, and where a picture has many pixels
SIDE, BEYOND = 161, 1.1  # places each way; how far the plane is shown, in the largest ball's radii


def pieces(request: Request) -> list[Request]:
    """Return what is to be computed: the envelopes, and what stands on the picture's ruler.

    Raises `UserError` with the sentence of `refusal`, where there is one.
    """
    if reason := refusal(request):
        raise UserError(reason)
    return [_asked(request), *picture.pieces(_ruler(request))]


def _asked(request: Request) -> Request:
    plain = default(request.data, request.norm, ATTACK, page=request.page)
    chosen = dict(plain.choices) | {"view": "plane", "lines": dict(request.choices)["lines"]}
    kept = {field: getattr(request, field) for field in (*PICTURE, "a", "b", "seed")} | {"eps": base(request)}
    return plain.with_(choices=tuple(sorted(chosen.items())), **kept)


def _ruler(request: Request) -> Request:
    chosen = dict(request.choices) | {"view": "picture", "proof": "all"}
    return request.with_(choices=tuple(sorted(chosen.items())))


def gather(request: Request, found: Mapping[Any, Any]) -> Envelopes | None:
    """Return the envelopes with the budget's outline and what else is proved so far; None where they are not there."""
    view: Envelopes | None = found.get(_asked(request))
    if view is None:
        return None
    section = next(iter(view.models.values())).seen.section
    budget = outlines(section, request.norm, request.threat.eps) if request.eps else None
    proofs: Proofs | None = picture.gather(_ruler(request), found)
    rings, held = _rings(section, proofs), _held(view, section)
    tried = max((one.tried.tolist() for one in view.models.values()), key=len)
    balls = {str(t): outlines(section, request.norm, eps).both for t, eps in enumerate(tried)}
    return replace(view, budget=budget, proofs=proofs, rings=rings, held=held, balls=balls)


def _rings(section: Section, proofs: Proofs | None) -> dict[str, dict[str, Array]]:
    """Return, by model and method, the outline of the ball that is proved."""
    models = {} if proofs is None else proofs.models
    norm: Norm = section.norm  # type: ignore[assignment]  # checked with the request
    return {
        model: {name: outlines(section, norm, float(one.low[0])).both for name, one in some.items() if one.low[0] > 0}
        for model, some in models.items()
    }


def _held(view: Envelopes, section: Section) -> dict[str, dict[str, Array]]:
    """Return, by model and tried ball, the outline of the distance that its envelope certifies."""
    norm: Norm = section.norm  # type: ignore[assignment]  # checked with the request
    return {
        model: {str(t): outlines(section, norm, far).both for t, far in enumerate(one.radius.tolist()) if far > 0}
        for model, one in view.models.items()
    }


def enveloped(request: Request, uploaded: bytes | None, tick: Tick) -> Envelopes:
    """Return both models' envelopes around a request's picture."""
    x, label = picture_of(request, uploaded, tick)
    device = best_device()
    models = {name: load_model(name, device) for name in dict.fromkeys((request.a, request.b))}
    section = _section(request, x.to(device), label, list(models.values()), tick)
    found = {}
    for i, (name, model) in enumerate(models.items()):
        found[name] = _around(request, model, x.to(device), label, section, part(tick, i, 1, len(models)))
    return Envelopes(found, label)


def _section(request: Request, x: Tensor, label: int, models: list[nn.Module], tick: Tick) -> Section:
    """Return the plane: that of points, near by; of a picture, that through what the attacks made of it."""
    reach = BEYOND * top(request)
    if x.ndim == 2:
        return replace(whole(x[0].cpu(), request.norm, {}), window=reach * np.array([-1.0, 1.0, -1.0, 1.0]))
    ends = []
    for model in (models * 2)[:2]:
        with torch.no_grad():
            goal = Goal(model(x).argmax(1) if label < 0 else torch.full((1,), label, device=x.device))
        threat = Threat(request.norm, top(request))
        ends.append(torch.from_numpy(run_attack(ATTACK, model, x, goal, threat, seed=request.seed, tick=tick).x_adv[0]))
    return between_attacks(x[0].cpu(), ends[0], ends[1], request.norm, reach=reach, rng=generator(request.seed))


def _around(request: Request, model: nn.Module, x: Tensor, label: int, section: Section, tick: Tick) -> Envelope:
    seen = adaptive(model, section, SIDE, tick=part(tick, 0, 1, 2))
    empty = np.empty(0)
    nothing = Envelope(seen, empty, empty, np.empty(0, bool), np.empty((0, 0, 2)))
    reason = too_large("envelope", model, DATA[request.data].facts["shape"])
    with torch.no_grad():
        said = int(model(x).argmax(1))
    if label >= 0 and said != label:
        reason = "The model is wrong about it by itself: there is nothing to prove."
    if reason:
        return replace(nothing, sentence=reason)
    count = TRIED if x[0].numel() < 100 else FEWER
    tried = np.linspace(0, top(request), count + 1)[1:]
    try:
        radius, polygons = _tried(request, model, x, said, section, tried, part(tick, 1, 1, 2))
    except UserError as error:
        return replace(nothing, sentence=str(error))
    corners = np.full((count, max(map(len, polygons)), 2), np.nan)
    for t, polygon in enumerate(polygons):
        corners[t, : len(polygon)] = polygon
    return Envelope(seen, tried, radius, radius >= tried * (1 - 1e-5), corners)


def _tried(
    request: Request, model: nn.Module, x: Tensor, label: int, section: Section, tried: Array, tick: Tick
) -> tuple[Array, list[Array]]:
    """Return what each ball's planes certify, and what they leave of the ball on the plane."""
    net, norm, bound = read(model, x.shape[1:]), request.norm, str(dict(request.choices)["lines"])
    radius, polygons = [], []
    for t, eps in enumerate(tried.tolist()):
        tick(t, len(tried))
        ball, labels = Ball(x, norm, torch.full((1,), eps, device=x.device)), torch.tensor([label], device=x.device)
        found = run.margins("envelope", net, ball, labels, {"bound": bound})
        with torch.no_grad():
            rows, shift = faces(net, ball, labels, bound)
        radius.append(min(float(found[0]), eps))
        polygons.append(_cut(section, norm, eps, _others(rows[0], label), _others(shift[0], label)))
    return np.array(radius), polygons


def _others(values: Tensor, label: int) -> Array:
    """Return what belongs to all classes but one, (K - 1, ...) float64."""
    return np.delete(values.double().cpu().numpy(), label, axis=0)


def _cut(section: Section, norm: Norm, eps: float, rows: Array, shift: Array) -> Array:
    """Return the polygon on the plane in which no plane rows · x' + shift is below 0, within the ball and the box."""
    axes = np.stack([section.across.ravel(), section.up.ravel()], axis=1).astype(np.float64)  # (d, 2)
    flat = rows.reshape(len(rows), -1)
    offsets = flat @ section.origin.ravel().astype(np.float64) + shift
    return clip(outlines(section, norm, eps).both, -flat @ axes, offsets)
