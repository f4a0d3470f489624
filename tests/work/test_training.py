"""Trainings in stretches: what is cut, that they go on where they were, what is made of them, what is kept."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.data import load_data
from explorer.models.zoo import card, history, load_model
from explorer.training import RECIPES
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.local import run
from explorer.work.order import unfolded
from explorer.work.request import Request
from explorer.work.training.keeping import keep, title_of
from explorer.work.training.live import gather, pieces, trains
from explorer.work.training.stretches import PARTS, _ends, stretch, trainings
from explorer.work.training.usual import USUAL

QUICK = "data=toy&epochs=4&train_pictures=200&width=16"


@pytest.fixture(autouse=True)
def _own_cache(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))


def request_of(query: str = QUICK) -> Request:
    request, problems = read(f"/training?{query}")
    assert not problems
    return request


@pytest.mark.parametrize("epochs", [1, 2, 5, 12, 13, 100])
def test_stretches_cover_the_training_in_order(epochs):
    ends = _ends(epochs)
    assert ends == sorted(set(ends))
    assert ends[-1] == epochs
    assert 1 <= len(ends) <= PARTS
    for side in trainings(request_of(f"data=toy&epochs={epochs}")):
        assert [one.start for one in side] == [0, *ends[:-1]]
        assert [one.stop for one in side] == ends


def test_pieces_take_turns_and_come_behind_what_they_go_on_from():
    asked = pieces(request_of())
    assert [one.recipe for one in asked[:4]] == ["standard", "pgd", "standard", "pgd"]
    assert unfolded(asked[::-1]) != asked[::-1]
    known = set()
    for one in unfolded(asked[::-1]):
        assert all(before.key in known for before in one.needs)
        known.add(one.key)
    assert known == {one.key for one in asked}


def test_two_of_one_kind_are_trained_once():
    asked = pieces(request_of(f"{QUICK}&recipe_b=standard"))
    assert len(asked) == 4
    found = gather(request_of(f"{QUICK}&recipe_b=standard"), {one: compute(one) for one in asked[:1]})
    assert found is not None
    assert len(found.a) == len(found.b) == 1


def test_a_key_hangs_on_what_decides_the_training_and_on_nothing_else():
    (first, *_), _ = trainings(request_of())
    for same in ("a=toy-pgd", "index=4", "attack=fgsm", "train_pgd_steps=3", "recipe_b=fgsm", "method=occlusion"):
        (other, *_), _ = trainings(request_of(f"{QUICK}&{same}"))
        assert other.key == first.key, same
    for another in ("seed=1", "rate=0.2", "eps=9", "norm=l2", "optimizer=sgd", "depth=1", "toy_noise=0.1"):
        (other, *_), _ = trainings(request_of(f"{QUICK}&{another}"))
        assert other.key != first.key, another
    _, (pgd, *_) = trainings(request_of())
    _, (longer, *_) = trainings(request_of(f"{QUICK}&train_pgd_steps=3"))
    assert pgd.key != longer.key


@pytest.mark.parametrize("recipe", ["standard", "atas"])
def test_in_stretches_or_at_once_it_is_the_same_training(recipe):
    """The last stretch of four leaves the weights that one stretch over all epochs does."""
    stretches, _ = trainings(request_of(f"{QUICK}&recipe={recipe}"))
    found = [compute(one) for one in stretches]
    whole = stretch(replace(stretches[-1], start=0))
    assert [len(one.history["epoch"]) for one in found] == [1, 2, 3, 4]
    assert [one.done for one in found] == [False, False, False, True]
    names = whole.history.keys() - {"cpu"}
    assert all(np.array_equal(whole.history[name], found[-1].history[name]) for name in names)
    assert np.array_equal(whole.plane.probabilities, found[-1].plane.probabilities)
    assert all(np.array_equal(one.history["loss"], found[-1].history["loss"][: i + 1]) for i, one in enumerate(found))


def test_a_stretch_whose_start_was_lost_makes_it_anew():
    """A worker that has nothing of the stretches before comes to the same."""
    stretches, _ = trainings(request_of())
    alone = compute(stretches[2])
    inturn = [compute(one) for one in stretches[:3]][-1]
    assert np.array_equal(alone.plane.probabilities, inturn.plane.probabilities)


def test_it_tells_how_far_it_is_and_can_be_cancelled():
    stretches, _ = trainings(request_of())
    seen = []

    def tick(done, total, note=""):
        if "epoch" in note:
            seen.append((done, total, note))
        if len(seen) == 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        compute(stretches[0], tick=tick)
    assert seen == [(i, 4, "standard, epoch 1 of 4") for i in range(3)]


def test_pictures_are_shown_under_attack_points_as_a_plane():
    asked, _ = trainings(request_of("data=digits&epochs=1&train_pictures=100&width=2&depth=1"))
    found = compute(asked[0])
    assert found.plane is None
    struck, test = found.struck, load_data("digits", "test")
    assert struck.labels.tolist() == [0, 1, 2, 3, 4, 5]
    assert np.abs(struck.x_adv - struck.x).max() <= 0.15 + 1e-6
    assert any(np.array_equal(struck.x[0], x.numpy()) for x in test.x)
    points = compute(trainings(request_of())[0][0])
    assert points.struck is None
    assert points.plane.probabilities.shape == (81, 81, 2)


def test_only_what_is_whole_from_the_start_is_gathered():
    request = request_of()
    stretches, _ = trainings(request)
    found = {one: compute(one) for one in stretches[:1]} | {stretches[2]: compute(stretches[2])}
    pair = gather(request, found)
    assert len(pair.a) == 1
    assert pair.b == ()
    assert gather(request, {stretches[2]: found[stretches[2]]}) is None


def test_a_kept_model_is_the_one_that_was_trained(tmp_path):
    stretches, _ = trainings(request_of())
    found = compute(stretches[-1])
    name = keep(stretches[-1], found, title_of(stretches[-1]))
    model, test = load_model(name), load_data("toy", "test")
    with torch.no_grad():
        accuracy = float((model(test.x[:500]).argmax(1) == test.y[:500]).float().mean())
    assert accuracy == pytest.approx(found.history["test_clean"][-1])
    known = card(name)
    assert known["recipe"] == "standard"
    assert known["measured"]["clean"]["hits"] == round(accuracy * 500)
    assert known["parameters"] == sum(p.numel() for p in model.parameters())
    assert known["plan"]["epochs"] == 4
    assert [row["loss"] for row in history(name)] == found.history["loss"].tolist()
    assert keep(stretches[-1], found, title_of(stretches[-1])) == name
    with torch.no_grad():
        loss = cross_entropy(model(test.x), test.y)
    assert float(loss) < 1


def test_what_does_not_go_together_is_a_sentence():
    with pytest.raises(UserError, match="needs pictures: on points choose the mlp"):
        pieces(request_of("data=toy&architecture=cnn"))
    with pytest.raises(UserError, match="choose another norm"):
        pieces(request_of("data=digits&attack=fmn&norm=l0"))
    for large in ("data=digits&architecture=resnet&width=256", "data=mnist&train_pictures=60000&recipe_b=atas"):
        with pytest.raises(UserError, match="too large to be looked on"):
            pieces(request_of(large))
    assert pieces(request_of("data=mnist&train_pictures=60000"))
    assert not trains("cifar10")
    with pytest.raises(UserError, match="GPU"):
        trainings(read("/training?data=cifar10")[0])
    with pytest.raises(UserError, match="plain gradient descent: choose the optimizer plain"):
        compute(trainings(request_of(f"{QUICK}&depth=1&recipe=path_norm"))[0][0])


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_can_be_asked_for_on_points(name):
    """With the network and the optimiser that it needs, of those that the page offers."""
    extra = "&optimizer=plain" if name == "path_norm" else ""
    (first, *_), _ = trainings(request_of(f"{QUICK}&depth=1&recipe={name}{extra}"))
    found = compute(replace(first, epochs=1))
    assert np.isfinite(found.history["loss"]).all()


@pytest.mark.parametrize("name", USUAL)
def test_the_usual_training_of_every_data_set_is_one_that_can_be_built(name):
    asked, _ = trainings(request_of(f"data={name}"))
    assert dict(asked[0].network)["width"] == USUAL[name].network["width"]


def test_run_tells_where_both_stand():
    found = run(f"/training?{QUICK}")
    assert found.recipes == ("standard", "pgd")
    assert found.a[-1].done
    assert found.b[-1].done
