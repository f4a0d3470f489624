"""Margins by frequency: how far the decision boundary is if only one band of the DCT may change."""

import math

import torch
from torch import Tensor, nn

from explorer.attacks._planes import to_the_nearest
from explorer.attacks._radius import Radius
from explorer.attacks._rows import wide
from explorer.attacks._track import surely
from explorer.core.device import in_batches
from explorer.core.errors import UserError
from explorer.core.goals import Goal, ascent
from explorer.core.norms import length, steepest
from explorer.core.progress import Tick, silent
from explorer.core.results import BandMargins
from explorer.geometry._waves import Waves, bases, lift, windows
from explorer.models.prepare import prepare

STEPS, OVERSHOOT, CLASSES = 100, 0.02, 9  # the authors'
PATIENCE, FURTHER = 20, 0.1  # steps, and how far beyond the plane the later ones go
NEARER = 60  # steps of the search within the walk's length: of 30 its median excess on mnist-pgd is four times as much
START, FIRST, LAST = 0.5, 1.0, 0.01  # of that length: its first radius, its steps
SPAN = 0.1  # of the diagonal of the box, in the place of that length where the walk did not arrive
BATCH = 256  # pictures times bands at once on a CPU


class Inside(nn.Module):
    """The model as a function of the coefficients (M, C, size, size) of changes to M pictures, each in its band."""

    def __init__(self, model: nn.Module, x: Tensor, waves: Waves, bands: Tensor) -> None:
        super().__init__()
        self.model, self.x, self.waves, self.bands = model, x, waves, bands

    def some(self, rows: Tensor) -> "Inside":
        """Return the same of some of the pictures."""
        return Inside(self.model, self.x[rows], self.waves, self.bands[rows])

    def nothing(self) -> Tensor:
        """Return the coefficients of no change."""
        size = self.waves.down.shape[1]
        return torch.zeros((*self.x.shape[:2], size, size), device=self.x.device)

    def forward(self, a: Tensor) -> Tensor:
        """Return the logits (M, K) of the changed pictures."""
        logits: Tensor = self.model(self.x + lift(a, self.waves, self.bands))
        return logits


def band_margins(
    model: nn.Module,
    x: Tensor,
    *,
    size: int,
    count: int,
    nearer: int = NEARER,
    keep: bool = False,
    tick: Tick = silent,
) -> BandMargins:
    """Return how far pictures x (N, C, H, W) are from the decision boundary within each band, in l2.

    A band is a window of `size` x `size` frequencies on the diagonal of the two-dimensional DCT, the same of each
    channel; all have the same dimension, without which their margins could not be compared. In each one DeepFool
    walks (Moosavi-Dezfooli et al. 2016), all pictures and bands at once: its steps are those in the coefficients of
    the band, which for orthonormal waves are as long as the change of the picture. It stops at the first point that
    has another class than the model gives the picture, and goes no further than 100 steps.

    The walk is greedy, and the further from the nearest point the more the gradient turns on its way, which is more
    on some models than on others. So a second search follows within the band, DDN's (Rony et al. 2019, see
    `attacks/ddn.py`), from the picture on a sphere that shrinks once the class has changed: the nearer one of both ends
    counts. That is still an upper bound; a margin that neither found is inf, not guessed.

    The box [0, 1] is no wall: margins measure the classifier, they are no attack. As in `attacks/deepfool.py` and
    unlike in the paper, a picture looks at its nine strongest other classes first, and at the two nearest by what
    it knows in later steps; and from the 21st step on it goes a tenth beyond the plane, without which some walks
    never end.

    size : frequencies each way; count : bands, evenly from the lowest to the highest
    nearer : steps of the second search, one forward and one backward pass each; 0: the walk alone, as in the paper
    keep : return the changes, too

    Raises `UserError` for points of the plane, and bands that do not fit.

    References
    ----------
    Ortiz-Jimenez, Modas et al. 2020, "Hold me tight!", arXiv:2002.06349, sec. 2 and appendix.
    """
    if x.ndim != 4:
        raise UserError("Margins by frequency need pictures with rows and columns, and these are points.")
    fast, device = prepare(model), next(model.parameters()).device
    x, starts = x.to(device), windows(min(x.shape[2:]), size, count)
    waves, limit = bases(x, starts, size), BATCH if device.type == "cpu" else 16 * BATCH
    with torch.no_grad():
        labels = torch.cat(in_batches(len(x), limit, lambda rows: fast(x[rows]).argmax(1)))
    pairs = torch.cartesian_prod(torch.arange(len(x)), torch.arange(len(starts))).to(device)  # (N·B, 2)

    def work(rows: slice) -> tuple[Tensor, Tensor, Tensor]:
        tick(rows.start, len(pairs))
        pictures, bands = pairs[rows].T
        case = Inside(fast, x[pictures], waves, bands), Goal(labels[pictures])
        a, reached = _walk(*case)
        if nearer:
            a, reached = _nearer(*case, a, reached, nearer)
        margin = length(a, "l2").where(reached >= 0, float("inf"))
        delta = lift(a, waves, bands) if keep else a[:, :0]
        return margin, reached, delta * wide(reached >= 0, delta)

    found = in_batches(len(pairs), limit, work)
    columns = [torch.cat(parts).cpu() for parts in zip(*found, strict=True)]
    margins, reached, delta = (column.view(len(x), len(starts), *column.shape[1:]).numpy() for column in columns)
    return BandMargins(starts.numpy(), size, margins, reached, labels.cpu().numpy(), delta if keep else None)


def _walk(inside: Inside, goal: Goal) -> tuple[Tensor, Tensor]:
    """Return the coefficients (M, C, size, size) where DeepFool's walks end, and the classes there; -1: not arrived."""
    ends, reached = inside.nothing(), torch.full_like(goal.labels, -1)
    left, slopes = torch.arange(len(ends), device=ends.device), torch.empty(0)
    for i in range(STEPS + 1):
        a = ends[left]
        logits, step, slopes = to_the_nearest(inside.some(left), a, goal[left], "l2", CLASSES, False, slopes)
        over = surely(goal[left], logits)
        reached[left[over]] = logits[over].argmax(1)
        left, slopes = left[~over], slopes[~over]
        if i == STEPS or not len(left):
            break
        ends[left] = a[~over] + (1 + (OVERSHOOT if i < PATIENCE else FURTHER)) * step[~over]
    return ends, reached


def _nearer(inside: Inside, goal: Goal, ends: Tensor, reached: Tensor, steps: int) -> tuple[Tensor, Tensor]:
    """Return the coefficients and the classes of the nearer ends, those given or what DDN's search finds."""
    found, best, reached, span = reached >= 0, ends.clone(), reached.clone(), inside.x[0].numel() ** 0.5
    least = length(ends, "l2").where(found, float("inf"))
    scale = least.where(found, SPAN * span)
    radius = Radius(START * scale, scale.where(found, span))
    a = inside.nothing()
    for i in range(steps + 1):
        logits, gradient = ascent(inside, a, goal)
        over, size = surely(goal, logits), length(a, "l2")
        better = over & (size < least)
        best, least = a.where(wide(better, a), best), size.where(better, least)
        reached = logits.argmax(1).where(better, reached)
        eps = radius.adapt(over)
        share = LAST + (FIRST - LAST) * (1 + math.cos(math.pi * i / steps)) / 2
        a = a + wide(share * scale, a) * steepest(gradient, "l2")
        a = a * wide(eps / length(a, "l2").clamp_min(1e-30), a)
    return best, reached
