"""Records of trainings: by their plans, made again, compared, and the networks that are kept."""

import json
import math
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.models.zoo import card, load_model, studied
from explorer.work.study import experiments, records
from explorer.work.study.experiments import STUDIES, again, differs, experiment, is_recorded, recorded
from explorer.work.study.hard import look as hard_look
from explorer.work.study.records import plans, record, rounded, write

TINY = """
[shared]
seeds = 2
data = "toy"
pictures = 100
tested = 50
architecture = "mlp"
network = { width = 8, depth = 1 }
recipe = "pgd"
knobs = { steps = 1, step = 1.0 }
eps = 60
attack_steps = 3
plan = { epochs = 2, rate = 0.02, batch = 50, optimizer = "adam", watch = 20 }

[one]
title = "one"
plan = { grow = 0.5 }

[other]
title = "other"
recipe = "fgsm"
"""


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """A study of two kinds and two seeds, of which nothing is recorded yet; its folder."""
    folder = tmp_path / "studies" / "tiny"
    folder.mkdir(parents=True)
    (folder / "plans.toml").write_text(TINY)
    monkeypatch.setattr(records, "assets", lambda: tmp_path)
    module = SimpleNamespace(
        UNITS={"clean": "accuracy"},
        look=lambda model, trained, train, test, threat, seed: {"pictures": len(train)},
        figures=lambda found: {"clean": found["measured"]["clean"]["hits"] / found["measured"]["clean"]["n"]},
        claims=lambda trials: (),
    )
    monkeypatch.setitem(experiments.STUDIES, "tiny", module)
    return folder


def test_a_kind_shares_what_is_of_its_own_recipe(tiny):
    known = plans("tiny")
    assert known["one"][1]["knobs"] == {"steps": 1, "step": 1.0}
    assert known["one"][1]["plan"]["grow"] == 0.5
    assert known["one"][1]["plan"]["epochs"] == 2
    assert known["other"][0]["knobs"] == {}
    assert [settings["seed"] for settings in known["one"].values()] == [0, 1]


def test_what_is_shared_on_a_data_set_is_so_by_its_kinds_alone(tiny):
    text = TINY.replace("[one]", "[shared.on.digits]\nplan = { epochs = 9 }\n\n[one]")
    (tiny / "plans.toml").write_text(text + '\n[third]\ntitle = "third"\ndata = "digits"\nplan = { rate = 0.5 }\n')
    known = plans("tiny")
    assert known["third"][0]["plan"] == {"epochs": 9, "rate": 0.5}
    assert known["one"][0]["plan"] == plans("tiny")["one"][0]["plan"]
    assert known["one"][0]["plan"]["epochs"] == 2


def test_a_network_of_the_pair_is_kept(tiny, tmp_path, monkeypatch):
    (tmp_path / "zoo").mkdir()
    monkeypatch.setattr("explorer.models.zoo.assets", lambda: tmp_path)
    monkeypatch.setattr(experiments.STUDIES["tiny"], "PAIR", ("toy-tiny-one-0", "toy-tiny-other-0"), raising=False)
    again("tiny", "one", 1, keep=True)
    again("tiny", "one", 0)
    assert studied("tiny") == []
    made = again("tiny", "one", 0, keep=True)
    assert studied("tiny") == ["toy-tiny-one-0"]
    found = card("toy-tiny-one-0")
    assert "looked" not in found
    assert (made["measured"]["clean"]["n"], found["measured"]["clean"]["n"]) == (50, 500)
    first = load_data("toy", "test").first(50)
    hits = int((load_model("toy-tiny-one-0")(first.x).argmax(1) == first.y).sum())
    assert made["measured"]["clean"]["hits"] == hits
    card.cache_clear()


def test_what_cannot_be_measured_whole_is_not_kept(tiny, tmp_path, monkeypatch):
    (tmp_path / "zoo").mkdir()
    monkeypatch.setattr("explorer.models.zoo.assets", lambda: tmp_path)
    monkeypatch.setattr(experiments.STUDIES["tiny"], "PAIR", ("toy-tiny-one-0", "toy-tiny-other-0"), raising=False)

    def fails(*_):
        raise UserError("The memory does not hold it.")

    monkeypatch.setattr(records, "measure", fails)
    with pytest.raises(UserError, match="memory"):
        again("tiny", "one", 0, keep=True)
    assert [*(tmp_path / "zoo").iterdir()] == []


def test_a_network_is_kept_with_the_data_and_the_attack_of_its_plan(tiny, tmp_path, monkeypatch):
    """Of a variant of the data; by as many steps as any model is measured with where the plan does not say."""
    (tmp_path / "zoo").mkdir()
    monkeypatch.setattr("explorer.models.zoo.assets", lambda: tmp_path)
    monkeypatch.setattr(experiments.STUDIES["tiny"], "PAIR", ("toy-tiny-one-0", "toy-tiny-other-0"), raising=False)
    variant = 'data_knobs = { kind = "blobs" }'
    (tiny / "plans.toml").write_text(TINY.replace("attack_steps = 3", variant))
    again("tiny", "one", 0, keep=True)
    found, whole = card("toy-tiny-one-0"), load_data("toy", "test", kind="blobs")
    assert [*found["measured"]] == ["clean", "pgd40"]
    hits = int((load_model("toy-tiny-one-0")(whole.x).argmax(1) == whole.y).sum())
    assert found["measured"]["clean"] | {"interval": 0} == {"hits": hits, "n": len(whole), "interval": 0}
    card.cache_clear()


