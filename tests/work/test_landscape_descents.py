"""The plane of a recorded training: who has one, what it is, and the surface on it."""

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.landscapes.directions import length, weights
from explorer.landscapes.surface import surface
from explorer.models.zoo import has_path, load_model, recorded
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.landscape import descents
from explorer.work.landscape.descents import ROOM, Recorded, descent, path_of, plane
from explorer.work.landscape.surface import gather, pieces, refusal
from explorer.work.landscape.tiles import Strip

MODEL = "toy-standard"


def request_of(query):
    request, problems = read(f"/landscape?data=toy&{query}")
    assert not problems
    return request


@pytest.mark.parametrize("name", [MODEL, "digits-standard", "mnist-pas-400-0", "mnist-pgd-400-2"])
def test_a_recorded_path_ends_at_the_trained_weights(name):
    *_, (share, last) = recorded(name).items()
    model = load_model(name)
    own = weights(model)
    apart = length({key: last[key] - value for key, value in own.items()})
    assert share == 1
    assert apart < 1e-5 * length(own)  # where it was recorded later, but for another processor's rounding


def test_a_path_within_a_plane_is_seen_as_it_is(monkeypatch):
    model = load_model(MODEL)
    own, rng = weights(model), torch.Generator().manual_seed(3)
    ways = [{key: torch.randn(value.shape, generator=rng) for key, value in own.items()} for _ in range(2)]
    at = [(2.0, 1.0), (1.0, 1.5), (0.5, -0.3), (0.0, 0.0)]
    states = {
        share: {key: value + s * ways[0][key] + t * ways[1][key] for key, value in own.items()}
        for share, (s, t) in zip((0.0, 0.3, 0.6, 1.0), at, strict=True)
    }
    monkeypatch.setattr(descents, "recorded", lambda name: states)
    (first, second), found = plane(MODEL, model)
    assert found.done.tolist() == [0.0, 0.3, 0.6, 1.0]
    assert found.explained.sum() == pytest.approx(1)
    assert found.aside == pytest.approx(0, abs=1e-3)
    assert np.abs(found.places).max() == pytest.approx(1 / ROOM)
    assert found.places[-1] == pytest.approx([0, 0])
    assert (length(first), length(second)) == pytest.approx((found.unit, found.unit), rel=1e-5)
    x, y = (values[:50] for values in (load_data("toy").x, load_data("toy").y))
    seen = surface(model, x, y, first, second, found.places).loss
    for state, loss in zip(states.values(), seen, strict=True):
        moved = load_model(MODEL)
        moved.load_state_dict(state, strict=False)
        assert loss == pytest.approx(float(torch.nn.functional.cross_entropy(moved(x), y)), rel=1e-4)


def test_the_real_path_leaves_its_plane_and_that_is_told():
    found = compute(path_of("toy", MODEL))
    (first, second), again = plane(MODEL, load_model(MODEL))
    assert found.places == pytest.approx(again.places)
    assert len(found.done) == 21
    assert found.far[0] == found.far.max() > 0 == found.far[-1]
    assert 0 < found.explained[1] < found.explained[0] < found.explained.sum() < 1
    assert (found.off**2 + (found.places * found.unit) ** 2 @ [1, 1]) == pytest.approx(found.far**2, rel=1e-5)
    assert float(sum((first[key] * second[key]).sum() for key in first)) == pytest.approx(0, abs=1e-3 * found.unit**2)


def test_the_surface_is_laid_on_the_path_of_each_model():
    request = request_of(f"ways=path&b={MODEL}&mesh=11&n=20")
    asked = pieces(request)
    assert [type(one) for one in asked] == [Recorded, Strip]
    assert all(one.path for one in asked)
    found = {one: compute(one) for one in asked}
    view = gather(request, found).terrain
    assert view.descent(0) is view.descent(1) is found[asked[0]]
    model, data = load_model(MODEL), load_data("toy")
    own = float(torch.nn.functional.cross_entropy(model(data.x[:20]), data.y[:20]))
    assert view.centre(0).loss == pytest.approx([own], rel=1e-3)
    assert {one.key for one in asked}.isdisjoint({one.key for one in pieces(request_of("mesh=11&n=20"))})


def test_without_a_recorded_path_there_is_a_sentence():
    assert not has_path("toy-pgd")
    request = request_of("ways=path")
    reason = refusal(request)
    assert reason.startswith("No weights were recorded during the training of toy-pgd. There is a path of toy-standard")
    with pytest.raises(UserError, match="No weights were recorded"):
        pieces(request)
    assert "no model of shapes" in descents.refusal("shapes", "shapes-pgd")
    assert not descents.refusal("mnist", "mnist-pas-400-0", "mnist-pgd-400-0")
    with pytest.raises(UserError, match="No path was recorded"):
        descent(Recorded("descent", "toy", (), "toy-pgd", 0, 0))
