"""The view "anisotropy" put together from its pieces, which hang on no data set."""

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.results import Gradients
from explorer.work.boundary.anisotropy import gather, pieces, refusal
from explorer.work.compute import compute
from explorer.work.local import run
from explorer.work.request import Request, default


def request_of(data: str = "digits", **show: object) -> Request:
    """Return the view of few networks."""
    request = default(data, page="boundary")
    choices = dict(request.choices) | {"view": "anisotropy"}
    shown = dict(request.show) | {"networks": 100, "side": 8, "architecture": "mlp"} | show
    return request.with_(choices=tuple(sorted(choices.items())), show=tuple(sorted(shown.items())))


def test_the_pieces_hang_on_architecture_side_and_seed_alone():
    keys = [one.key for one in pieces(request_of(networks=600))]
    assert len(set(keys)) == 3
    assert keys == [one.key for one in pieces(request_of("toy", networks=600))]
    assert keys[:2] == [one.key for one in pieces(request_of(networks=500))]
    for other in (request_of(side=9), request_of(architecture="cnn"), request_of().with_(seed=1)):
        assert set(keys).isdisjoint(one.key for one in pieces(other))
    assert pieces(request_of())[0].address() == "networks: 0 to 100 of mlp"


def test_too_few_networks_are_refused_before_any_is_drawn():
    assert refusal(request_of()) == ""
    assert "100 networks are too few for 16×16 pixels: draw 256 or more" in refusal(request_of(side=16))


def test_directions_are_shown_as_soon_as_there_are_enough_networks():
    request = request_of(networks=300)
    asked = pieces(request)
    assert gather(request, {}) is None
    some = gather(request, {asked[0]: compute(asked[0])})
    whole = run(request)
    assert (some.count, whole.count) == (250, 300)
    assert len(whole.energy) == 64
    np.testing.assert_allclose(whole.shares[:250], some.shares)


def test_networks_without_a_gradient_count_for_nothing_while_more_are_on_their_way():
    request = request_of(networks=300)
    first, last = pieces(request)
    rows = np.random.default_rng(0).normal(size=(300, 1, 8, 8)).astype(np.float32)
    rows[:200] = 0
    found = {first: Gradients(0, rows[:250]), last: Gradients(250, rows[250:])}
    assert gather(request, {first: found[first]}) is None  # 50 have one, of 64 at least
    assert (gather(request, found).count, gather(request, found).flat) == (100, 200)
    rows[:240] = 0
    with pytest.raises(UserError, match="60 of 300 have one"):
        gather(request, found)


def test_an_architecture_without_gradients_is_refused_in_a_sentence():
    with pytest.raises(UserError, match="0 of 100 have one"):
        run(request_of(architecture="quantised"))
