"""The five largest eigenvalues by Lanczos' method beside PyHessian's power iteration: same model, same pictures.

    python tests/benchmarks/bench_hessian.py [--models NAME ...] [--count N] [--repeat R] [--one-thread]

PyHessian 0.1 runs as published, in the rivals' environment, with its own tolerance. Errors are relative, the largest of
the five, beside a Lanczos run down to a residual of 1e-5. PyHessian's eigenvalues are sorted first: it may return them
in another order. Prints Markdown; exits with 1 where a target is missed.
"""

import sys

import numpy as np
import torch
from timing import arguments, clock, elsewhere, measure, table, tell

from explorer.core.device import best_device
from explorer.data import load_data
from explorer.landscapes.hessian import leading
from explorer.landscapes.products import Products
from explorer.models.zoo import card, load_model

MODELS = ("mnist-standard", "mnist-pgd")
PICTURES, TOP = 512, 5
OURS, RIVAL = "ours", "PyHessian"
GAIN, APART = 3.5, 1e-3


def rival(model: torch.nn.Module, x: torch.Tensor, y: torch.Tensor) -> np.ndarray:
    """Return PyHessian's eigenvalues, falling."""
    from pyhessian import hessian

    model.requires_grad_(True)
    settings = {"criterion": torch.nn.CrossEntropyLoss(), "data": (x, y), "cuda": x.device.type == "cuda"}
    values, _ = hessian(model, **settings).eigenvalues(top_n=TOP)
    for p in model.parameters():
        p.grad = None  # holds its graph, and with it all its memory
    return np.sort(values)[::-1]


def main() -> int:
    """Run the benchmark; return 1 where a target is missed."""
    parser = arguments(__doc__, MODELS, repeat=1)
    parser.set_defaults(count=PICTURES)
    options = parser.parse_args()
    if (status := elsewhere(__file__, "pyhessian")) is not None:
        return status
    now, missed = clock(options.one_thread), False
    for name in options.models:
        data = load_data(card(name)["data"]).first(options.count)
        x, y = data.x.to(best_device()), data.y.to(best_device())
        truth = leading(Products(load_model(name, x.device), x, y), TOP, tolerance=1e-5)[0].values
        spent = list[int]()

        def ours() -> float:
            found, _ = leading(Products(load_model(name, x.device), x, y), TOP)  # noqa: B023 - called in this round
            spent.append(found.products)  # noqa: B023
            return float(np.abs(found.values / truth - 1).max())  # noqa: B023

        def theirs() -> float:
            torch.manual_seed(0)  # it draws from the global generator
            return float(np.abs(rival(load_model(name, x.device), x, y) / truth - 1).max())  # noqa: B023

        scores = measure({OURS: ours, RIVAL: theirs}, len(x), options.repeat, now)
        gain = scores[RIVAL].least / scores[OURS].least
        words = f"{name}: {len(x)} pictures, the {TOP} largest eigenvalues, {spent[0]} products of ours"
        text = table(words, scores, scores[OURS], "relative error", "{:.1e}".format)
        faster = f"{gain:.1f} times as fast as PyHessian (target {GAIN:g})"
        error = scores[OURS].figure
        missed |= not tell(text, [(gain >= GAIN, faster), (error <= APART, f"error {error:.1e} (target {APART:g})")])
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
