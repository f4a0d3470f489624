"""Radii from steepness: a margin that changes by at most L per length stays positive within margin / L."""

from typing import Annotated

import torch
from torch import Tensor

from explorer.certificates import _lipopt, _norms, certificate
from explorer.certificates._dense import Shallow, shallow
from explorer.certificates._intervals import intervals
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.device import whole_float32
from explorer.core.knobs import Whole
from explorer.core.norms import Norm
from explorer.core.progress import Tick, silent

ROUNDING = 1e-5  # of float32 sums, relative: margins are taken as that much smaller, slopes as that much larger
TINY = 1e-300


@certificate("Product of layer norms", norms=("linf", "l2", "l1"), gives="radius", paper="arXiv:1312.6199")
def layer_norms(net: Network, ball: Ball, labels: Tensor) -> Tensor:
    """Divide each margin by the product of the norms of the layers before it.

    The same steepness for every picture, of whatever depth. The quickest of all certificates, and the loosest: no
    picture moves every layer as far as it goes.

    Returns
    -------
    (N,): certified radii from 0 to the ball's.

    References
    ----------
    Szegedy et al. 2014, arXiv:1312.6199, sec. 4.3; margins by pairs: Tsuzuku et al. 2018, arXiv:1802.04034.
    """
    return _radius(ball, gaps(net, ball.x, labels), _norms.product(net, ball.norm, labels, ball.x))


@certificate("1-path norm", norms=("linf",), gives="radius", search=True, paper="arXiv:2007.01003")
def path_norm(net: Network, ball: Ball, labels: Tensor) -> Tensor:
    """Divide each margin by the sum, over all paths from pixels to it, of the products of the weights' sizes.

    Never above the product of layer norms. ReLUs that stay off in the ball let no path through.

    Returns
    -------
    (N,): certified radii from 0 to the ball's.

    References
    ----------
    Latorre, Rolland, Hallak & Cevher 2020, arXiv:2007.01003, eq. 3; deeper networks, and parts of them, are ours.
    """
    return _radius(ball, gaps(net, ball.x, labels), _norms.path(net, labels, ball.x, intervals(net, ball)))


@certificate("Halved 1-path norm", norms=("linf",), gives="radius", search=True, shallow=True)
def half_path_norm(net: Network, ball: Ball, labels: Tensor, *, tick: Tick = silent) -> Tensor:
    """Divide each margin by half the 1-path norm and half the norm of the net whose undecided ReLUs are all half on.

    One hidden layer only. A ReLU's slope, 0 or 1, is 1/2 give or take 1/2: the give and take is half of each path,
    and the rest is one linear map. Never above the 1-path norm.

    Raises `UserError` for any other network.

    Returns
    -------
    (N,): certified radii from 0 to the ball's.

    References
    ----------
    Ours; it follows from Latorre, Rolland & Cevher 2020, arXiv:2004.08688, eq. 6.
    """
    hidden, bounds = shallow(net, ball.x), []
    for i in range(len(labels)):
        tick(i, len(labels))
        bounds.append([_lipopt.halved(p) for p in polynomials(hidden, ball[i : i + 1], int(labels[i]))])
    return _radius(ball, gaps(net, ball.x, labels), torch.tensor(bounds, device=ball.x.device))


@certificate("LiPopt", norms=("linf",), gives="radius", search=True, shallow=True, paper="arXiv:2004.08688")
def lipopt(
    net: Network,
    ball: Ball,
    labels: Tensor,
    *,
    level: Annotated[int, Whole(2, 3, "of the certificate: 3 is tighter and takes far longer")] = 2,
    tick: Tick = silent,
) -> Tensor:
    """Divide each margin by a bound of its steepest gradient in the ball that linear programmes prove.

    One hidden layer only, and a small one: level 2 has 4·d·n unknowns for d pixels and n ReLUs that may be on or off,
    level 3 has 4·d·n·(n - 1). A programme that is not solved in a minute proves nothing.

    Raises `UserError` for any other network, and where a programme would be too large.

    Returns
    -------
    (N,): certified radii from 0 to the ball's.

    References
    ----------
    Latorre, Rolland & Cevher 2020, arXiv:2004.08688, sec. 3 and 4.
    """
    hidden, margins, bounds = shallow(net, ball.x), gaps(net, ball.x, labels), []
    for i in range(len(labels)):
        tick(i, len(labels))
        bounds.append(_only_needed(polynomials(hidden, ball[i : i + 1], int(labels[i])), margins[i].tolist(), level))
    return _radius(ball, margins, torch.tensor(bounds, device=ball.x.device))


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


@whole_float32()
def steepest_margin(net: Network, norm: Norm) -> float:
    """Return how much a margin between two classes can change at most per length of a change, by the layers' norms.

    For l2 that of the last layer's steepest difference of two rows, times the other layers' spectral norms; everywhere,
    not in a ball alone. Rounded up.

    Parameters
    ----------
    net : the network, whose logits' differences are the margins, in units of logits
    norm : in which a change of the picture is measured, in units of pixels in [0, 1]

    Returns
    -------
    The largest bound over all pairs of classes, logits per length; at least 0.

    References
    ----------
    Szegedy et al. 2014, arXiv:1312.6199, sec. 4.3; margins by pairs: Tsuzuku et al. 2018, arXiv:1802.04034.
    """
    like = next(net.model.parameters()).new_ones(1, *net.shape)
    with torch.no_grad():
        bounds = _norms.product(net, norm, torch.arange(net.classes, device=like.device), like)
    return float(bounds.max()) * (1 + ROUNDING)


def gaps(net: Network, x: Tensor, labels: Tensor) -> Tensor:
    """Return the margins logits[label] - logits[k], (N, K), rounded down; infinite at the label."""
    with torch.no_grad():
        logits = net.model(x)
    found: Tensor = logits.gather(1, labels[:, None]) - logits - ROUNDING * logits.abs().amax(1, keepdim=True)
    return found.scatter(1, labels[:, None], float("inf"))


def polynomials(hidden: Shallow, ball: Ball | None, label: int) -> list[_lipopt.Slopes]:
    """Return the norm-gradient polynomial of each margin of one picture in its ball, or everywhere, in a list of K."""
    box = () if ball is None else [side[0].flatten().double().cpu().numpy() for side in ball.limits]
    return [_lipopt.slopes(hidden, hidden.outer[label] - other, *box) for other in hidden.outer]


def _radius(ball: Ball, margins: Tensor, bounds: Tensor) -> Tensor:
    ratio = (margins / (bounds * (1 + ROUNDING))).nan_to_num(0.0, float("inf")).amin(1)
    return torch.minimum(ratio.clamp_min(0).to(ball.eps.dtype), ball.eps)
