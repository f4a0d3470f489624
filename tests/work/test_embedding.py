"""The Embedding page in pieces: what is cut, what is made of it, and what is found in the plane, where it is known."""

from io import BytesIO

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.core.errors import Unsuited
from explorer.core.progress import silent
from explorer.core.results import Embedding, Featured, Placed, Refused, Space, Steps
from explorer.core.stats import Mean, Median
from explorer.data import load_data
from explorer.features import projection
from explorer.features.neighbours import agreement, nearest
from explorer.figures.embedded import snippet
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.embedding import attacked, places
from explorer.work.embedding.attacked import Attacked, cut, joined
from explorer.work.embedding.spaces import Mapped, Spaced
from explorer.work.local import run
from explorer.work.order import needs, unfolded
from explorer.work.request import Request
from explorer.work.store import shared_store

QUICK = "data=toy&n=60&pgd_steps=5"


@pytest.fixture(scope="module", autouse=True)
def store(tmp_path_factory):
    """A store of this file's own, for what the pieces find of each other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_CACHE", str(tmp_path_factory.mktemp("store")))
        shared_store.cache_clear()
        yield shared_store()
    shared_store.cache_clear()


def request_of(query):
    request, problems = read(f"/embedding?{query}")
    assert not problems
    return request


def choose(request, **choices):
    return request.with_(choices=tuple(sorted((dict(request.choices) | choices).items())))


@pytest.fixture(scope="module")
def found() -> Embedding:
    return run(f"/embedding?{QUICK}")


def test_the_first_pictures_of_both_models_come_before_all_and_the_way_last():
    found = places.pieces(request_of("data=digits&n=400"))
    assert [(type(one), getattr(one, "model", ""), getattr(one, "stop", 0)) for one in found] == [
        (Spaced, "digits-standard", 250),
        (Spaced, "digits-pgd", 250),
        (Spaced, "digits-standard", 400),
        (Spaced, "digits-pgd", 400),
        (Request, "", 0),
    ]
    assert [type(one) for one in places.pieces(request_of("data=toy&projection=umap"))] == [
        *[Spaced] * 2,
        *[Mapped] * 2,
        Request,
    ]
    assert places.pieces(request_of("data=digits&n=2000"))[2].stop == 500  # there are no more


def test_pieces_come_behind_those_that_they_are_made_of():
    request = request_of("data=digits&n=400&projection=umap")
    line = unfolded(places.pieces(request))
    assert len(set(line)) == len(line) == 2 * 2 + 4 + 2 + 1
    for i, piece in enumerate(line):
        assert set(needs(piece)) <= set(line[:i])
    way = line[-1]
    assert {(type(one), one.stop) for one in needs(way)} == {(Mapped, 400)}


@pytest.mark.parametrize("query", ["k=20", "k=20&projection=umap", "k=20&projection=umap&n=400&space=logits"])
def test_a_way_leads_through_the_maps_that_are_shown(query):
    *parts, way = places.pieces(request_of(f"data=digits&{query}"))
    assert set(needs(way)) <= set(parts)


@pytest.mark.parametrize(
    ("changes", "attacks", "spaces_", "ways"),
    [
        ({"k": 5}, True, False, False),  # the way leads through the maps of these spaces
        ({"n_neighbors": 3, "min_dist": 0.5, "map_seed": 1}, True, True, True),  # of UMAP, which is not asked for
        ({"space": "logits"}, True, False, False),  # which the features' pieces have beside them
        ({"space": "pixels"}, False, False, False),
        ({"view": "numbers"}, True, True, True),
    ],
)
def test_what_a_choice_does_not_touch_is_not_computed_again(changes, attacks, spaces_, ways):
    plain = request_of("data=toy")
    first, second = (choose(plain, view="map"), choose(plain, **changes))

    def keys(request, kind):
        return {one.key for one in unfolded(places.pieces(choose(request, view="map"))) if type(one) is kind}

    for kind, same in ((Attacked, attacks), (Spaced, spaces_), (Request, ways)):
        assert (keys(first, kind) == keys(second, kind)) == same, kind


def test_another_picture_asks_for_its_way_alone():
    first, second = (set(places.pieces(request_of(f"data=toy&index={i}"))) for i in (1, 2))
    (way,) = second - first
    assert isinstance(way, Request)


def test_pixels_of_the_plane_are_its_points_and_are_moved_by_no_more_than_the_budget():
    found = run(f"/embedding?{QUICK}&space=pixels&norm=l2&view=numbers")
    data = load_data("toy")
    x, y = data.x[:60].numpy(), data.y[:60].numpy()
    apart = np.linalg.norm(x[y == 0].mean(0) - x[y == 1].mean(0))
    eps = request_of(f"{QUICK}&norm=l2").eps / 1000
    for half in (found.a, found.b):
        space = half.space
        assert space.size == 2
        assert space.between == pytest.approx(apart, rel=1e-5)
        assert (space.moved <= eps * 1.0001).all()
        assert space.moved.max() == pytest.approx(eps, rel=1e-3)
        assert np.allclose(space.ratio, space.moved / apart)
        assert np.array_equal(space.agree, agreement(nearest(x, x, 10), y))
        assert half.placed is None
        assert (space.pca.faithful == 1).all()


def test_features_are_what_the_last_layer_is_given(found):
    x = load_data("toy").x[:60]
    model = load_model("toy-pgd")
    space = found.b.space
    with torch.no_grad():
        hidden = model[1][:-1](model[0](x)).numpy()
        assert np.array_equal(space.said, model(x).argmax(1).numpy())
    assert space.size == hidden.shape[1]
    assert np.allclose(space.pca.xy, projection.pca(hidden).xy, atol=1e-4)
    assert found.projection == "pca"
    assert np.array_equal(found.b.placed.xy_adv, space.pca.xy_adv)
    assert (np.abs(space.margin) <= 1).all()
    assert np.array_equal(space.margin > 0, space.said == space.labels)


def test_a_way_leads_from_the_picture_in_the_map_to_the_outcome(found):
    index = request_of(QUICK).index
    beside = run(f"/embedding?{QUICK}&index=3")
    assert isinstance(beside.a.steps, Steps)
    steps = beside.b.steps
    assert steps.step.tolist() == [-1, *range(len(steps.step) - 2), steps.step[-1]]
    assert np.allclose(steps.xy[0], beside.b.placed.xy[3], atol=1e-4)
    assert steps.said[0] == beside.b.space.said[3]
    assert index >= 60  # the first view's picture is none of these, and has a way all the same
    assert len(found.a.steps.xy) > 2


def test_logits_are_a_space_and_umap_maps_it(found):
    request = request_of(f"{QUICK}&space=logits&projection=umap")
    parts = places.pieces(request)
    done = {piece: compute(piece) for piece in parts if type(piece) is Spaced}
    waiting = places.gather(request, done)
    assert waiting.projection == "pca"  # until UMAP is there
    assert waiting.a.steps is None
    done |= {piece: compute(piece) for piece in parts if piece not in done}
    result = places.gather(request, done)
    assert result.projection == "umap"
    assert isinstance(result.a.placed, Placed)
    assert result.a.placed.explained.shape == (0,)
    assert isinstance(result.a.steps, Steps)
    assert result.a.space.size == 2
    assert np.array_equal(result.a.space.said_adv, found.a.space.said_adv)  # the attack is the same
    assert torch.get_num_threads() == 1  # as before: numba would have it as many as there are cores


def test_the_snippet_prints_what_the_page_tells(found, capsys):
    exec(snippet(f"http://localhost:8501/embedding?{QUICK}"), {})
    told = capsys.readouterr().out
    assert f"{Median.of(found.a.space.ratio)} mean distances" in told
    assert f"attacked: {Mean.of_shares(found.b.space.agree_adv)}" in told


def test_nothing_is_shown_before_both_models_are_there(found):
    request = request_of(QUICK)
    first = places.pieces(request)[0]
    assert places.gather(request, {first: found.a.space}) is None


def test_the_first_pictures_are_shown_while_the_others_are_on_their_way(found):
    request = request_of("data=digits&n=400")
    coarse = places.pieces(request)[:2]
    way = places.pieces(request)[-1]
    shown = places.gather(request, {coarse[0]: found.a.space, coarse[1]: found.b.space, way: object()})
    assert shown.a.space is found.a.space
    assert shown.a.steps is None  # it is one in the map of all pictures


def test_a_model_without_representation_is_refused_in_features_alone(monkeypatch):
    inner = attacked.points

    def none(model, x, space):
        if space == "features":
            raise Unsuited("It has none.")
        return inner(model, x, space)

    monkeypatch.setattr(attacked, "points", none)
    query = f"{QUICK}&seed=7&view=numbers"
    refused = run(f"/embedding?{query}").a.space
    assert isinstance(refused, Refused)
    assert refused.sentence == "It has none."
    assert isinstance(run(f"/embedding?{query}&space=logits").a.space, Space)


def test_what_was_computed_before_is_looked_up(monkeypatch, found):
    shared = attacked.chosen(request_of(QUICK))
    pieces = cut(60, "toy-pgd", "features", **shared)

    def never(*_):
        raise AssertionError

    monkeypatch.setattr(attacked, "features", never)
    whole = joined(pieces, "logits", silent)
    assert isinstance(whole, Featured)
    assert whole.clean is whole.logits


def test_an_uploaded_picture_has_its_way_among_the_others(store):
    file = BytesIO()
    Image.fromarray(np.arange(64, dtype=np.uint8).reshape(8, 8)).save(file, "PNG")
    query = f"data=digits&n=20&attack=fgsm&upload={store.put_upload(file.getvalue())}"
    found = run(f"/embedding?{query}")
    assert isinstance(found.a.steps, Steps)
    way = places.pieces(request_of(query))[-1]
    assert way.key != places.pieces(request_of(query.replace("n=20", "n=30")))[-1].key
