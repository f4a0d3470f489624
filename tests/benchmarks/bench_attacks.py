"""PGD-40 in linf against torchattacks and foolbox: same models, images and settings, in one process.

    python tests/benchmarks/bench_attacks.py [--models NAME ...] [--count N] [--repeat R] [--batch B] [--one-thread]

All take the same steps from random starts, in the same batches, on the zoo model as it is loaded, and
evaluate their result on it within their time. The first run makes an environment of their own for the
rivals. Prints Markdown: seconds per 1000 images, the contestants taking turns; then how the ratios
stand to the targets.
"""

import sys
from collections.abc import Callable

import torch
from timing import Score, arguments, clock, elsewhere, measure, table, tell

STEPS, STEP = 40, 0.1  # of eps
MODELS = ("mnist-standard", "mnist-pgd", "cifar10-standard", "cifar10-pgd")
COUNTS = {"mnist": 500, "cifar10": 200}
OURS, FULL, FLOOR, TORCHATTACKS, FOOLBOX = "ours", "ours, no early stop", "floor", "torchattacks", "foolbox"
TARGETS = {"standard": 5.0, "pgd": 1.25}  # times torchattacks, by how the model was trained
COST, POINTS = 1.1, 0.01


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


def verdicts(recipe: str, scores: dict[str, Score]) -> list[tuple[bool, str]]:
    """Return for each target whether it is reached, by the smallest times, and in words."""
    low = {name: score.least for name, score in scores.items()}
    apart = max(abs(scores[OURS].figure - scores[name].figure) for name in (TORCHATTACKS, FOOLBOX))
    gain, cost, target = low[TORCHATTACKS] / low[OURS], low[FULL] / low[FLOOR], TARGETS[recipe]
    return [
        (gain >= target, f"{gain:.2f} times as fast as torchattacks (target {target:g})"),
        (cost <= COST, f"without early stop {cost:.2f} times the floor (target {COST:g})"),
        (apart <= POINTS, f"success within {apart * 100:.1f} points of the rivals (target {POINTS * 100:g})"),
    ]


def main() -> int:
    """Run the benchmark, in the rivals' environment; return 1 where a target is missed."""
    options = arguments(__doc__, MODELS, repeat=5).parse_args()
    if (status := elsewhere(__file__)) is not None:
        return status
    now, missed = clock(options.one_thread), False
    for name in options.models:
        words, count, runs = contestants(name, options.count, options.batch)
        scores = measure(runs, count, options.repeat, now)
        text = table(words, scores, scores[OURS], "success", "{:.1%}".format)
        missed |= not tell(text, verdicts("pgd" if name.endswith("-pgd") else "standard", scores))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
