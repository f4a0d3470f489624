"""Our attacks against the official and the most used implementations: same models, images and settings, one process.

    python tests/benchmarks/bench_rivals.py [--rows NAME ...] [--models NAME ...] [--count N] [--repeat R]
        [--autoattack DIR] [--advlib DIR] [--eps E] [--one-thread]

The official AutoAttack (github.com/fra31/auto-attack) and adversarial-library
(github.com/jeromerony/adversarial-library) are no packages that install beside today's torch: name the
folders of their checkouts; without them their columns are left out. Foolbox comes with the environment
that the first run makes. Everybody attacks the zoo model, and what they return is judged alike: a
change counts where the model as it is loaded is wrong, inside the pixel box and the budget; else its
length is infinite.
"""

import sys
import types
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import torch
from timing import Score, arguments, clock, elsewhere, measure, table, tell
from torch import Tensor, nn

MODELS = ("mnist-standard", "mnist-pgd", "cifar10-pgd")
COUNTS = {"mnist": 200, "cifar10": 64}
OURS, QUICK, FEWER = "ours", "ours, quick cascade", "ours, 75 steps"
OFFICIAL, ADVLIB, FOOLBOX = "official code", "adversarial-library", "Foolbox"
SLACK = 0.01  # accuracies within 1 picture in 100
Run = Callable[[nn.Module, Tensor, Tensor, float, int], Tensor]  # model, x, y, eps, batch to x_adv


@dataclass
class Row:
    """One piece of work, who does it, and by how much we are to be faster."""

    title: str
    norm: str
    budget: bool  # judged by the accuracy it leaves within the budget, else by the median length of its changes
    runs: dict[str, Run]
    targets: dict[tuple[str, str], float]
    easy: dict[tuple[str, str], float] = field(default_factory=dict)  # where all fall


def ours(name: str, norm: str, **knobs: object) -> Run:
    """Return our attack as a contestant."""

    def run(model: nn.Module, x: Tensor, y: Tensor, eps: float, batch: int) -> Tensor:
        from explorer.attacks.run import run_attack
        from explorer.core.goals import Goal
        from explorer.core.types import Threat

        found = run_attack(name, model, x, Goal(y), Threat(norm, eps), knobs=knobs, batch=batch)
        return torch.from_numpy(found.x_adv)

    return run


def batched(attack: Callable[[nn.Module, Tensor, Tensor, float], Tensor]) -> Run:
    """Return a rival's attack on one batch as a contestant."""

    def run(model: nn.Module, x: Tensor, y: Tensor, eps: float, batch: int) -> Tensor:
        parts = zip(x.split(batch), y.split(batch), strict=True)
        return torch.cat([attack(model, a, b, eps).detach() for a, b in parts])

    return run


def by_autoattack(model: nn.Module, x: Tensor, y: Tensor, eps: float, batch: int) -> Tensor:
    """Run the official standard cascade."""
    from autoattack import AutoAttack

    attack = AutoAttack(model, norm="Linf", eps=eps, version="standard", device="cpu", verbose=False)
    found: Tensor = attack.run_standard_evaluation(x, y, bs=batch)
    return found


