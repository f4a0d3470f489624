import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from explorer.core.results import AttackResult, AttackView, Plane
from explorer.work.pack import Damaged, from_bytes, pack, to_bytes, to_json, unpack


def attack_result(**changes) -> AttackResult:
    n = 2
    return AttackResult(
        **{
            "x": np.zeros((n, 1, 2, 2), np.float32),
            "x_adv": np.full((n, 1, 2, 2), 0.25, np.float32),
            "logits": np.array([[1, -1], [np.nan, np.inf]], np.float32),
            "logits_adv": np.zeros((n, 2), np.float32),
            "labels": np.array([0, 2**40]),
            "targeted": True,
            "success": np.array([True, False]),
            "distance": {"linf": np.zeros(n, np.float32), "l2": np.ones(n, np.float32)},
            "images": 80,
            "seconds": 0.1,
        }
        | changes
    )


def view() -> AttackView:
    one = attack_result(path={"x": np.ones((3, 2, 1, 2, 2), np.float32), "loss": np.zeros((0, 2), np.float32)})
    logits = np.arange(2, dtype=np.float32)
    return AttackView(-1, one, attack_result(), logits, logits, one, one, Plane(np.zeros((2, 2, 2), np.float32)))


def assert_same(a, b) -> None:
    arrays, meta = pack(a)
    others, other_meta = pack(b)
    assert type(a) is type(b)
    assert meta == other_meta
    assert list(arrays) == list(others)
    for name, array in arrays.items():
        assert array.dtype == others[name].dtype
        np.testing.assert_array_equal(array, others[name], strict=True)


def test_a_view_comes_back_exactly():
    back = from_bytes(to_bytes(view()))
    assert_same(back, view())
    assert back.plane_b is None
    assert back.b.path == {}
    assert back.a.targeted is True
    assert back.a.labels[1] == 2**40


def test_unpack_is_typed():
    arrays, meta = pack(view())
    assert_same(unpack(AttackView, arrays, meta), view())
    with pytest.raises(Damaged, match="a AttackView where a Plane"):
        unpack(Plane, arrays, meta)
    arrays.pop("b.x")
    with pytest.raises(Damaged):
        unpack(AttackView, arrays, meta)


@settings(max_examples=60)
@given(
    hnp.arrays(
        st.sampled_from([np.bool_, np.int64, np.float32, np.float64, np.uint8]),
        hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4),
    )
)
def test_every_array_comes_back_exactly(array):
    back = from_bytes(to_bytes(Plane(array))).probabilities
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array, strict=True)


def test_arrays_of_any_layout_come_back():
    array = np.arange(24).reshape(2, 3, 4).transpose(2, 0, 1)[::2]
    np.testing.assert_array_equal(from_bytes(to_bytes(Plane(array))).probabilities, array, strict=True)


def test_shared_arrays_cannot_be_written():
    back = from_bytes(to_bytes(view()))
    with pytest.raises(ValueError, match="read-only"):
        back.a.x[0] = 1


def test_every_flipped_bit_and_every_cut_is_noticed():
    blob = to_bytes(attack_result())
    for place in range(0, len(blob), 3):
        wrong = blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :]
        with pytest.raises(Damaged):
            from_bytes(wrong)
        with pytest.raises(Damaged):
            from_bytes(blob[:place])


@settings(max_examples=100)
@given(st.binary(max_size=200))
def test_foreign_bytes_are_damaged(blob):
    with pytest.raises(Damaged):
        from_bytes(blob)


@pytest.mark.parametrize("name", ["Mapping", "np", "field", "Request", "__name__"])
def test_only_results_are_made(name):
    with pytest.raises(Damaged):
        from_bytes(to_bytes(Plane(np.zeros(1))).replace(b"Plane", name.encode()))


def test_what_is_no_result_is_refused():
    with pytest.raises(TypeError, match="cannot hold a set"):
        to_bytes(Plane({1}))


def test_json_is_plain():
    found = json.loads(json.dumps(to_json(view()), allow_nan=False))
    assert found["label"] == -1
    assert found["plane_b"] is None
    assert found["a"]["logits"] == [[1.0, -1.0], [None, None]]
    assert found["a"]["success"] == [True, False]
    assert found["a"]["distance"]["l2"] == [1.0, 1.0]
    short = to_json(view(), limit=4)
    assert short["a"]["x"] == {"shape": [2, 1, 2, 2]}
    assert short["a"]["logits"] == [[1.0, -1.0], [None, None]]
