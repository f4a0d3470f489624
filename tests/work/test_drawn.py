"""The view of drawings: what its request hangs on, and what comes out."""

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.core.results import Drawings, Refused, Versions
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work import drawn as module
from explorer.work.address import strict
from explorer.work.compute import compute
from explorer.work.drawn import pieces
from explorer.work.pack import from_bytes, to_bytes

DIGITS = "/saliency?data=digits&view=drawn&steps=4"


def asked(more=""):
    (request,) = pieces(strict(DIGITS + more))
    return request


def made(more=""):
    return compute(asked(more))


@pytest.mark.parametrize(
    "more",
    ["&n=50", "&score=loss", "&method=smoothgrad", "&eps=3", "&unit=4", "&relabel=random", "&map=size", "&target=3"],
)
def test_what_classes_do_not_hang_on_changes_no_key(more):
    assert asked(more).key == asked().key


@pytest.mark.parametrize(
    "more",
    ["&draw=units", "&start=noise", "&reach=0.2", "&pace=0.01", "&seed=1", "&index=5", "&b=digits-standard"],
)
def test_what_it_hangs_on_changes_the_key(more):
    assert asked(more).key != asked().key


def test_versions_hang_on_a_budget_in_l2_alone():
    usual = asked("&draw=versions")
    assert asked("&draw=versions&norm=linf&eps=9").key == usual.key
    assert asked("&draw=versions&norm=l2&eps=500").key != usual.key
    assert usual.threat.norm == "l2"
    assert asked("&draw=versions&relabel=random").key != usual.key


def test_an_asked_request_asks_for_itself():
    for what in module.DRAW:
        assert pieces(asked(f"&draw={what}")) == [asked(f"&draw={what}")]


@pytest.mark.parametrize("what", ["classes", "units", "inversion"])
def test_both_models_draw_from_the_same_starts_and_see_what_the_other_drew(what):
    found = made(f"&draw={what}")
    assert isinstance(found, Drawings)
    assert len(found.start) == {"classes": 10, "units": 8, "inversion": 5}[what]
    assert found.eps == pytest.approx(0.4 * 8)
    for one, other, name in ((found.a, found.other_b, "digits-pgd"), (found.b, found.other_a, "digits-standard")):
        assert one.distance.max() <= found.eps * (1 + 1e-5)
        with torch.no_grad():
            assert np.allclose(load_model(name)(torch.from_numpy(one.x)), other, atol=1e-4)


def test_the_same_request_draws_the_same_and_a_result_survives_its_packing():
    first, again = made("&draw=inversion"), from_bytes(to_bytes(made("&draw=inversion")))
    for one, two in ((first.a, again.a), (first.b, again.b)):
        assert (one.x == two.x).all()
    assert not np.array_equal(made("&draw=inversion&seed=3").start, first.start)


def test_starts_are_of_the_chosen_variant_of_the_data():
    (request,) = pieces(strict("/saliency?data=shapes&view=drawn&steps=1&shapes_cue=removed"))
    found = compute(request)
    assert np.allclose(found.start[0], load_data("shapes", "test", cue="removed").x.mean(0), atol=1e-6)


def test_versions_keep_their_labels_and_budgets():
    found = made("&draw=versions&norm=l2&eps=500")
    assert isinstance(found, Versions)
    robust, moved = found.robust, found.relabelled
    assert robust.origin[0] != robust.label
    assert moved.a.sought == moved.b.sought == (moved.label + 1) % 10
    assert (moved.start == moved.x).all()
    assert moved.eps == pytest.approx(0.5)
    assert max(moved.a.distance[0], moved.b.distance[0]) <= 0.5 * (1 + 1e-5)
    assert robust.b.after < robust.b.before
    drawn_by_seed = {
        int(made(f"&draw=versions&relabel=random&seed={seed}").relabelled.a.sought[0]) for seed in range(6)
    }
    assert len(drawn_by_seed) > 1
    assert moved.label not in drawn_by_seed


def test_units_from_a_number_on_are_those_of_both():
    found = made("&draw=units&unit=60")
    assert found.a.sought.tolist() == found.b.sought.tolist() == [60, 61, 62, 63]
    refused = made("&draw=units&unit=64")
    assert isinstance(refused.a, Refused)
    assert "unit = 64 is not one of this model's, 0 to 63." in refused.b.sentence
    assert refused.other_a is None


def test_points_are_refused_in_a_sentence():
    with pytest.raises(UserError, match="points of the plane"):
        compute(strict("/saliency?data=toy&view=drawn"))
