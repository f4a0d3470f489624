"""PGD-40 in linf against torchattacks and foolbox: same models, images and settings, in one process.

    python tests/benchmarks/bench_attacks.py [--models NAME ...] [--count N] [--repeat R] [--batch B]

All take the same steps from random starts, in the same batches, on the zoo model as it is loaded, and
evaluate their result on it within their time. The first run makes an environment of their own for the
rivals. Prints Markdown: seconds per 1000 images, the contestants taking turns; then how the ratios
stand to the targets.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec

import torch
from environment import ROOT, rivals_python

STEPS, STEP = 40, 0.1  # of eps
MODELS = ("mnist-standard", "mnist-pgd", "cifar10-standard", "cifar10-pgd")
COUNTS = {"mnist": 500, "cifar10": 200}
OURS, FULL, FLOOR, TORCHATTACKS, FOOLBOX = "ours", "ours, no early stop", "floor", "torchattacks", "foolbox"
TARGETS = {"standard": 5.0, "pgd": 1.25}  # times torchattacks, by how the model was trained
COST, POINTS = 1.1, 0.01


@dataclass
class Score:
    """One contestant's seconds and success rates, one of each per repetition."""

    seconds: list[float] = field(default_factory=list)
    success: list[float] = field(default_factory=list)


def contestants(name: str, count: int | None, batch: int) -> tuple[str, int, dict[str, Callable[[], float | None]]]:
    """Return the model's setting in words, the number of images, and what is to be timed.

    Each contestant attacks all images and returns the success rate on the plain model; the floor, which
    is the forward and input-backward passes alone, returns None.
    """
    import foolbox
    import torchattacks

    from explorer.attacks.run import run_attack
    from explorer.core.device import best_device
    from explorer.core.goals import Goal, ascent
    from explorer.core.types import Threat
    from explorer.data import load_data
    from explorer.models.prepare import prepare
    from explorer.models.zoo import card, load_model

    device, found = best_device(), card(name)
    eps, data = found["threat"]["eps"], load_data(found["data"])
    x, y = (part[: count or COUNTS.get(found["data"])].to(device) for part in (data.x, data.y))
    model, fast = load_model(name, device), prepare(load_model(name, device))
    parts = list(zip(x.split(batch), y.split(batch), strict=True))
    knobs = {"steps": STEPS, "step": STEP}

    def success(x_adv: list[torch.Tensor]) -> float:
        with torch.no_grad():
            held = sum(int((model(a).argmax(1) == b).sum()) for a, (_, b) in zip(x_adv, parts, strict=True))
        return 1 - held / len(x)

    def ours(stop: bool) -> float:
        goal, threat = Goal(y), Threat("linf", eps)
        return float(run_attack("pgd", model, x, goal, threat, knobs=knobs, stop=stop, batch=batch).success.mean())

    def by_torchattacks() -> float:
        attack = torchattacks.PGD(model, eps=eps, alpha=STEP * eps, steps=STEPS, random_start=True)
        return success([attack(a, b) for a, b in parts])

    def by_foolbox() -> float:
        subject = foolbox.PyTorchModel(model, bounds=(0, 1), device=device)
        attack = foolbox.attacks.LinfPGD(rel_stepsize=STEP, steps=STEPS, random_start=True)
        return success([attack(subject, a, b, epsilons=eps)[1] for a, b in parts])

    def floor() -> None:
        for a, b in parts:
            for _ in range(STEPS):
                ascent(fast, a, Goal(b))

    words = f"{name}, eps {eps:.4g}, n = {len(x)}, batches of {batch}"
    return (
        words,
        len(x),
        {
            OURS: lambda: ours(stop=True),
            TORCHATTACKS: by_torchattacks,
            FOOLBOX: by_foolbox,
            FULL: lambda: ours(stop=False),
            FLOOR: floor,
        },
    )


def measure(runs: dict[str, Callable[[], float | None]], count: int, repeat: int) -> dict[str, Score]:
    """Time every contestant `repeat` times, in turns; another one begins each turn."""
    scores = {name: Score() for name in runs}
    names = list(runs)
    for turn in range(repeat):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = time.perf_counter()
            rate = runs[name]()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            scores[name].seconds.append((time.perf_counter() - start) * 1000 / count)
            if rate is not None:
                scores[name].success.append(rate)
    return scores


def table(words: str, scores: dict[str, Score]) -> str:
    """Return one model's results as a Markdown table."""
    base = scores[OURS]
    lines = [f"### {words}", "", "| | s / 1000, min | median | success | time / ours, min (median) |"]
    lines.append("|---|---:|---:|---:|---:|")
    for name, score in scores.items():
        low, middle = min(score.seconds), statistics.median(score.seconds)
        ratio = f"{low / min(base.seconds):.2f} ({middle / statistics.median(base.seconds):.2f})"
        rate = f"{statistics.mean(score.success):.1%}" if score.success else ""
        lines.append(f"| {name} | {low:.2f} | {middle:.2f} | {rate} | {ratio} |")
    return "\n".join(lines)


def verdicts(recipe: str, scores: dict[str, Score]) -> list[tuple[bool, str]]:
    """Return for each target whether it is reached, by the smallest times, and in words."""
    low = {name: min(score.seconds) for name, score in scores.items()}
    rate = {name: statistics.mean(score.success) for name, score in scores.items() if score.success}
    apart = max(abs(rate[OURS] - rate[name]) for name in (TORCHATTACKS, FOOLBOX))
    gain, cost, target = low[TORCHATTACKS] / low[OURS], low[FULL] / low[FLOOR], TARGETS[recipe]
    return [
        (gain >= target, f"{gain:.2f} times as fast as torchattacks (target {target:g})"),
        (cost <= COST, f"without early stop {cost:.2f} times the floor (target {COST:g})"),
        (apart <= POINTS, f"success within {apart * 100:.1f} points of the rivals (target {POINTS * 100:g})"),
    ]


def main() -> int:
    """Run the benchmark, in the rivals' environment; return 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=MODELS)
    parser.add_argument("--count", type=int, help="images; by default 500 of MNIST, 200 of CIFAR-10")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    options = parser.parse_args()
    if not (find_spec("foolbox") and find_spec("torchattacks")):
        inner = [str(rivals_python()), __file__, *sys.argv[1:]]
        return subprocess.run(inner, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode
    missed = False
    for name in options.models:
        words, count, runs = contestants(name, options.count, options.batch)
        scores = measure(runs, count, options.repeat)
        recipe = "pgd" if name.endswith("-pgd") else "standard"
        found = verdicts(recipe, scores)
        missed |= not all(good for good, _ in found)
        lines = [f"- {'reached' if good else 'MISSED'}: {text}" for good, text in found]
        sys.stdout.write("\n".join([table(words, scores), "", *lines, "", ""]))
        sys.stdout.flush()
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
