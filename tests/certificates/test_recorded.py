"""The same bounds by auto_LiRPA 0.7.1 (commit a050a3d), which cannot be installed beside today's torch.

Recorded with torch 2.13 on a CPU: the least margin of each of four pictures, by `compute_bounds` with `C` the rows of
the margins. In l_inf `x_L` and `x_U` are the ball's limits in the box; an l2 ball it does not cut by the box, and its
bounds there leave out what a layer in front of the first one divides by, so of these networks the normalisation is
left away and the pictures are normalised.
"""

import pytest
import torch
from torch import nn

from explorer.certificates.ball import Ball
from explorer.certificates.network import read
from explorer.certificates.run import margins
from explorer.core.device import generator
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import load_model

EQUAL = {
    ("digits-standard", "linf", 0.02, "ibp"): (-102.9162, -120.1712, -93.8944, -89.4934),
    ("digits-standard", "linf", 0.02, "crown_ibp"): (-34.6270, -38.6467, -25.5443, -25.9509),
    ("digits-standard", "linf", 0.02, "crown"): (-0.4533, 2.8722, 6.1630, 4.1446),
    ("digits-pgd", "linf", 0.02, "ibp"): (-74.2434, -105.9904, -74.6605, -62.8729),
    ("digits-pgd", "linf", 0.02, "crown_ibp"): (-15.6186, -32.1478, -15.7919, -14.7484),
    ("digits-pgd", "linf", 0.02, "crown"): (4.8850, 3.3402, 10.8946, 5.0915),
    ("toy-standard", "l2", 0.1, "ibp"): (2.9369, 6.5831, 2.4743, -0.6637),
    ("toy-standard", "l2", 0.1, "crown_ibp"): (9.0769, 13.0159, 10.9123, 6.7694),
    ("toy-standard", "l2", 0.1, "crown"): (10.1562, 13.4348, 11.9708, 8.4517),
    ("toy-pgd", "l2", 0.1, "ibp"): (3.7997, 3.1937, 4.0129, 1.2932),
    ("toy-pgd", "l2", 0.1, "crown_ibp"): (6.3057, 5.4894, 7.2570, 3.9076),
    ("toy-pgd", "l2", 0.1, "crown"): (6.5385, 5.7669, 7.5077, 4.4082),
}
LOOSER = {  # it takes other entries of a maximum where several are as sure, and in l2 a kernel for whole at the edges
    ("max pooling", "linf", 0.01, "ibp"): (-0.7614, -0.2929, -1.4075, -0.4038),
    ("max pooling", "linf", 0.01, "crown_ibp"): (-0.2294, 0.1318, -0.4907, 0.3505),
    ("max pooling", "linf", 0.01, "crown"): (-0.1136, 0.2324, -0.1683, 0.3800),
    ("max pooling", "l2", 0.05, "crown"): (-0.5338, 0.0012, -0.3862, 0.2450),
    ("digits-pgd", "l2", 0.2, "ibp"): (-173.8934, -238.3658, -170.5918, -164.5538),
    ("digits-pgd", "l2", 0.2, "crown_ibp"): (-68.5567, -103.4707, -70.4697, -71.6952),
    ("digits-pgd", "l2", 0.2, "crown"): (4.6895, 3.0000, 10.5685, 4.7528),
}


def bounded(name: str, norm: str, eps: float, bound: str) -> torch.Tensor:
    if name == "max pooling":
        knobs = {"width": 4, "stages": 2, "hidden": 8, "down": "max"}
        model = build("cnn", (1, 8, 8), 4, knobs, rng=generator(0)).eval()
        x = torch.rand(4, 1, 8, 8, generator=generator(1))
        labels = model(x).argmax(1)
    else:
        model, data = load_model(name), load_data(name.split("-")[0]).first(4)
        x, labels = data.x, data.y
    if norm == "l2":
        model, x = nn.Sequential(*model.net), model.normalise(x)
    ball = Ball(x, norm, torch.full((4,), eps), box=norm == "linf")
    return margins(bound, read(model, x.shape[1:]), ball, labels).amin(1)


@pytest.mark.parametrize(("name", "norm", "eps", "bound"), EQUAL)
def test_bounds_are_those_of_auto_lirpa(name, norm, eps, bound):
    truth = torch.tensor(EQUAL[name, norm, eps, bound])
    assert torch.allclose(bounded(name, norm, eps, bound), truth, rtol=1e-4, atol=2e-4)


@pytest.mark.parametrize(("name", "norm", "eps", "bound"), LOOSER)
def test_where_they_differ_ours_are_tighter_by_little(name, norm, eps, bound):
    theirs = torch.tensor(LOOSER[name, norm, eps, bound])
    found = bounded(name, norm, eps, bound)
    assert (found >= theirs - 2e-4 - 1e-4 * theirs.abs()).all()
    assert (found <= theirs + 0.1 * theirs.abs() + 0.5).all()
