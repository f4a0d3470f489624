"""One registry for every choosable thing: attacks, data sets, architectures, recipes.

A thing is a plain function in a file of its own. Its decorator registers it; the registry imports
every module of its package on first use, so adding a file adds an entry.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, TypeVar

from explorer.core.errors import UserError
from explorer.core.knobs import Knob, knobs_of

F = TypeVar("F", bound=Callable[..., Any])
ALIKE = 0.65  # of `SequenceMatcher.ratio`: two letters of three swapped, as in pdg, are 0.67


@dataclass(frozen=True, eq=False, slots=True)
class Entry:
    """A registered function and what is known of it.

    name: the function's own; title: for people; summary: the docstring's first line; knobs: read
    from its signature; paper: an identifier such as "arXiv:1706.06083", or ""; facts: what its
    kind of thing adds (an attack's norms, a data set's classes).
    """

    name: str
    title: str
    run: Callable[..., Any]
    summary: str
    knobs: Mapping[str, Knob]
    paper: str
    facts: Mapping[str, Any]


def unknown(noun: str, name: object, known: Collection[str], where: str = "") -> UserError:
    """Return the error of a name that is none of those known, with all of them and the one that may have been meant.

    where : where they are known, if that is to be said: "in zoo/plans.toml"
    """
    place = f" {where}" if where else ""
    return UserError(f"There is no {noun} {str(name)[:40]!r}{place}; known: {', '.join(known)}.{meant(name, known)}")


def meant(name: object, known: Collection[str]) -> str:
    """Return a question with the known name that is most like this one, after a space; "" where none is."""
    near = get_close_matches(str(name)[:40].lower(), known, 1, ALIKE)
    return f" Did you mean {near[0]}?" if near else ""


class Registry:
    """The entries of one package, by name."""

    def __init__(self, package: str, noun: str) -> None:
        self._package, self._noun = package, noun
        self._entries: dict[str, Entry] = {}
        self._complete = False

    def register(self, title: str, *, paper: str = "", **facts: Any) -> Callable[[F], F]:
        """Return the decorator that registers a function under its own name."""

        def add(function: F) -> F:
            name = function.__name__
            known = self._entries.get(name)
            if known is not None and known.run.__module__ != function.__module__:
                raise ValueError(f"two {self._noun}s are called {name!r}")
            summary = (inspect.getdoc(function) or "").split("\n")[0]
            if not summary:
                raise ValueError(f"{self._noun} {name!r} has no docstring")
            self._entries[name] = Entry(name, title, function, summary, knobs_of(function), paper, facts)
            return function

        return add

    def _load(self) -> dict[str, Entry]:
        if not self._complete:
            package = importlib.import_module(self._package)
            for module in pkgutil.iter_modules(package.__path__):
                if not module.name.startswith("_"):
                    importlib.import_module(f"{self._package}.{module.name}")
            self._entries = dict(sorted(self._entries.items()))
            self._complete = True
        return self._entries

    def __getitem__(self, name: str) -> Entry:
        """Return the entry, or raise `UserError` naming those there are."""
        entries = self._load()
        if name not in entries:
            raise unknown(self._noun, name, entries)
        return entries[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._load())

    def __contains__(self, name: object) -> bool:
        return name in self._load()

    def __len__(self) -> int:
        return len(self._load())

    def values(self) -> list[Entry]:
        """Return all entries, sorted by name."""
        return list(self._load().values())
