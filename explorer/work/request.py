"""A view is a request: the page's address, the cache key, the job and the command line, all from one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from explorer.attacks import ATTACKS
from explorer.core.digest import of_json
from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Knob, Switch, Value, Whole
from explorer.core.norms import NORMS, Norm
from explorer.core.types import Threat
from explorer.data import DATA, data_digest
from explorer.models.zoo import weights_digest, zoo_names
from explorer.work.checks import Check, name_in, named, one_of, pairs, sha256_of_upload

PAGES = ("attack",)
DEFAULT_DATA = "shapes"
FORMAT = 4  # of results: raised when their meaning changes, so that old ones are not found
EPS_REACH = 4  # the largest budget offered, in multiples of the data set's usual one
NAMES = ("data", "norm", "attack", "upload", "index", "label", "a", "b", "eps", "target", "seed")  # in an address
SEEDS = Whole(0, 9999, "seed of every random choice")
SHOW = {  # how a result is drawn; part of the address, not of the computation
    "map": Knob("map", Choice(("signed", "size"), "perturbation as signed change, or its size"), "signed"),
    "transfer": Knob("transfer", Switch("show each model the picture made on the other"), False),
}


@dataclass(frozen=True, slots=True)
class Request:
    """What a person has chosen; every field is checked when made.

    eps counts units of the data set (1/255 or 1/1000), in l0 pixels. upload : the sha256 of a picture that takes
    the place of picture `index`, with `label` its class or "". target : the wanted class, "" for any
    wrong one. data_knobs, knobs (the attack's), show : sorted pairs.

    Raises `UserError` naming the field, the value and what is allowed.
    """

    page: str
    data: str
    data_knobs: tuple[tuple[str, Value], ...]
    index: int
    upload: str
    label: str
    a: str
    b: str
    attack: str
    knobs: tuple[tuple[str, Value], ...]
    norm: Norm
    eps: int
    target: str
    seed: int
    show: tuple[tuple[str, Value], ...]

    def __post_init__(self) -> None:
        for name, check in _checks(self.data, self.norm, self.attack, bool(self.upload)).items():
            object.__setattr__(self, name, check(getattr(self, name)))

    @property
    def threat(self) -> Threat:
        """The budget in pixel units, in l0 in pixels."""
        return Threat(self.norm, self.eps / unit_of(self.data, self.norm))

    @property
    def key(self) -> str:
        """The name of the computation: equal for two requests exactly when their results are."""
        chosen: dict[str, Any] = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "show"}
        if self.upload:  # takes the picture's place, so nothing hangs on the data set's own
            del chosen["index"], chosen["data_knobs"]
        else:
            chosen["data_digest"] = data_digest(self.data, "test", self.data_knobs)
        return of_json(chosen | {"weights": [weights_digest(self.a), weights_digest(self.b)], "format": FORMAT})

    def query(self) -> dict[str, str]:
        """Return the address's query: every choice that differs from the default of its data set."""
        usual = default(self.data, self.norm, self.attack)
        prefixes = {name: prefix for name, prefix, _ in _knob_groups(self.data, self.attack)}
        found: dict[str, str] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name in prefixes:
                prefix, standard = prefixes[f.name], dict(getattr(usual, f.name))
                found |= {prefix + k: _text(v) for k, v in value if v != standard[k]}
            elif f.name != "page" and value != getattr(usual, f.name):
                found[f.name] = str(value)
        first = (("data", DEFAULT_DATA), ("norm", "linf"), ("attack", "pgd"))
        return found | {name: getattr(self, name) for name, value in first if getattr(self, name) != value}

    def address(self) -> str:
        """Return path and query, to be put behind the server's name."""
        query = urlencode(self.query())
        return f"/{self.page}" + (f"?{query}" if query else "")

    def with_(self, **changes: Any) -> "Request":
        """Return the request with some choices changed."""
        return replace(self, **changes)


def default(data: str = DEFAULT_DATA, norm: Norm = "linf", attack: str = "pgd") -> Request:
    """Return the first view of a data set: its standard model beside its robust one, at its usual budget."""
    facts, names = DATA[_with_models(data)].facts, zoo_names(data)
    first = f"{data}-standard" if f"{data}-standard" in names else names[0]
    second = f"{data}-pgd" if f"{data}-pgd" in names else names[-1]
    return Request(
        page="attack",
        data=data,
        data_knobs=_defaults(DATA[data].knobs),
        index=facts.get("first", 0),
        upload="",
        label="",
        a=first,
        b=second,
        attack=attack,
        knobs=_defaults(ATTACKS[attack].knobs),
        norm=norm,
        eps=facts["eps"][norm],
        target="",
        seed=0,
        show=_defaults(SHOW),
    )


def eps_limit(data: str, norm: Norm) -> int:
    """Return the largest budget, in units of the data set."""
    facts = DATA[data].facts
    reach, whole = EPS_REACH * int(facts["eps"][norm]), {"linf": facts["unit"], "l0": math.prod(facts["shape"][1:])}
    return min(reach, int(whole.get(norm, reach)))


def unit_of(data: str, norm: Norm) -> int:
    """Return how many units of a budget are 1: 255 or 1000, in l0 one pixel."""
    return 1 if norm == "l0" else int(DATA[data].facts["unit"])


def norms_of(data: str, attack: str) -> tuple[Norm, ...]:
    """Return the norms that a data set and an attack both know; none where the attack cannot serve such data."""
    facts = ATTACKS[attack].facts
    if facts["pictures_only"] and len(DATA[data].facts["shape"]) != 3:
        return ()
    return tuple(norm for norm in facts["norms"] if norm in DATA[data].facts["eps"])


def read(address: str) -> tuple[Request, list[str]]:
    """Return the request of an address, as copied from a browser or just path and query, and its problems.

    Each problem is a sentence: the value, what is allowed, what is used instead. Never raises for
    anything that can be typed.
    """
    problems: list[str] = []
    return _read(address, problems), problems


def read_query(query: Mapping[str, str]) -> tuple[Request, list[str]]:
    """Return the request of an address's query, and its problems (see `read`)."""
    problems: list[str] = []
    return _read_query(query, problems), problems


def strict(address: str) -> Request:
    """Return the request of an address; raise `UserError` at its first problem."""
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
        _note(problems, f"There is no page {page[:40]!r}; known: {', '.join(PAGES)}.", "Using attack instead.")
    return _read_query(dict(parse_qsl(parts.query, keep_blank_values=True)), problems)


def _read_query(query: Mapping[str, str], problems: list[str] | None) -> Request:
    left = dict(query)

    def take(name: str, check: Check, usual: Any) -> Any:
        text = left.pop(name, None)
        if text is None:
            return usual
        try:
            return check(text)
        except UserError as error:
            _note(problems, str(error), f"Using {_text(usual) or 'nothing'} instead.")
            return usual

    data = take("data", _with_models, DEFAULT_DATA)
    norm: Norm = take("norm", one_of("norm", NORMS), "linf")
    attack = take("attack", name_in(ATTACKS), "pgd")
    if not norms_of(data, attack):
        _note(problems, _no_pictures(data, attack), "Using pgd instead.")
        attack = "pgd"
    if norm not in (norms := norms_of(data, attack)):
        wrong = f"{ATTACKS[attack].title} does not work in {norm} on {data}; it knows {', '.join(norms)}."
        _note(problems, wrong, f"Using {norms[0]} instead.")
        norm = norms[0]
    usual = default(data, norm, attack)
    upload = take("upload", sha256_of_upload, "")
    checks = _checks(data, norm, attack, bool(upload))
    chosen: dict[str, Any] = {"upload": upload}
    for name in NAMES[4:]:
        chosen[name] = take(name, checks[name], getattr(usual, name))
    for name, prefix, knobs in _knob_groups(data, attack):
        values = {k: take(prefix + k, named(prefix + k, knob), knob.default) for k, knob in knobs.items()}
        chosen[name] = tuple(sorted(values.items()))
    others = {f"{entry.name}_{knob}" for entry in (*ATTACKS.values(), *DATA.values()) for knob in entry.knobs}
    for stranger in left:
        if stranger not in others:  # a knob left over from another choice is no mistake
            known = [*NAMES, *(f"{prefix}{k}" for _, prefix, knobs in _knob_groups(data, attack) for k in knobs)]
            wrong = f"There is no parameter {stranger[:40]!r}; known: {', '.join(known)}."
            _note(problems, wrong, "It is left out.")
    return usual.with_(**chosen)


def _no_pictures(data: str, attack: str) -> str:
    return f"{ATTACKS[attack].title} does not work on {data}: it needs pictures."


def _with_models(data: str) -> str:
    """Return the name of a data set that has a trained model."""
    name = DATA[data].name
    if not zoo_names(name):
        raise UserError(f"There is no trained model for {name}: train one with `explorer train {name}-standard`.")
    return name


def _knob_groups(data: str, attack: str) -> list[tuple[str, str, Mapping[str, Knob]]]:
    return [
        ("data_knobs", f"{data}_", DATA[data].knobs),
        ("knobs", f"{attack}_", ATTACKS[attack].knobs),
        ("show", "", SHOW),
    ]


def _checks(data: str, norm: Norm, attack: str, uploaded: bool) -> dict[str, Check]:
    """Return the check of every field."""
    facts, names = DATA[data].facts, tuple(zoo_names(data))
    if not norms_of(data, attack):
        raise UserError(_no_pictures(data, attack))
    one_of("norm", norms_of(data, attack))(norm)
    knobs = {name: pairs(known) for name, _, known in _knob_groups(data, attack)}
    return {
        "page": one_of("page", PAGES),
        "data": name_in(DATA),
        "index": Knob("index", Whole(0, facts["sizes"]["test"] - 1, "picture of the test set"), 0).read,
        "upload": sha256_of_upload,
        "label": one_of("label", ("", *facts["classes"]) if uploaded else ("",)),
        "a": one_of("a", names),
        "b": one_of("b", names),
        "attack": name_in(ATTACKS),
        "norm": one_of("norm", norms_of(data, attack)),
        "eps": Knob("eps", Whole(0, eps_limit(data, norm), "budget"), 0).read,
        "target": one_of("target", ("", *facts["classes"])),
        "seed": Knob("seed", SEEDS, 0).read,
        **knobs,
    }


def _defaults(knobs: Mapping[str, Knob]) -> tuple[tuple[str, Value], ...]:
    return tuple(sorted((k, knob.default) for k, knob in knobs.items()))


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
