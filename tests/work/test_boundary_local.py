"""The view "local" in pieces: what is cut, and what is made of those that are there."""

import numpy as np
import pytest
import torch

from explorer.data import load_data
from explorer.figures.nearness import snippet
from explorer.geometry.curvature import curvature
from explorer.geometry.linearity import linearity
from explorer.geometry.normals import near_pairs, normals
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.boundary.local import COMPARED, LINEAR, MOST, NEARBY, SIZE, gather, pieces
from explorer.work.compute import compute
from explorer.work.order import needs, unfolded
from explorer.work.pack import from_bytes, to_bytes

MODELS = ("toy-standard", "toy-pgd")
ROWS = (0, SIZE), (SIZE, SIZE + 10)


def request_of(query):
    request, problems = read(f"/boundary?view=local&data=toy&{query}")
    assert not problems
    return request


@pytest.fixture(scope="module")
def there():
    """Return a request of more pictures than a piece has, and its pieces."""
    request = request_of(f"pictures={SIZE + 10}")
    return request, {piece: compute(piece) for piece in pieces(request)}


def test_both_models_are_asked_of_the_same_pictures_and_the_loss_last():
    found = pieces(request_of(f"pictures={SIZE + 10}"))
    cut = [(one.page, one.model, one.start, one.stop) for one in found]
    near, loss = ([(page, m, *row) for row in ROWS for m in MODELS] for page in (NEARBY, LINEAR))
    first, whole = ((COMPARED, MODELS[0], 0, n) for n in (SIZE, SIZE + 10))
    assert cut == [*near[:2], first, *near[2:], whole, *loss]
    assert len({one.key for one in found}) == len(found)
    same = pieces(request_of("pictures=20&b=toy-standard&facet=cosines"))
    assert [(one.page, one.model, one.other) for one in same] == [(page, MODELS[0], "") for page in (NEARBY, COMPARED)]
    assert max(one.stop for one in pieces(request_of("pictures=9999&facet=cosines"))) <= MOST


def test_pictures_are_compared_behind_what_that_is_made_of():
    found = pieces(request_of("pictures=300&facet=spectrum"))
    assert [one.stop for one in found if one.page == COMPARED] == [SIZE, 5 * SIZE, 300]
    assert unfolded(found) == found
    for one in found:
        wanted = {(NEARBY, model, at) for model in MODELS for at in range(0, one.stop, SIZE)}
        assert {(need.page, need.model, need.start) for need in needs(one)} == (
            wanted if one.page == COMPARED else set()
        )


def test_a_facet_asks_for_what_it_shows_and_the_budget_is_in_the_key_of_what_hangs_on_it():
    keys = {q: [one.key for one in pieces(request_of(f"pictures=20{q}"))] for q in ("", "&eps=9", "&seed=1")}
    assert keys[""][:3] == keys["&eps=9"][:3]
    assert keys[""][3:] != keys["&eps=9"][3:]
    assert not set(keys[""]) & set(keys["&seed=1"])
    assert {one.page for one in pieces(request_of("facet=curvature"))} == {NEARBY}
    assert {one.page for one in pieces(request_of("facet=linearity"))} == {LINEAR}
    assert {one.page for one in pieces(request_of("eps=0"))} == {NEARBY, COMPARED}
    assert pieces(request_of("facet=linearity&eps=0")) == []


def test_what_is_made_of_the_pieces_is_that_of_all_pictures_at_once(there):
    request, found = there
    result, data = gather(request, found), load_data("toy")
    x, y, n = data.x[: SIZE + 10], data.y[: SIZE + 10], SIZE + 10
    assert np.array_equal(result.y, y)
    assert np.array_equal(result.near, near_pairs(x))
    for name in MODELS:
        model = load_model(name)
        plain, at = normals(model, x)
        one = result.models[name]
        np.testing.assert_allclose(one.normals.away, plain.away, atol=1e-5)
        bent = curvature(model, at, torch.from_numpy(plain.labels), torch.from_numpy(plain.reached))
        np.testing.assert_allclose(one.curvature.mean, bent.mean, rtol=1e-3, atol=1e-3)
        lost = linearity(model, x, y, request.norm, request.threat.eps)
        np.testing.assert_allclose(result.linear[name].gap, lost.gap, rtol=1e-3, atol=1e-5)
        assert (result.spectra[name].values ** 2).sum() == pytest.approx(n, rel=1e-4)
    assert (result.random.values**2).sum() == pytest.approx(n, rel=1e-4)
    again = from_bytes(to_bytes(result))
    assert np.array_equal(again.models["toy-pgd"].normals.among(), result.models["toy-pgd"].normals.among())


def test_what_is_there_for_both_is_shown(there):
    request, found = there
    assert gather(request, {}) is None
    early = gather(request, dict(list(found.items())[:2]))
    assert {len(one.normals.found) for one in early.models.values()} == {SIZE} == {len(early.y)}
    assert not early.linear
    assert not early.means  # which is all that some facets are about
    assert len(early.near) == 0
    assert gather(request_of(f"pictures={SIZE + 10}&facet=cosines"), dict(list(found.items())[:2])) is None
    later = gather(request, dict(list(found.items())[:5]))
    assert (len(later.y), len(later.near)) == (SIZE + 10, SIZE)  # the last comparison until the next is there
    assert set(later.spectra) == set(later.means) == set(MODELS)
    loss = {piece: one for piece, one in found.items() if piece.page == LINEAR}
    alone = gather(request, loss)
    assert not alone.models
    assert len(alone.random.values) == 0
    assert {len(one.gap) for one in alone.linear.values()} == {SIZE + 10}


def test_the_snippet_prints_raw_and_centred_means(capsys):
    exec(snippet("/boundary?view=local&data=toy&pictures=20&facet=cosines"), {})
    said = capsys.readouterr().out
    assert "toy-pgd: mean squared cosine 0." in said
    assert "toy-pgd: centred mean squared cosine, all pairs: 0." in said
    exec(snippet("/boundary?view=local&data=toy&pictures=20&facet=curvature"), {})
    assert "centred" not in capsys.readouterr().out
