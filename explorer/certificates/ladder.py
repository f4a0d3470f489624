"""The ladder of bounds on a margin's steepness, of one picture: from sampled gradients up to the product of norms."""

import time
from collections.abc import Callable

import numpy as np
import torch
from torch import Generator, Tensor

from explorer.certificates import _lipopt, _norms
from explorer.certificates._dense import shallow
from explorer.certificates._intervals import intervals
from explorer.certificates.ball import Ball
from explorer.certificates.lipschitz import ROUNDING, gaps, polynomials
from explorer.certificates.network import Network
from explorer.core.device import in_batches, uniform, whole_float32
from explorer.core.errors import UserError
from explorer.core.norms import DUAL, SYMBOLS, Norm, length, random_in_ball
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Ladder

FREE = 16  # ReLUs that may be on or off, of which all corners are tried
BATCH = 256  # points at once, of which gradients are taken


@whole_float32()
def ladder(
    net: Network,
    x: Tensor,
    label: int,
    *,
    norm: Norm = "linf",
    eps: float | None = None,
    samples: int = 1000,
    rng: Generator,
    tick: Tick = silent,
) -> Ladder:
    """Return bounds on how fast the margins of a picture x (1, ...) change, by every method that knows the network.

    From below: the largest gradient, in the dual norm, at `samples` points of the ball, or of the whole range of
    pixels. From above, and never smaller: "corners", the largest over all slopes that the ReLUs can have, whether or
    not a picture gives them these; LiPopt's programmes, "lipopt 3" and "lipopt 2"; "half path", "path" and "product".
    Norms but linf have the first and the last only.

    eps : the ball's radius; everywhere where not given. The product knows no balls.

    Raises `UserError` for l0. A rung that does not go with the network is refused in a sentence of its own.
    """
    if norm not in DUAL:
        raise UserError(f"Steepness is of {', '.join(DUAL)}, not of {norm}.")
    ball = Ball(x, norm, torch.full((1,), 1.0 if eps is None else eps, device=x.device))
    labels = torch.tensor([label], device=x.device)
    balls = None if eps is None else ball

    def programmes(bound: Callable[[_lipopt.Slopes], float]) -> Array:
        return np.array([bound(p) for p in polynomials(shallow(net, x), balls, label)])

    def every(p: _lipopt.Slopes) -> float:
        if p.free.shape[1] > FREE:
            raise UserError(f"All corners are tried of at most {FREE} ReLUs, and {p.free.shape[1]} may be on or off.")
        return _lipopt.corners(p)

    def path() -> Array:
        return _array(_norms.path(net, labels, x, None if eps is None else intervals(net, ball)))

    rungs: dict[str, Callable[[], Array]] = {
        "sampled": lambda: _steepest(net, ball, label, samples, eps is None, rng),
        "corners": lambda: programmes(every),
        "lipopt 3": lambda: programmes(lambda p: _lipopt.krivine(p, 3)),
        "lipopt 2": lambda: programmes(lambda p: _lipopt.krivine(p, 2)),
        "half path": lambda: programmes(_lipopt.halved),
        "path": path,
        "product": lambda: _array(_norms.product(net, norm, labels, x)),
    }
    bounds, seconds, refused = dict[str, Array](), dict[str, float](), dict[str, str]()
    for i, (rung, find) in enumerate(rungs.items()):
        tick(i, len(rungs), rung)
        if norm != "linf" and rung not in ("sampled", "product"):
            refused[rung] = f"It is a bound for changes in ℓ∞, not in {SYMBOLS[norm]}."
            continue
        start = time.perf_counter()
        try:
            with torch.no_grad():
                bounds[rung] = find() * (1 - ROUNDING if rung == "sampled" else 1 + ROUNDING)
            seconds[rung] = time.perf_counter() - start
        except UserError as error:
            refused[rung] = str(error)
    return Ladder(norm, eps, label, _array(gaps(net, x, labels)), bounds, seconds, refused)


def _array(row: Tensor) -> Array:
    found: Array = row[0].double().cpu().numpy()
    return found


def _steepest(net: Network, ball: Ball, label: int, samples: int, everywhere: bool, rng: Generator) -> Array:
    """Return the largest gradient of each margin, in the dual norm, over the picture and random points, (K,)."""
    x = ball.x
    if everywhere:
        points = uniform((samples, *x.shape[1:]), rng, x.device)
    else:
        delta = random_in_ball(x.expand(samples, *x.shape[1:]), ball.norm, float(ball.eps), rng)
        points = (x + delta).clamp(0, 1)
    points = torch.cat([x, points])

    def slopes(rows: slice) -> Tensor:
        with torch.enable_grad():
            some = points[rows].clone().requires_grad_(True)
            logits = net.model(some)
            margins = (logits[:, [label]] - logits).sum(0)
            found = [torch.autograd.grad(margin, some, retain_graph=True)[0] for margin in margins]
        return torch.stack([length(one, DUAL[ball.norm]).amax() for one in found])

    return _array(torch.stack(in_batches(len(points), BATCH, slopes)).amax(0)[None])
