"""What is claimed by studies of trainings: made-up trainings for which each claim is true, false, and open."""

import numpy as np
import pytest

from explorer.core.results import Claim, Trials
from explorer.work.study import hard, recipes
from explorer.work.study.telling import tally

CLAIMS = ("price", "fast", "steady", "collapses", "more")  # of recipes, in their order
AS_PUBLISHED = {
    "standard": {"clean": [0.99, 0.98, 0.99], "fgsm": 0.2, "pgd": 0.1, "apgd": 0.0, "cpu": 1},
    "pgd": {"clean": [0.95, 0.94, 0.96], "fgsm": 0.75, "pgd": 0.66, "apgd": [0.60, 0.61, 0.59], "cpu": [8, 10, 12]},
    "fgsm_rs": {"clean": 0.95, "fgsm": 0.75, "pgd": 0.69, "apgd": [0.59, 0.60, 0.58], "cpu": [2, 2.5, 3]},
    "trades": {"clean": 0.93, "fgsm": 0.75, "pgd": 0.70, "apgd": [0.64, 0.66, 0.65], "cpu": 12},
    "fgsm": {"clean": 0.9, "fgsm": [0.4, 0.6, 0.7], "pgd": [0.0, 0.1, 0.15], "apgd": [0.0, 0.0, 0.1], "cpu": 2},
}


def made(name, title="", settings=(), **figures) -> Trials:
    """Return three trainings with some figures; a number stands for that of each."""
    columns = {key: np.broadcast_to(np.array(values, float), (3,)) for key, values in figures.items()}
    return Trials(name, title or name, dict(settings), (0, 1, 2), {"epoch": np.ones((3, 1))}, columns, np.ones(3))


def compared(data="digits", **changed) -> dict[str, Trials]:
    """Return recipes on a data set that come out as published, but for what is changed of some."""
    return {
        f"{data}_{name}": made(
            name, f"<{name}>, on {data}", {"data": data, "recipe": name}, **figures | changed.get(name, {})
        )
        for name, figures in AS_PUBLISHED.items()
    }


def of(name, **changed) -> Claim:
    """Return one claim of the study of recipes."""
    return recipes.claims(compared(**changed))[CLAIMS.index(name)]


def test_recipes_that_come_out_as_published_bear_it_out():
    found = recipes.claims(compared())
    assert [claim.holds for claim in found] == [True] * 5
    assert {claim.on for claim in found} == {"digits"}


@pytest.mark.parametrize(
    ("name", "changed", "verdict"),
    [
        ("price", {"pgd": {"clean": [0.999, 0.995, 0.999]}}, False),
        ("price", {"pgd": {"clean": [0.90, 0.99, 0.999]}}, None),  # worse on the average, not by every seed
        ("price", {"pgd": {"clean": [0.99, 0.98, 0.99], "apgd": 0.0}}, None),  # no difference at all
        ("fast", {"fgsm_rs": {"apgd": [0.70, 0.70, 0.70]}}, True),
        ("fast", {"fgsm_rs": {"apgd": [0.585, 0.595, 0.575], "pgd": 0.0}}, True),  # a loss of 1.5 points is none
        ("fast", {"fgsm_rs": {"apgd": [0.575, 0.585, 0.565], "pgd": 0.9}}, False),  # one of 2.5 is one
        ("fast", {"fgsm_rs": {"apgd": [0.56, 0.60, 0.60]}}, None),
        ("steady", {"trades": {"apgd": [0.55, 0.56, 0.54], "pgd": 0.9, "clean": 0.99}}, False),
        ("steady", {"trades": {"apgd": [0.50, 0.66, 0.65]}}, None),
        ("collapses", {"fgsm": {"pgd": [0.16, 0.5, 0.6]}}, False),
        ("collapses", {"fgsm": {"fgsm": [0.39, 0.3, 0.2]}}, False),  # falls to one step, too
        ("collapses", {"fgsm": {"pgd": [0.16, 0.1, 0.15]}}, None),
        ("more", {name: {"pgd": 0.3, "apgd": [0.31, 0.315, 0.32]} for name in AS_PUBLISHED}, False),
        ("more", {name: {"pgd": 0.3, "apgd": [0.28, 0.32, 0.29]} for name in AS_PUBLISHED}, None),
        ("more", {"standard": {"pgd": 0.0, "apgd": 1.0}}, True),  # which does not attack, so does not count
    ],
)
def test_a_recipe_that_comes_out_otherwise_changes_the_verdict_on_its_claim_alone(name, changed, verdict):
    assert of(name, **changed).holds is verdict
    if len(changed) == 1:
        others = [claim for claim in CLAIMS if claim not in (name, "more")]
        touched = {"price", "fast", "steady"} if "pgd" in changed else {name}
        assert all(of(one, **changed).holds is True for one in others if one not in touched)


