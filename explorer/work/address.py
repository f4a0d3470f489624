"""Addresses read: what was typed or copied becomes a request, and every mistake in it a sentence."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from explorer.attacks import ATTACKS
from explorer.attribution import SALIENCY
from explorer.core.errors import UserError
from explorer.core.norms import NORMS, Norm
from explorer.core.registry import unknown
from explorer.data import DATA
from explorer.work.checks import Check, name_in, named, one_of, sha256_of_upload
from explorer.work.pages import PAGES
from explorer.work.request import (
    DEFAULT_DATA,
    METHOD,
    Request,
    checks,
    default,
    knob_groups,
    no_pictures,
    norms_of,
    text,
    with_models,
)

FIRST = ("data", "norm", "attack", "method", "second", "upload")  # what decides which others there are
NAMES = (*FIRST, "index", "label", "a", "b", "more", "eps", "target", "seed", "explained", "against")


def read(address: str) -> tuple[Request, list[str]]:
    """Return the request of an address, as copied from a browser or just path and query, and its problems.

    Each problem is a sentence: the value, what is allowed, what is used instead. Never raises for
    anything that can be typed.
    """
    problems: list[str] = []
    return _read(address, problems), problems


def read_query(page: str, query: Mapping[str, str]) -> tuple[Request, list[str]]:
    """Return the request of a page's query, and its problems (see `read`)."""
    problems: list[str] = []
    return _read_query(page, query, problems), problems


def strict(address: str) -> Request:
    """Return the request of an address; raise `UserError` at its first problem."""
    if not address.strip():
        raise UserError("The address is empty: give one copied from the browser, or its end, as in /attack?data=toy.")
    return _read(address, None)


def _note(problems: list[str] | None, wrong: str, used: str) -> None:
    if problems is None:
        raise UserError(wrong)
    problems.append(f"{wrong} {used}")


def _read(address: str, problems: list[str] | None) -> Request:
    try:
        parts = urlsplit(address)
    except ValueError:
        _note(problems, f"{address[:80]!r} is not an address.", "Using the first view instead.")
        return default()
    page = parts.path.rstrip("/").rsplit("/", 1)[-1] or "attack"
    if page not in PAGES:
        _note(problems, str(unknown("page", page, PAGES)), "Using attack instead.")
        page = "attack"
    given = parse_qsl(parts.query, keep_blank_values=True)
    query = dict(given)
    for name in query:
        if len({value for key, value in given if key == name}) > 1:
            _note(problems, f"{name[:40]} is given more than once.", "Using the last of them.")
    return _read_query(page, query, problems)


def _read_query(page: str, query: Mapping[str, str], problems: list[str] | None) -> Request:
    left = dict(query)

    def take(name: str, check: Check, usual: Any) -> Any:
        given = left.pop(name, None)
        if given is None:
            return usual
        try:
            return check(given)
        except UserError as error:
            _note(problems, str(error), f"Using {text(usual) or 'nothing'} instead.")
            return usual

    data = take("data", with_models, DEFAULT_DATA)
    norm: Norm = take("norm", one_of("norm", NORMS), "linf")
    attack = take("attack", name_in(ATTACKS), "pgd")
    if not norms_of(data, attack):
        _note(problems, no_pictures(data, attack), "Using pgd instead.")
        attack = "pgd"
    if norm not in (norms := norms_of(data, attack)):
        wrong = f"{ATTACKS[attack].title} does not work in {norm} on {data}; it knows {', '.join(norms)}."
        _note(problems, wrong, f"Using {norms[0]} instead.")
        norm = norms[0]
    method = take("method", name_in(SALIENCY), METHOD)
    second = take("second", one_of("second", ("", *(name for name in SALIENCY if name != method))), "")
    usual = default(data, norm, attack, page, method, second)
    upload = take("upload", sha256_of_upload, "")
    known = checks(page, data, norm, attack, method, second, bool(upload))
    chosen: dict[str, Any] = {"upload": upload}
    for name in NAMES[len(FIRST) :]:
        chosen[name] = take(name, known[name], getattr(usual, name))
    groups = knob_groups(page, data, attack, method, second)
    for name, prefix, knobs in groups:
        values = {k: take(prefix + k, named(prefix + k, knob), knob.default) for k, knob in knobs.items()}
        chosen[name] = tuple(sorted(values.items()))
    entries = (*ATTACKS.values(), *DATA.values(), *SALIENCY.values())
    others = {f"{entry.name}_{knob}" for entry in entries for knob in entry.knobs}
    others |= {name for other in PAGES.values() for name in (*other.choices, *other.show)}
    for stranger in left:
        if stranger not in others:  # a knob left over from another choice is no mistake
            allowed = [*NAMES, *(f"{prefix}{name}" for _, prefix, knobs in groups for name in knobs)]
            _note(problems, str(unknown("parameter", stranger, allowed)), "It is left out.")
    return usual.with_(**chosen)
