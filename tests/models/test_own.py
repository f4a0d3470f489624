"""Imported models in the cache: by a name that says what they are, whole or not at all, and never too many."""

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.models import own
from explorer.models.build import IMPORTED, build
from explorer.models.graph import Draft
from explorer.models.zoo import called, card, load_model, weights_digest, zoo_names

CARD = {
    "title": "mine", "data": "toy", "shape": [2], "classes": ["a", "b"], "architecture": "mlp", "network": {"width": 4},
}  # fmt: skip


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    return tmp_path / "models"


def weights(seed: int = 0) -> dict[str, torch.Tensor]:
    return build("mlp", (2,), 2, {"width": 4}, rng=generator(seed)).state_dict()


def test_a_kept_model_is_found_by_its_name(cache):
    name = own.write(CARD, weights())
    model, x = load_model(name), torch.rand(3, 2)
    expected = build("mlp", (2,), 2, {"width": 4}, rng=generator(0)).eval()
    assert torch.equal(model(x), expected(x))
    assert card(name) == {"name": name, **CARD}
    assert len(weights_digest(name)) == 64
    assert own.is_own(name)
    assert sorted(path.name for path in (cache / name).iterdir()) == ["card.json", "weights.safetensors"]


def test_it_is_on_no_list():
    name = own.write(CARD, weights())
    assert name not in zoo_names()
    assert name not in zoo_names("toy")


def test_it_is_called_by_its_title_and_by_its_name_too_where_two_have_one():
    one, two = own.write(CARD, weights()), own.write(CARD, weights(1))
    assert called(["toy-pgd", one]) == {one: "mine"}
    assert called(["toy-pgd", one, two]) == {one: f"mine {one}", two: f"mine {two}"}


def test_the_name_is_made_of_what_determines_the_model(cache):
    names = [
        own.write(CARD, weights()),
        own.write(CARD, weights(1)),
        own.write(CARD | {"title": "yours"}, weights()),
        own.write(CARD | {"data": "other"}, weights()),
    ]
    assert len(set(names)) == 4
    assert own.write(CARD | {"measured": {"clean": 1}}, weights()) == names[0]
    assert "measured" not in json.loads((cache / names[0] / "card.json").read_text())
    assert {path.name for path in cache.iterdir()} == set(names)


def test_an_imported_list_of_steps_is_a_model_too():
    draft = Draft((2,))
    value = draft.add(
        "linear", draft.input, tensors={"weight": torch.eye(2)}, in_features=2, out_features=2, bias=False
    )
    draft.add("relu", value)
    network = {"steps": draft.steps}
    model = build(IMPORTED, (2,), 2, network)
    model.net.load_state_dict(draft.state())
    model.normalise.mean.fill_(0.5)
    name = own.write(CARD | {"architecture": IMPORTED, "network": network}, model.state_dict())
    assert load_model(name)(torch.tensor([[0.75, 0.25]])).tolist() == [[0.25, 0.0]]


@pytest.mark.parametrize("name", ["own-0123456789ab", "own-000000000000"])
def test_a_model_that_is_elsewhere_is_a_sentence(name):
    for ask in (load_model, card, weights_digest):
        with pytest.raises(UserError, match=rf"^The model {name} is not on this machine: import its file here first"):
            ask(name)


@pytest.mark.parametrize("name", ["own-", "own-../../etc", "own-0123456789AB", "own-0123456789abc", "own"])
def test_what_is_no_such_name_is_an_unknown_model(name):
    assert not own.is_own(name)
    with pytest.raises(UserError, match="There is no model"):
        card(name)


def test_many_at_a_time_make_one(cache):
    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(lambda _: own.write(CARD, weights()), range(16)))
    assert {path.name for path in cache.iterdir()} == names
    assert len(names) == 1


def test_those_used_longest_ago_go(cache, monkeypatch):
    names = [own.write(CARD | {"title": str(i)}, weights()) for i in range(4)]
    for age, name in enumerate(names):
        os.utime(cache / name, (age, age))
    own.folder(names[0])  # used now
    (cache / "part-left").mkdir()
    os.utime(cache / "part-left", (0, 0))
    size = sum(file.stat().st_size for file in (cache / names[0]).iterdir())
    monkeypatch.setattr(own, "LIMIT", 3 * size + size // 2)
    last = own.write(CARD | {"title": "5"}, weights())
    assert {path.name for path in cache.iterdir()} - {"part-left"} == {names[0], names[3], last}
