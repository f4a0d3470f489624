"""An epoch of PGD-7 training beside a plain loop as in the papers' codes; the proximal step beside a loop over units.

    python tests/benchmarks/bench_training.py [--models NAME ...] [--count N] [--repeat R] [--batch B]
        [--proximal DIR] [--one-thread]

Same network from the same weights, same pictures, batches, optimiser and attack. The plain loop is how Madry's and
Wong's codes for PyTorch go about it: the model in the layout that it is made in, and each step of the attack a whole
`.backward()`, weights' gradients included. The floor is the passes alone: seven forward and input-backward, one forward
and backward with the weights, on the model as ours trains it. Ours measures its history, too, on as large a share of
the pictures as in an epoch of all of MNIST. The proximal step is of 200 hidden units, 784 inputs, 10 outputs; the loop
takes a unit at a time by the authors' code where --proximal names the folder of a checkout
(github.com/latorrefabian/1-path-norm-prox), else by our own step; both are held against the best of all pairs
of supports, each tried. Prints Markdown and exits with 1 where a
target is missed.
"""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import torch
from timing import arguments, clock, measure, table, tell
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core.device import best_device, generator
from explorer.core.goals import Goal, ascent
from explorer.core.types import Data, Threat
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import card
from explorer.training._shrunk import shrunk
from explorer.training.loop import Plan, fit
from explorer.training.pgd import pgd

MODELS = ("mnist-pgd",)
PICTURES, STEPS, STEP, RATE = 2048, 7, 0.25, 1e-3
WATCHED = 500 / 60000  # of the pictures, as in an epoch of all of MNIST
UNITS, INTO, OUT, WEIGHT, TIMES = 200, 784, 10, 1e-3, 10
OURS, PLAIN, FLOOR, LOOP = "ours", "plain loop", "floor", "loop over units"
GAIN, SHARE, FASTER = 1.3, 0.85, 10.0


def network(name: str, pixels: Tensor, channels_last: bool) -> nn.Module:
    """Return the network of a model of the zoo, untrained, always with the same weights."""
    facts = card(name)
    shape = tuple(facts["shape"])
    model = build(
        facts["architecture"], shape, len(facts["classes"]), facts["network"], rng=generator(0), pixels=pixels
    )
    return model.to(best_device()).to(memory_format=torch.channels_last if channels_last else torch.contiguous_format)


def ours(name: str, data: Data, threat: Threat, batch: int) -> float:
    """Train for an epoch by our recipe; return the mean loss."""
    plan = Plan(
        epochs=1, rate=RATE, batch=batch, optimizer="adam", schedule="constant", watch=round(WATCHED * len(data))
    )
    loss = partial(pgd, steps=STEPS, step=STEP)
    return float(fit(network(name, data.x, True), data, data, loss, threat, plan, seed=0).history[0]["loss"])


