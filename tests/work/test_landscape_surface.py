"""The view "surface" in tiles: what is cut, what the tiles are, and what is made of those that are there."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.results import Losses
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.landscapes.directions import direction_rng, random
from explorer.landscapes.grids import grid
from explorer.landscapes.surface import Climb, surface
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.landscape.surface import LEAST, MOST, alike, gather, pieces, refusal
from explorer.work.landscape.tiles import LOOKS, SIDE, STEEP, Tile
from explorer.work.order import needs, unfolded
from explorer.work.request import Request

MODELS = ("toy-standard", "toy-pgd")


def request_of(query: str = "") -> Request:
    request, problems = read(f"/landscape?data=toy&{query}")
    assert not problems
    return request


def fake(tile: Tile) -> Losses:
    """Return a tile whose loss at (a, b) is exp(a + 2b), of model B a tenth of that."""
    at = grid(SIDE, tile.reach)[tile.places]
    loss = np.exp(at @ [1, 2]) * (0.1 if tile.model == MODELS[1] else 1.0)
    return Losses(at, loss, 0 * loss, np.zeros(len(loss), np.int64), tile.stop)


def test_meshes_share_their_tiles_coarse_first_and_both_models_beside_each_other():
    coarse, middle, fine = (pieces(request_of(f"mesh={mesh}")) for mesh in (11, 26, 51))
    assert coarse == middle[: len(coarse)]
    assert middle == fine[: len(middle)]
    assert [one.model for one in coarse[:2]] == [*MODELS]
    assert all(one.last - one.first <= MOST for one in fine)


@pytest.mark.parametrize(("mesh", "looks"), [(11, 1), (26, 2), (51, 3), (101, 4)])
def test_a_mesh_is_made_of_its_looks_each_point_once(mesh, looks):
    mine = [one for one in pieces(request_of(f"mesh={mesh}")) if one.model == MODELS[0]]
    places = np.concatenate([one.places for one in mine]).tolist()
    assert sorted(places) == sorted(np.concatenate(LOOKS[:looks]).tolist())
    assert len(set(places)) == len(places)


def test_what_a_tile_does_not_hang_on_is_not_in_its_key():
    plain = [one.key for one in pieces(request_of())]
    for same in ("eps=9", "norm=l2", "climbs=3", "index=4", "relief=true", "height=accuracy", "attack=fgsm"):
        assert [one.key for one in pieces(request_of(same))] == plain, same
    for other in ("seed=1", "reach=0.5", "n=20", "statistics=measured", "toy_noise=0.2"):
        assert not {one.key for one in pieces(request_of(other))} & {*plain}, other
    attacked = pieces(request_of("loss=anew"))
    assert {*plain} <= {one.key for one in attacked}
    for other in ("eps=9", "norm=l2", "climbs=3"):
        anew = {one.key for one in pieces(request_of(f"loss=anew&{other}"))} - {*plain}
        assert not anew & {one.key for one in attacked}, other


def test_dear_points_have_small_tiles():
    asked = pieces(request_of("n=500&loss=anew&climbs=100"))
    clean, anew = ([one for one in asked if one.loss == loss] for loss in ("clean", "anew"))
    assert max(one.last - one.first for one in clean) == MOST
    assert LEAST <= max(one.last - one.first for one in anew) < MOST


def test_kept_perturbations_are_made_once_and_before_the_tiles():
    asked = pieces(request_of("loss=kept&mesh=11&n=20"))
    whole = unfolded(asked)
    made = [one for one in whole if not isinstance(one, Tile)]
    assert [one.model for one in made] == [*MODELS]
    assert all(whole.index(needs(one)[0]) < whole.index(one) for one in asked if one.loss == "kept")


def test_a_tile_is_what_the_surface_is_there():
    asked = [one for one in pieces(request_of("n=20&mesh=11&loss=anew&climbs=3&seed=5")) if one.model == MODELS[0]]
    data, model, rng = load_data("toy"), load_model(MODELS[0]), direction_rng(5)
    ways, x, y = (random(model, rng), random(model, rng)), data.x[:20], data.y[:20]
    for tile in asked:
        found = compute(tile)
        few = slice(3, 6)
        climb = Climb(Threat("linf", 0.06), 3, 2.5 / 3, 5) if tile.loss == "anew" else None
        at = grid(SIDE)[tile.places][few]
        if tile.loss != "kept":
            assert found.loss[few] == pytest.approx(surface(model, x, y, *ways, at, climb=climb).loss, rel=1e-6)
        assert found.points[few] == pytest.approx(at)
        assert found.count == 20
    middle = [one.places.tolist().index(SIDE * SIDE // 2) for one in asked]
    clean, kept, anew = (compute(one).loss[at] for one, at in zip(asked, middle, strict=True))
    assert clean < kept == pytest.approx(anew, rel=1e-6)


def test_the_finest_mesh_that_both_models_have_is_shown():
    request = request_of("mesh=51")
    asked = pieces(request)
    found = {one: fake(one) for one in asked}
    assert gather(request, {}) is None
    one_model = {one: found[one] for one in asked if one.model == MODELS[0]}
    assert gather(request, one_model) is None
    for looks, side in ((1, 11), (2, 26), (3, 51)):
        view = gather(request, {one: found[one] for one in asked if one.look < looks}).terrain
        assert view.side == side
        b, a = np.meshgrid(view.ticks, view.ticks, indexing="ij")
        assert view.loss(0) == pytest.approx(np.exp(a + 2 * b))
        assert view.loss(1) == pytest.approx(0.1 * np.exp(a + 2 * b))
        assert view.centre(1).loss == pytest.approx([0.1])
        assert view.ticks[[0, -1]].tolist() == [-1, 1]


def test_each_loss_is_there_as_far_as_it_is_computed():
    request = request_of("loss=anew")
    asked = pieces(request)
    found = {one: fake(one) for one in asked if one.loss != "anew" or one.look == 0}
    view = gather(request, found)
    assert {name: terrain.side for name, terrain in view.kinds.items()} == {"clean": 26, "kept": 26, "anew": 11}
    assert view.terrain is view.kinds["anew"]
    first = gather(request, {one: value for one, value in found.items() if one.loss != "anew"})
    assert first.shown == "kept"  # until the one that is asked for is there


def test_one_model_beside_itself_is_computed_once():
    request = request_of("a=toy-pgd&mesh=11")
    (asked,) = pieces(request)
    view = gather(request, {asked: fake(asked)})
    assert (view.terrain.a.loss == view.terrain.b.loss).all()


def test_the_l0_budget_has_no_gradient_steps():
    request, _ = read("/landscape?data=digits&norm=l0&loss=anew&attack=pixel_search")
    assert request.norm == "l0"
    assert "choose one of these" in refusal(request)
    with pytest.raises(UserError, match="projected gradient descent"):
        pieces(request)
    clean, _ = read("/landscape?data=digits&norm=l0&attack=pixel_search")
    assert pieces(clean)


def test_batch_norm_measured_anew_gives_other_losses():
    kept, measured = (
        next(
            one
            for one in pieces(read(f"/landscape?n=20&mesh=11&statistics={how}")[0])
            if one.model == "shapes-standard"
        )
        for how in ("kept", "measured")
    )
    assert not torch.equal(*(torch.from_numpy(compute(one).loss) for one in (kept, measured)))


def test_a_tile_is_cancelled_between_two_steps_of_an_attack():
    tile = next(one for one in pieces(request_of("n=20&mesh=11&loss=anew")) if one.loss == "anew")
    heard: list[tuple[int, int]] = []

    def tick(done: int, total: int, note: str = "") -> None:
        heard.append((done, total))
        if len(heard) == 30:
            raise Cancelled

    with pytest.raises(Cancelled):
        compute(tile, tick=tick)
    assert len(heard) == 30
    assert heard[-1][0] < heard[-1][1] / 10


@pytest.mark.parametrize("ways", ["gradient", "hessian", "models"])
def test_planes_along_other_ways_have_tiles_of_their_own(ways):
    plain, others = ({one.key for one in pieces(request_of(query))} for query in ("mesh=11", f"mesh=11&ways={ways}"))
    assert not plain & others
    made = [one for one in unfolded(pieces(request_of(f"mesh=11&ways={ways}"))) if one.page == "sharpest"]
    assert [one.model for one in made] == ([*MODELS] if ways == "hessian" else [])


def losses_of(query: str, model: str) -> dict[tuple[float, float], float]:
    """Return the clean losses of 20 points on the coarsest mesh, by place."""
    tile = next(one for one in pieces(request_of(f"mesh=11&n=20&{query}")) if one.model == model)
    found = compute(tile)
    return {(round(a, 6), round(b, 6)): loss for (a, b), loss in zip(found.points.tolist(), found.loss, strict=True)}


def test_the_line_between_models_ends_at_the_other():
    a, b = (losses_of("ways=models", model) for model in MODELS)
    assert a[1, 0] == pytest.approx(b[0, 0], rel=1e-3, abs=1e-6)
    assert b[1, 0] == pytest.approx(a[0, 0], rel=1e-3, abs=1e-6)
    request = request_of("ways=models&a=toy-pgd")
    assert "from a model to itself" in refusal(request)


@pytest.mark.parametrize("data", ["shapes", "mnist"])
def test_between_networks_of_two_kinds_there_is_no_line_and_that_is_said_before_anything_is_computed(data):
    request, _ = read(f"/landscape?data={data}&ways=models&mesh=11")
    assert not alike(request.a, request.b)
    assert "not of one architecture" in refusal(request)
    with pytest.raises(UserError, match="not of one architecture"):
        pieces(request)
    assert alike(*MODELS)
    assert refusal(request_of("ways=models")) == ""


def test_a_budget_of_0_is_refused_under_attack_alone():
    for loss in ("kept", "anew"):
        request = request_of(f"loss={loss}&eps=0")
        assert "budget of 0" in refusal(request)
        with pytest.raises(UserError, match="budget of 0"):
            pieces(request)
    assert refusal(request_of("eps=0")) == ""


def test_models_of_two_architectures_are_named_as_such():
    for query, there in (("data=shapes", True), ("data=toy", False)):
        request, _ = read(f"/landscape?mesh=11&{query}")
        note = gather(request, {one: fake(one) for one in pieces(request)}).terrain.note
        assert ("not of one architecture" in note) == there


def test_along_the_gradient_the_loss_rises_first_and_sharp_directions_bend_most():
    for model in MODELS:
        uphill, plain, sharp = (losses_of(f"reach=0.05&{q}", model) for q in ("ways=gradient", "", "ways=hessian"))
        assert uphill[-0.01, 0] < uphill[0, 0] < uphill[0.01, 0]
        # at a twentieth of the length the sharpest direction still bends more than a random one
        bends = [way[0.05, 0] + way[-0.05, 0] - 2 * way[0, 0] for way in (sharp, plain)]
        assert bends[0] / STEEP**2 > bends[1]


def test_between_points_lies_a_spline_whose_error_is_measured_at_others():
    request = request_of("between=true")
    found = {one: fake(one) for one in pieces(request)}
    view = gather(request, found).terrain
    assert view.side == 26
    b, a = np.meshgrid(*[np.linspace(-1, 1, 51)] * 2, indexing="ij")
    assert view.fine_a == pytest.approx(np.exp(a + 2 * b))  # whose logarithm is a plane, as a spline can be
    assert len(view.errors) == 2 * (121 - 36)
    assert view.errors.max() < 1e-9
    assert gather(request_of(), found).terrain.fine_a is None
    first = pieces(request)[0]
    first_look = [one for one in found if one.look == 0]
    off = {first: replace(found[first], loss=found[first].loss * np.where(np.arange(121) == 60, 1.1, 1.0))}
    assert gather(request, found | off).terrain.errors.max() == pytest.approx(np.log(1.1))
    none = {first: replace(found[first], loss=0 * found[first].loss)}
    refused = gather(request, found | none).terrain
    assert refused.fine_a is None
    assert "has no logarithm" in refused.note
    coarse = request_of("between=true&mesh=11")
    assert "between 26 × 26 alone" in gather(coarse, found).terrain.note
    assert "Nothing is drawn between" not in view.note
    assert "Nothing is drawn between" not in gather(request, {one: found[one] for one in first_look}).terrain.note
