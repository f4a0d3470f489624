"""What kind of file this is, told by its content: never by its name, and without unpickling anything."""

from typing import Literal

from explorer.core.errors import UserError

Kind = Literal["onnx", "safetensors"]
CONVERT = (
    "python -c \"import torch, safetensors.torch as s; w = torch.load('model.pt', map_location='cpu', "
    "weights_only=True); w = w.get('state_dict', w); s.save_file({k: v.contiguous().clone() for k, v in w.items() "
    "if torch.is_tensor(v)}, 'model.safetensors')\""
)
PICKLED = f"This is a pickled checkpoint, and opening one can run any program in it: convert it with {CONVERT}"
OTHERS = {
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"\x89HDF": "an HDF5 file, as Keras writes",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
    b"<": "a web page",
}


def kind_of(raw: bytes) -> Kind:
    """Return the kind of a model's file; what begins like neither is taken for ONNX, which has no mark of its own.

    Safe and quick for any bytes: they are compared and searched, not parsed.

    Raises `UserError` for an empty file, a pickled checkpoint (with the command that converts it), and
    what is plainly something else.
    """
    if not raw:
        raise UserError("The file is empty.")
    if raw[0] == 0x80 and raw[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        raise UserError(PICKLED)
    if raw[:2] == b"PK":
        raise UserError(_zipped(raw))
    for mark, name in OTHERS.items():
        if raw.startswith(mark):
            raise UserError(f"The file is {name}, neither ONNX nor safetensors.")
    header = int.from_bytes(raw[:8], "little")
    return "safetensors" if raw[8:9] == b"{" and header <= len(raw) - 8 else "onnx"


def _zipped(raw: bytes) -> str:
    """Return why an archive is refused, by the names in it, which are never packed; nothing is unpacked."""
    if b"/constants.pkl" in raw:
        return "This is a TorchScript program: export the model with torch.onnx.export, as one ONNX file."
    if b"/data.pkl" in raw:
        return PICKLED
    return "The file is an archive, neither ONNX nor safetensors: unpack it and choose the model in it."