def test_what_of_the_recipes_was_found_is_told_with_its_interval():
    price, fast, steady, collapses, more = (claim.found for claim in recipes.claims(compared()))
    assert "-3.7 points (-5.1 to -2.2, n = 3) on clean pictures, +60.0 points (+57.5 to +62.5, n = 3) under" in price
    assert "One step less PGD training, under the cascade: -1.0 points" in fast
    assert "It took 0.25 (0.25 to 0.25, n = 3) times" in fast
    assert "under the cascade: +5.0 points" in steady
    assert "on clean pictures: -2.0 points" in steady
    assert collapses.startswith("3 of 3 (43.9%–100.0%) end so (PGD-20 at most 15%, FGSM at least 40%): accuracy 56.7%")
    assert "the 4 recipes that attack: +6.5 points" in more  # of 6, 10, 5 and 5
    assert "the largest of these 4, so one that was picked (<fgsm_rs>, on digits): +10.0 points" in more


def test_recipes_are_held_against_those_on_the_same_data_set():
    other = compared("mnist", trades={"apgd": 0.1}, fgsm={"pgd": 0.6}, pgd={"clean": [0.999, 0.995, 0.999]})
    found = recipes.claims(compared() | other)
    assert [claim.on for claim in found] == ["digits"] * 5 + ["mnist"] * 5
    assert [claim.holds for claim in found] == [True] * 5 + [False, True, False, False, True]
    assert all(("8×8 digits" in claim.paper) == (claim.on == "digits") for claim in found)


@pytest.mark.parametrize(
    ("times", "fitted", "verdict"),
    [
        ([2.0, 2.5, 3.0], [0.6, 0.7, 0.8], True),
        ([0.5, 0.4, 0.3], [0.6, 0.7, 0.8], False),
        ([0.5, 2.0, 3.0], [0.6, 0.7, 0.8], None),
        ([2.0, 2.5, 3.0], [0.2, 0.5, 0.8], None),  # half of them, no more
        ([0.5, 0.4, 0.3], [0.2, 0.3, 0.4], None),
    ],
)
def test_hard_pictures_make_a_network_steeper_where_they_are_fitted(times, fitted, verdict):
    easy = made("easy", "300 easiest", steep=[100, 200, 400], fitted=1.0)
    claim = hard._steeper(
        easy, made("hard", "300 hardest", steep=easy.figures["steep"] * np.array(times), fitted=fitted)
    )
    assert claim.holds is verdict
    assert claim.found.endswith(hard.NOT_HALF) == (np.mean(fitted) <= 0.5)
    assert f"the mean of the logarithm: {np.exp(np.log(times).mean()):.3g} (" in claim.found
    assert "of the 300 easiest 233 (0 to 613, n = 3); 100.0% (43.9%–100.0%, n = 3) fitted; of the 300" in claim.found


def test_counts_of_trainings_have_an_interval():
    assert tally(0, 3) == "0 of 3 (0.0%–56.1%)"
    assert tally(2, 3) == "2 of 3 (20.8%–93.9%)"
