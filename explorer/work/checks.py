"""Checks of one choice each: a function that returns the checked value, or raises `UserError` with a sentence."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from explorer.core.errors import UserError
from explorer.core.knobs import Knob, Value
from explorer.core.registry import Registry, meant
from explorer.models.own import is_own
from explorer.models.zoo import card, studied, zoo_names

Check = Callable[[Any], Any]
SHA256 = re.compile("[0-9a-f]{64}")


def one_of(name: str, options: tuple[str, ...]) -> Check:
    """Check for one of some names; "" among them stands for nothing chosen."""

    def check(value: Any) -> str:
        if value in options:
            return str(value)
        if options == ("",):
            raise UserError(f"{name} = {str(value)[:40]!r} has no meaning here: leave it out.")
        allowed = ", ".join(option or "nothing" for option in options)
        raise UserError(f"{name} = {str(value)[:40]!r} is not one of {allowed}.{meant(value, options)}")

    return check


def several(check: Check) -> Callable[[Any], tuple[Any, ...]]:
    """Check each of several values, which are kept once: a tuple, or as an address has them, with commas between."""

    def each(value: Any) -> tuple[Any, ...]:
        given = filter(None, value.split(",")) if isinstance(value, str) else value
        return tuple(dict.fromkeys(check(one) for one in given))

    return each


def model_of(name: str, data: str) -> Check:
    """Check for a model of a data set: one that comes with the product, or an imported one that is here."""
    listed = tuple(zoo_names(data))
    known = one_of(name, listed)

    def check(value: Any) -> str:
        text = str(value)
        if text in listed or not (is_own(text) or text in studied()):
            return str(known(value))
        if (other := card(text)["data"]) != data:
            raise UserError(f"{name} = {text!r} is a model of {other}, not of {data}.")
        return text

    return check


def name_in(registry: Registry) -> Check:
    """Check for the name of a registered thing."""
    return lambda value: registry[value].name


def named(name: str, knob: Knob) -> Callable[[Any], Value]:
    """Check for a knob's value, under the name that it has in an address."""
    return replace(knob, name=name).read


def sha256_of_upload(value: Any) -> str:
    """Check for the sha256 of an uploaded picture, or nothing."""
    text = str(value)
    if text and not SHA256.fullmatch(text):
        raise UserError(f"upload = {text[:40]!r} is not the sha256 of an uploaded picture.")
    return text


def pairs(knobs: Mapping[str, Knob]) -> Check:
    """Check for the sorted pairs of all of these knobs."""

    def check(given: Any) -> tuple[tuple[str, Value], ...]:
        if [name for name, _ in given] != sorted(knobs):
            raise UserError(f"The parameters {given} are not those known: {', '.join(sorted(knobs)) or 'none'}.")
        return tuple((name, knobs[name].read(value)) for name, value in given)

    return check
