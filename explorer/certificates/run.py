"""The judge: asks certificates how far each picture is safe, with as few and as large batches as memory allows."""

import inspect
import time
from collections.abc import Mapping
from math import isfinite
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from explorer.certificates import CERTIFICATES
from explorer.certificates._trace import widest
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network, read
from explorer.core.device import generator, in_batches, whole_float32
from explorer.core.errors import UserError
from explorer.core.goals import known_labels
from explorer.core.knobs import fill
from explorer.core.norms import Norm
from explorer.core.progress import Tick, part, silent
from explorer.core.registry import Entry
from explorer.core.results.certificates import Radii

BATCH = 8 << 20  # bytes of the margins' widest rows in a batch: what a processor's cache holds is quickest
TINY = 1e-30
FINENESS = 256  # of the limit: how near a search comes to the largest radius that it can prove


def margins(
    name: str,
    net: Network,
    ball: Ball,
    labels: Tensor,
    knobs: Mapping[str, Any] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Tensor:
    """Return what a certificate gives for each ball: lower bounds of margins (N, K), or radii (N,).

    labels : (N,) int64 of those that the model has

    Raises `UserError` for an unknown certificate, norm or knob, and where the model is too large for it.
    """
    entry = _entry(name, ball.norm)
    known_labels(labels, net.classes)
    settings, rng = fill(entry.knobs, knobs or {}), generator(seed)
    room = BATCH if ball.x.device.type == "cpu" else 64 * BATCH  # a GPU idles with less
    size = max(1, room // (4 * net.classes * widest(net, len(net.steps) - 1)))

    def work(rows: slice) -> Tensor:
        inner = part(tick, rows.start, rows.stop - rows.start, len(labels))
        offered = {"rng": rng, "tick": inner}
        extra = {key: value for key, value in offered.items() if key in inspect.signature(entry.run).parameters}
        with torch.no_grad(), whole_float32():
            found: Tensor = entry.run(net, ball[rows], labels[rows], **settings, **extra)
        return found

    return torch.cat(in_batches(len(labels), size, work))


def radii(
    name: str,
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    norm: Norm,
    limit: float,
    *,
    knobs: Mapping[str, Any] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> Radii:
    """Return how far from each picture x (N, ...) a certificate proves the label, at most `limit`.

    A certificate of margins is asked at the limit first, then by bisection, for all open pictures at once, until the
    answer is known to limit / 256: the largest ball that was proved. One that gives a radius is asked at the limit;
    where a smaller ball may have a better answer, that is searched for in the same way, each raising the lower end.
    Nothing is proved of a picture that the model itself gets wrong; smoothing, whose answers are not the model's, is
    asked of every one.

    model : in eval mode, from pixels to logits

    Raises `UserError` as `margins` does, for a limit that is no positive number, and for a model that no bound knows.
    """
    if not (isfinite(limit) and limit > 0):
        raise UserError(f"limit = {limit!r} is not a finite number above 0.")
    entry, net = _entry(name, norm), read(model, x.shape[1:])
    device = next(model.parameters()).device
    x, labels = x.to(device), labels.to(device)
    known_labels(labels, net.classes)
    start = time.perf_counter()
    correct = _clean(model, x) == labels
    asked = torch.ones_like(correct) if entry.facts["says"] == "probable" else correct  # of the smoothed model
    searched = entry.facts["gives"] == "margins" or entry.facts["search"]
    rounds = 1 + (FINENESS - 1).bit_length() if searched else 1
    low, high = (torch.full((len(x),), value, dtype=torch.float64) for value in (0.0, limit))
    trials, todo, tried = torch.zeros(len(x), dtype=torch.int64), asked.cpu().clone(), high.clone()
    for turn in range(rounds):
        rows = todo.nonzero()[:, 0]
        if not len(rows):
            break
        ball = Ball(x[rows], norm, _upward(tried[rows]).to(device))
        inner = part(tick, turn, 1, rounds)
        found = margins(name, net, ball, labels[rows], knobs, seed, inner).cpu()
        full, reached = _answer(entry, found, ball.eps.cpu())
        low[rows] = torch.maximum(low[rows], torch.where(full, tried[rows], torch.minimum(reached, tried[rows])))
        high[rows] = torch.where(full, high[rows], tried[rows])
        trials[rows] += 1
        todo &= high - low > limit / FINENESS
        tried = (low + high) / 2
    return Radii(
        radius=low.numpy(),
        correct=correct.cpu().numpy(),
        limit=limit,
        seconds=time.perf_counter() - start,
        trials=trials.numpy(),
        says=entry.facts["says"],
    )


def certified(
    name: str,
    model: nn.Module,
    x: Tensor,
    labels: Tensor,
    norm: Norm,
    eps: float,
    *,
    knobs: Mapping[str, Any] | None = None,
    seed: int = 0,
    tick: Tick = silent,
) -> np.ndarray:
    """Return for which pictures, (N,) bool, a certificate proves the label in the whole ball of radius `eps`.

    Raises `UserError` as `margins` does, for an eps that is no number from 0 up, and for a model that no bound knows.
    """
    if not (isfinite(eps) and eps >= 0):
        raise UserError(f"eps = {eps!r} is not a finite number of at least 0.")
    entry, net = _entry(name, norm), read(model, x.shape[1:])
    device = next(model.parameters()).device
    x, labels = x.to(device), labels.to(device)
    known_labels(labels, net.classes)
    sure = _clean(model, x) == labels
    if entry.facts["says"] == "probable":  # of the smoothed model, whose answers may be others
        sure, eps = torch.ones_like(sure), max(eps, TINY)  # a radius of 0 is none
    rows = sure.nonzero()[:, 0]
    if len(rows):
        ball = Ball(x[rows], norm, _upward(torch.full((len(rows),), eps, dtype=torch.float64)).to(device))
        sure[rows] = _answer(entry, margins(name, net, ball, labels[rows], knobs, seed, tick), ball.eps)[0]
    return sure.cpu().numpy()


def _entry(name: str, norm: Norm) -> Entry:
    entry = CERTIFICATES[name]
    if norm not in entry.facts["norms"]:
        raise UserError(f"{entry.title} does not work in {norm}; it knows {', '.join(entry.facts['norms'])}.")
    return entry


def _answer(entry: Entry, found: Tensor, eps: Tensor) -> tuple[Tensor, Tensor]:
    """Return which whole balls are certified, and up to which radius in any case, (N,) float64."""
    if entry.facts["gives"] == "margins":
        full = (found > 0).all(1)
        return full, torch.where(full, eps.double(), 0.0)
    return found >= eps, found.double()


def _clean(model: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        return torch.cat(in_batches(len(x), 1024, lambda rows: model(x[rows]).argmax(1)))


def _upward(eps: Tensor) -> Tensor:
    """Return the least float32 numbers that are not below float64 ones."""
    single = eps.float()
    return torch.where(single.double() < eps, torch.nextafter(single, torch.tensor(torch.inf)), single)