def by_apgd(model: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    """Run the official Auto-PGD."""
    from autoattack.autopgd_base import APGDAttack

    found: Tensor = APGDAttack(model, n_iter=100, eps=eps, loss="ce", device="cpu").perturb(x, y)
    return found


def by_square(model: nn.Module, x: Tensor, y: Tensor, eps: float) -> Tensor:
    """Run the official Square Attack."""
    from autoattack.square import SquareAttack

    found: Tensor = SquareAttack(model, eps=eps, n_queries=1000, resc_schedule=False, device="cpu").perturb(x, y)
    return found


def by_advlib(name: str, **options: object) -> Run:
    """Run one of adversarial-library's attacks."""

    def attack(model: nn.Module, x: Tensor, y: Tensor, _eps: float) -> Tensor:
        import adv_lib.attacks

        found: Tensor = getattr(adv_lib.attacks, name)(model, x, y, **options)
        return found

    return batched(attack)


def by_foolbox(name: str, **options: object) -> Run:
    """Run one of Foolbox's attacks."""

    def attack(model: nn.Module, x: Tensor, y: Tensor, _eps: float) -> Tensor:
        import foolbox

        subject = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
        found: Tensor = getattr(foolbox.attacks, name)(**options)(subject, x, y, epsilons=None)[0]
        return found

    return batched(attack)


ROWS = {
    "autoattack": Row(
        "AutoAttack standard",
        "linf",
        True,
        {OURS: ours("autoattack", "linf"), QUICK: ours("apgd_cascade", "linf"), OFFICIAL: by_autoattack},
        {(OURS, OFFICIAL): 1.5, (QUICK, OFFICIAL): 6.0},
    ),
    "apgd": Row(
        "APGD-CE, 100 steps",
        "linf",
        True,
        {OURS: ours("apgd", "linf", steps=100), OFFICIAL: batched(by_apgd)},
        {(OURS, OFFICIAL): 1.3},
        {(OURS, OFFICIAL): 5.0},
    ),
    "square": Row(
        "Square Attack, 1,000 queries",
        "linf",
        True,
        {OURS: ours("square", "linf", queries=1000), OFFICIAL: batched(by_square)},
        {(OURS, OFFICIAL): 1.5},
    ),
    "deepfool": Row(
        "DeepFool, 50 steps",
        "l2",
        False,
        {
            OURS: ours("deepfool", "l2", steps=50),
            ADVLIB: by_advlib("df", steps=50),
            FOOLBOX: by_foolbox("L2DeepFoolAttack", steps=50),
        },
        {(OURS, ADVLIB): 1.3, (OURS, FOOLBOX): 4.0},
    ),
    "ddn": Row(
        "DDN, 100 steps",
        "l2",
        False,
        {
            OURS: ours("ddn", "l2", steps=100),
            FEWER: ours("ddn", "l2", steps=75),
            ADVLIB: by_advlib("ddn", steps=100, levels=None),
            FOOLBOX: by_foolbox("DDNAttack", steps=100),
        },
        {(OURS, ADVLIB): 1.3, (OURS, FOOLBOX): 1.3, (FEWER, ADVLIB): 1.3, (FEWER, FOOLBOX): 1.3},
    ),
    "fmn": Row(
        "FMN, 100 steps",
        "l2",
        False,
        {
            OURS: ours("fmn", "l2", steps=100),
            ADVLIB: by_advlib("fmn", norm=2, steps=100),
            FOOLBOX: by_foolbox("L2FMNAttack", steps=100),
        },
        {(OURS, ADVLIB): 1.0, (OURS, FOOLBOX): 1.0},
    ),
    "hopskipjump": Row(
        "HopSkipJump, 2,830 queries",
        "l2",
        False,
        {
            OURS: ours("hopskipjump", "l2", queries=2830),
            FOOLBOX: by_foolbox("HopSkipJumpAttack", steps=11),  # which take about as many: counted, 2828 and 2837
        },
        {(OURS, FOOLBOX): 1.0},
    ),
    "sigma_zero": Row(
        "sigma-zero, 300 steps",
        "l0",
        False,
        {OURS: ours("sigma_zero", "l0", steps=300), ADVLIB: by_advlib("sigma_zero", num_steps=300)},
        {(OURS, ADVLIB): 1.2},
    ),
}


def judged(row: Row, model: nn.Module, x: Tensor, y: Tensor, eps: float, x_adv: Tensor) -> float:
    """Return the accuracy that is left, or the median length of the changes."""
    from explorer.core.norms import length

    with torch.no_grad():
        wrong = torch.cat([model(a).argmax(1) != b for a, b in zip(x_adv.split(128), y.split(128), strict=True)])
        broken = torch.cat([model(a).argmax(1) != b for a, b in zip(x.split(128), y.split(128), strict=True)])
    size = torch.where(wrong, length(x_adv - x, row.norm), torch.inf).masked_fill(broken, 0.0)
    size = size.where((x_adv.flatten(1).amin(1) > -1e-6) & (x_adv.flatten(1).amax(1) < 1 + 1e-6), torch.inf)
    return (size > eps + 1e-6).float().mean().item() if row.budget else size.median().item()


def verdicts(row: Row, scores: dict[str, Score]) -> list[tuple[bool, str]]:
    """Return for each target whether it is reached, by the smallest times at a result no worse, and in words."""
    found = []
    fallen = row.budget and all(score.figure == 0 for score in scores.values())
    for (mine, rival), target in ((fallen and row.easy) or row.targets).items():
        if rival not in scores:
            continue
        gain = scores[rival].least / scores[mine].least
        found.append((gain >= target, f"{mine}: {gain:.2f} times as fast as {rival} (target {target:g})"))
        here, there = scores[mine].figure, scores[rival].figure
        worse = here - there
        good, named = (worse <= SLACK, f"{worse:+.1%}") if row.budget else (here <= there, f"{here:.4g} to {there:.4g}")
        found.append((good, f"{mine}: {'accuracy left' if row.budget else 'median length'} {named}"))
    return found


@contextmanager
def importable(autoattack: Path | None, advlib: Path | None) -> Iterator[None]:
    """Let the checkouts be imported, the second without what its attacks do not use."""
    sys.path[:0] = [str(folder) for folder in (autoattack, advlib) if folder]
    if advlib:
        logger = types.ModuleType("adv_lib.utils.visdom_logger")
        logger.VisdomLogger = object
        lpips = types.ModuleType("adv_lib.distances.lpips")
        lpips.LPIPS = object
        sys.modules |= {one.__name__: one for one in (logger, lpips)}
    yield


def main() -> int:
    """Run the benchmark, in the rivals' environment; return 1 where a target is missed."""
    parser = arguments(__doc__, MODELS, repeat=3)
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--autoattack", type=Path, help="folder of a checkout of fra31/auto-attack")
    parser.add_argument("--advlib", type=Path, help="folder of a checkout of jeromerony/adversarial-library")
    parser.add_argument("--eps", type=float, help="budget, else the one that the model's card names")
    options = parser.parse_args()
    if (status := elsewhere(__file__)) is not None:
        return status
    given = {OFFICIAL: options.autoattack, ADVLIB: options.advlib}
    now, missed = clock(options.one_thread), False
    from explorer.data import load_data
    from explorer.models.zoo import card, load_model

    with importable(options.autoattack, options.advlib):
        for row in (ROWS[name] for name in options.rows):
            for name in options.models:
                facts, model = card(name), load_model(name)
                eps, data = options.eps or facts["threat"]["eps"], load_data(facts["data"])
                count = options.count or COUNTS[facts["data"]]
                x, y = data.x[:count], data.y[:count]

                def runs(run: Run, row=row, setting=(model, x, y, eps)) -> Callable[[], float]:
                    return lambda: judged(row, *setting, run(*setting, options.batch))

                chosen = {who: runs(run) for who, run in row.runs.items() if given.get(who, True)}
                scores = measure(chosen, count, options.repeat, now)
                budget = f", eps {eps:.4g}" if row.budget else ""
                words = f"{row.title}, {row.norm}, {name}{budget}, n = {count}"
                show = "{:.1%}".format if row.budget else "{:.4g}".format
                head = "accuracy left" if row.budget else "median length"
                missed |= not tell(table(words, scores, scores[OURS], head, show), verdicts(row, scores))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
