"""Margins by frequency of many pictures and bands at once beside the authors' loop: same models, in one process.

    python tests/benchmarks/bench_bands.py [--models NAME ...] [--count N] [--repeat R] [--one-thread]

The loop takes a picture and a band at a time and looks at nine classes in each step, as the authors' code does, with
our own step and the plain model; it is beside our walk alone, without the second search, whose time and margins are
told for themselves. Prints Markdown; exits with 1 where a target is missed.
"""

import statistics
import sys

import numpy as np
import torch
from timing import arguments, clock, measure, table, tell

from explorer.attacks._planes import to_the_nearest
from explorer.attacks._track import surely
from explorer.core.device import best_device
from explorer.core.goals import Goal
from explorer.core.norms import length
from explorer.data import load_data
from explorer.geometry._waves import Waves, bases, windows
from explorer.geometry.bands import CLASSES, OVERSHOOT, STEPS, Inside, band_margins
from explorer.models.zoo import card, load_model

MODELS = ("mnist-standard", "mnist-pgd")
PICTURES, BANDS, WIDTH = 100, 8, 8
OURS, LOOP, SECOND = "ours", "authors' loop", "ours and the second search"
GAIN, APART = 5.0, 0.05


def alone(model: torch.nn.Module, x: torch.Tensor, waves: Waves, band: torch.Tensor) -> float:
    """Return the margin of one picture (1, C, H, W) in one band (1,) as the authors' loop finds it; inf for none."""
    with torch.no_grad():
        goal = Goal(model(x).argmax(1))
    inside, a = Inside(model, x, waves, band), torch.zeros(1, x.shape[1], WIDTH, WIDTH, device=x.device)
    for _ in range(STEPS):
        logits, step, _ = to_the_nearest(inside, a, goal, "l2", CLASSES, False, torch.empty(0))
        if surely(goal, logits).any():
            return float(length(a, "l2"))
        a = a + (1 + OVERSHOOT) * step
    return float("inf")


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    parser = arguments(__doc__, MODELS, repeat=1)
    parser.set_defaults(count=PICTURES)
    options = parser.parse_args()
    now, missed = clock(options.one_thread), False
    for name in options.models:
        model, found = load_model(name, best_device()), dict[str, np.ndarray]()
        x = load_data(card(name)["data"]).x[: options.count].to(best_device())
        starts = windows(min(x.shape[2:]), WIDTH, BANDS)
        waves = bases(x, starts, WIDTH)

        def ours() -> float:
            found[OURS] = band_margins(model, x, size=WIDTH, count=BANDS, nearer=0).margins  # noqa: B023 - called in this round
            return middle(found[OURS])  # noqa: B023

        def loop() -> float:
            rows = [
                [alone(model, one[None], waves, torch.tensor([b], device=x.device)) for b in range(len(starts))]  # noqa: B023
                for one in x  # noqa: B023
            ]
            found[LOOP] = np.array(rows, np.float32)  # noqa: B023
            return middle(found[LOOP])  # noqa: B023

        def second() -> float:
            return middle(band_margins(model, x, size=WIDTH, count=BANDS).margins)  # noqa: B023

        scores = measure({OURS: ours, LOOP: loop, SECOND: second}, len(x), options.repeat, now)
        gain = scores[LOOP].least / scores[OURS].least
        both = np.isfinite(found[OURS]) & np.isfinite(found[LOOP])
        apart = abs(float(np.median(found[OURS][both] / found[LOOP][both])) - 1)
        words = f"{name}: {len(x)} pictures, {len(starts)} bands, {int((~both).sum())} of them not found by one or both"
        text = table(words, scores, scores[OURS], "median margin", "{:.4g}".format)
        faster = f"{gain:.1f} times as fast as the authors' loop (target {GAIN:g})"
        equal = f"margins within {apart:.1%} of the loop's (target {APART:.0%})"
        missed |= not tell(text, [(gain >= GAIN, faster), (apart <= APART, equal)])
    return int(missed)


def middle(margins: np.ndarray) -> float:
    """Return the median of those found."""
    return statistics.median(margins[np.isfinite(margins)].tolist())


if __name__ == "__main__":
    sys.exit(main())
