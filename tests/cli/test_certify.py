"""Proofs from the command line: what is counted, what is kept on cards, and what is refused."""

import json
import shutil
from pathlib import Path

import pytest

from explorer.certificates.run import certified
from explorer.core.assets import assets
from explorer.core.stats import Rate
from explorer.data import load_data
from explorer.models import zoo
from explorer.models.zoo import card, load_model, studied, zoo_names

PROVED = [name for name in zoo_names() + studied() if "certified" in card(name)]


def test_errors_are_of_what_is_not_proved_and_in_the_order_that_is_sound(call):
    status, out, err = call("certify", "toy-pgd", "toy-standard", "--n", "40", "--method", "fast_lin", "--json")
    assert (status, err) == (0, "")
    data, found = load_data("toy"), json.loads(out)["models"]
    assert [one["name"] for one in found] == ["toy-pgd", "toy-standard"]
    for one in found:
        sure = certified("fast_lin", load_model(one["name"]), data.x[:40], data.y[:40], "linf", 0.06)
        right = {key: rate["hits"] for key, rate in one["correct"].items()}
        assert (right["fast_lin"], one["methods"]) == (int(sure.sum()), ["fast_lin"])
        assert right["fast_lin"] <= right["pgd40"] <= right["clean"]
        assert {rate["n"] for rate in one["correct"].values()} == {40}
        assert one["released"] is None
        assert one["seconds"]["fast_lin"] > 0


def test_without_a_budget_what_is_right_is_proved(call):
    _, out, _ = call("certify", "toy-pgd", "--n", "40", "--eps", "0", "--json")
    right = json.loads(out)["models"][0]["correct"]
    assert len({rate["hits"] for rate in right.values()}) == 1


def test_a_table_has_errors_with_intervals(call):
    status, out, _ = call("certify", "toy-pgd", "--n", "40", "--method", "ibp")
    head, rule, row = out.splitlines()
    assert (status, rule) == (0, "| --- | --- | --- | --- | --- | --- |")
    assert head == "| Model | Wrong | Wrong under attack | Interval bounds: not proved | Budget | n |"
    assert row.startswith(f"| `toy-pgd` | {Rate(0, 40).cell} | ")
    assert row.endswith(f" | {Rate(40, 40).cell} | ℓ∞ 60/1000, PGD-40 | 40 |")


def test_all_models_of_a_data_set_are_those_that_were_trained_for_the_budget(call):
    _, out, _ = call("certify", "--data", "toy", "--n", "5", "--method", "ibp", "--json")
    same = [name for name in zoo_names("toy") if card(name)["threat"] == {"norm": "linf", "eps": 0.06}]
    assert [one["name"] for one in json.loads(out)["models"]] == same
    assert {"toy-standard", "toy-pgd"} <= set(same)


