"""Randomised smoothing: what most noisy copies of a picture are called is what near pictures' copies are called."""

from typing import Annotated

import numpy as np
import torch
from scipy.stats import binomtest, norm
from torch import Generator, Tensor, nn

from explorer.certificates import certificate
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.device import generator, in_batches, normal
from explorer.core.goals import known_labels
from explorer.core.knobs import Real, Whole
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Votes
from explorer.models.prepare import prepare

BLOCK = 100  # copies drawn at once: the same draws, however many are asked for and fit in memory
BATCH = {"cpu": 1000, "cuda": 10_000}  # copies that pass through the model at once

Noise = Annotated[float, Real(0.01, 2.0, "standard deviation of the noise, in the unit of pixels")]
First = Annotated[int, Whole(10, 10_000, "copies that choose the class")]
Copies = Annotated[int, Whole(100, 1_000_000, "copies that are counted")]
Doubt = Annotated[float, Real(1e-6, 0.5, "probability that what is said of a picture is wrong")]


@certificate("Randomised smoothing", norms=("l2",), gives="radius", says="probable", paper="arXiv:1902.02918")
def smoothing(
    net: Network,
    ball: Ball,
    labels: Tensor,
    *,
    sigma: Noise = 0.25,
    n0: First = 100,
    n: Copies = 1000,
    alpha: Doubt = 0.001,
    rng: Generator,
    tick: Tick = silent,
) -> Tensor:
    """Certify the smoothed model, which answers what the model says most often of a picture under noise.

    Not the model itself: its own answers may differ, and a model that never saw noise is poor at it. True of each
    picture with probability 1 - alpha. No radius is longer than sigma·Phi^-1(alpha^(1/n)), all votes being for one.

    Returns
    -------
    (N,): radii from 0 to the ball's, each true with probability 1 - alpha; 0 where the smoothed model abstains
    or gives another class.

    References
    ----------
    Cohen, Rosenfeld & Kolter 2019, arXiv:1902.02918, theorem 1 and fig. "Certify".
    """
    found = votes(net.model, ball.x, sigma=sigma, n0=n0, n=n, alpha=alpha, rng=rng, tick=tick)
    known_labels(labels, found.counts.shape[1])
    radius = np.where(found.top == labels.cpu().numpy(), found.radius, 0)
    return torch.minimum(torch.tensor(radius, dtype=ball.eps.dtype, device=ball.eps.device), ball.eps)


def votes(
    model: nn.Module,
    x: Tensor,
    *,
    sigma: float,
    n0: int,
    n: int,
    alpha: float,
    rng: Generator,
    tick: Tick = silent,
) -> Votes:
    """Let noisy copies of pictures x (N, ...) vote, and conclude from the votes.

    `top` has most of the first n0 votes; of n others, it has a share of at least p with confidence 1 - alpha, the
    one-sided bound of Clopper and Pearson; where p > 1/2, nothing within sigma·Phi^-1(p) in l2 is given another class.
    `predicted` has most of the n votes, unless a fair coin between the two first of them would do as well with
    probability alpha. The copies are not cut off at black and white.

    Cohen et al. 2019, arXiv:1902.02918, "Certify" and "Predict".
    """
    fast, device = prepare(model), next(model.parameters()).device
    seeds = torch.randint(1 << 62, (len(x), 2), generator=rng, device=rng.device).tolist()
    first, counts, whole = [], [], len(x) * (n0 + n)
    with torch.no_grad():
        classes = fast(x[:1].to(device)).shape[1]
        for i, (picture, own) in enumerate(zip(x.to(device), seeds, strict=True)):
            ticks = part(tick, i * (n0 + n), n0, whole), part(tick, i * (n0 + n) + n0, n, whole)
            first.append(_count(fast, picture, sigma, n0, classes, generator(own[0]), ticks[0]))
            counts.append(_count(fast, picture, sigma, n, classes, generator(own[1]), ticks[1]))
    top = np.stack(first).argmax(1)
    share = np.array([least_share(int(row[k]), n, alpha) for row, k in zip(counts, top, strict=True)])
    radius = sigma * norm.ppf(np.maximum(share, 0.5))
    predicted = np.array([_predict(row, alpha) for row in counts])
    return Votes(sigma, alpha, np.stack(first), np.stack(counts), top, share, radius, predicted)


def least_share(hits: int, n: int, alpha: float) -> float:
    """Return what a share is at least, with confidence 1 - alpha, of which `hits` of `n` draws were."""
    bound = binomtest(hits, n, alternative="greater").proportion_ci(1 - alpha, method="exact")
    return float(bound.low)


def _predict(counts: Array, alpha: float) -> int:
    second, most = (int(count) for count in np.sort(counts)[-2:])
    return int(counts.argmax()) if binomtest(most, most + second, 0.5).pvalue <= alpha else -1


def _count(
    model: nn.Module,
    x: Tensor,
    sigma: float,
    count: int,
    classes: int,
    rng: Generator,
    tick: Tick,
) -> Array:
    """Return how many of `count` noisy copies of one picture are given each class, (K,) int64."""
    found = np.zeros(classes, np.int64)

    def given(rows: slice) -> Tensor:
        labels: Tensor = model(noisy[rows]).argmax(1)
        return labels

    for begin in range(0, count, BATCH[x.device.type]):
        tick(begin, count)
        size = min(BATCH[x.device.type], count - begin)
        blocks = [normal((min(BLOCK, size - at), *x.shape), rng, x.device) for at in range(0, size, BLOCK)]
        noisy = x + sigma * torch.cat(blocks)
        for labels in in_batches(len(noisy), len(noisy), given):
            found += torch.bincount(labels, minlength=classes).cpu().numpy()
    return found
