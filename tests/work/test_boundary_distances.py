"""The view "distances" in pieces: what is cut, and what is made of those that are there."""

import numpy as np
import pytest
import torch

from explorer.core.device import own_seeds
from explorer.data import load_data
from explorer.geometry.kinds import kinds_of
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.boundary import VIEWS
from explorer.work.boundary.distances import SIZE, Reach, gather, pieces
from explorer.work.compute import compute
from explorer.work.request import Request

MODELS = ("toy-standard", "toy-pgd")


def request_of(query: str) -> Request:
    request, problems = read(f"/boundary?view=distances&data=toy&{query}")
    assert not problems
    return request


def test_one_picture_is_a_request_that_only_what_it_hangs_on_names():
    (asked,) = pieces(request_of("index=3&lines=10"))
    assert isinstance(asked, Request)
    others = "&eps=9&norm=l2&attack=fgsm&draws=7&length=linf&plane=random&points=500"
    assert pieces(request_of(f"index=3&lines=10{others}")) == [asked]
    for change in ("&seed=1", "&a=toy-pgd", "&toy_noise=0.2"):
        assert pieces(request_of(f"index=3&lines=10{change}"))[0].key != asked.key
    assert pieces(request_of("index=4&lines=10"))[0].key != asked.key != pieces(request_of("index=3"))[0].key


def test_many_pictures_are_samples_the_first_of_both_models_first():
    found = pieces(request_of(f"over=many&pictures={2 * SIZE + 5}"))
    assert all(isinstance(one, Reach) for one in found)
    spans = [(0, SIZE), (SIZE, 2 * SIZE), (2 * SIZE, 2 * SIZE + 5)]
    assert [(one.model, one.start, one.stop) for one in found] == [(m, *span) for span in spans for m in MODELS]
    assert len({one.key for one in found}) == 6
    fewer = pieces(request_of(f"over=many&pictures={SIZE}&length=linf&taken=shortest&eps=3"))
    assert fewer == found[:2]
    assert {one.key for one in pieces(request_of("over=many&draws=7"))}.isdisjoint(one.key for one in found)
    assert len(pieces(request_of("over=many&a=toy-pgd&pictures=10"))) == 1


@pytest.fixture(scope="module")
def several():
    """Return a request for more pictures than a sample has, and what its pieces are found to be."""
    request = request_of(f"over=many&pictures={SIZE + 5}&draws=10")
    return request, {one: compute(one) for one in pieces(request)}


def test_a_picture_has_the_same_distances_alone_and_among_many(several):
    request = request_of("index=7&lines=10")
    (asked,) = pieces(request)
    alone, whole = gather(request, {asked: compute(asked)}), gather(*several)
    assert alone.one
    assert not whole.one
    assert tuple(whole.models) == tuple(alone.models) == MODELS
    for model in MODELS:
        one, many = alone.models[model], whole.models[model]
        assert (one.places[0], one.truth[0]) == (7, many.truth[7])
        assert set(one.kinds) == set(many.kinds)
        assert "bands" not in one.kinds
        for kind in one.kinds:
            np.testing.assert_allclose(one.kinds[kind].l2[0], many.kinds[kind].l2[7], rtol=0.02)


def test_what_is_there_of_both_models_is_shown(several):
    request, found = several
    asked = pieces(request)
    assert gather(request, {}) is None
    assert gather(request, {asked[0]: found[asked[0]]}) is None
    late = gather(request, {one: found[one] for one in asked[1:]})
    assert late.models[MODELS[0]].places.tolist() == list(range(SIZE, SIZE + 5))


def test_pieces_make_the_whole(several):
    whole, data = gather(*several).models[MODELS[1]], load_data("toy")
    n = SIZE + 5
    means = torch.stack([data.x[data.y == c].mean(0) for c in range(2)])
    truth = kinds_of(load_model(MODELS[1]), data.x[:n], means=means, lines=10, seeds=own_seeds(0, 0, n))
    np.testing.assert_allclose(whole.kinds["random"].l2, truth["random"].l2, rtol=0.01)
    assert whole.truth.tolist() == data.y[:n].tolist()
    assert np.array_equal(whole.right, whole.kinds["attack"].labels == whole.truth)


def test_every_view_of_the_page_knows_its_samples():
    for view in ("distances", "inside"):
        assert view in VIEWS.of("toy")
    with pytest.raises(TypeError, match="reach"):
        VIEWS.samples["reach"](None)
