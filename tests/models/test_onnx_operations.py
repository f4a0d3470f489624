"""Each operation as an exporter writes it, and as the format allows it, against torch and ONNX's own reference."""

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.models.graph import Draft, assemble
from explorer.models.importers.onnx import OnnxFile
from explorer.models.importers.operations import OPERATIONS

PICTURE, VECTOR = (3, 8, 7), (6,)


def imported(raw: bytes) -> nn.Module:
    file = OnnxFile(raw)
    draft = Draft(file.shape, file.batch)
    file.build(draft, draft.input)
    net = assemble(draft.steps)
    net.load_state_dict(draft.state())
    return net.eval().requires_grad_(False)


def pictures(shape: tuple[int, ...], count: int = 3) -> torch.Tensor:
    return torch.randn((count, *shape), generator=generator(0))


class Do(nn.Module):
    """A function as a module, and a weight to compute with."""

    def __init__(self, function, *shape: int) -> None:
        super().__init__()
        self.function = function
        self.weight = nn.Parameter(torch.randn(shape, generator=generator(1)) + 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.function(x, self.weight)


def batch_norm(layer: nn.Module) -> nn.Module:
    rng = generator(2)
    layer.weight.data.uniform_(0.5, 2, generator=rng)
    layer.bias.data.normal_(generator=rng)
    layer.running_mean.normal_(generator=rng)
    layer.running_var.uniform_(0.5, 2, generator=rng)
    return layer


LAYERS = {
    "linear": (nn.Linear(6, 4), VECTOR),
    "linear without bias": (nn.Linear(6, 4, bias=False), VECTOR),
    "linear on the last axis": (nn.Linear(7, 4), PICTURE),
    "convolution": (nn.Conv2d(3, 4, (3, 2), (2, 1), padding=(1, 0), dilation=(1, 2)), PICTURE),
    "grouped convolution": (nn.Conv2d(3, 6, 3, groups=3, bias=False), PICTURE),
    "convolution along one axis": (nn.Conv1d(3, 4, 3, padding=1), (3, 9)),
    "batch norm after an addition": (nn.Sequential(Do(lambda x, w: x + w, 1), batch_norm(nn.BatchNorm2d(3))), PICTURE),
    "batch norm of vectors": (nn.Sequential(nn.ReLU(), batch_norm(nn.BatchNorm1d(6))), VECTOR),
    "relu": (nn.ReLU(), PICTURE),
    "leaky relu": (nn.LeakyReLU(0.2), PICTURE),
    "elu": (nn.ELU(0.7), PICTURE),
    "sigmoid": (nn.Sigmoid(), PICTURE),
    "tanh": (nn.Tanh(), PICTURE),
    "hard sigmoid": (nn.Hardsigmoid(), PICTURE),
    "hard swish": (nn.Hardswish(), PICTURE),
    "clip": (nn.ReLU6(), PICTURE),
    "clip on one side": (Do(lambda x, w: x.clamp(min=-0.3)), PICTURE),
    "softmax": (nn.Softmax(1), VECTOR),
    "softmax over channels": (nn.Softmax(1), PICTURE),
    "log-softmax": (nn.LogSoftmax(-1), VECTOR),
    "max pool": (nn.MaxPool2d(3, 2, padding=1), PICTURE),
    "max pool, part of a window": (nn.MaxPool2d(3, 2, ceil_mode=True), PICTURE),
    "average pool": (nn.AvgPool2d(2), PICTURE),
    "average pool with its border": (nn.AvgPool2d(3, 2, padding=1), PICTURE),
    "average pool without its border": (nn.AvgPool2d(3, 2, padding=1, count_include_pad=False), PICTURE),
    "pools along one axis": (nn.Sequential(nn.MaxPool1d(2), nn.AvgPool1d(2)), (3, 9)),
    "global average pool": (nn.AdaptiveAvgPool2d(1), PICTURE),
    "mean": (Do(lambda x, w: x.mean((2, 3))), PICTURE),
    "mean, axes kept": (Do(lambda x, w: x.mean(1, keepdim=True)), PICTURE),
    "flatten": (nn.Flatten(), PICTURE),
    "view": (Do(lambda x, w: x.view(x.size(0), -1)), PICTURE),
    "view in parts": (Do(lambda x, w: x.view(x.size(0), 3, x.size(2) * x.size(3))), PICTURE),
    "transpose": (Do(lambda x, w: x.permute(0, 2, 3, 1)), PICTURE),
    "concat": (Do(lambda x, w: torch.cat([x, -1 * x, x * x], 1)), PICTURE),
    "squeeze and unsqueeze": (Do(lambda x, w: x.unsqueeze(1).unsqueeze(-1).squeeze(1)), PICTURE),
    "padding": (nn.ZeroPad2d((1, 2, 0, 3)), PICTURE),
    "padding that cuts": (nn.ZeroPad2d((-1, 0, 0, -2)), PICTURE),
    "padding of channels": (
        Do(lambda x, w: nn.functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 1, 1), value=0.5)),
        PICTURE,
    ),
    "dropout": (nn.Sequential(nn.Dropout(0.5), nn.Identity()), PICTURE),
    "sum with a constant": (Do(lambda x, w: x + w, 3, 1, 1), PICTURE),
    "normalisation": (Do(lambda x, w: (x - 0.5) / w, 3, 1, 1), PICTURE),
    "constant first": (Do(lambda x, w: w / (1 - x.sigmoid()), 1), PICTURE),
    "both values computed": (Do(lambda x, w: (x * x.sigmoid() - x) / (x.sigmoid() + 1)), PICTURE),
    "matrix product": (Do(lambda x, w: x @ w, 6, 4), VECTOR),
    "matrix product and bias": (Do(lambda x, w: x @ w + w[0], 6, 4), VECTOR),
}


