"""How far it is from pictures to the decision boundary along several kinds of direction."""

import torch
from torch import Tensor, nn

from explorer.core.norms import Norm, steepest
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Distances
from explorer.geometry import directions
from explorer.geometry._shortest import searched
from explorer.geometry._waves import windows
from explorer.geometry.distances import Ways, distances
from explorer.models.prepare import prepare

KINDS = ("attack", "attack_linf", "gradient", "sign", "means", "bands", "pixels", "random")
PIXELS, BANDS = 10, 8  # single values that are tried, and bands of frequencies
LATER = ("means", "bands", "pixels", "random")  # are looked along from the shortest change on


def kinds_of(
    model: nn.Module,
    x: Tensor,
    *,
    means: Tensor,
    lines: int,
    seeds: Tensor,
    tick: Tick = silent,
) -> dict[str, Distances]:
    """Return the distances of pictures x (N, ...) along each kind of direction, by its name, "bands" of pictures only.

    Each is the way to where the model's answer, right or wrong, first changes, no further than the diagonal of the
    box, sqrt(d).

    attack : to what two searches for the shortest change in l2 find, each of which is the better one on some pictures;
        attack_linf : to what one in linf finds
    gradient, sign : down the margin's gradient at the picture, and by its sign
    means : to the mean picture of each class but the one that the model gives
    bands : down the margin within each of some bands of frequencies; pixels : of single values, the steepest
    random : random lines both ways, as in Fawzi et al. 2016, arXiv:1608.08967

    means : (K, ...) of the classes; lines : how many; seeds : (N,) int64, of each picture's lines
    """
    fast, reach = prepare(model), float(x[0].numel()) ** 0.5
    device = next(model.parameters()).device
    with torch.no_grad():
        labels = fast(x.to(device)).argmax(1)
    many = x.ndim == 4
    names = [name for name in KINDS if many or name != "bands"]
    found: dict[str, Distances] = {}
    for i, name in enumerate(names):
        ear = part(tick, i, 1, len(names))
        if name in ("attack", "attack_linf"):
            ways = _attacked(model, x, labels, "l2" if name == "attack" else "linf", ear)
        else:
            ways = _ways(name, x, means.to(device), lines, seeds)
        nearest = (
            torch.from_numpy(found["attack"].l2.min(1)) if name in ("means", "bands", "pixels", "random") else None
        )
        found[name] = distances(model, x, ways, name, reach=reach, nearest=nearest, lines=name == "random", tick=ear)
    return found


def _attacked(model: nn.Module, x: Tensor, labels: Tensor, norm: Norm, tick: Tick) -> Ways:
    found = searched(model, x, labels, norm, tick=tick)
    ends = torch.stack([torch.from_numpy(one.x_adv) for one in found], dim=1).to(labels.device)  # (N, M, ...)
    return lambda _model, some, rows: directions.towards(some, ends[rows])


def _ways(name: str, x: Tensor, means: Tensor, lines: int, seeds: Tensor) -> Ways:
    if name == "gradient":
        return lambda model, some, _rows: directions.gradient(model, some)
    if name == "sign":
        return lambda model, some, _rows: _by_sign(model, some)
    if name == "means":
        return lambda model, some, _rows: _others(model, some, means)
    if name == "pixels":
        return lambda model, some, _rows: directions.single_pixels(model, some, PIXELS)
    if name == "random":
        return lambda _model, some, rows: directions.random(some, lines, seeds[rows])
    side = min(x.shape[2:])
    size = max(1, side // 4)
    starts = windows(side, size, BANDS)
    return lambda model, some, _rows: directions.bands(model, some, starts, size)


def _by_sign(model: nn.Module, x: Tensor) -> Tensor:
    """Return the sign of the way down the margin, of length 1, (N, 1, ...)."""
    return steepest(directions.gradient(model, x)[:, 0].sign(), "l2")[:, None]


def _others(model: nn.Module, x: Tensor, means: Tensor) -> Tensor:
    """Return the ways to the means of the classes but the model's answer, (N, K - 1, ...)."""
    with torch.no_grad():
        own = model(x).argmax(1)
    ways = directions.class_means(x, means)
    others = torch.arange(len(means), device=x.device) != own[:, None]  # (N, K), one False in each row
    return ways[others].view(len(x), len(means) - 1, *x.shape[1:])
