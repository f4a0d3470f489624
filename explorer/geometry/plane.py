"""Planes through input space, and the points on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from scipy.fft import idctn
from torch import Tensor, nn

from explorer.attacks._rows import slope
from explorer.core.device import generator, normal
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, Norm, length
from explorer.core.results import Array, Section

MARGIN = 0.1  # of what is shown, around the pictures that a plane is laid through
PARALLEL = 1e-3  # the sine of the angle below which two directions are one
LEAST = 1e-6  # of what is shown: a window has a width
RANDOM = "a random direction"


def through(pictures: Tensor, norm: Norm, *, rng: torch.Generator, names: Sequence[str] = ("1", "2", "3")) -> Section:
    """Return the plane through three pictures (3, ...), all in sight with a tenth of room around.

    The first is the origin, the second lies on the first axis. The convention of dbViz (Somepalli et al. 2022,
    arXiv:2203.08124). Three on one line leave the second axis open: it is drawn at random, and `note` says so.
    """
    first, second = (to - pictures[0] for to in pictures[1:])
    axes = (f"from {names[0]} to {names[1]}", f"towards {names[2]}")
    section = _lay(pictures[0], first, second, norm, axes, rng)
    places, _ = place(section, pictures)
    low, high = places.min(0), places.max(0)
    half = (0.5 + MARGIN) * max(float((high - low).max()), LEAST)
    centre = (low + high) / 2
    return _seen(section, dict(zip(names, places, strict=True)), centre, half)


def between_attacks(x: Tensor, x_a: Tensor, x_b: Tensor, norm: Norm, *, reach: float, rng: torch.Generator) -> Section:
    """Return the plane of a picture x (...) and what the attacks on model A and on model B made of it.

    reach : how far the plane is shown around the picture, in the norm; further where the attacks went further
    """
    section = _lay(x, x_a - x, x_b - x, norm, ("the attack on A", "towards the attack on B"), rng)
    return _around(section, {"picture": x, "attack on A": x_a, "attack on B": x_b}, reach)


def attack_and_random(
    x: Tensor, x_adv: Tensor, norm: Norm, *, reach: float, rng: torch.Generator, name: str = "attack"
) -> Section:
    """Return the plane of a picture x (...), what an attack made of it, and a random way orthogonal to the attack's.

    name : what to call the attack
    """
    section = _lay(x, x_adv - x, None, norm, (f"the {name}", RANDOM), rng)
    return _around(section, {"picture": x, name: x_adv}, reach)


def gradients(
    model: nn.Module, x: Tensor, label: int, norm: Norm, *, reach: float, rng: torch.Generator, name: str = "the margin"
) -> Section:
    """Return the plane of a picture x (...), the way down its margin, and what that way has become at the plane's edge.

    The margin is z_label - max of the others; its negative gradient is the first axis, and the second is the
    negative gradient `reach` further along the first, orthogonalised: the direction in which the gradient turns.
    (The Hessian's would be none: a network of ReLUs has one of zeros almost everywhere.) Where it does not turn, as
    of a linear model, the second axis is drawn at random, and `note` says so.
    """
    goal = Goal(torch.tensor([label], device=x.device))
    _, here = slope(model, x[None], goal)
    size = length(here, norm)
    edge = x[None] - reach * here / size if size > 0 else x[None]
    _, there = slope(model, edge, goal)
    section = _lay(x, -here[0], -there[0], norm, (f"down {name}", "where that way turns"), rng)
    return _around(section, {"picture": x}, reach)


def frequencies(x: Tensor, low: int, high: int, norm: Norm, *, reach: float, rng: torch.Generator) -> Section:
    """Return the plane of a picture x (C, H, W) and two waves: the images of the DCT-II's two frequencies.

    All channels alike; the frequency k is k half waves over the picture's height and k over its width.

    Raises `UserError` for points of the plane, and frequencies that the picture does not have.
    """
    if x.ndim != 3:
        raise UserError("Frequencies need a picture with rows and columns, and these are points.")
    side = min(x.shape[1:])
    if not 0 <= low < high < side:
        raise UserError(f"Frequencies {low} and {high} are not two rising ones from 0 to {side - 1}.")
    waves = [_wave(x, k) for k in (low, high)]
    section = _lay(x, waves[0], waves[1], norm, (f"frequency {low}", f"frequency {high}"), rng)
    return _around(section, {"picture": x}, reach)


def whole(x: Tensor, norm: Norm, marks: Mapping[str, Tensor]) -> Section:
    """Return the plane that points of two coordinates live in, from the point x (2,): all of [0, 1]², as it is.

    marks : other points (2,), by name
    """
    across, up = torch.eye(2, device=x.device)
    section = _lay(x, across, up, norm, ("first coordinate", "second coordinate"), generator(0))
    named = {"point": x} | dict(marks)
    places, _ = place(section, torch.stack(list(named.values())))
    return _seen(section, dict(zip(named, places, strict=True)), 0.5 - section.origin.astype(np.float64), 0.5)


def points(section: Section, at: Array, device: torch.device | str = "cpu") -> Tensor:
    """Return the points (M, ...) float32 of a plane at the places (M, 2); they may lie outside [0, 1]."""
    origin, across, up = (torch.from_numpy(a).to(device) for a in (section.origin, section.across, section.up))
    s, t = torch.from_numpy(np.asarray(at, np.float32).T).to(device).view(2, -1, *[1] * origin.ndim)
    found: Tensor = origin + s * across + t * up
    return found


def place(section: Section, x: Tensor) -> tuple[Array, Array]:
    """Return the places (N, 2) nearest to pictures (N, ...) in l2, and how far off the plane these are, (N,) in l2."""
    delta = x.detach().cpu().numpy().reshape(len(x), -1).astype(np.float64) - section.origin.ravel()
    axes = np.stack([section.across, section.up]).reshape(2, -1).astype(np.float64)  # (2, d)
    places = delta @ axes.T / (axes**2).sum(1)
    return places, np.linalg.norm(delta - places @ axes, axis=1)


def _wave(x: Tensor, k: int) -> Tensor:
    """Return the orthonormal DCT image of the frequency (k, k), of the shape of x (C, H, W)."""
    coefficients = np.zeros(x.shape[1:])
    coefficients[k, k] = 1.0
    return torch.from_numpy(idctn(coefficients, norm="ortho")).to(x).expand_as(x)


def _lay(
    x: Tensor, first: Tensor, second: Tensor | None, norm: Norm, names: tuple[str, str], rng: torch.Generator
) -> Section:
    """Return the plane of `x` and two directions, the second made orthogonal to the first; None: a random one.

    A direction of length zero, and a second one parallel to the first, is replaced by a random one.
    """
    if norm not in CONVEX:
        raise UserError(f"The axes of a plane are measured in {', '.join(CONVEX)}, not in {norm!r}.")
    if x.numel() < 2:
        raise UserError("A plane needs points of at least two coordinates.")
    across, lost_across = _unit(first, torch.zeros_like(x), rng)
    up, lost_up = _unit(torch.zeros_like(x) if second is None else second, across, rng)
    called, sentences = dict(zip(("across", "up"), names, strict=True)), []
    if lost_across:
        sentences.append(f"The way “{names[0]}” has no length: a random direction is shown in its place.")
        called["across"] = RANDOM
    if lost_up and second is not None:
        sentences.append(f"The way “{names[1]}” is no other than the first: a random direction is shown in its place.")
        called["up"] = RANDOM
    origin, *axes = (a.detach().float().cpu().numpy() for a in (x, *(v / length(v[None], norm) for v in (across, up))))
    return Section(origin, axes[0], axes[1], norm, np.array([-1.0, 1, -1, 1]), called, {}, " ".join(sentences))


def _unit(direction: Tensor, across: Tensor, rng: torch.Generator) -> tuple[Tensor, bool]:
    """Return the unit vector of a direction's part orthogonal to that of `across`; of none, a random one, and True."""
    whole = direction.detach().double()
    part = _without(whole / whole.norm().clamp_min(1e-300), across)
    lost = not part.norm() > PARALLEL
    if lost:
        part = _without(normal(whole.shape, rng, whole.device).double(), across)
    return part / part.norm(), lost


def _without(vector: Tensor, across: Tensor) -> Tensor:
    """Return what of a vector is orthogonal to a unit vector; twice, as rounding leaves some the first time."""
    for _ in range(2):
        vector = vector - (vector * across).sum() * across
    return vector


def _around(section: Section, marks: dict[str, Tensor], reach: float) -> Section:
    """Return the plane shown `reach` to all sides of its origin, or as far as its marks, with their names."""
    places, _ = place(section, torch.stack(list(marks.values())))
    half = max(reach, (1 + MARGIN) * float(np.abs(places).max()))
    return _seen(section, dict(zip(marks, places, strict=True)), np.zeros(2), half)


def _seen(section: Section, marks: dict[str, Array], centre: Array, half: float) -> Section:
    window = np.array([centre[0] - half, centre[0] + half, centre[1] - half, centre[1] + half])
    return replace(section, window=window, marks=marks)
