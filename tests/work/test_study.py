"""Models that are compared as a whole: what is measured of one, and what the figures say of published claims."""

import math
from dataclasses import replace

import numpy as np
import pytest
from torch.nn.functional import cross_entropy

from explorer.core.arms import budget_of, mean_of, stuck
from explorer.core.errors import UserError
from explorer.core.results import Arm
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.landscapes.hessian import leading
from explorer.landscapes.products import Products
from explorer.landscapes.scattering import perturbed
from explorer.models.zoo import card, has_path, load_model, studied
from explorer.work.study.arms import arms, way_of
from explorer.work.study.landscape import landscape
from explorer.work.study.measure import figures

LN10 = math.log(10)


def arm(way, eps, rate=0.001, data="", **given):
    names = tuple(f"{way}-{eps}-{seed}" for seed in range(3))
    usual = {"loss": 1.0, "slope": 1.0, "eigenvalue": 10.0, "turn": 0.9, "robust": 0.5}
    return Arm(
        way,
        eps,
        names,
        {key: np.broadcast_to(np.array(v, float), (3,)) for key, v in (usual | given).items()},
        data,
        rate,
    )


def verdicts(*some):
    return [claim.holds for claim in landscape(some).claims]


AS_PUBLISHED = [
    arm("none", 0.0, eigenvalue=[5, 6, 7], slope=0.1),
    arm("PAS", 0.1, turn=[0.99, 0.98, 0.99]),
    arm("constant", 0.1, robust=[0.5, 0.49, 0.52]),
    arm("PAS", 0.4, turn=[0.5, 0.55, 0.52], eigenvalue=[50, 61, 69], slope=[1, 1.1, 0.9], robust=[0.6, 0.62, 0.61]),
    arm("constant", 0.4, loss=LN10, robust=0.11),
    arm("warm-up", 0.4, robust=[0.55, 0.57, 0.56]),
]


def test_figures_as_the_paper_has_them_bear_it_out():
    assert verdicts(*AS_PUBLISHED) == [True] * 5


def test_what_was_found_is_told_with_its_interval():
    escape, sharper, _, _, better = (claim.found for claim in landscape(AS_PUBLISHED).claims)
    assert "0 of 3 at eps 0.1; 3 of 3 at eps 0.4. With PAS: 0 of 6" in escape
    assert (
        "6 (3.52 to 8.48, n = 3) at eps 0; 10 (10 to 10, n = 3) at eps 0.1; 60 (36.3 to 83.7, n = 3) at eps 0.4."
        in sharper
    )
    assert "At the largest budget it is 10 times (9.6–10, n = 3) that at the smallest." in sharper  # 50/5, 61/6, 69/7
    assert "+50.0 (+47.5 to +52.5, n = 3) at eps 0.4" in better
    assert "PAS less a linear warm-up, at eps 0.4: +5.0 (+5.0 to +5.0, n = 3)" in better


def test_the_opposite_does_not_hold():
    arms_ = [
        arm("none", 0.0, eigenvalue=[50, 61, 69], slope=[1, 1.1, 0.9]),
        arm("PAS", 0.1, turn=[0.5, 0.55, 0.52]),
        arm("constant", 0.1, loss=LN10),
        arm("PAS", 0.4, eigenvalue=[5, 6, 7], slope=0.1, turn=[0.99, 0.98, 0.99], robust=0.11),
        arm("constant", 0.4, robust=[0.6, 0.62, 0.61]),
    ]
    assert verdicts(*arms_) == [False] * 5


def test_no_interval_reaches_where_no_figure_can_be():
    some = arm("PAS", 0.4, slope=[0.1, 9, 0.2], turn=[0.99, 0.5, 1], robust=[0.9, 0.95, 1])
    assert mean_of(some, "slope").interval[0] == 0
    assert mean_of(some, "turn").interval[1] == mean_of(some, "robust").interval[1] == 1
    assert mean_of(some, "slope").value == pytest.approx(3.1)


def test_a_trend_that_turns_on_the_way_is_open():
    between = arm("PAS", 0.2, eigenvalue=[100, 110, 120], turn=[0.7, 0.7, 0.7], slope=[0.5, 0.6, 0.5])
    arms_ = [one for one in AS_PUBLISHED if one.way != "constant" or one.eps > 0.1]
    found = verdicts(*sorted([*arms_, between, arm("constant", 0.1)], key=lambda one: one.eps))
    assert found == [True, None, True, None, True]  # the slope is that of 0.1 on the way: 0.1, 1, 0.5, 1


