"""Adaptive slices of 201 x 201 places beside dense ones: the same planes, in one process.

    python tests/benchmarks/bench_slices.py [--models NAME ...] [--count N] [--repeat R] [--one-thread]

Four planes through one test picture after the other: three pictures, the shortest attack and a random way, the
gradient and where it turns, two waves. Prints Markdown: seconds per 1000 slices, what share of the places was asked
for, and how many labels differ from those of the dense slice.

Then what a page's first look at a new picture takes, in the plane of both attacks, by stages: the attacks, until the
plane is known; the coarse look, packed as a worker sends it; the figure, as JSON. Without what the engine, the server
and the browser add, which needs a browser to be seen.
"""

import statistics
import sys
from collections.abc import Callable

import torch
from timing import Score, arguments, clock, measure, table, tell

from explorer.attacks.run import run_attack
from explorer.core.device import best_device, generator
from explorer.core.goals import Goal
from explorer.core.progress import silent
from explorer.core.results import Section, Slice
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.figures.setting import Setting
from explorer.figures.slices import slices as drawn
from explorer.figures.slicing import told
from explorer.geometry import plane
from explorer.geometry.slice import adaptive, coarse, dense
from explorer.models.zoo import card, load_model, spoken
from explorer.work.boundary.planes import Desk
from explorer.work.boundary.slices import pieces, sliced
from explorer.work.inputs import picture_of
from explorer.work.pack import from_bytes, to_bytes
from explorer.work.request import default

MODELS = ("mnist-standard", "mnist-pgd", "cifar10-standard", "cifar10-pgd", "shapes-standard", "shapes-pgd")
SIDE, GAIN, FIRST = 201, 10.0, 20
REACH, WAVES = 4.0, 16.0  # times the shortest change that deceives the model; a wave takes longer to
LOOKS, PICTURES, SOON = ("digits", "mnist", "shapes"), 7, 0.5  # data sets; pictures of each; seconds to the first look
DENSE, ADAPTIVE, COARSE = "dense", "adaptive", "coarse"


def planes(model: torch.nn.Module, name: str, count: int) -> list[Section]:
    """Return as many planes through the first correctly classified test pictures, in l2."""
    data = load_data(card(name)["data"])
    x, y = data.x[: 4 * count].to(best_device()), data.y[: 4 * count]
    with torch.no_grad():
        right = (model(x).argmax(1).cpu() == y).nonzero()[:, 0]
    return [plane_of(model, x[row:], int(y[row]), kind) for kind, row in enumerate(right[:count].tolist())]


def plane_of(model: torch.nn.Module, x: torch.Tensor, label: int, kind: int) -> Section:
    """Return a plane through the first of these pictures, of the class `label`."""
    rng, goal = generator(kind), Goal(torch.tensor([label]))
    if kind % 4 == 0:
        return plane.through(x[:3], "l2", rng=rng)
    short = run_attack("deepfool", model, x[:1], goal, Threat("l2", 0.0))
    size = float(short.distance["l2"][0])
    if kind % 4 == 1:
        x_adv = torch.from_numpy(short.x_adv[0]).to(x)
        return plane.attack_and_random(x[0], x_adv, "l2", reach=REACH * size, rng=rng)
    if kind % 4 == 2:
        return plane.gradients(model, x[0], label, "l2", reach=REACH * size, rng=rng)
    return plane.frequencies(x[0], 1, x.shape[-1] - 2, "l2", reach=WAVES * size, rng=rng)


def first_looks(data: str, now: Callable[[], float]) -> tuple[list[float], list[float], list[float]]:
    """Return the seconds of the attacks, of the coarse look after them, and of its figure, for each picture but one."""
    stages: tuple[list[float], list[float], list[float]] = ([], [], [])
    for index in range(PICTURES + 1):
        first = pieces(default(data, page="boundary").with_(index=index))[0]
        x, label = picture_of(first, None, silent)
        models = [load_model(name, best_device()) for name in (first.a, first.b)]
        marks = [now()]
        desk = Desk(first, x[0].to(best_device()), label, (models[0], models[1]), silent)
        assert len(desk.attacked) == 2  # computed and kept: the plane is known
        marks.append(now())
        blob = to_bytes(sliced(first, None, silent))
        marks.append(now())
        view, facts = from_bytes(blob), card(first.a)
        setting = Setting(facts["classes"], spoken(first.a, first.b), first.norm, first.eps, 255)
        drawn(view, setting, dict(first.show)).to_json()
        told(view, setting, dict(first.show))
        marks.append(now())
        if index:  # the first one loads models and code
            for stage, start, end in zip(stages, marks, marks[1:], strict=False):
                stage.append(end - start)
    return stages


def tell_first_looks(now: Callable[[], float]) -> bool:
    """Print the stages of a first look; return whether it is there soon enough once the plane is known."""
    lines = ["### A first look at a new picture, medians in seconds", ""]
    lines += ["| | attacks | coarse look | figure | from the plane | from the start |", "|---" + "|---:" * 5 + "|"]
    found = []
    for data in LOOKS:
        stages = first_looks(data, now)
        middle = [statistics.median(stage) for stage in stages]
        after = statistics.median(map(sum, zip(*stages[1:], strict=True)))
        whole = statistics.median(map(sum, zip(*stages, strict=True)))
        lines.append("| " + " | ".join([data, *(f"{value:.2f}" for value in (*middle, after, whole))]) + " |")
        found.append((after <= SOON, f"{data}: {after:.2f} s from the plane on (target {SOON:g})"))
    return tell("\n".join(lines), found)


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    parser = arguments(__doc__, MODELS, repeat=1)
    parser.set_defaults(count=4)
    options = parser.parse_args()
    now, missed, gains, wrong, slices, seen = clock(options.one_thread), False, [], 0, 0, 0
    for name in options.models:
        model = load_model(name, best_device())
        sections, kept = planes(model, name, options.count), dict[str, list[Slice]]()

        def run(how: str, function: Callable[..., Slice]) -> None:
            kept[how] = [function(model, section, SIDE) for section in sections]  # noqa: B023 - called in this round

        ways = {DENSE: dense, ADAPTIVE: adaptive, COARSE: coarse}
        runs = {how: lambda h=how, f=function: run(h, f) for how, function in ways.items()}
        scores: dict[str, Score] = measure(runs, len(sections), options.repeat, now)
        share = statistics.mean(part.asked for part in kept[ADAPTIVE]) / SIDE**2
        differ = [int((a.labels != b.labels).sum()) for a, b in zip(kept[DENSE], kept[ADAPTIVE], strict=True)]
        several = sum(len(set(part.labels.ravel().tolist())) > 1 for part in kept[DENSE])
        gain = scores[DENSE].least / scores[ADAPTIVE].least
        words = f"{name}: {len(sections)} slices, {several} with several classes, {share:.1%} of the places asked for"
        text = table(words, scores, scores[ADAPTIVE], "", str)
        missed |= not tell(text, [(gain >= GAIN, f"{gain:.1f} times as fast as dense (target {GAIN:g})"),
                                  (not any(differ), f"labels that differ, by slice: {differ}")])  # fmt: skip
        gains, wrong, slices, seen = [*gains, gain], wrong + sum(differ), slices + len(sections), seen + several
    range_of_gains = f"{min(gains):.1f} to {max(gains):.1f} times as fast"
    sys.stdout.write(f"All: {slices} slices, {seen} with several classes, {range_of_gains}, {wrong} wrong labels.\n")
    missed |= not tell_first_looks(now)
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
