import hashlib

import numpy as np
import pytest

from explorer.core.digest import of_arrays, of_bytes, of_json


def test_bytes_by_hand_and_their_boundaries():
    assert of_bytes(b"ab") == hashlib.sha256((2).to_bytes(8, "little") + b"ab").hexdigest()
    assert of_bytes(b"a", b"b") != of_bytes(b"ab")
    assert of_bytes(b"ab", b"") != of_bytes(b"ab")


def test_json_is_canonical():
    assert of_json({"a": 1, "b": [1, "é"]}) == of_json({"b": (1, "é"), "a": 1})
    assert of_json({"a": 1}) != of_json({"a": 1.5})
    with pytest.raises(ValueError, match="JSON compliant"):
        of_json({"a": float("nan")})


def test_arrays_by_content():
    base = {"x": np.arange(6, dtype=np.float32).reshape(2, 3), "y": np.array([1, 2])}
    assert of_arrays(base) == of_arrays(dict(reversed(base.items())))
    assert of_arrays(base) == of_arrays({"x": np.asfortranarray(base["x"]), "y": base["y"]})
    changed = base["x"].copy()
    changed[1, 2] += 1
    others = [
        {"x": changed, "y": base["y"]},
        {"x": base["x"].reshape(3, 2), "y": base["y"]},
        {"x": base["x"].astype(np.float64), "y": base["y"]},
        {"z": base["x"], "y": base["y"]},
        {"x": base["x"]},
    ]
    assert len({of_arrays(base), *map(of_arrays, others)}) == 6
