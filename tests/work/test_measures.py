"""The view "measures" in pieces: what is cut, and what is made of those that are there."""

import numpy as np
import pytest

from explorer.attribution.measures.case import Case
from explorer.attribution.measures.run import run_measure
from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.models.zoo import card, load_model, zoo_names
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.gauge import SIZE, Gauge, object_of
from explorer.work.measures import gather, methods, models, pieces
from explorer.work.piece import Piece


def request_of(query):
    request, problems = read(f"/saliency?view=measures&{query}")
    assert not problems
    return request


def computed(request):
    return {piece: compute(piece) for piece in pieces(request)}


def test_alignment_is_of_the_whole_zoo_the_first_pictures_of_all_models_first_and_then_how_they_stand():
    request = request_of(f"data=digits&pictures={SIZE + 20}")
    found = pieces(request)
    gauges = [piece for piece in found if isinstance(piece, Gauge)]
    names = models(request)
    assert names[:2] == ("digits-standard", "digits-pgd")
    assert set(names) == {name for name in zoo_names("digits") if not card(name).get("data_knobs")}
    assert [(one.model, one.start, one.stop) for one in gauges] == [
        (name, start, stop) for start, stop in ((0, SIZE), (SIZE, SIZE + 20)) for name in names
    ]
    assert all(isinstance(piece, Piece) for piece in found[len(gauges) :])
    assert len({piece.key for piece in found}) == len(found) == 4 * len(names)
    assert set(models(request_of("data=shapes"))) == set(zoo_names("shapes"))


def test_robust_accuracy_is_that_of_the_robustness_page():
    request = request_of("data=digits&pictures=20&pgd_steps=5")
    judges = [piece for piece in pieces(request) if isinstance(piece, Piece)]
    other, problems = read(f"/robustness?data=digits&n=20&budgets=1&pgd_steps=5&more={','.join(models(request)[2:])}")
    assert not problems
    from explorer.work.robustness import pieces as of_page

    assert {piece.key for piece in judges} == {piece.key for piece in of_page(other)}
    limits = request_of("data=digits&pictures=20&attack=spatial")
    keys = {eps: {piece.key for piece in pieces(limits.with_(eps=eps))} for eps in (10, 300)}
    assert keys[10] == keys[300]


def test_a_piece_is_the_measure_of_its_pictures_and_pieces_make_the_whole():
    request = request_of(f"data=digits&pictures={SIZE + 10}&measure=sparsity&method=gradient_input")
    result = gather(request, computed(request))
    data = load_data("digits")
    rows = slice(0, SIZE + 10)
    case = Case(load_model("digits-pgd"), data.x[rows], data.y[rows], method="gradient_input")
    plain = run_measure("sparsity", case).values["gini"]
    one = result.models["digits-pgd"]["gradient_input"]
    np.testing.assert_allclose(one.values["gini"], plain, rtol=1e-5)
    assert one.start == 0


def test_what_is_there_is_shown_and_what_is_missing_leaves_its_pictures_out():
    request = request_of(f"data=digits&pictures={SIZE + 10}&measure=sparsity")
    found = computed(request)
    assert gather(request, {}) is None
    assert gather(request, dict(list(found.items())[:1])) is None
    uneven = gather(request, dict(list(found.items())[:3]))
    assert {len(one.values["gini"]) for methods in uneven.models.values() for one in methods.values()} == {SIZE}


def test_alignment_waits_for_no_attack():
    request = request_of("data=digits&pictures=20&pgd_steps=3")
    found = computed(request)
    whole = gather(request, found)
    assert set(whole.judged) == set(whole.models) == set(models(request))
    assert whole.budget == pytest.approx(0.15)
    early = gather(request, {piece: one for piece, one in found.items() if isinstance(piece, Gauge)})
    assert not early.judged
    assert set(early.models) == set(whole.models)


def test_b_is_compared_with_a_once_and_randomisation_has_two_methods_to_be_told_by():
    request = request_of("data=digits&pictures=20&measure=agreement&more=digits-standard")
    (piece,) = pieces(request)
    assert (piece.model, piece.other) == ("digits-standard", "digits-pgd")
    request = request_of("data=digits&measure=randomisation&method=lrp&lrp_rule=epsilon")
    assert methods(request) == ("lrp", "gradient", "guided_backprop")
    assert {dict(piece.method_knobs).get("rule") for piece in pieces(request)} == {"epsilon", None}
    assert methods(request_of("data=digits&measure=randomisation")) == ("gradient", "guided_backprop")


def test_knobs_and_seed_name_another_computation_and_the_page_s_other_choices_do_not():
    keys = {
        query: pieces(request_of(f"data=digits&pictures=20&measure=sensitivity{query}"))[0].key
        for query in ("", "&sensitivity_samples=3", "&seed=1", "&method=gradient_input", "&removal_steps=9", "&eps=4")
    }
    assert len({keys[q] for q in ("", "&sensitivity_samples=3", "&seed=1", "&method=gradient_input")}) == 4
    assert keys[""] == keys["&removal_steps=9"] == keys["&eps=4"]


def test_what_cannot_be_measured_is_said():
    for query, word in (
        ("data=cifar10&measure=inside", "which pixels"),
        ("data=toy&measure=removal", "points"),
        ("data=digits&measure=completeness", "does not promise"),
    ):
        with pytest.raises(UserError, match=word):
            pieces(request_of(query))
    assert [object_of(data) for data in ("shapes", "mnist", "cifar10")] == ["silhouette", "bright", ""]