def test_a_record_is_made_again_with_the_same_numbers(tiny):
    with pytest.raises(UserError, match=r"^Not recorded yet: `explorer study tiny --record` does it\.$"):
        experiment("tiny")
    for name, seed in (("one", 0), ("one", 1), ("other", 0), ("other", 1)):
        write("tiny", name, seed, again("tiny", name, seed))
    first, second = recorded("tiny")["one", 0], again("tiny", "one", 0)
    assert set(differs(first, second).values()) == {0.0}
    assert max(differs(first, recorded("tiny")["one", 1]).values()) > 0
    found = experiment("tiny")
    assert found.of("one").seeds == (0, 1)
    assert found.of("one").history["loss"].shape == (2, 2)
    assert found.of("one").history["eps"][:, 0] == pytest.approx([0.015] * 2)  # nothing, then half the budget
    assert found.of("one").looked[0] == {"pictures": 100}
    assert (found.of("one").settings["eps"], found.of("one").settings["unit"]) == (60, 1000)


def test_records_differ_by_the_figure_that_is_furthest_for_its_size():
    one = {
        "history": {"loss": [2.0, 1.0], "cpu": [1.0, 2.0]},
        "measured": {"pgd20": {"hits": 5, "n": 10, "interval": [0.2, 0.8]}},
        "looked": {"zeros": 0.25, "curve": [0.5, 0.25], "along": {"0.50": [1000.0, 400.0]}},
    }
    assert set(differs(one, one).values()) == {0.0}
    other = {
        "history": {"loss": [2.0, 1.5], "cpu": [9.0, 9.0]},
        "measured": {"pgd20": {"hits": 4, "n": 10, "interval": [0.1, 0.7]}},
        "looked": {"zeros": 0.75, "curve": [0.5], "along": {"0.50": [1100.0, 400.0]}},
    }
    assert differs(one, other) == {
        "history.loss": pytest.approx(0.25),  # 0.5 of 2
        "measured.pgd20": pytest.approx(0.1),
        "looked.zeros": 0.5,
        "looked.curve": math.inf,
        "looked.along.0.50": pytest.approx(0.1),
    }
    assert differs(one, other | {"looked": {}})["looked.zeros"] == math.inf


@pytest.mark.parametrize("study", [name for name in STUDIES if is_recorded(name)])
def test_every_figure_of_a_study_is_compared(study):
    """Whatever changes a number of its table: all but the time it took."""
    (_, found), *_ = recorded(study).items()
    compared = {place.rpartition(".")[2] for place in differs(found, found)}
    names = {"pgd": {"pgd20"}, "fitted": {"train_robust"}, "gap": {"train_robust"}, "fall": {"test_robust"}}
    known = STUDIES[study].figures(found)
    for key in known.keys() - {"cpu"}:
        assert np.isnan(known[key]) or names.get(key, {key}) <= compared


def test_what_another_plan_left_is_no_record(tiny):
    write("tiny", "one", 0, again("tiny", "one", 0))
    assert record("tiny", "one", 0) is not None
    (tiny / "plans.toml").write_text(TINY.replace("epochs = 2", "epochs = 3"))
    assert record("tiny", "one", 0) is None


def test_a_part_of_the_pictures_is_known_from_its_source(tiny, monkeypatch):
    part = 'subset = { part = "hard", count = 40, of = "one" }'
    (tiny / "plans.toml").write_text(
        TINY.replace("pictures = 100", "").replace("grow = 0.5", "losses = true, record = 2") + f"\n{part}\n"
    )
    monkeypatch.setattr(experiments.STUDIES["tiny"], "look", hard_look)
    with pytest.raises(UserError, match=r"^What is hard is known from one, seed 1: that has to be recorded first\.$"):
        again("tiny", "other", 1)
    source = again("tiny", "one", 1)
    assert len(source["looked"]["difficulty"]) == 1000
    assert np.shape(source["looked"]["groups"]) == (2, 10)
    write("tiny", "one", 1, source)
    assert len(source["looked"]["steep"]) == 2  # after each epoch
    assert len(again("tiny", "other", 1)["looked"]["steep"]) == 1  # whose path is not recorded: in the end alone


def test_the_bound_in_the_end_hangs_on_no_recorded_path(tiny, monkeypatch):
    monkeypatch.setattr(experiments.STUDIES["tiny"], "look", hard_look)
    alone = again("tiny", "one", 0)["looked"]["steep"]
    (tiny / "plans.toml").write_text(TINY.replace("grow = 0.5", "grow = 0.5, record = 2"))
    assert again("tiny", "one", 0)["looked"]["steep"][1:] == alone


def test_a_title_is_no_part_of_the_plan(tiny):
    write("tiny", "one", 0, again("tiny", "one", 0))
    (tiny / "plans.toml").write_text(TINY.replace('title = "one"', 'title = "another"'))
    assert record("tiny", "one", 0) is not None


def test_numbers_are_kept_to_five_digits():
    assert (
        json.dumps(rounded({"a": [0.123456789, 3], "b": {"c": 1234567.0}}))
        == '{"a": [0.12346, 3], "b": {"c": 1234600.0}}'
    )
