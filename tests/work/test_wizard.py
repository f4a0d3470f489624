"""From a file to a model with a name: what is found, tried and told, and that it can be attacked then."""

import warnings

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.stats import Rate
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import card, load_model
from explorer.work import wizard
from explorer.work.local import run
from explorer.work.normalisations import normalisations
from explorer.work.store import shared_store
from explorer.work.trials import look
from explorer.work.wizard import Candidate, choose, examine, keep, title_of


@pytest.fixture(scope="module")
def scikit() -> bytes:
    """A perceptron on digits as scikit-learn has them, 0 to 16 and flat, as skl2onnx writes it."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier

    train = load_data("digits", "train")
    x, y = train.x.flatten(1).numpy() * 16, train.y.numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it stops before it has converged
        model = MLPClassifier((32,), max_iter=40, random_state=0).fit(x, y)
        return to_onnx(model, x[:1]).SerializeToString()


@pytest.fixture(scope="module")
def found(scikit):
    return examine(scikit, "digits")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_store.cache_clear()
    yield
    shared_store.cache_clear()


def test_what_a_file_is_and_needs_is_found(found):
    assert found.kind.startswith("ONNX by skl2onnx")
    assert (found.shape, found.output, found.parameters) == ((64,), "probabilities", 64 * 32 + 32 + 32 * 10 + 10)
    assert (found.best.name, found.best.std) == ("sixteen", (1 / 16,))
    assert (found.best.clean.n, found.clear) == (500, True)
    assert found.best.clean.value > 0.9
    assert 0.1 <= found.chance < 0.13
    names = [one.name for one in normalisations("digits")]
    assert sorted(one.name for one in found.candidates) == sorted(names)
    rates = [(one.clean.n, one.clean.value) for one in found.candidates]
    assert rates == sorted(rates, reverse=True)
    assert "softmax, is left out" in found.notes[0]


def test_a_kept_model_is_right_as_often_as_was_said_and_can_be_attacked(found):
    name = keep(found, found.best, "my perceptron")
    said, test = card(name), load_data("digits")
    hits = int((load_model(name)(test.x).argmax(1) == test.y).sum())
    assert said["measured"]["clean"]["hits"] == hits == found.best.clean.hits
    assert said["source"] == {"sha256": found.sha256, "bytes": found.size, "shape": [64]}
    assert (said["title"], said["output"], said["normalisation"]["name"]) == (
        "my perceptron",
        "probabilities",
        "sixteen",
    )
    view = run(f"/attack?data=digits&b={name}&eps=300")
    assert view.b.path["margin"][-1, 0] < view.b.path["margin"][0, 0]
    assert keep(found, found.best, "my perceptron") == name
    assert keep(found, found.candidates[1], "my perceptron") != name


def test_an_imported_model_stands_beside_those_of_its_data_only(found):
    name = keep(found, found.best, "mine")
    assert set(run(f"/robustness?data=digits&more={name}&attack=fgsm&n=20").models) == {
        "digits-standard",
        "digits-pgd",
        name,
    }
    with pytest.raises(UserError, match=f"b = '{name}' is a model of digits, not of toy"):
        run(f"/attack?data=toy&b={name}")
    with pytest.raises(UserError, match="own-0123456789ab is not on this machine"):
        run("/attack?data=digits&b=own-0123456789ab")


@pytest.mark.parametrize("title", ["", " ", "a" * 41, "<b>", "a\nb", "[x](y)", " a"])
def test_a_title_is_plain(found, title):
    with pytest.raises(UserError, match="is not of 1 to 40 letters"):
        keep(found, found.best, title)


def test_a_title_is_made_of_a_file_s_name():
    assert title_of("/a/my net_v2.onnx") == "my net_v2"
    assert title_of("C[1]<x>.onnx") == "C-1-x-"
    assert title_of("x" * 90 + ".onnx") == "x" * 40
    assert title_of(".onnx") == ".onnx"


def test_a_candidate_is_chosen_by_name(found):
    assert choose(found, "auto") is found.best
    assert choose(found, "signed").name == "signed"
    with pytest.raises(UserError, match=r"'other' is not one of those tried: sixteen; .*\.$"):
        choose(found, "other")


def asked(data: str, **more) -> tuple[dict[str, np.ndarray], dict]:
    test = load_data(data)
    norms = [{"name": one.name, "mean": one.mean, "std": one.std} for one in normalisations(data)]
    arrays = {"x": test.x[:300].numpy(), "y": test.y[:300].numpy()}
    return arrays, {
        "data": data,
        "classes": len(test.classes),
        "normalisations": norms,
        "architecture": None,
        "knobs": None,
    } | more


def rates(raw: bytes, data: str, **more) -> dict[str, Rate]:
    """Return what `look` finds, in this process."""
    arrays, words = asked(data, **more)
    _, seen = look(arrays | {"file": np.frombuffer(raw, np.uint8)}, words)
    return {f"{row['name']} {row['variant']}".strip(): Rate(row["hits"], row["n"]) for row in seen["tried"]}


def test_a_network_without_its_normalisation_gets_it_back(export):
    model = load_model("digits-standard")
    found = rates(export(model.net, torch.rand(1, 1, 8, 8)), "digits")
    assert max(found, key=lambda name: found[name].value) == "measured"
    assert found["measured"].value > 0.95


def test_points_of_the_plane_are_no_different(export):
    found = rates(export(load_model("toy-standard"), torch.rand(1, 2)), "toy")
    assert found["unit"].value > 0.97
    assert found["unit"].n == 300


def test_who_falls_behind_is_tried_on_no_more_pictures():
    found = rates(save(load_model("digits-standard").net.state_dict()), "digits")
    assert len(found) == 3 * len(normalisations("digits"))
    best, behind = found["measured down stride"], found["measured down max"]
    assert (best.n, behind.n) == (300, 100)
    assert behind.interval[1] < best.interval[0]


def test_weights_that_leave_the_pooling_open_find_it_by_accuracy():
    raw = save(load_model("digits-pgd").state_dict())
    found = rates(raw, "digits")
    assert set(found) == {"inside down stride", "inside down average", "inside down max"}
    assert max(found, key=lambda name: found[name].value) == "inside down stride"
    assert set(rates(raw, "digits", architecture="cnn", knobs=card("digits-pgd")["network"])) == {"inside"}


def candidate(name: str, hits: int, n: int = 500) -> Candidate:
    return Candidate("", name, (0.0,), (1.0,), Rate(hits, n))


@pytest.mark.parametrize(
    ("mean", "std", "become"),
    [
        ((0.0,), (1.0,), "0 to 1"),
        ((0.5,), (0.5,), "−1 to 1"),
        ((0.0,), (1 / 255,), "0 to 255"),
        ((0.1307,), (0.3081,), "−0.424 to 2.82"),
        ((0.5, 0.5), (0.5, 0.5), "−1 to 1"),
        ((0.5, 0.0), (0.5, 1 / 16), "−1 to 1; 0 to 16"),
    ],
)
def test_a_normalisation_is_told_by_what_pixels_become(mean, std, become):
    assert Candidate("", "one", mean, std, Rate(1, 2)).range == become


def test_a_model_no_better_than_chance_is_told_of_and_not_chosen(found, monkeypatch):
    raw = save(build("mlp", (1, 8, 8), 10, {"width": 8}, rng=generator(0)).net.state_dict())
    unclear = examine(raw, "digits")
    assert not unclear.clear
    assert unclear.notes[-1].startswith("No normalisation is clearly better than chance (1")
    assert "classes in another order" in unclear.notes[-1]
    with pytest.raises(UserError, match=r"clearly better than chance.*Choose one to import it all the same: .*unit"):
        choose(unclear, "auto")
    assert choose(unclear, "unit").name == "unit"


@pytest.mark.parametrize(("hits", "told"), [(470, True), (300, False)])
def test_what_cannot_be_told_apart_is_told(found, hits, told):
    from dataclasses import replace

    pair = replace(found, candidates=(candidate("one", 480), candidate("two", hits)))
    assert wizard._advice(pair) == (
        ["two cannot be told from one on these pictures: choose, if you know."] if told else []
    )


def one_operation(kind: str, *constants: np.ndarray, **attributes) -> bytes:
    names = [f"c{i}" for i in range(len(constants))]
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", *names], ["y"], **attributes)],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, (1, 64))],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])],
        [onnx.numpy_helper.from_array(c, n) for c, n in zip(constants, names, strict=True)],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (one_operation("Pad", np.array([0, 0, 0, 10**12])), "takes more than 3 GB of memory"),
        (one_operation("Bogus"), "not read here: Bogus"),
    ],
    ids=["a bomb", "an unknown operation"],
)
def test_a_bad_file_is_one_sentence_from_its_own_process(raw, words):
    with pytest.raises(UserError, match=words) as caught:
        examine(raw, "digits")
    assert "\n" not in str(caught.value)


def test_a_pickle_is_refused_at_once(monkeypatch):
    monkeypatch.setattr(wizard, "in_limits", None)
    with pytest.raises(UserError, match="pickled checkpoint"):
        examine(b"\x80\x04K\x01.", "digits")


def test_a_file_too_large_is_not_even_read(monkeypatch):
    monkeypatch.setattr(wizard, "MEGABYTES", 0)
    with pytest.raises(UserError, match="0 MB are the most that is read"):
        examine(b"x", "digits")
