"""ONNX files read into a list of steps (see `explorer.models.graph`).

Why our own reader: onnx2torch, the converter in use, has had no release since August 2024 and brings torchvision.
Of 24 networks of VNN-COMP it refused two that this reader takes (Flatten and Dropout of older opsets), kept the batch
of one that is written into the Reshape of two others, and made of Sub and Div with constants what torch.fx cannot
trace: then batch norm stays unfolded and a certificate finds no layers. Torch itself only writes ONNX. The format's
own package, `onnx`, parses, checks, and computes what hangs on constants alone; what is left is a table from its
operations to torch's layers (`operations.py`, `shapes.py`, `windows.py`).

The whole graph is walked once with blank pictures, so every shape is known and a Reshape to [1, 784], the
batch written into the file, becomes one of each picture.
"""

import re
from collections import Counter
from typing import Any

import numpy as np
import onnx
from google.protobuf.message import DecodeError
from onnx.reference import ReferenceEvaluator

from explorer.core.errors import UserError
from explorer.models.graph import Draft, Value
from explorer.models.importers import shapes, windows  # noqa: F401 (they fill OPERATIONS)
from explorer.models.importers.operations import ML, OPERATIONS, Node

OLDEST = 7  # opset: before it, broadcasting was another
MOST_NODES = 10_000
MOST_NUMBERS = 10**8  # in a constant that the file has computed
FLOATS = (onnx.TensorProto.FLOAT, onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT16, onnx.TensorProto.BFLOAT16)
# computed by `onnx` where all inputs are constants: the arithmetic of shapes, mostly
FOLDED = """
    Add Cast Ceil Concat Constant ConstantOfShape Div Equal Expand Flatten Floor Gather Identity Max Min Mod Mul Neg Pad
    Pow Range Reciprocal ReduceProd Reshape Shape Slice Split Sqrt Squeeze Sub Transpose Unsqueeze Where
"""


class OnnxFile:
    """An ONNX file that passed the format's own checker and has one input and one output of numbers.

    batch : the pictures at a time that it is written for, 1 where it leaves that open
    shape : of one picture; None where the file leaves a length open
    producer : the program that wrote it, in its own words

    Raises `UserError` in one sentence for everything that is not such a file.
    """

    def __init__(self, raw: bytes) -> None:
        model = _parsed(raw)
        self._graph = model.graph
        self._opset = next((o.version for o in model.opset_import if o.domain in ("", "ai.onnx")), 0)
        self.producer = re.sub(r"[^\w .,+-]", "?", f"{model.producer_name} {model.producer_version}".strip())[:60]
        if self._opset < OLDEST:
            raise UserError(
                f"The file is of ONNX opset {self._opset}, before {OLDEST}: convert it with onnx.version_converter."
            )
        self._constants = {tensor.name: _array(tensor) for tensor in self._graph.initializer}
        source = self._input()
        self._source = source.name
        self._result = self._output()
        self._nodes = _needed(list(self._graph.node), self._result)
        if strangers := sorted({_title(node) for node in self._nodes if not _known(node)}):
            raise UserError(f"The file uses operations that are not read here: {', '.join(strangers[:5])}.")
        _check(model)
        lengths = [axis.dim_value if axis.dim_value > 0 else None for axis in source.type.tensor_type.shape.dim]
        if len(lengths) < 2:
            raise UserError(
                f"The input {source.name!r} has no axis for the pictures of a batch: export the model with one."
            )
        self.batch, self.shape = lengths[0] or 1, tuple(lengths[1:])

    def build(self, draft: Draft, x: Value) -> Value:
        """Add the file's network to a draft, from `x` of the file's shape; return its output."""
        values: dict[str, Any] = {**self._constants, self._source: x}
        uses = Counter(name for node in self._nodes for name in node.input) + Counter([self._result])
        for proto in self._nodes:
            if missing := [name for name in proto.input if name and name not in values]:
                raise UserError(f"The file's {proto.op_type} needs {missing[0]!r}, which no operation read here gives.")
            inputs = [values[name] if name else None for name in proto.input]
            if not any(isinstance(value, Value) for value in inputs):
                values |= _folded(proto, values, self._opset)
            elif proto.op_type not in OPERATIONS:
                raise UserError(f"The file computes {proto.op_type} of a picture's values, which is not read here.")
            else:
                names = zip(proto.input, inputs, strict=True)
                alone = all(uses[name] == 1 for name, value in names if isinstance(value, Value))
                node = Node(proto.op_type, tuple(inputs), _attributes(proto), self._opset, alone)
                values[proto.output[0]] = OPERATIONS[proto.op_type](draft, node)
        found = values[self._result]
        if not isinstance(found, Value):
            raise UserError("The file's output does not depend on its input.")
        return found

    def _input(self) -> Any:
        inputs = [value for value in self._graph.input if value.name not in self._constants]
        if len(inputs) != 1:
            names = ", ".join(value.name for value in inputs[:5]) or "none"
            raise UserError(f"The file has {len(inputs)} inputs ({names}); a model here has one, the picture.")
        kind = inputs[0].type.tensor_type.elem_type
        if kind not in FLOATS:
            known = {number: name.lower() for name, number in onnx.TensorProto.DataType.items()}
            name = known.get(kind, "unknown")
            raise UserError(f"The input {inputs[0].name!r} is of type {name}; a model here takes float pixels.")
        return inputs[0]

    def _output(self) -> str:
        """Return the first output of floats; scikit-learn's files give the label before the probabilities."""
        for value in self._graph.output:
            if value.type.tensor_type.elem_type in FLOATS or value.type.HasField("sequence_type"):
                return str(value.name)
        raise UserError("The file gives no numbers of type float: its output must be a score per class.")