def test_what_the_seeds_do_not_agree_on_is_open():
    arms_ = [
        arm("none", 0.0, eigenvalue=[5, 60, 7], slope=[0.1, 10, 1]),
        arm("PAS", 0.1, turn=[0.9, 0.5, 0.7]),
        arm("constant", 0.1),
        arm("PAS", 0.4, eigenvalue=[50, 6, 7], slope=[1, 1, 1], turn=[0.5, 0.9, 0.71], robust=[0.6, 0.4, 0.5]),
        arm("constant", 0.4, robust=[0.5, 0.5, 0.51]),
    ]
    assert verdicts(*arms_) == [False, None, None, None, None]


RATES = [  # the constant budget depends on the learning rate, the growing one does not
    arm("constant", 0.1, 0.0003, robust=[0.5, 0.51, 0.49]),
    arm("constant", 0.1, 0.003, loss=LN10, robust=0.11),
    arm("PAS", 0.1, 0.0003, robust=[0.48, 0.5, 0.5]),
    arm("PAS", 0.1, 0.003, robust=[0.52, 0.5, 0.51]),
]


def test_what_hangs_on_the_learning_rate_is_judged_where_there_are_several():
    steady = landscape([*AS_PUBLISHED, *RATES]).claims[5]
    assert steady.holds is True
    assert "constant: 50.0% (47.5%–52.5%) at 0.0003 (0 of 3 stuck); 50.3% (46.5%–54.1%) at 0.001" in steady.found
    assert "11.0% (11.0%–11.0%) at 0.003 (3 of 3 stuck)." in steady.found
    assert "in points, +40.0 (+37.5 to +42.5, n = 3) with the constant budget" in steady.found
    swapped = [replace(one, way={"PAS": "constant", "constant": "PAS"}[one.way]) for one in RATES]
    assert landscape([*AS_PUBLISHED, *swapped]).claims[5].holds is False
    even = [arm("constant", 0.1, 0.003, robust=[0.48, 0.5, 0.5]), arm("PAS", 0.1, 0.003, robust=[0.52, 0.49, 0.51])]
    assert landscape([*AS_PUBLISHED, *even]).claims[5].holds is None


def test_other_learning_rates_change_no_other_claim():
    *without, better = landscape(AS_PUBLISHED).claims
    *others, beside, _ = landscape([*AS_PUBLISHED, *RATES]).claims
    assert others == without
    assert better.found == beside.found + " How much hangs on it is not measured here."


def test_each_data_set_is_judged_by_itself():
    def of(data, arms_):
        return [replace(one, data=data) for one in arms_]

    worse = [replace(one, way={"PAS": "constant", "constant": "PAS"}.get(one.way, one.way)) for one in AS_PUBLISHED]
    claims = landscape([*of("mnist", AS_PUBLISHED), *of("cifar10", worse)]).claims
    assert [claim.on for claim in claims] == ["mnist"] * 5 + ["cifar10"] * 5
    assert [claim.holds for claim in claims[:5]] == [True] * 5
    assert claims[5].holds is claims[9].holds is False


def test_where_the_smallest_budget_is_too_large_nothing_is_told_of_which_is():
    arms_ = [
        one if one.way != "constant" else replace(one, figures={**one.figures, "loss": np.full(3, LN10)})
        for one in AS_PUBLISHED
    ]
    assert landscape(arms_).claims[0].holds is None


@pytest.mark.parametrize(
    ("eps", "words"), [(0.4, "0.4"), (0.0, "0"), (8 / 255, "8/255"), (0.1, "0.1"), (2 / 255, "2/255")]
)
def test_a_budget_is_told_as_its_data_set_counts_it(eps, words):
    assert budget_of(arm("PAS", eps)) == words


def test_a_model_that_guesses_is_stuck():
    assert stuck(arm("constant", 0.4, loss=[LN10, LN10 - 0.04, LN10 - 0.06])) == 2


