"""Content digests: equal content, equal name."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np


def of_bytes(*parts: bytes) -> str:
    """Return the sha256 of the parts, each preceded by its length."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def of_json(value: Any) -> str:
    """Return the sha256 of canonical JSON: sorted keys, no spaces, no NaN."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return of_bytes(text.encode())


def of_arrays(arrays: Mapping[str, np.ndarray]) -> str:
    """Return the sha256 of named arrays: names, types, shapes and every byte."""
    parts: list[bytes] = []
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        parts += [name.encode(), f"{array.dtype.str}{array.shape}".encode(), array.tobytes()]
    return of_bytes(*parts)
