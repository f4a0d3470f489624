"""`explorer import`: from a file to an address."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from explorer.core.device import generator
from explorer.models.build import build
from explorer.models.zoo import card, load_model
from explorer.work import wizard


@pytest.fixture
def here(monkeypatch):
    """Read files in this process: another one takes seconds to start."""
    monkeypatch.setattr(wizard, "in_limits", lambda work, arrays, meta, **_: work(arrays, json.loads(json.dumps(meta))))


@pytest.fixture
def file(export, tmp_path):
    """The standard model of digits without its normalisation, as ONNX."""
    path = tmp_path / "My net.onnx"
    path.write_bytes(export(load_model("digits-standard").net, torch.rand(1, 1, 8, 8)))
    return str(path)


def test_an_import_shows_what_was_tried_and_leads_to_an_attack(call, file):
    """In a process of its own, as a person runs it."""
    status, out, err = call("import", file, "--data", "digits")
    assert (status, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].startswith("ONNX by pytorch")
    assert lines[0].endswith("input 1×8×8, gives logits, 35,914 parameters")
    assert lines[2].split() == ["normalisation", "mean", "std", "clean", "accuracy"]
    assert lines[3].startswith("→ measured")
    name = lines[-2].removeprefix("Imported as ").rstrip(".")
    assert card(name)["title"] == "My net"
    assert f"explorer run '/attack?b={name}&data=digits'" in lines[-1]
    status, out, _ = call("run", f"/attack?b={name}&data=digits")
    assert status == 0
    assert name in out
    assert "The My net model" in out
    status, out, _ = call("evaluate", name, "--n", "20")
    assert status == 0
    assert out.splitlines()[-1].startswith(f"| `{name}` | 100.0%")
    status, out, _ = call("evaluate", name, "--cards")
    assert status == 0
    assert out.splitlines()[-1].startswith(f"| `{name}` | 98")
    before = card(name)
    status, out, err = call("evaluate", name, "--attack", "fgsm", "--n", "20", "--record")
    assert (status, out) == (2, "")
    assert err.startswith(f"{name} was trained elsewhere")
    card.cache_clear()
    assert card(name) == before


def test_json_is_one_object(call, here, file):
    status, out, err = call(
        "import", file, "--data", "digits", "--norm", "signed", "--name", "other", "--n", "200", "--json"
    )
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert (found["chosen"], found["output"], found["shape"], found["clear"]) == ("signed", "logits", [1, 8, 8], True)
    assert {one["clean"]["n"] for one in found["candidates"]} <= {100, 200}
    assert found["candidates"][0]["name"] == "measured"
    assert card(found["name"])["normalisation"] == {"name": "signed", "mean": [0.5], "std": [0.5]}
    assert found["address"] == f"/attack?b={found['name']}&data=digits"


def test_a_folder_that_was_trained_is_imported_as_it_is(call, here, tmp_path):
    small = [word for change in ("plan.epochs=1", "network.width=8", "plan.watch=50") for word in ("--set", change)]
    folder = tmp_path / "trained"
    assert call("train", "toy-standard", *small, "--out", str(folder))[0] == 0
    status, out, err = call("import", str(folder), "--data", "toy", "--norm", "inside", "--json")
    assert (status, err) == (0, "")
    name, x = json.loads(out)["name"], torch.rand((5, 2), generator=generator(0))
    trained = json.loads((folder / "card.json").read_text())
    assert (card(name)["network"], card(name)["title"]) == (trained["network"], "trained")
    model = build("mlp", (2,), 2, trained["network"])
    model.load_state_dict(load_file(folder / "weights.safetensors"))
    assert torch.equal(load_model(name)(x), model.eval()(x))


def test_a_model_that_knows_nothing_is_not_imported_unless_asked_for(call, here, tmp_path):
    path = tmp_path / "untrained.safetensors"
    save_file(build("mlp", (1, 8, 8), 10, {"width": 8}, rng=generator(0)).net.state_dict(), path)
    status, out, err = call("import", str(path), "--data", "digits")
    assert (status, out) == (2, "")
    assert err.startswith("No normalisation is clearly better than chance")
    assert err.count("\n") == 1
    status, out, _ = call("import", str(path), "--data", "digits", "--norm", "unit")
    assert status == 0
    assert "No normalisation is clearly better than chance" in out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nowhere.onnx", "--data", "digits"], "No such file or directory: "),
        ([".", "--data", "digits"], "No such file or directory: "),
        ([".", "--data", "digits", "--architecture", "cnn"], "A folder's card names its architecture"),
        (["FILE"], "Missing option '--data'."),
        (["FILE", "--data", "letters"], "There is no data set 'letters'; known: "),
        (["FILE", "--data", "toy"], "The model takes 1×8×8 numbers per picture, and toy has 2."),
        (["FILE", "--data", "digits", "--norm", "mnist"], "The normalisation 'mnist' is not one of those tried: "),
        (["FILE", "--data", "digits", "--name", "<b>"], "The title '<b>' is not of 1 to 40 letters"),
        (["FILE", "--data", "digits", "--architecture", "cnn"], "An architecture is named for safetensors only"),
        (["FILE", "--data", "digits", "--n", "0"], "Invalid value for '--n'"),
        (["DAMAGED", "--data", "digits"], "The file is neither ONNX nor safetensors"),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(call, here, file, tmp_path, arguments, sentence):
    (tmp_path / "damaged").write_bytes(b"\x08\x07damaged")
    places = {"FILE": file, "DAMAGED": str(tmp_path / "damaged"), ".": str(tmp_path)}
    status, out, err = call("import", *(places.get(word, word) for word in arguments))
    assert (status, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


def test_a_folder_of_a_training_that_has_not_ended_is_a_sentence(call, here, tmp_path):
    (tmp_path / "checkpoint.safetensors").write_bytes(b"")
    status, _, err = call("import", str(tmp_path), "--data", "digits")
    assert (status, err.startswith(f"{tmp_path} holds no finished model")) == (2, True)


def test_a_folder_without_a_card_of_ours_is_a_sentence(call, here, tmp_path):
    (tmp_path / "card.json").write_text("[1]")
    status, _, err = call("import", str(tmp_path), "--data", "digits")
    assert (status, err) == (2, f"{tmp_path}/card.json is not a card as `explorer train --out` writes it.\n")
