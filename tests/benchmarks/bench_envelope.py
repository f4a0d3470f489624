"""What the polyhedral envelope adds to an all-or-nothing test with the same bound: radii, and steps of the search.

    python tests/benchmarks/bench_envelope.py [--models NAME ...] [--count N]

In the budget that each model was trained for: the mean radius that one ball certifies, the pictures of which a part of
it is certified, and how many balls the search for each picture's largest radius asks, up to twice the budget. Prints
Markdown; exits with 1 where the envelope certifies less or asks more. Liu et al. 2023 (arXiv:1912.04792).
"""

import sys

import numpy as np
import torch
from timing import arguments, tell

from explorer.certificates.ball import Ball
from explorer.certificates.network import read
from explorer.certificates.run import margins, radii
from explorer.core.stats import Mean, Rate
from explorer.data import DATA, load_data
from explorer.models.zoo import card, load_model

MODELS = ("mnist-pgd-fc", "mnist-per-fc", "digits-pgd", "digits-per")
PICTURES, BOUND = 200, "fast_lin"
HEAD = "| Model | ball | all or nothing | envelope | certified in part | balls asked | with the envelope | n |"


def row(name: str, count: int) -> tuple[str, list[tuple[bool, str]]]:
    """Return a model's row, and whether the envelope is worth having there."""
    model, threat, unit = load_model(name), card(name)["threat"], DATA[card(name)["data"]].facts["unit"]
    data = load_data(card(name)["data"]).first(count)
    norm, eps, knobs = threat["norm"], threat["eps"], {"bound": BOUND}
    with torch.no_grad():
        right = model(data.x).argmax(1) == data.y
    net, ball = read(model, data.x.shape[1:]), Ball(data.x, norm, torch.full((len(data),), eps))
    whole = ((margins(BOUND, net, ball, data.y) > 0).all(1) & right).numpy()
    found = np.where(right.numpy(), margins("envelope", net, ball, data.y, knobs).numpy(), 0.0)
    partly = Rate(int(((found > 0) & ~whole).sum()), len(found))
    halving = radii(BOUND, model, data.x, data.y, norm, 2 * eps).trials[right.numpy()]
    shorter = radii("envelope", model, data.x, data.y, norm, 2 * eps, knobs=knobs).trials[right.numpy()]
    lengths = [_cell(Mean.of(values * unit)) for values in (whole * eps, found)]
    asked = [_cell(Mean.of(values.astype(float))) for values in (halving, shorter)]
    cells = [f"`{name}`", f"{eps * unit:g}/{unit}", *lengths, partly.cell, *asked, f"{len(found):,}"]
    judged = [
        (bool((found >= whole * np.float32(eps)).all()), f"{name}: no radius is smaller"),
        (
            bool((shorter <= halving).all()),
            f"{name}: no search is longer, {1 - shorter.mean() / halving.mean():.0%} saved",
        ),
    ]
    return f"| {' | '.join(cells)} |", judged


def _cell(mean: Mean) -> str:
    low, high = mean.interval
    return f"{mean.value:.3g} ({low:.3g}–{high:.3g})"


def main() -> int:
    """Run it; return 1 where the envelope is worth less than nothing."""
    options = arguments(__doc__, MODELS, repeat=1).parse_args()
    rows, judged = zip(*(row(name, options.count or PICTURES) for name in options.models), strict=True)
    text = "\n".join([HEAD, "| --- " * HEAD.count(" |") + "|", *rows])
    return int(not tell(text, [one for some in judged for one in some]))


if __name__ == "__main__":
    sys.exit(main())
