"""Robustness Explorer: a standard and a robust neural network side by side.

`load_data(name, split="test", **knobs)` gives pictures and labels, `load_model(name)` a trained network
from pixels to logits, `run(address_or_request)` the result that a page of the app draws.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.data import load_data
    from explorer.models.zoo import load_model
    from explorer.work.local import run

__all__ = ["load_data", "load_model", "run"]

_HOMES = {"load_data": "explorer.data", "load_model": "explorer.models.zoo", "run": "explorer.work.local"}


def __getattr__(name: str) -> Any:
    """Import a public name on first use: torch takes seconds."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