@pytest.mark.parametrize("fixed", [True, False], ids=["batch of one", "open batch"])
@pytest.mark.parametrize("name", LAYERS)
def test_what_torch_exports_comes_back(export, name, fixed):
    net, shape = LAYERS[name]
    x = pictures(shape)
    settings = {} if fixed else {"input_names": ["x"], "dynamic_axes": {"x": {0: "n"}}}
    found = imported(export(net, x[:1] if fixed else x[:2], **settings))
    with torch.no_grad():
        torch.testing.assert_close(found(x), net.eval()(x), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("opset", [7, 9, 11, 13, 17])
def test_older_ways_to_say_it_are_read_too(export, opset):
    net = nn.Sequential(
        nn.Conv2d(3, 4, 3), batch_norm(nn.BatchNorm2d(4)), nn.ReLU6(), nn.AvgPool2d(2), nn.Flatten(), nn.Dropout(),
        nn.Linear(24, 5), Do(lambda x, w: x.view(-1, 5, 1).squeeze(2).unsqueeze(1).mean(1)), nn.Softmax(1),
    )  # fmt: skip
    x = pictures(PICTURE)
    found = imported(export(net, x[:1], opset_version=opset))
    with torch.no_grad():
        torch.testing.assert_close(found(x), net(x), atol=1e-5, rtol=1e-5)


def one(
    kind: str, *constants: np.ndarray, shape=(2, *PICTURE), domain: str = "", opset: int = 17, **attributes
) -> bytes:
    """A file of one operation, its output's shape left open."""
    names = [f"c{i}" for i in range(len(constants))]
    node = helper.make_node(kind, ["x", *names], ["y"], domain=domain, **attributes)
    graph = helper.make_graph(
        [node],
        "one",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, [])],
        [onnx.numpy_helper.from_array(c, n) for c, n in zip(constants, names, strict=True)],
    )
    imports = [helper.make_opsetid("", opset), helper.make_opsetid("ai.onnx.ml", 3)]
    return helper.make_model(graph, opset_imports=imports, ir_version=8).SerializeToString()


def numbers(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).normal(size=shape).astype(np.float32)


