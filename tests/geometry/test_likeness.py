"""What compares every two pictures, beside means over pairs that are known."""

import numpy as np
import pytest
import torch

from explorer.core.progress import Cancelled
from explorer.core.results import Normals
from explorer.geometry.likeness import averages, compare, kinds

Y = np.array([0, 0, 1, 1, 0, 1])


def normals_of(away):
    found = away.any(1)
    n = len(away)
    return Normals(np.zeros(n, int), np.ones(n, int), found, np.where(found, 1.0, np.nan), away.astype(np.float32))


def test_normals_along_two_axes_are_alike_in_pairs_of_one_class_alone():
    away = np.eye(4)[Y]
    away[5] = 0  # nothing was found
    x = torch.tensor([0.0, 0.1, 0.9, 1.0, 0.2, 0.8])[:, None].expand(6, 4)
    found = compare({"a": normals_of(away)}, x, Y, np.ones(4, bool))
    means = found.means["a"]
    assert (means["squares"]["same"].value, means["squares"]["other"].value) == (1.0, 0.0)
    assert means["cosine"]["all"].value == pytest.approx(4 / 10)  # 3 pairs of one class and 1 of the other, of 10
    assert means["squares"]["all"].without.tolist()[2:4] == pytest.approx([3 / 6] * 2)
    assert means["squares"]["all"].without[5] == means["squares"]["all"].value
    assert means["overlap"]["all"].value == means["squares"]["all"].value  # each lies on one value alone
    assert means["squares"]["all"].paired.tolist() == [True] * 5 + [False]
    np.testing.assert_allclose(found.spectra["a"].values[:3] ** 2, [3, 2, 0], atol=1e-5)
    assert np.isnan(found.cosines["a"][5]).all()
    assert len(found.random.values) == 4
    assert means["own_squares"]["all"].value == pytest.approx(1)  # centred, two vectors are one line
    assert means["own_squares"]["all"].paired.tolist() == [True] * 5 + [False]
    assert means["correlation"]["same"].value == pytest.approx(1)
    assert means["correlation"]["other"].value == pytest.approx(-1 / 3)


def test_pairs_are_near_or_far_and_of_one_class_or_of_two():
    near = np.zeros((6, 6), bool)
    near[0, 1] = near[1, 0] = True
    pairs = kinds([np.ones(6, bool), np.arange(6) < 5], Y, near)
    assert pairs["all"].sum() == 5 * 4
    for one, other in (("near", "far"), ("same", "other")):
        assert np.array_equal(pairs[one] ^ pairs[other], pairs["all"])
    assert averages(np.ones((6, 6)), pairs).keys() == {"far", "same", "other", "all"}  # one pair of neighbours has none


def test_a_comparison_can_be_cancelled():
    def stop(*_):
        raise Cancelled

    with pytest.raises(Cancelled):
        compare({"a": normals_of(np.eye(4)[Y])}, torch.rand(6, 4), Y, np.ones(4, bool), tick=stop)
