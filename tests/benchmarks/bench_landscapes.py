"""A loss surface of 51 x 51 points beside the published loop: same weights, pictures and directions, in one process.

    python tests/benchmarks/bench_landscapes.py [--models NAME ...] [--count N] [--side S] [--rival R] [--one-thread]

The loop is written after tomgoldstein/loss-landscape (Li et al. 2018): for each point a deep copy of the state dict is
moved and loaded, and the loss taken in batches of 128. It is the slower by far and costs the same at every point: it
is timed on R points drawn from the grid, where the losses are compared, too. "Interpolated" computes the first look of
11 x 11 points and every second one, and a spline of the log loss between; its error is that at all points of the
exact surface. Prints Markdown; exits with 1 where a target is missed.
"""

import copy
import sys
import time
from collections.abc import Callable

import numpy as np
import torch
from timing import arguments, clock, tell
from torch import Tensor, nn

from explorer.core.device import best_device, generator
from explorer.core.results import Losses
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.landscapes.directions import Direction, direction_rng, random
from explorer.landscapes.grids import between, grid, looks
from explorer.landscapes.surface import Climb, surface
from explorer.models.zoo import card, load_model

MODELS = ("mnist-standard",)
PICTURES, SIDE, RIVAL, ATTACKED = 512, 51, 60, 6
EXACT, INTERPOLATED, ERROR, FIRST = 2.3, 9.0, 0.01, 0.05
SAME = 1e-4  # of the loss, by which two orders of adding may differ


def published(model: nn.Module, x: Tensor, y: Tensor, ways: tuple[Direction, Direction], at: np.ndarray) -> list[float]:
    """Return the mean loss at points (M, 2) as the published code takes it: `set_states` and `eval_loss`."""
    net, criterion, losses = copy.deepcopy(model), nn.CrossEntropyLoss(), []
    states = copy.deepcopy(net.state_dict())
    first, second = ([way.get(name, torch.zeros_like(v)) for name, v in states.items()] for way in ways)
    for a, b in at.tolist():
        changes = [d0 * a + d1 * b for d0, d1 in zip(first, second, strict=True)]
        moved = copy.deepcopy(states)
        for v, d in zip(moved.values(), changes, strict=True):
            v.add_(d.clone().detach().type(v.type()))
        net.load_state_dict(moved)
        net.eval()
        total, correct = 0.0, 0
        with torch.no_grad():
            for rows in torch.arange(len(x)).split(128):
                outputs = net(x[rows[0] : rows[-1] + 1])
                targets = y[rows]
                total += criterion(outputs, targets).item() * len(rows)
                correct += torch.max(outputs.data, 1)[1].eq(targets).sum().item()
        losses.append(total / len(x))
    return losses


def floor(model: nn.Module, x: Tensor, y: Tensor, passes: int) -> None:
    """Do nothing but the passes of a point of an adversarial surface: forwards and backwards in the input."""
    x = x.contiguous(memory_format=torch.channels_last)
    for rows in torch.arange(len(x)).split(128):
        part, targets = x[rows], y[rows]
        for _ in range(passes):
            there = part.detach().requires_grad_(True)
            torch.autograd.grad(nn.functional.cross_entropy(model(there), targets, reduction="sum"), there)
        with torch.no_grad():
            model(part)


