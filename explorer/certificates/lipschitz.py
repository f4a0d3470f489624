"""Radii from steepness: a margin that changes by at most L per length stays positive within margin / L."""

from collections.abc import Callable
from typing import Annotated

import torch
from torch import Tensor

from explorer.certificates import _lipopt, _norms, certificate
from explorer.certificates._dense import Shallow, shallow
from explorer.certificates._intervals import intervals
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.knobs import Switch, Whole
from explorer.core.progress import Tick, silent

ROUNDING = 1e-5  # of float32 sums, relative: margins are taken as that much smaller, slopes as that much larger
TINY = 1e-300
HALVINGS = 8  # of the interval in which the largest radius of a local bound lies
Slopes = Callable[[Ball, Tensor, Tensor], Tensor]  # (balls, labels, margins) to bounds (N, K), good within the balls
Local = Annotated[bool, Switch("bounds for the ball around the picture, not for everywhere")]


@certificate("Product of layer norms", norms=("linf", "l2", "l1"), gives="radius", paper="arXiv:1312.6199")
def layer_norms(net: Network, ball: Ball, labels: Tensor) -> Tensor:
    """Divide each margin by the product of the norms of the layers before it.

    The same steepness for every picture, of whatever depth. The quickest of all certificates, and the loosest: no
    picture moves every layer as far as it goes.

    References
    ----------
    Szegedy et al. 2014, arXiv:1312.6199, sec. 4.3; margins by pairs: Tsuzuku et al. 2018, arXiv:1802.04034.
    """
    return within(net, ball, labels, lambda balls, rows, _: _norms.product(net, balls.norm, rows, ball.x), local=False)


@certificate("1-path norm", norms=("linf",), gives="radius", paper="arXiv:2007.01003")
def path_norm(net: Network, ball: Ball, labels: Tensor, *, local: Local = True, tick: Tick = silent) -> Tensor:
    """Divide each margin by the sum, over all paths from pixels to it, of the products of the weights' sizes.

    Never above the product of layer norms. Locally, ReLUs that stay off in the ball let no path through.

    References
    ----------
    Latorre, Rolland, Hallak & Cevher 2020, arXiv:2007.01003, eq. 3; deeper nets and parts of them are ours.
    """

    def steepest(balls: Ball, rows: Tensor, _: Tensor) -> Tensor:
        return _norms.path(net, rows, ball.x, intervals(net, balls) if local else None)

    return within(net, ball, labels, steepest, local=local, tick=tick)


@certificate("Halved 1-path norm", norms=("linf",), gives="radius")
def half_path_norm(net: Network, ball: Ball, labels: Tensor, *, local: Local = True, tick: Tick = silent) -> Tensor:
    """Divide each margin by half the 1-path norm and half the norm of the net whose ReLUs are all half on.

    One hidden layer only. A ReLU's slope, 0 or 1, is 1/2 give or take 1/2: the give and take is half of each path,
    and the rest is one linear map. Never above the 1-path norm. Ours; follows from Latorre et al. 2020,
    arXiv:2004.08688, eq. 6.
    """
    hidden = shallow(net, ball.x)

    def steepest(balls: Ball, rows: Tensor, _: Tensor) -> Tensor:
        found = [[_lipopt.halved(p) for p in row] for row in polynomials(hidden, balls if local else None, rows)]
        return torch.tensor(found, device=rows.device)

    return within(net, ball, labels, steepest, local=local, tick=tick)


@certificate("LiPopt", norms=("linf",), gives="radius", paper="arXiv:2004.08688")
def lipopt(
    net: Network,
    ball: Ball,
    labels: Tensor,
    *,
    level: Annotated[int, Whole(2, 3, "of the certificate: 3 is tighter and takes far longer")] = 2,
    local: Local = True,
    tick: Tick = silent,
) -> Tensor:
    """Divide each margin by a bound of its steepest gradient that linear programmes prove.

    One hidden layer only, and a small one: level 2 has 4·d·n unknowns for d pixels and n ReLUs that may be on or off,
    level 3 has 4·d·n·(n - 1). A programme that is not solved in a minute proves nothing.

    Raises `UserError` where a programme would be too large.

    References
    ----------
    Latorre, Rolland & Cevher 2020, arXiv:2004.08688, sec. 3 and 4.
    """
    hidden = shallow(net, ball.x)

    def steepest(balls: Ball, rows: Tensor, margins: Tensor) -> Tensor:
        found = [
            _only_needed(ps, margin, level)
            for ps, margin in zip(polynomials(hidden, balls if local else None, rows), margins.tolist(), strict=True)
        ]
        return torch.tensor(found, device=rows.device)

    return within(net, ball, labels, steepest, local=local, tick=tick)


def _only_needed(ps: list[_lipopt.Slopes], margins: list[float], level: int) -> list[float]:
    """Return bounds (K,), by programmes for those rivals that may be the ones that limit the radius."""
    bounds = [_lipopt.halved(p) for p in ps]
    least = float("inf") if min(margins) > 0 else 0.0
    for k in sorted(range(len(ps)), key=lambda k: margins[k] / max(bounds[k], TINY)):
        if margins[k] / max(bounds[k], TINY) >= least:
            break  # its programme can but enlarge its radius
        bounds[k] = _lipopt.krivine(ps[k], level)
        least = min(least, margins[k] / max(bounds[k], TINY))
    return bounds


def within(net: Network, ball: Ball, labels: Tensor, steepest: Slopes, *, local: bool, tick: Tick = silent) -> Tensor:
    """Return the largest radius found, (N,), at most the ball's, within which no margin can vanish.

    local : `steepest` is asked for smaller balls, too. What it says of a ball of radius e proves the smaller one of e
        and margin / L(e): the best e is where they meet, and is found by bisection.
    """
    margins, high = gaps(net, ball.x, labels), ball.eps.clone()
    low, rounds = torch.zeros_like(high), HALVINGS + 1 if local else 1
    for i in range(rounds):
        tick(i, rounds)
        rows = (low < high).nonzero()[:, 0]
        if not len(rows):
            break
        e = high[rows] if i == 0 else (low[rows] + high[rows]) / 2
        with torch.no_grad():
            bounds = steepest(Ball(ball.x[rows], ball.norm, e, ball.box), labels[rows], margins[rows])
        ratio = (margins[rows] / (bounds * (1 + ROUNDING))).nan_to_num(0.0, float("inf")).amin(1).clamp_min(0)
        low[rows] = torch.maximum(low[rows], torch.minimum(e, ratio.to(e.dtype)))
        high[rows] = torch.where(ratio >= e, high[rows], e)
    return low


def gaps(net: Network, x: Tensor, labels: Tensor) -> Tensor:
    """Return the margins logits[label] - logits[k], (N, K), rounded down; infinite at the label."""
    with torch.no_grad():
        logits = net.model(x)
    found: Tensor = logits.gather(1, labels[:, None]) - logits - ROUNDING * logits.abs().amax(1, keepdim=True)
    return found.scatter(1, labels[:, None], float("inf"))


def polynomials(hidden: Shallow, balls: Ball | None, labels: Tensor) -> list[list[_lipopt.Slopes]]:
    """Return the norm-gradient polynomial of each margin of each picture, everywhere or in its ball."""
    found = []
    for i, label in enumerate(labels.tolist()):
        box = () if balls is None else [side[i].flatten().double().cpu().numpy() for side in balls.limits]
        rows = hidden.outer[label] - hidden.outer
        found.append([_lipopt.slopes(hidden, row, *box) for row in rows])
    return found
