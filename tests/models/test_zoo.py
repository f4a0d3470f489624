"""Every committed model loads, and its card says what was measured."""

import json

import pytest
import torch

from explorer.core.errors import UserError
from explorer.core.stats import Rate
from explorer.data import DATA
from explorer.models.zoo import card, history, is_listed, load_model, spoken, studied, weights_digest, zoo_names

NAMES = zoo_names() + studied()


def test_there_are_models_and_they_can_be_asked_for_by_data_set():
    assert {"toy-standard", "toy-pgd"} <= set(NAMES)
    assert zoo_names("toy") == [name for name in zoo_names() if card(name)["data"] == "toy"]
    assert zoo_names("nothing") == []


def test_the_models_of_a_study_are_known_by_name_and_not_listed():
    names = studied("landscape")
    assert "mnist-pas-400-0" in names
    assert set(names) <= set(studied())
    assert not set(studied()) & set(zoo_names())
    assert studied("nothing") == []
    assert [is_listed(name) for name in ("mnist-pgd", "mnist-pas-400-0", "own-" + "0" * 12)] == [True, False, False]


def test_a_model_is_there_as_soon_as_it_has_a_card(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.core.assets._PACKAGE", tmp_path / "explorer")
    folder = tmp_path / "assets" / "zoo" / "toy-coming"
    folder.mkdir(parents=True)
    assert zoo_names() == []  # it is being trained
    (folder / "card.json").write_text(json.dumps({"name": "toy-coming", "data": "toy"}))
    assert zoo_names("toy") == ["toy-coming"]
    (tmp_path / "assets" / "zoo" / "toy-another").mkdir()
    assert zoo_names() == ["toy-coming"]
    card.cache_clear()


def test_two_models_are_never_called_the_same():
    assert spoken("toy-standard", "toy-pgd") == ("standard", "robust")
    assert spoken("digits-pgd", "toy-pgd") == ("digits-pgd", "toy-pgd")
    assert spoken("toy-pgd", "toy-pgd") == ("toy-pgd", "toy-pgd")


@pytest.mark.parametrize("name", NAMES)
def test_a_model_maps_its_data_to_its_classes(name):
    found, facts = card(name), DATA[card(name)["data"]].facts
    assert tuple(found["shape"]) == facts["shape"]
    assert tuple(found["classes"]) == facts["classes"]
    model = load_model(name)
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    assert sum(p.numel() for p in model.parameters()) == found["parameters"]
    logits = model(torch.rand(2, *found["shape"]))
    assert logits.shape == (2, len(found["classes"]))
    assert logits.isfinite().all()


@pytest.mark.parametrize("name", NAMES)
def test_a_card_holds_figures_with_n_and_interval(name):
    found = card(name)
    assert found["name"] == name
    assert {"recipe", "knobs", "seed", "data_digest", "versions", "seconds", "plan", "threat"} <= set(found)
    figures = found["measured"]
    assert "clean" in figures
    assert any(key.startswith("pgd") for key in figures)
    for measure, figure in figures.items():
        whole = DATA[found["data"]].facts["sizes"]["test"]
        assert figure["n"] == (min(1000, whole) if measure == "autoattack" else whole)
        assert tuple(figure["interval"]) == pytest.approx(Rate(figure["hits"], figure["n"]).interval)


@pytest.mark.parametrize("name", NAMES)
def test_the_history_has_a_row_per_epoch(name):
    rows = history(name)
    assert [row["epoch"] for row in rows] == list(range(1, card(name)["plan"]["epochs"] + 1))
    assert all({"loss", "train_clean", "train_robust", "test_clean", "test_robust"} <= set(row) for row in rows)


@pytest.mark.parametrize("name", ["nobody", "", "../zoo/toy-pgd", "../x", "/etc", "toy-pgd/", ".", "x" * 5000, "a\0b"])
def test_an_unknown_name_is_one_sentence_with_what_may_be_meant(name):
    meant = r" Did you mean toy-pgd\?" if "toy-pgd" in name else ""
    for ask in (load_model, card, history, weights_digest):
        with pytest.raises(UserError, match=rf"^There is no model .*; known: .*toy-pgd.*\.{meant}$") as caught:
            ask(name)
        assert "x" * 50 not in str(caught.value)


def test_a_loaded_model_is_one_s_own():
    first, second = load_model("toy-pgd"), load_model("toy-pgd")
    for p in first.parameters():
        p.zero_()
    assert any(p.any() for p in second.parameters())


def test_digests_tell_models_apart():
    assert len({weights_digest(name) for name in NAMES}) == len(NAMES)
