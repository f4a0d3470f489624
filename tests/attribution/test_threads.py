"""Jobs that share a loaded model: each is as it is alone."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch

from explorer.attribution import SALIENCY
from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.device import generator
from explorer.models.build import build

JOBS = 5  # one watched, four beside it
HOOKED = [name for name in ("guided_backprop", "deeplift", "lrp", "guided_grad_cam", "grad_cam", "gradient")]
QUICK = {"steps": 8, "samples": 8, "cells": 4, "window": 3}


@pytest.fixture(scope="module")
def shared():
    x = torch.rand((8, 3, 12, 12), generator=generator(1))
    knobs = {"width": 8, "stages": 2, "hidden": 16}
    return build("cnn", (3, 12, 12), 4, knobs, rng=generator(0), pixels=x).eval(), x


def test_methods_at_once_on_one_model_agree_with_single_runs(shared):
    model, x = shared
    target = Target(torch.arange(8) % 4)

    def run(name):
        few = {knob: value for knob, value in QUICK.items() if knob in SALIENCY[name].knobs}
        return run_method(name, model, x, target, knobs=few).maps

    alone = {name: run(name) for name in SALIENCY}
    order = [*SALIENCY] * 3 + HOOKED * 10
    with ThreadPoolExecutor(JOBS) as pool:
        together = list(pool.map(run, order))
        plain = [run("gradient") for _ in range(20)]  # the watched one, while the others set their hooks
    for name, maps in zip(order, together, strict=True):
        assert np.array_equal(maps, alone[name]), name
    assert all(np.array_equal(maps, alone["gradient"]) for maps in plain)
