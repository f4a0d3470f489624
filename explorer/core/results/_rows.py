"""What results share: their arrays, and what is within a budget."""

from typing import Any, TypeVar

from numpy.typing import NDArray

Array = NDArray[Any]
E = TypeVar("E", float, Array)


def up_to(eps: E) -> E:
    """Return the greatest length that counts as within `eps`: float32 rounds, and a projection ends at the edge."""
    return eps * (1 + 1e-5) + 1e-7


def rows(what: str, *columns: Array) -> None:
    """Refuse columns that have not the same number of rows, one per picture."""
    if len({column.shape[:1] for column in columns}) != 1 or not columns[0].ndim:
        raise ValueError(f"{what} needs one row per picture")
