"""Neighbours and lengths in a feature space, on points whose neighbours are seen."""

import numpy as np
import pytest

from explorer.core.errors import Unsuited
from explorer.features.neighbours import agreement, between_classes, moved, nearest, shared

LINE = np.array([[0.0], [1.0], [2.5], [10.0], [11.0]], np.float32)
LABELS = np.array([0, 0, 1, 1, 1])


def test_the_nearest_are_the_others_in_order():
    assert nearest(LINE, LINE, 2).tolist() == [[1, 2], [0, 2], [1, 0], [4, 2], [3, 2]]


def test_a_moved_picture_is_never_its_own_neighbour():
    attacked = LINE.copy()
    attacked[0] = 9.9  # to the fourth and fifth
    attacked[3] = 10.1  # next to where it was itself
    found = nearest(attacked, LINE, 2)
    assert found[0].tolist() == [3, 4]
    assert found[3].tolist() == [4, 2]


def test_more_neighbours_than_there_are_are_all_others():
    assert sorted(nearest(LINE, LINE, 99)[2].tolist()) == [0, 1, 3, 4]


def test_agreement_and_what_is_kept_are_shares():
    before, after = np.array([[1, 2], [0, 2]]), np.array([[2, 1], [3, 4]])
    assert agreement(nearest(LINE, LINE, 2), LABELS).tolist() == [0.5, 0.5, 0.0, 1.0, 1.0]
    assert shared(before, after).tolist() == [1.0, 0.0]


def test_classes_are_apart_by_their_means():
    points = np.array([[0, 0], [2, 0], [1, 4], [1, 4], [5, 0]], np.float32)
    labels = np.array([0, 0, 1, 1, 7])  # means (1, 0), (1, 4), (5, 0)
    assert between_classes(points, labels) == pytest.approx((4 + 4 + 32**0.5) / 3)


@pytest.mark.parametrize(
    ("points", "labels", "why"), [(LINE, np.zeros(5, int), "of one class"), (LINE * 0, LABELS, "the same mean")]
)
def test_without_two_means_there_is_no_yardstick(points, labels, why):
    with pytest.raises(Unsuited, match=why):
        between_classes(points, labels)


def test_lengths_are_euclidean():
    assert moved(np.zeros((2, 2), np.float32), np.array([[3, 4], [0, 0]], np.float32)).tolist() == [5.0, 0.0]
