"""Studies of trainings: that all is recorded and kept, their figures, and what is claimed by them."""

import json

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.results import Trials
from explorer.core.stats import Mean
from explorer.models import ARCHITECTURES
from explorer.models.zoo import card, history, load_model, studied, zoo_names
from explorer.training import RECIPES
from explorer.training.loop import Plan
from explorer.work.pack import from_bytes, to_bytes, to_json
from explorer.work.study import slow
from explorer.work.study.experiments import STUDIES, experiment, is_recorded
from explorer.work.study.overfitting import fallen
from explorer.work.study.records import plans, record, rounded
from explorer.work.study.telling import above, less, points, rate

SLOW = ["mnist-standard-study", *(f"mnist-pgd-{eps}" for eps in (50, 100, 200, 400)), "mnist-pgd-400-warm"]
SLOW += [f"mnist-pas-{eps}" for eps in (50, 100, 200, 400)]


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
        else:
            one = experiment(study).of(name.rpartition("-")[0])
            columns = {key: values[one.seeds.index(own["seed"])].tolist() for key, values in one.history.items()}
            assert columns == {key: [row[key] for row in rows] for key in rows[0]}


@pytest.mark.parametrize("study", STUDIES)
def test_a_study_has_figures_of_every_kind_and_claims_with_their_numbers(study):
    found = experiment(study)
    assert [one.name for one in found.trials] == ([*plans(study)] if is_recorded(study) else SLOW)
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


def test_a_column_that_not_every_training_has_is_kept(monkeypatch):
    def rows(name):
        return [row | ({"cpu": 5.0} if name.endswith("-1") else {}) for row in history(name)]

    monkeypatch.setattr(slow, "history", rows)
    one, *_ = slow.trials()
    assert one.history["cpu"].tolist()[1] == [5.0] * 3
    assert np.isnan(one.history["cpu"][[0, 2]]).all()
    assert not np.isnan(one.history["loss"]).any()


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
