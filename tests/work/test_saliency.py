"""What the views of the Saliency page ask of the engine, and what they make of the answers."""

import numpy as np
import pytest
import torch

from explorer.attribution import SALIENCY
from explorer.attribution.accounting import accounts_of, shares_of
from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.results import Refused
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.ui.saliency import VIEWS as DRAWN
from explorer.work import accounts
from explorer.work.address import strict
from explorer.work.choices import LOOKS
from explorer.work.compute import compute
from explorer.work.explain import target_of
from explorer.work.request import default
from explorer.work.saliency import VIEWS


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))


def answers(address):
    request = strict(address)
    return request, {piece: compute(piece) for piece in VIEWS.pieces(request)}


def test_the_tables_of_views_name_the_same():
    assert tuple(VIEWS.modules) == tuple(DRAWN) == LOOKS


def test_accounts_are_for_data_whose_features_are_known():
    assert "accounts" in VIEWS.of("shapes")
    assert "accounts" not in VIEWS.of("digits")
    assert VIEWS.shown(strict("/saliency?data=digits")) == "maps"


def test_a_map_is_what_the_method_gives_by_hand():
    request, found = answers("/saliency?data=digits&view=maps&index=5&explained=3&method=gradient_input")
    look = VIEWS.gather(request, found).methods["gradient_input"]
    x = load_data("digits").x[5:6]
    by_hand = run_method("gradient_input", load_model("digits-pgd"), x, Target(torch.tensor([3])))
    np.testing.assert_allclose(look.b.maps, by_hand.maps, atol=1e-6)
    np.testing.assert_array_equal(look.x, x.numpy())
    assert look.label == int(load_data("digits").y[5])


def test_a_second_method_is_asked_for_as_a_first_and_only_what_is_used_makes_the_key():
    one = strict("/saliency?data=digits&view=maps&second=smoothgrad&smoothgrad_samples=7")
    first, second = VIEWS.pieces(one)
    assert (second.method, dict(second.method_knobs)["samples"]) == ("smoothgrad", 7)
    alone = strict(
        "/saliency?data=digits&view=maps&method=smoothgrad&smoothgrad_samples=7&eps=3&n=30&attack=fgsm&clip=90"
    )
    assert VIEWS.pieces(alone)[0].key == second.key != first.key


@pytest.mark.parametrize(("query", "label", "against"), [("", 0, None), ("&explained=4", 4, None)])
def test_the_class_that_is_explained(query, label, against):
    request = strict(f"/saliency?data=digits&view=maps{query}")
    x, y, model = load_data("digits").x[:1], torch.tensor([0]), load_model("digits-pgd")
    assert int(target_of(request, model, x, y).labels) == label


def test_what_a_model_says_and_what_it_is_set_against():
    data, model = load_data("digits"), load_model("digits-standard")
    x, y = data.x[:20], data.y[:20]
    order = model(x).detach().argsort(1, descending=True)
    said = target_of(strict("/saliency?data=digits&explained=answer&score=difference"), model, x, y)
    np.testing.assert_array_equal(said.labels, order[:, 0])
    np.testing.assert_array_equal(said.against, order[:, 1])
    chosen = target_of(strict("/saliency?data=digits&explained=7&against=3&score=difference"), model, x, y)
    assert set(chosen.labels.tolist()) == {7}
    assert set(chosen.against.tolist()) == {3}


def test_a_class_and_itself_are_refused_in_a_sentence():
    request, found = answers("/saliency?data=digits&view=maps&explained=7&against=7&score=difference")
    look = VIEWS.gather(request, found).methods["gradient"]
    assert look.a.sentence == "There is no difference between '7' and itself: choose two classes."


@pytest.mark.parametrize("method", sorted(SALIENCY))
def test_every_method_gives_maps_or_a_sentence_of_points(method):
    request, found = answers(f"/saliency?data=toy&view=maps&method={method}")
    look = VIEWS.gather(request, found).methods[method]
    for one in (look.a, look.b):
        if isinstance(one, Refused):
            assert one.sentence.endswith(".")
            assert SALIENCY[method].title in one.sentence
        else:
            assert one.maps.shape == (1, 2)


def test_under_attack_the_map_is_that_of_the_attacked_picture():
    request, found = answers("/saliency?data=digits&view=attacked&index=3&attack=fgsm&eps=100")
    moved = VIEWS.gather(request, found)
    model = load_model("digits-standard")
    y = torch.tensor([moved.clean.label])
    by_hand = run_method("gradient", model, torch.from_numpy(moved.a.x_adv), Target(y))
    np.testing.assert_allclose(moved.map_a.maps, by_hand.maps, atol=1e-6)
    assert moved.a.distance["linf"][0] == pytest.approx(0.1, abs=1e-5)
    assert not np.array_equal(moved.map_a.maps, moved.clean.a.maps)


def test_accounts_put_together_are_those_of_all_pictures(monkeypatch):
    monkeypatch.setattr("explorer.work.sample.SIZE", 20)
    request = strict("/saliency?n=40&shapes_cue=swapped")
    found = {piece: compute(piece) for piece in VIEWS.pieces(request)}
    assert len(found) == 8
    whole, model = VIEWS.gather(request, found), load_model("shapes-standard")
    by_hand = accounts_of(model, 40)
    np.testing.assert_allclose(whole.accounts["shapes-standard"].swapped, by_hand.swapped, atol=1e-4)
    data = load_data("shapes")
    maps = run_method("gradient", model, data.x[:40], Target(data.y[:40])).maps
    by_hand = shares_of(maps, {name: mask[:40] for name, mask in data.masks.items()})
    np.testing.assert_allclose(whole.shares["shapes-standard"].cue, by_hand.cue, atol=1e-4)
    late = [piece for piece in found if piece.start == 20 and piece.model == "shapes-pgd" and piece.page == "accounts"]
    some = VIEWS.gather(request, {piece: one for piece, one in found.items() if piece not in late})
    assert len(some.accounts["shapes-pgd"].labels) == 20
    assert VIEWS.gather(request, {}) is None


def test_a_method_that_a_network_cannot_take_leaves_the_accounts():
    request = strict("/saliency?n=20&method=lrp&score=loss&b=shapes-standard")
    found = {piece: compute(piece) for piece in accounts.pieces(request)}
    ledger = VIEWS.gather(request, found)
    assert list(ledger.accounts) == ["shapes-standard"]
    assert "no rule for the loss" in ledger.shares["shapes-standard"].sentence


def test_the_default_view_is_the_accounts():
    assert VIEWS.shown(default(page="saliency")) == "accounts"