def _parsed(raw: bytes) -> onnx.ModelProto:
    try:
        model: onnx.ModelProto = onnx.load_model_from_string(raw)
    except DecodeError as error:
        raise UserError("The file is neither ONNX nor safetensors, or it is cut short or damaged.") from error
    if not model.HasField("graph") or not model.opset_import:
        raise UserError("The file is neither ONNX nor safetensors, or it is cut short or damaged.")
    if len(model.graph.node) > MOST_NODES:
        raise UserError(f"The file has {len(model.graph.node):,} operations; {MOST_NODES:,} are the most read here.")
    tensors = [*model.graph.initializer, *(a.t for node in model.graph.node for a in node.attribute if a.HasField("t"))]
    if any(tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data for tensor in tensors):
        raise UserError(
            "The file keeps its weights in another file: write one file, as in "
            "torch.onnx.export(..., external_data=False) or onnx.save(onnx.load('model.onnx'), 'whole.onnx')."
        )
    if model.graph.sparse_initializer:
        raise UserError("The file has sparse weights: write them dense.")
    return model


def _check(model: onnx.ModelProto) -> None:
    try:
        onnx.checker.check_model(model)
    except (onnx.checker.ValidationError, UnicodeDecodeError) as error:  # the latter: of names that are no text
        raise UserError(f"The file is not valid ONNX: {_plain(error)}.") from error


def _array(tensor: onnx.TensorProto) -> np.ndarray:
    try:
        return onnx.numpy_helper.to_array(tensor)
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"The file's weights {tensor.name[:60]!r} are damaged: {_plain(error)}.") from error


def _needed(nodes: list[onnx.NodeProto], result: str) -> list[onnx.NodeProto]:
    """Return the nodes that the result depends on, in their order, which must be topological."""
    wanted, kept = {result}, []
    for node in reversed(nodes):
        if wanted.intersection(node.output):
            kept.append(node)
            wanted.update(node.input)
    return kept[::-1]


def _known(node: onnx.NodeProto) -> bool:
    if node.domain in ("", "ai.onnx"):
        return node.op_type in FOLDED.split() or (node.op_type in OPERATIONS and node.op_type not in ML)
    return node.domain == "ai.onnx.ml" and node.op_type in ML


def _title(node: onnx.NodeProto) -> str:
    name = f"{node.domain}.{node.op_type}" if node.domain not in ("", "ai.onnx") else node.op_type
    return _printable(str(name))[:40]


def _attributes(node: onnx.NodeProto) -> dict[str, Any]:
    found = {a.name: onnx.helper.get_attribute_value(a) for a in node.attribute}
    return {
        name: value.decode(errors="replace") if isinstance(value, bytes) else value for name, value in found.items()
    }


def _folded(node: onnx.NodeProto, values: dict[str, Any], opset: int) -> dict[str, np.ndarray]:
    """Return what a node of constants gives."""
    if node.op_type not in FOLDED.split():
        raise UserError(f"The file computes {node.op_type} of constants, which is not read here.")
    names = [name for name in node.input if name]
    function = onnx.helper.make_function(
        "explorer", "fold", names, list(node.output), [node], [onnx.helper.make_opsetid("", opset)]
    )
    try:
        found = ReferenceEvaluator(function).run(None, {name: values[name] for name in names}, attributes={})
    except MemoryError:
        raise
    except Exception as error:  # whatever the reference raises, the file's constants are to blame
        raise UserError(f"The file's {node.op_type} of constants cannot be computed: {_plain(error)}.") from error
    if any(np.size(array) > MOST_NUMBERS for array in found):
        raise UserError(f"The file's {node.op_type} makes a constant of more than {MOST_NUMBERS:,} numbers.")
    return dict(zip(node.output, found, strict=True))


def _plain(error: Exception) -> str:
    return _printable(" ".join(str(error).split()))[:160].rstrip(".")


def _printable(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
