import pytest
import torch

from explorer.core.errors import UserError
from explorer.core.types import Data, Threat


@pytest.mark.parametrize("eps", [-0.1, float("nan"), float("inf")])
def test_a_budget_is_a_finite_size(eps):
    with pytest.raises(UserError, match=r"^eps = .* is not a finite number of at least 0\.$"):
        Threat("linf", eps)
    assert Threat("linf", 0.0).eps == 0


@pytest.mark.parametrize("norm", ["", "l3", "Linf", None])
def test_a_budget_s_norm_is_known(norm):
    with pytest.raises(UserError, match=r"^norm = .* is not one of linf, l2, l1, l0\.$"):
        Threat(norm, 0.1)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (torch.zeros(3, 2, dtype=torch.float64), torch.zeros(3, dtype=torch.int64)),
        (torch.zeros(3, 2), torch.zeros(3, dtype=torch.int32)),
        (torch.zeros(3, 2), torch.zeros(2, dtype=torch.int64)),
    ],
)
def test_data_of_the_wrong_type_or_length_are_refused(x, y):
    with pytest.raises(ValueError, match="float32 x with an int64 label each"):
        Data(x, y, ("a", "b"))


def test_data_know_their_length():
    assert len(Data(torch.zeros(3, 2), torch.zeros(3, dtype=torch.int64), ("a",))) == 3