CASES = {
    "same, more after": one("Conv", numbers(4, 3, 2, 2), auto_pad="SAME_UPPER", strides=[2, 2]),
    "same, more before": one("Conv", numbers(4, 3, 4, 2), auto_pad="SAME_LOWER"),
    "valid": one("Conv", numbers(4, 3, 2, 2), auto_pad="VALID"),
    "uneven border": one("Conv", numbers(4, 3, 3, 3), numbers(4), pads=[0, 1, 2, 1]),
    "max pool, same": one("MaxPool", kernel_shape=[2, 2], auto_pad="SAME_UPPER"),
    "max pool, uneven": one("MaxPool", kernel_shape=[3, 3], strides=[2, 2], pads=[0, 0, 1, 1]),
    "average pool, same": one("AveragePool", kernel_shape=[2, 2], auto_pad="SAME_UPPER"),
    "average pool, uneven and counted": one("AveragePool", kernel_shape=[2, 2], pads=[0, 0, 1, 1], count_include_pad=1),
    "product with factors": one("Gemm", numbers(6, 4), numbers(1, 4), shape=(2, 6), alpha=0.5, beta=2.0),
    "product without bias": one("Gemm", numbers(4, 6), shape=(2, 6), transB=1),
    "product plus one number": one("Gemm", numbers(6, 4), numbers(1), shape=(2, 6)),
    "hard sigmoid": one("HardSigmoid", alpha=0.3, beta=0.4),
    "mean of everything": one("ReduceMean", axes=[1, 2, 3], keepdims=0),
    "mean by an input": one("ReduceMean", np.array([-1]), opset=18),
    "zero keeps a length": one("Reshape", np.array([0, -1, 7])),
    "slice": one("Slice", np.array([1, -3]), np.array([9, 9]), np.array([2, 3]), np.array([3, 1])),
    "slice by attributes": one("Slice", starts=[0], ends=[-1], axes=[2], opset=9),
    "padding of chosen axes": one("Pad", np.array([1, 2]), np.float32(0.3), np.array([3]), opset=18),
    "squeeze": one("Squeeze", shape=(2, 1, 3, 1)),
    "scaler": one("Scaler", shape=(2, 6), domain="ai.onnx.ml", offset=[0.1] * 6, scale=[2.0] * 6),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_the_format_allows_is_what_its_reference_computes(name):
    raw = CASES[name]
    model = onnx.load_model_from_string(raw)
    x = pictures([axis.dim_value for axis in model.graph.input[0].type.tensor_type.shape.dim][1:], 2)
    (expected,) = ReferenceEvaluator(model).run(None, {"x": x.numpy()})
    np.testing.assert_allclose(imported(raw)(x).numpy(), expected, atol=1e-5, rtol=1e-5)


REFUSED = {
    "Transpose moves the axis of the pictures": one("Transpose", perm=[1, 0, 2, 3]),
    "mixes the pictures of a batch": one("Reshape", np.array([-1, 7])),
    "cannot bring 2×3×8×7 numbers to 2×5": one("Reshape", np.array([2, 5])),
    "Softmax is taken over several axes": one("Softmax", axis=1, opset=9),
    "Slice runs backwards": one("Slice", np.array([7]), np.array([0]), np.array([2]), np.array([-1])),
    "Slice takes some pictures": one("Slice", np.array([0]), np.array([1]), np.array([0])),
    "Pad is of the kind reflect": one("Pad", np.array([0, 0, 1, 1, 0, 0, 1, 1]), mode="reflect"),
    "windows along 3 axes": one("Conv", numbers(4, 3, 2, 2, 2), shape=(2, 3, 5, 5, 5)),
    "transposes the batch": one("Gemm", numbers(2, 4), shape=(2, 6), transA=1),
    "takes weights with 3 axes": one("MatMul", numbers(3, 7, 2)),
    "rounds values to whole numbers": one("Cast", to=7),
    "conv2d1 cannot be computed on 2×3×8×7": one("Conv", numbers(4, 5, 3, 3)),
    "batch norm is in training mode": one("BatchNormalization", *[numbers(3)] * 4, training_mode=1),
    "uneven border and ceil_mode": one("AveragePool", kernel_shape=[2, 2], pads=[0, 0, 1, 1], ceil_mode=1),
    "AveragePool is dilated": one("AveragePool", kernel_shape=[2, 2], dilations=[2, 2], opset=19),
}  # fmt: skip


@pytest.mark.parametrize("words", REFUSED)
def test_what_is_not_read_is_one_sentence(words):
    with pytest.raises(UserError, match=words) as caught:
        imported(REFUSED[words])
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


def test_every_operation_is_tried():
    kinds = {node.op_type for raw in CASES.values() for node in onnx.load_model_from_string(raw).graph.node}
    exported = {
        "Add", "BatchNormalization", "Clip", "Concat", "Div", "Dropout", "Elu", "Flatten", "GlobalAveragePool",
        "HardSwish", "Identity", "LeakyRelu", "LogSoftmax", "MatMul", "Mul", "Relu", "Shape", "Sigmoid", "Softmax",
        "Sub", "Tanh", "Transpose", "Unsqueeze", "Cast", "ZipMap",
    }  # fmt: skip
    assert kinds | exported == set(OPERATIONS)
