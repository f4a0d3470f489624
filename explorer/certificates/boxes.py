"""Non-uniform bounds: the largest certified box around a picture, as far for every pixel as the model lets it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from explorer.certificates._lines import by_rows, lowest, planes
from explorer.certificates._relax import Relaxation, adaptive, chord
from explorer.certificates._trace import widest
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network
from explorer.core.device import in_batches, whole_float32
from explorer.core.goals import known_labels
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Boxes
from explorer.core.stats import Mean, over_pairs

LINES: dict[str, Relaxation] = {"fast_lin": chord, "crown": adaptive}
CELLS = 1 << 24  # of the widest step, squared, over all pictures of a batch
MOST = 256  # pictures at once
HALVINGS = 14  # of [0, 1], for the uniform eps
DELTA = 1e-4  # by how much every margin has to be positive
BETA, STIFFER, EVERY = 1.0, 5.0, 80  # the weight of violations, by what it is multiplied, after so many steps
PRICES = 5  # steps between two updates of the multipliers
REPAIR, REPAIRS = 0.99, 1000  # of a box that is too large, by what it is multiplied, how often at most


@dataclass(frozen=True, eq=False, slots=True)
class Box(Ball):
    """All x' in [0, 1] with |x'_j - x_j| <= eps_j: a ball in linf with a radius for each pixel.

    eps : (N, ...), of the shape of x
    """

    def __getitem__(self, rows: slice | Tensor) -> "Box":
        """Return the boxes of some pictures."""
        return Box(self.x[rows], self.norm, self.eps[rows], self.box)

    @property
    def limits(self) -> tuple[Tensor, Tensor]:
        """The least and the largest value of each pixel, (N, ...) each."""
        return (self.x - self.eps).clamp_min(0), (self.x + self.eps).clamp_max(1)


@whole_float32()
def boxes(
    net: Network,
    x: Tensor,
    labels: Tensor,
    *,
    bound: str = "crown",
    steps: int = 400,
    rate: float = 0.005,
    tick: Tick = silent,
) -> Boxes:
    """Return the box of largest volume around each picture x (N, ...) whose points are all certified to have its label.

    Maximises sum_j log eps_j under margin_k(eps) >= delta for all other classes k, with the linear bounds of
    `certificates` on the margins, by an augmented Lagrangian: eps = s², Adam on s, multipliers every 5 steps, a weight
    of the violations that grows fivefold every 80. Begins at the largest uniform box. What it ends at is shrunk by
    1 % at a time until it is certified; the largest box certified on the way, or the uniform one, is taken if larger.

    Not as in the paper: bounds on margins, not on single logits; no eps beyond the pixel's farther wall, as those of
    pixels that the model does not look at would have no end; boxes are cut off at black and white.

    labels : (N,) int64
    bound : "crown" or "fast_lin"
    rate : of Adam, falling to 0 by a cosine

    References
    ----------
    Liu, Tomioka & Cevher 2019, arXiv:1903.06603, eq. 2 and algorithm 1.
    """
    known_labels(labels, net.classes)

    def work(rows: slice) -> tuple[Tensor, Tensor]:
        inner = part(tick, rows.start, rows.stop - rows.start, len(x))
        return _largest(net, x[rows], labels[rows], LINES[bound], steps, rate, inner)

    size = max(1, min(MOST, CELLS // widest(net, len(net.steps) - 1) ** 2))
    found = in_batches(len(x), size, work)
    uniform, eps = (torch.cat(parts).cpu().numpy() for parts in zip(*found, strict=True))
    return Boxes(labels.cpu().numpy(), uniform, eps, _cap(x).cpu().numpy())


def alike(found: Boxes) -> dict[str, Mean]:
    """Return how alike the maps of log eps are, on the average over pairs of pictures of the "same" and "other" class.

    With the jackknife's intervals, as every picture is in many pairs; without what has too few pairs. "difference" is
    that of the two, where every picture that has a map is in pairs of both kinds.
    """
    similarity = found.similarity
    there = ~torch.tensor(similarity).isnan().numpy()
    there &= ~torch.eye(len(similarity), dtype=torch.bool).numpy()
    kin = found.labels[:, None] == found.labels
    pairs: dict[str, Array] = {"same": there & kin, "other": there & ~kin}
    means = {kind: over_pairs(similarity, among) for kind, among in pairs.items()}
    answer = {kind: Mean.jackknifed(*mean) for kind, mean in means.items() if mean is not None}
    same, other = means["same"], means["other"]
    if same is not None and other is not None and (pairs["same"].any(1) == pairs["other"].any(1)).all():
        answer["difference"] = Mean.jackknifed(same[0] - other[0], same[1] - other[1])
    return answer


def _largest(
    net: Network, x: Tensor, labels: Tensor, relax: Relaxation, steps: int, rate: float, tick: Tick
) -> tuple[Tensor, Tensor]:
    """Return the uniform eps (N,) and the box (N, ...) of pictures that fit in one batch."""
    cap, wide = _cap(x), (-1, *[1] * (x.ndim - 1))

    def margins(eps: Tensor) -> Tensor:
        box = Box(x, "linf", eps)
        return lowest(box, labels, *planes(net, box, labels, by_rows(net, box, relax)))

    def certified(eps: Tensor) -> Tensor:
        with torch.no_grad():
            return (margins(eps) >= DELTA).all(1)

    low, high = torch.zeros(len(x), device=x.device), torch.ones(len(x), device=x.device)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        good = certified(torch.minimum(middle.view(wide), cap))
        low, high = torch.where(good, middle, low), torch.where(good, high, middle)
    on = low > 0
    uniform = torch.minimum(low.view(wide), cap)
    best, volume = uniform.clone(), _volume(uniform)
    s = uniform.clamp_min(1e-6).sqrt().requires_grad_(True)
    prices, beta = torch.zeros(len(x), net.classes, device=x.device), BETA
    ascent = torch.optim.Adam([s], rate)
    slower = torch.optim.lr_scheduler.CosineAnnealingLR(ascent, max(steps, 1))
    for step in range(steps if on.any() else 0):
        tick(step, steps)
        with torch.enable_grad():
            eps = s.square()
            values = margins(eps)
            excess = torch.minimum(values - DELTA, -prices / beta)
            loss = -_volume(eps) + (prices * excess).sum(1) + beta / 2 * excess.square().sum(1)
            (s.grad,) = torch.autograd.grad(loss[on].sum(), s)
        with torch.no_grad():
            larger = on & (values >= DELTA).all(1) & (_volume(eps) > volume)
            best, volume = _where(larger, eps, best), torch.where(larger, _volume(eps), volume)
            if step % PRICES == PRICES - 1:
                prices = prices + beta * excess.detach()
            if step % EVERY == EVERY - 1:
                beta *= STIFFER
            ascent.step()
            slower.step()
            s.copy_(torch.minimum(s.clamp_min(1e-3), cap.sqrt()))
    eps = _repaired(s.detach().square(), on, certified)
    larger = certified(eps) & (_volume(eps) > volume)
    eps = torch.minimum(_where(larger, eps, best), cap)  # the square of a root may be off by a rounding
    return torch.where(on, low, 0.0), _where(on, eps, torch.zeros_like(eps))


def _repaired(eps: Tensor, on: Tensor, certified: Callable[[Tensor], Tensor]) -> Tensor:
    """Shrink boxes until they are certified."""
    for _ in range(REPAIRS):
        wrong = on & ~certified(eps)
        if not wrong.any():
            break
        eps = _where(wrong, REPAIR * eps, eps)
    return eps


def _cap(x: Tensor) -> Tensor:
    return torch.maximum(x, 1 - x)


def _volume(eps: Tensor) -> Tensor:
    """Return the logarithm of the volume, up to a constant, (N,)."""
    return eps.clamp_min(1e-30).log().flatten(1).sum(1)


def _where(rows: Tensor, a: Tensor, b: Tensor) -> Tensor:
    return torch.where(rows.view(-1, *[1] * (a.ndim - 1)), a, b)
