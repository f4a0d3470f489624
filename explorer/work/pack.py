"""Results as bytes: one safetensors blob, with everything that is no array as JSON in its metadata."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from explorer.core import results
from explorer.core.digest import of_arrays, of_bytes

R = TypeVar("R")
Arrays = dict[str, np.ndarray]
Meta = dict[str, Any]


class Damaged(Exception):
    """These bytes are not a result, or not all of one."""


def pack(result: Any) -> tuple[Arrays, Meta]:
    """Return a result's arrays by dotted name, and the rest of it as JSON.

    A result is a frozen dataclass of arrays, numbers, strings, None, other such dataclasses, and
    mappings from names to any of these, and tuples of them.
    """
    arrays: Arrays = {}
    meta: Meta = _pack(result, "", arrays)
    return arrays, meta


def unpack(cls: type[R], arrays: Arrays, meta: Meta) -> R:
    """Return the result that was packed; `Damaged` if it is no `cls`, or incomplete."""
    try:
        found = _unpack(meta, arrays)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"not a {cls.__name__}: {error}") from error
    if type(found) is not cls:
        raise Damaged(f"a {type(found).__name__} where a {cls.__name__} was expected")
    return found


def to_bytes(result: Any) -> bytes:
    """Return a result as one safetensors blob that carries its own digest."""
    arrays, meta = pack(result)
    text = json.dumps(meta)
    return save(arrays, {"result": text, "sha256": _digest(text, arrays)})


def from_bytes(blob: bytes) -> Any:
    """Return the result in a blob, its arrays read-only; `Damaged` if a single bit of it is wrong."""
    try:
        arrays = load(blob)
        size = int.from_bytes(blob[:8], "little")
        header = json.loads(blob[8 : 8 + size])["__metadata__"]
        text, digest = header["result"], header["sha256"]
        meta = json.loads(text)
        cls = _class(meta["class"])
    except (SafetensorError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise Damaged(f"not a result: {error}") from error
    if digest != _digest(text, arrays):
        raise Damaged("the bytes have changed since they were written")
    for array in arrays.values():
        array.flags.writeable = False
    return unpack(cls, arrays, meta)


def to_json(result: Any, limit: int | None = None) -> Any:
    """Return a result as plain JSON: arrays as nested lists, NaN and infinities as null.

    limit : an array of more elements is given by its shape alone
    """
    if is_dataclass(result):
        return {f.name: to_json(getattr(result, f.name), limit) for f in fields(result)}
    if isinstance(result, Mapping):
        return {key: to_json(value, limit) for key, value in result.items()}
    if isinstance(result, tuple):
        return [to_json(value, limit) for value in result]
    if isinstance(result, np.ndarray):
        if limit is not None and result.size > limit:
            return {"shape": list(result.shape)}
        return _finite(result.tolist())
    return _finite(_scalar(result))


def _finite(value: Any) -> Any:
    if isinstance(value, list):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _scalar(value: Any) -> Any:
    value = value.item() if isinstance(value, np.generic) else value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"a result cannot hold a {type(value).__name__}")


def _pack(value: Any, name: str, arrays: Arrays) -> Any:
    if isinstance(value, np.ndarray):
        arrays[name] = np.asarray(value, order="C")
        return {"array": name}
    prefix = f"{name}." if name else ""
    if is_dataclass(value):
        parts = {f.name: _pack(getattr(value, f.name), prefix + f.name, arrays) for f in fields(value)}
        return {"class": type(value).__name__, "fields": parts}
    if isinstance(value, Mapping):
        return {"map": {key: _pack(item, prefix + key, arrays) for key, item in value.items()}}
    if isinstance(value, tuple):
        return {"tuple": [_pack(item, f"{prefix}{i}", arrays) for i, item in enumerate(value)]}
    return _scalar(value)


def _unpack(node: Any, arrays: Arrays) -> Any:
    if not isinstance(node, dict):
        return node
    if "array" in node:
        return arrays[node["array"]]
    if "map" in node:
        return {key: _unpack(item, arrays) for key, item in node["map"].items()}
    if "tuple" in node:
        return tuple(_unpack(item, arrays) for item in node["tuple"])
    return _class(node["class"])(**{key: _unpack(item, arrays) for key, item in node["fields"].items()})


def _class(name: str) -> type[Any]:
    """Return a result's class by name: those that core/results names, and no others."""
    found = getattr(results, name, None) if name in results.__all__ else None
    if not isinstance(found, type) or not is_dataclass(found):
        raise ValueError(f"no result is called {name!r}")
    return found


def _digest(text: str, arrays: Arrays) -> str:
    return of_bytes(text.encode(), of_arrays(arrays).encode())
