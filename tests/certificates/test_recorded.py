"""The same bounds by auto_LiRPA 0.7.1 (commit a050a3d), which cannot be installed beside today's torch.

Recorded with torch 2.13 on a CPU: the least margin of each of four pictures, by `compute_bounds` with `C` the rows of
the margins and `x_L`, `x_U` the ball's limits in l_inf; in l2, which it does not cut by the box, without a box.
"""

import pytest
import torch

from explorer.certificates.ball import Ball
from explorer.certificates.network import read
from explorer.certificates.run import margins
from explorer.core.device import generator
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import load_model

RECORDED = {
    ("digits-standard", "linf", 0.02, "ibp"): (-102.9162, -120.1712, -93.8944, -89.4934),
    ("digits-standard", "linf", 0.02, "crown_ibp"): (-34.6270, -38.6467, -25.5443, -25.9509),
    ("digits-standard", "linf", 0.02, "crown"): (-0.4533, 2.8722, 6.1630, 4.1446),
    ("digits-standard", "l2", 0.1, "crown"): (-0.3391, 3.2017, 6.3281, 4.2730),
    ("digits-pgd", "linf", 0.02, "ibp"): (-74.2434, -105.9904, -74.6605, -62.8729),
    ("digits-pgd", "linf", 0.02, "crown_ibp"): (-15.6186, -32.1478, -15.7919, -14.7484),
    ("digits-pgd", "linf", 0.02, "crown"): (4.8850, 3.3402, 10.8946, 5.0915),
    ("digits-pgd", "l2", 0.1, "crown"): (4.8742, 4.0275, 11.3504, 5.1765),
    ("max pooling", "linf", 0.01, "ibp"): (-0.7614, -0.2929, -1.4075, -0.4038),
    ("max pooling", "linf", 0.01, "crown_ibp"): (-0.2294, 0.1318, -0.4907, 0.3505),
    ("max pooling", "linf", 0.01, "crown"): (-0.1136, 0.2324, -0.1683, 0.3800),
    ("max pooling", "l2", 0.05, "crown"): (-0.5338, 0.0012, -0.3862, 0.2450),
}


@pytest.mark.parametrize(("name", "norm", "eps", "bound"), RECORDED)
def test_bounds_are_those_of_auto_lirpa(name, norm, eps, bound):
    if name == "max pooling":
        knobs = {"width": 4, "stages": 2, "hidden": 8, "down": "max"}
        model = build("cnn", (1, 8, 8), 4, knobs, rng=generator(0)).eval()
        x = torch.rand(4, 1, 8, 8, generator=generator(1))
        labels = model(x).argmax(1)
    else:
        model, data = load_model(name), load_data("digits").first(4)
        x, labels = data.x, data.y
    ball = Ball(x, norm, torch.full((4,), eps), box=norm == "linf")
    found = margins(bound, read(model, x.shape[1:]), ball, labels).amin(1)
    truth = torch.tensor(RECORDED[name, norm, eps, bound])
    assert torch.allclose(found, truth, rtol=1e-4, atol=2e-4)
