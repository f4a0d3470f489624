"""Studies of trainings: their plans, their records, what is claimed by them, and that a record is made again."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.results import Trials
from explorer.core.stats import Mean
from explorer.data import load_data
from explorer.models import ARCHITECTURES
from explorer.models.zoo import card, history, load_model, studied, zoo_names
from explorer.training import RECIPES
from explorer.training.loop import Plan
from explorer.work.pack import from_bytes, to_bytes, to_json
from explorer.work.study import experiments, records, slow
from explorer.work.study.experiments import STUDIES, again, differs, experiment, is_recorded, recorded
from explorer.work.study.hard import look as hard_look
from explorer.work.study.overfitting import fallen
from explorer.work.study.records import plans, record, rounded, write
from explorer.work.study.telling import above, less, points, rate

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


def trials(**figures) -> Trials:
    """Return three trainings with some figures."""
    columns = {key: np.array(values, float) for key, values in figures.items()}
    history = {"epoch": np.ones((3, 1))}
    return Trials("one", "one", {}, (0, 1, 2), history, columns, np.ones(3))


@pytest.mark.parametrize("study", [name for name in STUDIES if is_recorded(name)])
def test_every_plan_of_a_study_can_be_made_and_is_recorded(study):
    for name, seeds in plans(study).items():
        assert [*seeds] == [0, 1, 2]
        for seed, settings in seeds.items():
            fill(RECIPES[settings["recipe"]].knobs, settings["knobs"])
            fill(ARCHITECTURES[settings["architecture"]].knobs, settings["network"])
            found = record(study, name, seed)
            assert found is not None, f"{study}: {name}, seed {seed}"
            assert len(found["history"]["epoch"]) == Plan(**settings["plan"]).epochs


@pytest.mark.parametrize("study", STUDIES)
def test_two_models_of_a_study_are_in_the_zoo_as_its_records_have_them(study):
    """By their histories; what is measured of them is of all test pictures there."""
    for name in STUDIES[study].PAIR:
        own, rows = card(name), history(name)
        assert name in studied(study if is_recorded(study) else slow.OF)
        assert name not in zoo_names()
        assert sum(p.numel() for p in load_model(name).parameters()) == own["parameters"]
        if is_recorded(study):
            kind, _, seed = name.removeprefix(f"{own['data']}-{study}-").rpartition("-")
            columns = record(study, kind, int(seed))["history"]
            assert all(rounded([row[key] for row in rows]) == columns[key] for key in columns)


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_has_figures_of_every_kind_and_claims_with_their_numbers(study):
    found = experiment(study)
    assert not is_recorded(study) or [one.name for one in found.trials] == [*plans(study)]
    assert all(set(one.figures) == set(found.units) for one in found.trials)
    assert all(
        0 <= value <= 1
        for one in found.trials
        for key in ("clean", "pgd")
        for value in one.figures[key]
        if value == value
    )
    assert len(found.claims) >= 3
    for claim in found.claims:
        assert claim.holds in (True, False, None)
        assert "n = 3" in claim.found
        assert "nan" not in claim.found
        assert claim.paper


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_can_be_written_down_and_read_again(study):
    found = experiment(study)
    json.dumps(to_json(found), allow_nan=False)
    back = from_bytes(to_bytes(found))
    assert back.claims == found.claims
    assert [one.looked[0].keys() for one in back.trials] == [one.looked[0].keys() for one in found.trials]


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
    assert again("tiny", "other", 1)["looked"] == {"steep": []}  # whose path is not recorded


def test_a_title_is_no_part_of_the_plan(tiny):
    write("tiny", "one", 0, again("tiny", "one", 0))
    (tiny / "plans.toml").write_text(TINY.replace('title = "one"', 'title = "another"'))
    assert record("tiny", "one", 0) is not None


def test_numbers_are_kept_to_five_digits():
    assert (
        json.dumps(rounded({"a": [0.123456789, 3], "b": {"c": 1234567.0}}))
        == '{"a": [0.12346, 3], "b": {"c": 1234600.0}}'
    )


def test_an_unknown_study_is_a_sentence():
    with pytest.raises(UserError, match=r"^There is no study 'weather' of trainings; known: slow, "):
        experiment("weather")


def test_differences_are_told_seed_by_seed():
    one, other = trials(pgd=[0.5, 0.6, 0.7]), trials(pgd=[0.4, 0.5, 0.6])
    assert less(one, other, "pgd").value == pytest.approx(0.1)
    assert above(less(one, other, "pgd"))
    assert above(less(other, one, "pgd")) is False
    assert above(Mean(0.1, 3, (-0.1, 0.3))) is None
    assert points(Mean(0.1, 3, (-0.1, 0.3))) == "+10.0 points (-10.0 to +30.0, n = 3)"
    assert rate(one, "pgd").startswith("60.0% (")
    assert rate(one, "pgd").endswith(", n = 3)")


def test_fallen_are_those_that_stand_against_one_step_alone():
    assert fallen(trials(pgd=[0.0, 0.15, 0.2], fgsm=[0.5, 0.3, 0.9])) == 1