def plain(name: str, data: Data, threat: Threat, batch: int) -> float:
    """Train for an epoch as the papers' codes do; return the mean loss."""
    model, device, total = network(name, data.x, False), best_device(), 0.0
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE)
    for index in torch.randperm(len(data), generator=generator(0)).split(batch):
        x, y = data.x[index].to(device), data.y[index].to(device)
        delta = torch.empty_like(x).uniform_(-threat.eps, threat.eps, generator=generator(0, device))
        delta = (x + delta).clamp(0, 1) - x
        model.eval()
        for _ in range(STEPS):
            delta.requires_grad_(True)
            cross_entropy(model(x + delta), y).backward()
            assert delta.grad is not None
            delta = (delta.detach() + STEP * threat.eps * delta.grad.sign()).clamp(-threat.eps, threat.eps)
            delta = (x + delta).clamp(0, 1) - x
        model.train()
        loss = cross_entropy(model(x + delta), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += float(loss.detach()) * len(y)
    return total / len(data)


def floor(name: str, data: Data, batch: int) -> None:
    """Make the passes of an epoch, and nothing else."""
    model, device = network(name, data.x, True), best_device()
    for x, y in zip(data.x.to(device).split(batch), data.y.to(device).split(batch), strict=True):
        for _ in range(STEPS):
            ascent(model, x, Goal(y))
        cross_entropy(model(x), y).backward()  # type: ignore[no-untyped-call]


def trained(name: str, count: int, batch: int) -> tuple[str, int, dict[str, partial[float | None]]]:
    """Return the setting in words, the number of pictures, and what is to be timed."""
    facts = card(name)
    data, threat = load_data(facts["data"], "train").first(count), Threat("linf", facts["threat"]["eps"])
    words = f"{name}: an epoch of PGD-{STEPS} training, {len(data)} pictures, batches of {batch}"
    runs: dict[str, partial[float | None]] = {
        OURS: partial(ours, name, data, threat, batch),
        PLAIN: partial(plain, name, data, threat, batch),
        FLOOR: partial(floor, name, data, batch),
    }
    return words, len(data), runs


def one_by_one(out: Tensor, into: Tensor) -> Tensor:
    """Take the proximal step of each hidden unit on its own; return the incoming weights."""
    return torch.cat([shrunk(out[unit : unit + 1], into[unit : unit + 1], WEIGHT)[1] for unit in range(len(out))])


def tried(out: Tensor, into: Tensor) -> Tensor:
    """Return the incoming weights (H, m) after the proximal step, in float64: of each unit every pair (i, j) is tried.

    i of the outgoing and j of the incoming weights stay, the largest ones; of the pairs whose stationary point leaves
    those above 0 and of x = 0 and y = 0 the one of the least cost is taken.
    """
    found = torch.zeros_like(into, dtype=torch.float64)
    for unit, (v, w) in enumerate(zip(out.double(), into.double(), strict=True)):
        a, b = v.abs().sort(descending=True)[0][:, None], w.abs().sort(descending=True)[0][None]
        i, j = (torch.arange(1.0, len(part) + 1, dtype=torch.float64) for part in (v, w))
        i, j = i[:, None], j[None]
        sum_a, sum_b, room = a.cumsum(0), b.cumsum(1), 1 - WEIGHT**2 * i * j
        x, y = (sum_a - WEIGHT * i * sum_b) / room, (sum_b - WEIGHT * j * sum_a) / room  # |x|_1 and |y|_1
        moved = v.square().sum() - a.square().cumsum(0) + w.square().sum() - b.square().cumsum(1)
        cost = (moved + i * (WEIGHT * y) ** 2 + j * (WEIGHT * x) ** 2) / 2 + WEIGHT * x * y
        fits = (room > 0) & (x >= 0) & (y >= 0) & (a >= WEIGHT * y) & (b >= WEIGHT * x)
        best = torch.where(fits, cost, torch.inf).flatten().argmin()
        costs = [cost.flatten()[best].where(fits.any(), torch.inf), v.square().sum() / 2, w.square().sum() / 2]
        cut = (WEIGHT * x.flatten()[best], 0.0, torch.inf)[int(torch.stack(costs).argmin())]
        found[unit] = w.sign() * (w.abs() - cut).clamp_min(0)
    return found


def published(out: Tensor, into: Tensor) -> Tensor:
    """Take the proximal step by the authors' code; return the incoming weights."""
    from proximal import prox_full_fast

    found: Tensor = prox_full_fast(out.T.double(), into.double(), WEIGHT)[1]
    return found


def proximal(loop: Callable[[Tensor, Tensor], Tensor], now: Callable[[], float]) -> tuple[str, list[tuple[bool, str]]]:
    """Return the proximal step beside a loop over units: a table, and whether the target is reached."""
    rng = generator(0)
    out, into = (torch.randn(UNITS, width, generator=rng) for width in (OUT, INTO))
    truth = tried(out, into)

    def apart(step: Callable[[Tensor, Tensor], Tensor]) -> Callable[[], float]:
        return lambda: float((step(out, into).double() - truth).abs().max())

    scores = measure({OURS: apart(lambda v, w: shrunk(v, w, WEIGHT)[1]), LOOP: apart(loop)}, UNITS, TIMES, now)
    gain = scores[LOOP].least / scores[OURS].least
    words = f"The proximal step of {UNITS} units, {INTO} inputs, {OUT} outputs: a thousand units"
    judged = [(gain >= FASTER, f"{gain:.1f} times as fast as the {LOOP} (target {FASTER:g})")]
    return table(words, scores, scores[OURS], "apart", "{:.1e}".format), judged


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    parser = arguments(__doc__, MODELS, repeat=3)
    parser.set_defaults(count=PICTURES)
    parser.add_argument("--proximal", type=Path, help="folder of a checkout of latorrefabian/1-path-norm-prox")
    options = parser.parse_args()
    now, missed = clock(options.one_thread), False
    for name in options.models:
        words, count, runs = trained(name, options.count, options.batch)
        scores = measure(runs, count, options.repeat, now)
        mine = scores[OURS].least
        gain, share = scores[PLAIN].least / mine, scores[FLOOR].least / mine
        judged = [
            (gain >= GAIN, f"{gain:.2f} times as fast as the plain loop (target {GAIN:g})"),
            (share >= SHARE, f"{share:.2f} of the passes' own speed (target {SHARE:g})"),
        ]
        missed |= not tell(table(words, scores, scores[OURS], "loss", "{:.3f}".format), judged)
    if options.proximal:
        sys.path.insert(0, str(options.proximal))
    missed |= not tell(*proximal(published if options.proximal else one_by_one, now))
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
