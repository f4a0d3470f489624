"""Pictures near a plane: their distance is what is left of them off it."""

import numpy as np
import torch

from explorer.core.device import generator
from explorer.geometry import plane
from explorer.geometry.neighbours import neighbours


def test_the_nearest_come_first_and_only_those_in_sight():
    x = torch.rand((3, 1, 4, 4), generator=generator(0))
    section = plane.through(x, "l2", rng=generator(1))
    at = np.array([[0.2, 0.1], [0.0, 0.0], [0.3, 0.2], [50.0, 0.0]])
    on = plane.points(section, at)
    away = torch.randn(16, generator=generator(2)).double()
    for axis in (section.across, section.up):
        a = torch.from_numpy(axis).double().flatten()
        away -= (away @ a) / (a @ a) * a
    away = (away / away.norm()).float().view(1, 4, 4)
    off = torch.tensor([0.5, 0.25, 0.0, 0.0])
    found = neighbours(section, on + off.view(-1, 1, 1, 1) * away, torch.tensor([7, 8, 9, 1]))
    assert found.index.tolist() == [2, 1, 0]
    assert found.labels.tolist() == [9, 8, 7]
    np.testing.assert_allclose(found.off, [0, 0.25, 0.5], atol=1e-5)
    np.testing.assert_allclose(found.places, at[[2, 1, 0]], atol=1e-5)
    assert (found.total, found.inside) == (4, 3)
    assert neighbours(section, on, torch.zeros(4, dtype=torch.int64), kept=1).inside == 3
