"""Alignment over a data set against a loop over Captum, one picture a call: same models and pictures, in one process.

    python tests/benchmarks/bench_saliency.py [--models NAME ...] [--count N] [--repeat R] [--batch B] [--one-thread]

The loop asks the model for its answer, Captum for the gradient of that logit, and takes alpha. "answers known" is the
same with the answers given, which no data set has. The floor is one forward and one input-backward pass of the
prepared network in batches of B, with nothing measured. Prints Markdown; exits with 1 where a target is missed.
"""

import sys
from collections.abc import Callable

import torch
from captum.attr import Saliency
from timing import Score, arguments, clock, measure, table, tell

MODELS = ("mnist-standard", "mnist-pgd", "cifar10-standard", "cifar10-pgd")
COUNTS = {"mnist": 500, "cifar10": 200}
OURS, LOOP, KNOWN, FLOOR = "ours", "loop over Captum", "loop, answers known", "floor"
GAIN, COST, APART = 5.0, 1.1, 1e-3


def contestants(name: str, count: int | None, batch: int) -> tuple[str, int, dict[str, Callable[[], float | None]]]:
    """Return the setting in words, the number of pictures, and what is to be timed; each returns the mean alpha."""
    from explorer.attribution.measures.case import Case, Lead
    from explorer.attribution.measures.run import run_measure
    from explorer.core.device import best_device
    from explorer.core.goals import ascent
    from explorer.data import load_data
    from explorer.models.prepare import prepare
    from explorer.models.zoo import card, load_model

    device, kind = best_device(), card(name)["data"]
    data, model = load_data(kind), load_model(name, device)
    x, y = (part[: count or COUNTS[kind]].to(device) for part in (data.x, data.y))
    fast = prepare(model)
    with torch.no_grad():
        known = model(x).argmax(1)

    def ours() -> float:
        return float(run_measure("alignment", Case(model, x, y)).values["alpha"].mean())

    def loop(answers: torch.Tensor | None) -> float:
        saliency, found = Saliency(model), []
        for i in range(len(x)):
            one = x[i : i + 1].clone().requires_grad_()
            answer = answers[i : i + 1] if answers is not None else model(one.detach()).argmax(1)
            gradient = saliency.attribute(one, target=answer, abs=False)
            found.append((one.detach() * gradient).sum().abs() / gradient.norm())
        return float(torch.stack(found).mean())

    def floor() -> None:
        for some in x.split(batch):
            ascent(fast, some, Lead())

    runs = {OURS: ours, LOOP: lambda: loop(None), KNOWN: lambda: loop(known), FLOOR: floor}
    return f"{name}, n = {len(x)}", len(x), runs


def verdicts(scores: dict[str, Score]) -> list[tuple[bool, str]]:
    """Return for each target whether it is reached, by the smallest times, and in words."""
    low = {name: score.least for name, score in scores.items()}
    gain, cost = low[LOOP] / low[OURS], low[OURS] / low[FLOOR]
    apart = abs(scores[OURS].figure / scores[LOOP].figure - 1)
    return [
        (
            gain >= GAIN,
            f"{gain:.2f} times as fast as the loop (target {GAIN:g}; the floor {low[LOOP] / low[FLOOR]:.2f})",
        ),
        (cost <= COST, f"{cost:.2f} times the floor (target {COST:g})"),
        (apart <= APART, f"mean alpha within {apart:.1e} of the loop's (target {APART:g})"),
    ]


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    options = arguments(__doc__, MODELS, repeat=5).parse_args()
    now, missed = clock(options.one_thread), False
    for name in options.models:
        words, count, runs = contestants(name, options.count, options.batch)
        scores = measure(runs, count, options.repeat, now)
        missed |= not tell(table(words, scores, scores[OURS], "mean alpha", "{:.4g}".format), verdicts(scores))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