def test_an_arm_has_a_figure_of_each_model():
    with pytest.raises(ValueError, match="a figure of each"):
        Arm("PAS", 0.1, ("a", "b"), {"loss": np.zeros(3)})


@pytest.mark.parametrize("name", ["digits-pgd", "digits-standard"])
def test_the_figures_are_those_of_the_loss_that_was_trained_on(name):
    found = figures(name, 40)
    data, model = load_data("digits", "test").first(40), load_model(name)
    worst = perturbed(model, data.x, data.y, Threat("linf", 0.15)) if name == "digits-pgd" else data.x
    top, _ = leading(Products(model, worst, data.y), 1)
    assert found["n"] == 40
    assert found["loss"] == pytest.approx(float(cross_entropy(model(worst), data.y)), rel=1e-3)
    assert found["clean_loss"] == pytest.approx(float(cross_entropy(model(data.x), data.y)), rel=1e-3)
    assert (found["eigenvalue"], found["slope"]) == pytest.approx((top.values[0], top.slope), rel=1e-3)
    assert ("course" in found) == has_path(name)
    if name == "digits-standard":
        assert found["turn"] is found["again"] is None
        assert [row["share"] for row in found["course"]][:: len(found["course"]) - 1] == [0, 1]
        last = {key: found["course"][-1][key] for key in ("loss", "slope", "eigenvalue")}
        assert last == pytest.approx({key: found[key] for key in last}, rel=1e-2)
    else:
        assert -1 <= found["turn"] <= 1


def test_the_study_is_made_of_seeds_of_every_way():
    found = arms("landscape")
    assert sorted(name for one in found for name in one.models) == studied("landscape")
    assert all([card(name)["seed"] for name in one.models] == [*range(len(one.models))] for one in found)
    assert {one.data: len(one.models) for one in found} == {"mnist": 3, "cifar10": 2}
    sets = [[one for one in found if one.data == data] for data in ("mnist", "cifar10")]
    assert found == tuple(one for some in sets for one in some)
    assert all([one.eps for one in some] == sorted(one.eps for one in some) for some in sets)
    ends = {("none", 0.0), ("constant", 0.4), ("PAS", 0.4), ("warm-up", 0.4), ("constant", 8 / 255), ("PAS", 8 / 255)}
    assert {(one.way, one.eps) for one in found} >= ends
    assert all(np.isnan(one.figures["turn"]).all() == (one.eps == 0) for one in found)
    assert len(landscape(found).claims) == 6 + 5


@pytest.mark.parametrize("name", ["mnist-standard-study-0", "mnist-pas-100-1", "cifar10-pas-8-1"])
def test_a_card_says_what_is_measured_again(name):
    found, told = figures(name), card(name)["landscape"]
    assert found["n"] == told["n"]
    for key in ("loss", "clean_loss", "slope", "eigenvalue"):
        assert found[key] == pytest.approx(told[key], rel=0.02)
    assert found["turn"] == (None if told["turn"] is None else pytest.approx(told["turn"], abs=0.02))


def test_where_a_path_was_recorded_the_course_is_told():
    name = "mnist-pas-400-0"
    assert has_path(name)
    course = card(name)["landscape"]["course"]
    assert [row["share"] for row in course] == pytest.approx([i / 6 for i in range(7)], abs=0.001)
    assert course[-1]["eigenvalue"] == card(name)["landscape"]["eigenvalue"]


def test_unknown_studies_are_a_sentence():
    with pytest.raises(UserError, match=r"^There is no study 'weather'; known: landscape\.$"):
        arms("weather")
    with pytest.raises(UserError, match=r"^Not measured yet: .*mnist-pgd-400-0.*`explorer study landscape --record`"):
        arms("landscape", dict.fromkeys(studied("landscape")))


def test_a_study_is_of_what_was_measured_alone():
    """Not of a model that has ended its training since."""
    some = {name: card(name)["landscape"] for name in studied("landscape") if not name.endswith("-2")}
    assert sorted(name for one in arms("landscape", some) for name in one.models) == sorted(some)


def test_a_way_is_a_word():
    names = ("standard-study-0", "pgd-400-0", "pgd-400-warm-0", "pas-400-0")
    assert [way_of(f"mnist-{name}") for name in names] == ["none", "constant", "warm-up", "PAS"]
