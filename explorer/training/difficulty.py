"""How hard a training picture is for adversarial training, and parts of a training set by that."""

import torch
from torch import Tensor

from explorer.core.errors import UserError

PARTS = ("easy", "random", "hard")


def difficulty(losses: Tensor, first: int = 0) -> Tensor:
    """Return the rank percentile of each picture's mean loss under attack, (N,): near 0 the hardest, 1 the easiest.

    losses : (N, E), of every epoch; the mean is of those from `first` on, as before that the model knows little

    d(x) = P(L(x) < L(x')) + P(L(x) = L(x')) / 2 over the whole set, x itself with it: its mean is 1/2. Liu et al. 2024
    (arXiv:2112.07324), sec. 3.
    """
    mean = losses[:, first:].double().mean(1)
    ordered = mean.sort().values
    below, upto = torch.searchsorted(ordered, mean), torch.searchsorted(ordered, mean, right=True)
    return 1 - (below + upto).double() / (2 * len(mean))


def subset(hardness: Tensor, labels: Tensor, part: str, count: int, rng: torch.Generator) -> Tensor:
    """Return the places of `count` pictures, as many of each class: its easiest, its hardest, or any of them.

    hardness : (N,), by `difficulty`; labels : (N,); part : one of `PARTS`

    Without the balance the hardest part would be of a few classes. They come class by class: the first of them are of
    the first classes alone. Raises `UserError` for a part that is none, and where a class has too few.
    """
    if part not in PARTS:
        raise UserError(f"There is no part {part[:40]!r} of the pictures: choose one of {', '.join(PARTS)}.")
    classes = sorted(set(labels.tolist()))
    each = count // len(classes)
    found = []
    for c in classes:
        places = (labels == c).nonzero()[:, 0]
        if not 0 < each <= len(places):
            raise UserError(f"There are no {each} pictures of class {c}: choose another count.")
        if part == "random":
            order = torch.randperm(len(places), generator=rng)
        else:
            order = hardness[places].argsort(descending=part == "easy", stable=True)
        found.append(places[order[:each]])
    return torch.cat(found)
