"""Maps of a feature space: principal axes against their definition, UMAP against itself."""

import threading

import numpy as np
import pytest

from explorer.core.errors import Unsuited
from explorer.core.progress import Cancelled
from explorer.features import compiled
from explorer.features.projection import WIDE, pca, placed, umap


def cloud(size, n=40, seed=0):
    """Points of two groups, stretched along the first features."""
    rng = np.random.default_rng(seed)
    points = rng.normal(size=(n, size)) * np.linspace(3, 0.1, size)
    points[: n // 2] += 4
    return points.astype(np.float32)


@pytest.mark.parametrize("size", [2, 12, WIDE + 1])
def test_principal_axes_are_those_of_the_singular_value_decomposition(size):
    points = cloud(size)
    found = pca(points)
    mean = points.mean(0, dtype=np.float64)
    u, s, vt = np.linalg.svd(points - mean, full_matrices=False)
    assert np.allclose(np.abs(found.xy), np.abs(u[:, :2] * s[:2]), atol=1e-3 * s[0])
    assert np.allclose(found.explained, s[:2] ** 2 / (s**2).sum(), atol=1e-5)
    other = cloud(size, seed=1)
    assert np.allclose(np.abs(found.place(other)), np.abs((other - mean) @ vt[:2].T), atol=1e-3 * s[0])


def test_a_space_of_one_feature_is_mapped_on_a_line():
    found = pca(np.arange(5, dtype=np.float32)[:, None])
    assert np.allclose(np.ptp(found.xy, 0), [4, 0])
    assert found.explained.tolist() == pytest.approx([1, 0])


def test_a_map_of_two_features_keeps_every_neighbour_and_places_what_it_has_where_it_is():
    points = cloud(2)
    found = placed(pca(points), points, points, 5)
    assert (found.faithful == 1).all()
    assert np.allclose(found.xy, found.xy_adv, atol=1e-5)


@pytest.mark.parametrize("make", [pca, lambda points: umap(points, 5, 0.1, 0)])
def test_of_pictures_in_one_place_there_is_no_map(make):
    with pytest.raises(Unsuited, match="nothing to map"):
        make(np.ones((9, 3), np.float32))


@pytest.fixture(scope="module")
def two_at_once():
    """The same map and another seed's, asked for by three threads at the same moment."""
    points, found = cloud(6), {}
    other = points + np.float32(0.1)

    def ask(name, seed):
        made = umap(points, 10, 0.1, seed)
        found[name] = made.xy, made.place(other)

    asked = [
        threading.Thread(target=ask, args=(name, int(name == "other seed"))) for name in ("one", "two", "other seed")
    ]
    for thread in asked:
        thread.start()
    for thread in asked:
        thread.join()
    return found


def test_umap_is_the_same_for_its_seed_and_threads_that_ask_at_once_wait_for_each_other(two_at_once):
    (xy, place), (xy_again, place_again), (xy_other, _) = (two_at_once[key] for key in ("one", "two", "other seed"))
    assert np.array_equal(xy, xy_again)
    assert np.array_equal(place, place_again)
    assert not np.array_equal(xy, xy_other)
    assert np.isfinite(place).all()


def test_umap_keeps_two_groups_apart(two_at_once):
    xy, _ = two_at_once["one"]
    a, b = xy[:20], xy[20:]
    assert np.linalg.norm(a.mean(0) - b.mean(0)) > max(a.std(), b.std())


def test_what_a_worker_is_warmed_up_by_ends_well():
    compiled._fit_once()
    assert not compiled.ALONE.locked()


def test_who_waits_for_another_map_can_give_up():
    def cancelled(_done, _total, _note=""):
        raise Cancelled

    with compiled.ALONE, pytest.raises(Cancelled):
        umap(cloud(3), 5, 0.1, 0, cancelled)
