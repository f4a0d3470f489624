"""The commands that make, measure and ship models."""

import json
import shutil

import pytest

from explorer.cli.ship import EMBEDDED, first_views
from explorer.core.assets import assets
from explorer.core.progress import silent
from explorer.core.stats import Rate
from explorer.data import load_data
from explorer.models.zoo import card


def test_train_makes_a_zoo_folder(call, tmp_path):
    changes = ["plan.epochs=1", "plan.flip=off", "eps=30", "network.width=8", "knobs.steps=2"]
    arguments = [word for change in changes for word in ("--set", change)]
    status, out, err = call("train", "toy-pgd", *arguments, "--out", str(tmp_path / "mine"))
    assert (status, err) == (0, f"Weights, card and history are in {tmp_path / 'mine'}.\n")
    assert out.splitlines()[0].startswith("clean: ")
    card = json.loads((tmp_path / "mine" / "card.json").read_text())
    assert (card["plan"]["epochs"], card["network"]["width"], card["knobs"]["steps"]) == (1, 8, 2)
    assert card["threat"] == {"norm": "linf", "eps": 0.03}
    assert (tmp_path / "mine" / "weights.safetensors").exists()


def test_train_lists_its_plans(call):
    status, out, _ = call("train", "--list")
    assert status == 0
    assert "toy-pgd: pgd on toy" in out.splitlines()


def test_evaluate_measures_what_the_card_says(call):
    status, out, err = call("evaluate", "toy-pgd", "--json")
    (found,) = json.loads(out)["models"]
    assert (status, err) == (0, "")
    assert found["card"] == card("toy-pgd")["measured"]
    assert found["measured"]["clean"] == found["card"]["clean"]
    assert abs(found["measured"]["pgd40"]["hits"] - found["card"]["pgd40"]["hits"]) <= 3


def test_evaluate_prints_rates_with_their_counts(call):
    status, out, _ = call("evaluate", "toy-pgd", "--n", "50")
    assert status == 0
    header, rule, row = out.splitlines()
    assert header == "| Model | Clean | Under attack | Attack | AutoAttack | Swapped | n |"
    assert rule == "| --- | --- | --- | --- | --- | --- | --- |"
    assert row.startswith("| `toy-pgd` | 100.0% (92.9%–100.0%) | ")
    assert row.endswith("%) | ℓ∞ 60/1000, PGD-40 |  |  | 50 |")


def test_evaluate_measures_no_more_than_asked_for(call):
    _, out, _ = call("evaluate", "shapes-standard", "--n", "20", "--json")
    measured = json.loads(out)["models"][0]["measured"]
    assert {measure: rate["n"] for measure, rate in measured.items()} == {"clean": 20, "pgd40": 20, "swapped": 20}


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A source checkout with the zoo of this one."""
    folder = tmp_path / "checkout"
    (folder / "assets").mkdir(parents=True)
    (folder / "assets" / "zoo").symlink_to(assets() / "zoo")
    monkeypatch.setattr("explorer.core.assets._PACKAGE", folder / "explorer")
    return folder


def test_a_card_takes_what_an_attack_leaves(call, checkout):
    copy = checkout / "assets" / "zoo"
    zoo = copy.readlink()
    copy.unlink()
    shutil.copytree(zoo, copy)
    before = card("toy-pgd")["measured"]
    status, out, _ = call("evaluate", "toy-pgd", "--attack", "autoattack", "--n", "30", "--record", "--json")
    (found,) = json.loads(out)["models"]
    rate = {key: found["accuracy"][1][key] for key in ("hits", "n", "interval")}
    assert (status, rate["n"]) == (0, 30)
    assert card("toy-pgd")["measured"] == before | {"autoattack": rate}
    _, out, _ = call("evaluate", "toy-pgd", "--cards")
    assert f"{Rate(rate['hits'], 30).cell}, n = 30 |" in out.splitlines()[-1]
    card.cache_clear()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "--record goes with --attack or --bands."),
        (["--attack", "pgd", "--budgets", "3"], "Cards speak of an attack as it is, at one budget"),
        (["--attack", "pgd", "--set", "steps=3"], "Cards speak of an attack as it is, at one budget"),
        (["--attack", "pgd", "--eps", "50"], "The card of toy-pgd speaks of linf 0.06, and not of linf 0.05"),
        (["--attack", "pgd", "--norm", "l2"], "The card of toy-pgd speaks of linf 0.06, and not of l2"),
    ],
)
def test_a_card_takes_nothing_that_it_does_not_speak_of(call, checkout, given, words):
    status, _, err = call("evaluate", "toy-pgd", "--record", *given)
    assert status == 2
    assert words in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "?data=toy&toy_kind=blobs"],
        ["evaluate", "toy-pgd", "--n", "5"],
        ["train", "toy-pgd", "--set", "plan.epochs=1", "--set", "attack_steps=1"],
    ],
)
def test_who_loads_data_first_hears_of_a_download(call, monkeypatch, tmp_path, arguments):
    heard = {}

    def load(name, split="test", *, tick=silent, **knobs):
        heard.setdefault((name, split), tick is not silent)
        return load_data(name, split, **knobs)

    for module in ("explorer.data", "explorer.training.make"):
        monkeypatch.setattr(f"{module}.load_data", load)
    status, _, _ = call(*arguments, *(["--out", str(tmp_path)] if arguments[0] == "train" else []))
    assert status == 0
    assert heard
    assert all(heard.values())


def test_ship_writes_what_is_named_and_removes_what_is_superseded(call, checkout):
    results = checkout / "assets" / "results"
    results.mkdir()
    keys = {name: {view.key for view in first_views(name)} for name in EMBEDDED}
    for stem in (*set().union(*keys.values()), "0" * 64):
        (results / f"{stem}.safetensors").write_bytes(b"shipped before")
    status, out, _ = call("ship", "toy")
    assert (status, out) == (0, "")
    assert {path.stem for path in results.iterdir()} == set().union(*keys.values())
    assert {path.stem for path in results.iterdir() if path.read_bytes() != b"shipped before"} == keys["toy"]


@pytest.mark.parametrize(
    "arguments", [["train", "toy-pgd"], ["ship"], ["evaluate", "toy-pgd", "--attack", "fgsm", "--record"]]
)
def test_an_installed_copy_is_not_written_to(call, checkout, arguments):
    (checkout / "explorer").mkdir()
    shutil.move(checkout / "assets", checkout / "explorer" / "_app" / "assets")
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert "of an installed copy" in err
    assert err.count("\n") == 1
