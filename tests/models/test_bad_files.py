"""Files that are no model, or none of these data: each refused in one sentence, and nothing unpickled."""

import io
import pickle
import shlex
import zipfile

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from safetensors.torch import save
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.models.build import build
from explorer.models.importers.kinds import CONVERT
from explorer.models.importers.variants import Pictures, read_model

MNIST = Pictures("mnist", 10, torch.rand((20, 1, 28, 28), generator=generator(0)))


def graph(
    *nodes: onnx.NodeProto, shape=(1, 784), weights: dict[str, np.ndarray] | None = None, kind=TensorProto.FLOAT
) -> bytes:
    made = helper.make_graph(
        list(nodes),
        "bad",
        [helper.make_tensor_value_info("x", kind, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])],
        [onnx.numpy_helper.from_array(array, name) for name, array in (weights or {}).items()],
    )
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 17)], ir_version=8).SerializeToString()


def product(weight: np.ndarray, **more) -> bytes:
    return graph(helper.make_node("MatMul", ["x", "w"], ["y"]), weights={"w": weight}, **more)


def external() -> bytes:
    model = onnx.load_model_from_string(product(np.zeros((784, 10), np.float32)))
    tensor = model.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../../etc/passwd")
    return model.SerializeToString()


def loop() -> bytes:
    names = ["i", "go", "v"], ["go", "v"]
    inner, outer = ([helper.make_tensor_value_info(n, TensorProto.FLOAT, []) for n in part] for part in names)
    body = helper.make_graph([helper.make_node("Loop", ["i", "go", "v"], ["v"])], "again", inner, outer)
    return graph(helper.make_node("Loop", ["", "", "x"], ["y"], body=body))


def calls_itself() -> bytes:
    model = onnx.load_model_from_string(graph(helper.make_node("Again", ["x"], ["y"], domain="own")))
    again = helper.make_node("Again", ["a"], ["b"], domain="own")
    model.functions.append(helper.make_function("own", "Again", ["a"], ["b"], [again], [helper.make_opsetid("own", 1)]))
    model.opset_import.append(helper.make_opsetid("own", 1))
    return model.SerializeToString()


def bomb() -> bytes:
    """A constant of 4 TB from a few bytes."""
    lengths = np.array([10**6, 10**6])
    nodes = helper.make_node("ConstantOfShape", ["n"], ["c"]), helper.make_node("Add", ["x", "c"], ["y"])
    return graph(*nodes, weights={"n": lengths})


def archive(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        for name, raw in files.items():
            zipped.writestr(name.replace("_", "/").replace("/pkl", ".pkl"), raw)
    return out.getvalue()


def checkpoint() -> bytes:
    out = io.BytesIO()
    torch.save(nn.Linear(2, 2).state_dict(), out)
    return out.getvalue()


GOOD = product(np.zeros((784, 10), np.float32))
WEIGHTS = build("mlp", (1, 28, 28), 10, {"width": 8}).state_dict()
BAD = {
    "empty": (b"", "is empty"),
    "cut short": (GOOD[: len(GOOD) // 2], "cut short or damaged"),
    "random bytes": (bytes(np.random.default_rng(0).integers(0, 256, 5000, np.uint8)), "neither ONNX nor safetensors"),
    "words": (b"weights = 3\n" * 50, "neither ONNX nor safetensors"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(100), "is a PNG picture"),
    "a pickle": (pickle.dumps({"w": [1.0]}), "pickled checkpoint.*python -c .*weights_only=True.*save_file"),
    "a torch checkpoint": (checkpoint(), "pickled checkpoint.*python -c .*weights_only=True.*save_file"),
    "a TorchScript program": (archive(m_constants_pkl=b"", m_data_pkl=b""), "TorchScript program.*torch.onnx.export"),
    "another archive": (archive(a=b"b"), "is an archive"),
    "part of a torch checkpoint": (checkpoint()[:-99], "pickled checkpoint"),
    "external weights": (external(), "keeps its weights in another file.*external_data=False"),
    "an unknown operation": (graph(helper.make_node("FlyAway", ["x"], ["y"])), "not read here: FlyAway"),
    "an operation on values": (graph(helper.make_node("Sqrt", ["x"], ["y"])), "computes Sqrt of a picture's values"),
    "a loop in itself": (loop(), "not read here: Loop"),
    "a function that calls itself": (calls_itself(), "not read here: own.Again"),
    "another input": (product(np.zeros((5, 10), np.float32), shape=(1, 5)), "takes 5 numbers per picture"),
    "no batch": (product(np.zeros((784, 10), np.float32), shape=(784,)), "no axis for the pictures of a batch"),
    "another number of classes": (product(np.zeros((784, 7), np.float32)), "gives 7 numbers per picture"),
    "NaN weights": (product(np.full((784, 10), np.nan, np.float32)), "weights of linear1 hold NaN"),
    "whole numbers": (graph(helper.make_node("Cast", ["x"], ["y"], to=1), kind=TensorProto.INT64), "is of type int64"),
    "invalid": (graph(helper.make_node("Flatten", ["nothing"], ["y"])), "not valid ONNX"),
    "damaged safetensors": (save({"a": torch.zeros(9)})[:-4], "safetensors file is damaged"),
    "empty safetensors": (save({}), "has no tensors"),
    "other weights": (save({"net.logits.weight": torch.zeros(10, 8)}), "fit none of our architectures"),
    "NaN in safetensors": (save(WEIGHTS | {"net.logits.bias": torch.full((10,), torch.nan)}), "logits.bias' holds NaN"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_one_sentence(name):
    raw, words = BAD[name]
    with pytest.raises(UserError, match=words) as caught:
        read_model(raw, MNIST)
    is_a_sentence(str(caught.value))


def is_a_sentence(words: str) -> None:
    assert words.isprintable()
    assert words[-1] in '."'
    assert len(words.split()) > 2


@pytest.mark.parametrize("wrapped", [False, True])
def test_the_command_that_converts_a_checkpoint_does(wrapped, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    torch.save({"state_dict": WEIGHTS, "epoch": 3} if wrapped else WEIGHTS, "model.pt")
    python, option, code = shlex.split(CONVERT)
    assert (python, option) == ("python", "-c")
    exec(code, {})
    reading = read_model((tmp_path / "model.safetensors").read_bytes(), MNIST)
    assert (reading.variants[0].architecture, reading.variants[0].network["width"]) == ("mlp", 8)


@pytest.mark.parametrize("seed", range(60))
def test_whatever_is_spoilt_the_answer_is_a_sentence(export, seed):
    rng = np.random.default_rng(seed)
    net = nn.Sequential(nn.Conv2d(1, 2, 4, 4), nn.BatchNorm2d(2), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(18, 10))
    good = [GOOD, export(net, MNIST.x[:1]), save(WEIGHTS)][seed % 3]
    raw = np.frombuffer(good, np.uint8).copy()
    places = rng.integers(0, len(raw) if seed % 2 else min(400, len(raw)), 1 + seed % 9)
    raw[places] = rng.integers(0, 256, len(places))
    try:
        assert read_model(raw.tobytes(), MNIST).variants
    except UserError as error:
        is_a_sentence(str(error))
