from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import (
    AttackResult,
    Check,
    Control,
    Evaluation,
    Honesty,
    Judged,
    Probed,
    TransferMatrix,
    Transferred,
    renamed,
    up_to,
)


def result() -> AttackResult:
    x, logits = np.zeros((2, 1, 4, 4), np.float32), np.array([[1.0, 0.0], [0.0, 1.0]], np.float32)
    return AttackResult(x, x, logits, logits, np.array([0, 0]), False, np.array([False, True]), {}, 0, 0.0)


def test_correct_is_what_is_still_predicted():
    assert result().correct.tolist() == [True, False]


@pytest.mark.parametrize(
    "wrong",
    [
        {"x_adv": np.zeros((2, 1, 4, 3), np.float32)},
        {"logits_adv": np.zeros((2, 3), np.float32)},
        {"labels": np.array([0])},
        {"success": np.array([True])},
    ],
)
def test_rows_and_shapes_must_agree(wrong):
    with pytest.raises(ValueError, match="an attack"):
        replace(result(), **wrong)


ROWS, FEWER = np.zeros(3), np.zeros(2)


@pytest.mark.parametrize(
    "make",
    [
        lambda: replace(result(), distance={"l2": ROWS}),
        lambda: Judged(0, ROWS, ROWS, ROWS, FEWER, 0, 0.0),
        lambda: Judged(0, ROWS, FEWER, ROWS, ROWS, 0, 0.0),
        lambda: Transferred(0, {"a": ROWS, "b": FEWER}),
        lambda: Transferred(0, {}),
        lambda: Probed(0, np.array(True), ROWS, 0.0),
        lambda: Probed(0, ROWS, np.zeros(0), 0.0),
        lambda: Control(ROWS, FEWER, ROWS, ROWS),
        lambda: Control(ROWS, ROWS, FEWER, ROWS),
    ],
)
def test_each_column_has_a_row_per_picture(make):
    with pytest.raises(ValueError, match="needs "):
        make()


def test_within_is_up_to_rounding():
    eps = 8 / 255
    judged = Judged(0, *[np.zeros(3, np.int64)] * 3, np.float32([eps, eps * 1.001, np.inf]), 0, 0.0)
    assert judged.standing(eps).tolist() == [False, True, True]
    assert np.float32(eps) <= up_to(eps) < eps * 1.0001
    assert up_to(0.0) < 1 / 255 / 1000


def test_models_are_called_otherwise_in_keys_and_sentences_and_arrays_stay():
    names = {"own-1": "mine"}
    judged = Judged(0, ROWS, ROWS, ROWS, ROWS, 0, 0.0)
    found = renamed(Evaluation({"a": judged, "own-1": judged}, FEWER), names)
    assert list(found.models) == ["a", "mine"]
    assert found.models["mine"].radius is ROWS
    assert renamed(TransferMatrix({"own-1": {"a": 1, "own-1": 2}}, 3), names).models == {"mine": {"a": 1, "mine": 2}}
    check = Check(True, "made on own-1", "")
    assert renamed(Honesty({"own-1": {"?": check}}), names).models["mine"]["?"].found == "made on mine"
    assert renamed(found, {}) is found
