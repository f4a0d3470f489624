from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import AttackResult


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
