"""Interval bounds and CROWN beside auto_LiRPA, on untrained networks and mnist's pictures; CROWN's time and memory.

    python tests/benchmarks/bench_certificates.py [--models NAME ...] [--count N] [--repeat R] [--one-thread]

auto_LiRPA cannot be installed beside today's torch: 0.3, the one that packages hold, imports what numpy 2 has no more,
and 0.7.1 asks for torch < 2.9. But 0.7.1 runs. To compare, put a checkout of its repository
(Verified-Intelligence/auto_LiRPA), appdirs and graphviz on PYTHONPATH; without them what was recorded is printed as
such, and of ours the time alone is judged. Same batch, same pictures, margins by `C`, convolutions by its patches.
Prints Markdown; exits with 1 where a target is missed.
"""

import resource
import sys
import warnings
from collections.abc import Callable
from importlib.util import find_spec
from math import inf

import torch
from timing import arguments, clock, measure, table, tell
from torch import Tensor, nn

from explorer.certificates.ball import Ball
from explorer.certificates.network import read
from explorer.certificates.run import margins
from explorer.core.device import generator
from explorer.data import load_data
from explorer.models.build import initialise

EPS = 0.1
BOUNDS = {"ibp": "IBP", "crown_ibp": "CROWN-IBP", "crown": "CROWN"}
TARGETS = {"ibp": 1.5, "crown": 1.2}
APART = 1e-4  # of the largest bound
SECONDS, GROWTH = 10.0, 64  # of CROWN for 1000 pictures on `fc`; MiB more for four times the pictures
NETS = {
    "fc": lambda: [nn.Flatten(), nn.Linear(784, 1024), nn.ReLU(), nn.Linear(1024, 10)],
    "stride": lambda: [
        nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU(), nn.Flatten(),
        nn.Linear(1568, 100), nn.ReLU(), nn.Linear(100, 10),
    ],
}  # fmt: skip
COUNTS = {"fc": 1000, "stride": 64}
RECORDED = """auto_LiRPA is not here. Recorded with 0.7.1 (commit a050a3d), torch 2.13, one thread of a busy machine,
least of five to nine in turns, ms a picture, theirs / ours: stride, 64 pictures: CROWN-IBP 0.98 / 0.90, CROWN 37.9 /
21.9; fc, 1000 pictures: CROWN-IBP 0.34 / 0.34, CROWN 4.48 / 0.33; later, least of 15 and 45 in turns: IBP on stride
0.117 / 0.064, on fc 0.096 / 0.052; at most 6e-6 of the largest bound apart.

"""


def rival(model: nn.Module, x: Tensor, labels: Tensor) -> Callable[[str], Tensor]:
    """Return auto_LiRPA's margins by the name of its method."""
    from auto_LiRPA import BoundedModule, BoundedTensor, PerturbationLpNorm

    warnings.simplefilter("ignore")
    bounded = BoundedModule(model, torch.empty_like(x[:1]), bound_opts={"conv_mode": "patches"})
    limits = {"x_L": (x - EPS).clamp_min(0), "x_U": (x + EPS).clamp_max(1)}
    eye = torch.eye(10)
    rows = eye[labels][:, None] - eye

    def run(method: str) -> Tensor:
        perturbed = BoundedTensor(x, PerturbationLpNorm(norm=inf, eps=EPS, **limits))
        with torch.no_grad():
            found: Tensor = bounded.compute_bounds(x=(perturbed,), C=rows, method=method, bound_upper=False)[0]
        return found

    return run


def memory() -> float:
    """Return the most memory that this process ever held, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    parser = arguments(__doc__, tuple(NETS), repeat=5)
    options = parser.parse_args()
    now, missed, data = clock(options.one_thread), False, load_data("mnist")
    beside = find_spec("auto_LiRPA") is not None
    if not beside:
        sys.stdout.write(RECORDED)
    for name in options.models:
        model = nn.Sequential(*NETS[name]()).eval().requires_grad_(False)
        initialise(model, generator(0))
        part = data.first(options.count or COUNTS[name])
        x, y, net = part.x, part.y, read(model, part.x.shape[1:])
        ball = Ball(x, "linf", torch.full((len(x),), EPS))
        theirs = rival(model, x, y) if beside else None
        for bound, method in BOUNDS.items():

            def ours() -> float:
                margins(bound, net, ball, y)  # noqa: B023 - called in this round
                return 0.0

            runs = {"ours": ours}
            if theirs is not None:
                found, truth = margins(bound, net, ball, y), theirs(method)
                apart = float((found - truth)[found.isfinite()].abs().max() / truth.abs().max())
                runs["auto_LiRPA"] = lambda: theirs(method) is None or apart  # noqa: B023
            scores = measure(runs, len(x), options.repeat, now)
            judged = []
            if theirs is not None:
                gain = scores["auto_LiRPA"].least / scores["ours"].least
                target = TARGETS.get(bound, 0.0)
                judged += [(gain >= target, f"{gain:.2f} times as fast as auto_LiRPA (target {target:g})")]
                judged += [(apart <= APART, f"{apart:.1e} of the largest bound apart (target {APART:g})")]
            if (name, bound) == ("fc", "crown"):
                spent = scores["ours"].least
                judged += [(spent <= SECONDS, f"{spent:.1f} s for 1000 pictures (target {SECONDS:g})")]
            words = f"{name}: {method}, {len(x)} pictures, l_inf {EPS:g}"
            missed |= not tell(table(words, scores, scores["ours"], "apart", "{:.1e}".format), judged)
    missed |= not tell("### Memory of CROWN on `stride`", [_bounded(data.x, data.y)])
    return int(missed)


def _bounded(x: Tensor, y: Tensor) -> tuple[bool, str]:
    """Return whether four times the pictures take little more memory, and what they take."""
    model = nn.Sequential(*NETS["stride"]()).eval().requires_grad_(False)
    initialise(model, generator(0))
    net, most = read(model, x.shape[1:]), []
    for count in (128, 512):
        margins("crown", net, Ball(x[:count], "linf", torch.full((count,), EPS)), y[:count])
        most.append(memory())
    growth = most[1] - most[0]
    return (
        growth <= GROWTH,
        f"{most[0]:.0f} MiB with 128 pictures, {growth:.0f} more with 512 (target {GROWTH})",
    )


if __name__ == "__main__":
    sys.exit(main())
