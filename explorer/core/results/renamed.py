"""A result that calls its models otherwise."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar

T = TypeVar("T")


def renamed(result: T, names: Mapping[str, str]) -> T:
    """Return a result in whose keys and sentences models are called otherwise; its arrays are the same ones.

    names : what to call them, by names that are part of no other text (an imported model's); no two may become one
    """
    return _renamed(result, names) if names else result


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, other in names.items():
            value = value.replace(name, other)
        return value
    if isinstance(value, Mapping):
        return {_renamed(key, names): _renamed(one, names) for key, one in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{f.name: _renamed(getattr(value, f.name), names) for f in fields(value)})
    return value