def multiplying(model: nn.Module, x: Tensor) -> Callable[[], None]:
    """Return what does nothing but a forward pass' convolutions and linear layers, each on an input that lies ready."""
    layers = [layer for layer in model.modules() if isinstance(layer, nn.Conv2d | nn.Linear)]
    given: list[tuple[nn.Module, Tensor]] = []
    hooks = [layer.register_forward_pre_hook(lambda m, inputs: given.append((m, inputs[0]))) for layer in layers]
    with torch.no_grad():
        for part in x.contiguous(memory_format=torch.channels_last).split(128):
            model(part)
    for hook in hooks:
        hook.remove()

    @torch.no_grad()
    def work() -> None:
        for layer, ready in given:
            layer(ready)

    return work


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    parser = arguments(__doc__, MODELS, repeat=1)
    parser.add_argument("--side", type=int, default=SIDE, help="points each way")
    parser.add_argument("--rival", type=int, default=RIVAL, help="points at which the published loop is timed")
    options = parser.parse_args()
    now, missed = clock(options.one_thread), False
    count, side = options.count or PICTURES, options.side

    def timed(work: Callable[[], object]) -> float:
        start = now()
        work()
        return now() - start

    for name in options.models:
        model, data = load_model(name, best_device()), load_data(card(name)["data"])
        x, y = (values[:count].to(best_device()) for values in (data.x, data.y))
        rng = direction_rng(0)
        ways = random(model, rng), random(model, rng)
        points, order = grid(side), looks(side)
        drawn = torch.randperm(side * side, generator=generator(2))[: options.rival].numpy()
        halves, exact, theirs = np.array_split(drawn, 4), list[Losses](), list[float]()
        seconds, rival = [], 0.0
        for look, places in enumerate(order):  # the loop takes turns with ours, as a machine's speed wanders
            rival += timed(lambda k=look: theirs.extend(published(model, x, y, ways, points[halves[k]])))  # noqa: B023
            seconds.append(timed(lambda p=places: exact.append(surface(model, x, y, *ways, points[p]))))  # noqa: B023
        rest = np.concatenate(halves[len(order) :])
        rival += timed(lambda: theirs.extend(published(model, x, y, ways, points[rest])))  # noqa: B023
        rival *= side * side / len(drawn)
        loss = np.empty(side * side)
        loss[np.concatenate(order)] = Losses.joined(exact).loss
        known = np.concatenate(order[:-1])
        start = time.perf_counter()
        found = between(side, known, loss[known])
        ours = sum(seconds[:-1]) + time.perf_counter() - start
        off = np.abs(np.log(found.loss.ravel() / loss))
        apart = float(np.abs(np.array(theirs) / loss[drawn] - 1).max())
        plain = copy.deepcopy(model).to(memory_format=torch.channels_last)
        bare = timed(lambda: [floor(plain, x, y, 0) for _ in range(RIVAL)]) * side * side / RIVAL  # noqa: B023
        products = multiplying(plain, x)
        alone = timed(lambda: [products() for _ in range(RIVAL)]) * side * side / RIVAL  # noqa: B023
        climb, few = Climb(Threat("linf", 0.1), steps=5), points[drawn[:ATTACKED]]
        anew = timed(lambda: surface(model, x, y, *ways, few, climb=climb)) / len(few)  # noqa: B023
        least = timed(lambda: [floor(plain, x, y, climb.steps) for _ in few]) / len(few)  # noqa: B023
        whole = sum(seconds)
        text = "\n".join([
            f"### {name}: {side} x {side} points, {len(x)} pictures",
            "",
            "| | points | seconds | times as fast |",
            "|---|---:|---:|---:|",
            f"| published loop ({len(drawn)} points timed) | {side * side} | {rival:.1f} | 1 |",
            f"| exact | {side * side} | {whole:.1f} | {rival / whole:.2f} |",
            f"| interpolated | {len(known)} | {ours:.1f} | {rival / ours:.2f} |",
            f"| bare forward passes, channels last | {side * side} | {bare:.1f} | {rival / bare:.2f} |",
            f"| its convolutions and linear layers alone | {side * side} | {alone:.1f} | {rival / alone:.2f} |",
            f"| first look | {len(order[0])} | {seconds[0]:.1f} | {rival / seconds[0]:.1f} |",
            "",
            f"Log loss where interpolated: off by {np.median(off[off > 0]):.3%} in the middle, at 99 % of these "
            f"points by {np.quantile(off[off > 0], 0.99):.2%} or less, at worst by {off.max():.2%}; those held out "
            f"({len(found.error)}) told {found.worst:.2%}.",
            f"An adversarial point ({climb.steps} steps): {anew:.2f} s, {anew / least:.2f} x its bare passes.",
        ])  # fmt: skip
        missed |= not tell(text, [
            (apart <= SAME, f"the loop's losses within {apart:.1e} of ours"),
            (rival / whole >= EXACT, f"exact {rival / whole:.2f} times as fast (target {EXACT:g})"),
            (rival / ours >= INTERPOLATED, f"interpolated {rival / ours:.2f} times (target {INTERPOLATED:g})"),
            (off.max() <= ERROR, f"log loss off by {off.max():.2%} at worst (target {ERROR:.0%})"),
            (seconds[0] <= FIRST * whole, f"first look in {seconds[0] / whole:.1%} of the time (target {FIRST:.0%})"),
        ])  # fmt: skip
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
