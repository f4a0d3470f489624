"""Knobs: a function's own annotated keyword parameters, read as data.

The controls on a page, the command line, the tests and the catalogue are derived from them.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from explorer.core.errors import UserError

Value = bool | int | float | str


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from `low` to `high`."""

    low: int
    high: int
    text: str

    def check(self, value: Any) -> int:
        """Return the value as int, or raise ValueError."""
        if isinstance(value, bool) or float(value) != int(float(value)):
            raise ValueError
        if not self.low <= (number := int(float(value))) <= self.high:
            raise ValueError
        return number

    @property
    def allowed(self) -> str:
        """What may be chosen, in words."""
        return f"a whole number from {self.low} to {self.high}"


@dataclass(frozen=True, slots=True)
class Real:
    """A finite number from `low` to `high`."""

    low: float
    high: float
    text: str

    def check(self, value: Any) -> float:
        """Return the value as float, or raise ValueError."""
        number = float(value)
        if isinstance(value, bool) or not math.isfinite(number) or not self.low <= number <= self.high:
            raise ValueError
        return number + 0.0  # -0.0 is 0.0

    @property
    def allowed(self) -> str:
        """What may be chosen, in words."""
        return f"a number from {self.low:g} to {self.high:g}"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of some names."""

    options: tuple[str, ...]
    text: str

    def check(self, value: Any) -> str:
        """Return the value, or raise ValueError."""
        if value not in self.options:
            raise ValueError
        return str(value)

    @property
    def allowed(self) -> str:
        """What may be chosen, in words."""
        return "one of " + ", ".join(self.options)


@dataclass(frozen=True, slots=True)
class Switch:
    """On or off."""

    text: str

    def check(self, value: Any) -> bool:
        """Return the value as bool, or raise ValueError."""
        known = {"true": True, "1": True, "on": True, "false": False, "0": False, "off": False}
        if (key := str(value).lower()) not in known:
            raise ValueError
        return known[key]

    @property
    def allowed(self) -> str:
        """What may be chosen, in words."""
        return "on or off"


Kind = Whole | Real | Choice | Switch


@dataclass(frozen=True, slots=True)
class Knob:
    """One choosable parameter of an entry: its kind and its default."""

    name: str
    kind: Kind
    default: Value

    def read(self, value: Any) -> Value:
        """Return the checked value, or raise `UserError` with a sentence."""
        try:
            return self.kind.check(value)
        except (ValueError, TypeError, OverflowError):
            shown = str(value)[:40]
            raise UserError(f"{self.name} = {shown!r} is not {self.kind.allowed}.") from None


def knobs_of(function: Callable[..., Any]) -> dict[str, Knob]:
    """Return the knobs of a function: its keyword parameters annotated with a kind."""
    hints = get_type_hints(function, include_extras=True)
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        kinds = [a for a in get_args(hint)[1:] if isinstance(a, Kind)] if get_origin(hint) is Annotated else []
        if kinds:
            found[name] = Knob(name, kinds[0], kinds[0].check(parameter.default))
    return found


def fill(knobs: Mapping[str, Knob], values: Mapping[str, Any]) -> dict[str, Value]:
    """Return every knob's value, defaults filled in; raise `UserError` for a stranger or a bad value."""
    if strangers := sorted(set(values) - set(knobs)):
        known = ", ".join(knobs) or "none"
        raise UserError(f"There is no parameter {str(strangers[0])[:40]!r} here; known: {known}.")
    return {name: knob.read(values.get(name, knob.default)) for name, knob in knobs.items()}