def test_in_another_norm_the_budget_is_the_data_sets_usual_one(call):
    _, out, _ = call("certify", "--data", "toy", "--norm", "l2", "--n", "2", "--method", "ibp", "--json")
    assert {(one["name"], one["norm"], one["eps"]) for one in json.loads(out)["models"]} == {
        ("toy-gaussian", "l2", 0.08)
    }


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A checkout whose cards may be written."""
    shutil.copytree(assets() / "zoo", tmp_path / "assets" / "zoo", ignore=lambda folder, _: ["path.safetensors"])
    monkeypatch.setattr("explorer.core.assets._PACKAGE", tmp_path / "explorer")
    card.cache_clear()
    yield
    card.cache_clear()


def test_cards_take_what_is_proved_and_give_it_back(call, copied):
    zoo.amend("toy-pgd", {"certified": {}})
    before = card("toy-pgd")
    _, measured, _ = call("certify", "toy-pgd", "--record", "--json")
    kept = card("toy-pgd")["certified"]
    assert {key: rate["n"] for key, rate in kept.items()} == {"fast_lin": 500, "ibp": 500}
    assert card("toy-pgd") == before | {"certified": kept}
    _, told, _ = call("certify", "toy-pgd", "--cards", "--json")
    found = json.loads(told)["models"][0]["correct"]
    assert {key: found[key] for key in kept} == kept
    assert found["clean"] == json.loads(measured)["models"][0]["correct"]["clean"]
    assert "`toy-pgd`" in call("certify", "--cards", "--data", "toy")[1]


@pytest.mark.parametrize("name", PROVED)
def test_on_the_cards_no_more_is_proved_than_an_attack_leaves(name):
    found = card(name)
    under = min(rate["hits"] for rate in found["measured"].values() if rate["n"] == found["measured"]["clean"]["n"])
    for method, rate in found["certified"].items():
        assert rate["n"] == found["measured"]["clean"]["n"]
        assert rate["hits"] <= under, method
        assert tuple(rate["interval"]) == pytest.approx(Rate(rate["hits"], rate["n"]).interval)


def test_of_the_net_trained_by_pgd_next_to_nothing_is_proved_and_of_that_by_per_most():
    """As Liu et al. 2023 found of the net 784-1024-10 at linf 0.1, though both stand under attack alike."""

    def wrong(name, part, key):
        rate = card(f"mnist-{name}-fc")[part][key]
        return 1 - rate["hits"] / rate["n"]

    for name in ("pgd", "per"):
        assert wrong(name, "measured", "pgd20") < 0.5 * wrong("standard", "measured", "pgd20")
    assert wrong("pgd", "certified", "fast_lin") > 0.9
    assert wrong("per", "certified", "fast_lin") < 0.5 * wrong("pgd", "certified", "fast_lin")
    assert wrong("per_at", "certified", "fast_lin") < 0.2


def test_readme_says_what_is_proved_of_the_net_trained_by_per_and_that_it_is_a_best_of_several():
    rate = card("mnist-per-fc")["certified"]["fast_lin"]
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    left = f"was to leave less than 20 % unproved and leaves {100 - 100 * rate['hits'] / rate['n']:.1f} %"
    assert f"`mnist-per-fc` {left}, and that is the best of several settings" in readme
    rate = card("mnist-per_at-fc")["certified"]["fast_lin"]
    assert f"it leaves {100 - 100 * rate['hits'] / rate['n']:.1f} %" in readme


def test_what_is_only_probable_is_called_so(call):
    _, out, _ = call("certify", "toy-gaussian", "--n", "2", "--method", "smoothing")
    assert "Randomised smoothing: not probable (the smoothed model)" in out.splitlines()[0]


def test_released_networks_stand_beside_those_of_their_kind(call):
    _, out, _ = call("certify", "--cards", "mnist-per-fc")
    rows = out.splitlines()
    assert rows[2].startswith("| `mnist-per-fc` |")
    assert rows[3] == "| C-PER, released | 1.6% | 9.3% | 11.71% | 92.89% | ℓ∞ 100/1000, PGD-20 | 10,000 (PGD 1,000) |"
    assert rows[-1].startswith("released: the networks of Liu et al. 2023")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "Which models? Name some, or a data set by --data."),
        (["toy-pgd", "digits-pgd"], "digits-pgd is a model of digits, not of toy."),
        (["toy-pgd", "--norm", "l0"], "does not work in l0"),
        (["toy-pgd", "--method", "luck"], "There is no certificate 'luck'"),
        (["--data", "toy", "--eps", "59"], "No model of toy was trained for linf 0.059"),
        (["digits-pgd", "--cards"], "No card of these says what is proved"),
        (["toy-pgd", "--cards", "--n", "3"], "Cards are read, or models measured"),
        (["toy-pgd", "--record", "--n", "3"], "Cards speak of the whole test set"),
        (["toy-gaussian", "--record", "--method", "smoothing"], "Cards keep what is proved, and smoothing is only"),
        (["toy-pgd", "--record", "--eps", "50"], "The card of toy-pgd speaks of another budget than linf 0.05."),
    ],
)
def test_what_does_not_fit_is_one_sentence(call, given, words):
    status, out, err = call("certify", *given)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
