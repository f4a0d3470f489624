"""A view is a request: the page's address, the cache key, the job and the command line, all from one."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import urlencode

from explorer.attacks import ATTACKS
from explorer.attribution import SALIENCY
from explorer.core.errors import UserError
from explorer.core.knobs import Knob, Value, Whole
from explorer.core.norms import NORMS, Norm
from explorer.core.types import Threat
from explorer.data import DATA
from explorer.models.zoo import zoo_names
from explorer.work.checks import Check, model_of, name_in, one_of, pairs, several, sha256_of_upload
from explorer.work.key import key_of
from explorer.work.pages import PAGES

Pairs = tuple[tuple[str, Value], ...]
DEFAULT_DATA, METHOD = "shapes", "gradient"
ANSWER = "answer"  # explained: what each model says itself
EPS_REACH = 4  # the largest budget offered, in multiples of the data set's usual one
SEEDS = Whole(0, 9999, "seed of every random choice")


@dataclass(frozen=True, slots=True)
class Request:
    """What a person has chosen; every field is checked when made.

    eps counts units of the data set (1/255 or 1/1000), in l0 pixels. upload : the sha256 of a picture that takes
    the place of picture `index`, with `label` its class or "". more : models beside a and b, where a page
    compares several. target : the wanted class, "" for any wrong one. method, second : saliency methods, the second
    "" where there is none beside the first. explained : the class whose score is explained, "" for the true one,
    "answer" for what each model says; against : the class that it is set against, "" for the strongest other.
    data_knobs, knobs (the attack's), method_knobs, second_knobs, choices and show (the page's own) : sorted pairs.

    Raises `UserError` naming the field, the value and what is allowed.
    """

    page: str
    data: str
    data_knobs: Pairs
    index: int
    upload: str
    label: str
    a: str
    b: str
    more: tuple[str, ...]
    attack: str
    knobs: Pairs
    norm: Norm
    eps: int
    target: str
    seed: int
    method: str
    method_knobs: Pairs
    second: str
    second_knobs: Pairs
    explained: str
    against: str
    choices: Pairs
    show: Pairs

    def __post_init__(self) -> None:
        chosen = (self.page, self.data, self.norm, self.attack, self.method, self.second)
        for name, check in checks(*chosen, bool(self.upload)).items():
            object.__setattr__(self, name, check(getattr(self, name)))

    @property
    def threat(self) -> Threat:
        """The budget in pixel units, in l0 in pixels."""
        return Threat(self.norm, self.eps / unit_of(self.data, self.norm))

    @property
    def limits(self) -> str:
        """What an attack with limits of its own keeps to instead of the budget: its knobs, in words; else ""."""
        if ATTACKS[self.attack].facts["bound"] != "own":
            return ""
        chosen = ", ".join(
            f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}" for name, value in self.knobs
        )
        return f"its own limits ({chosen})" if chosen else "its own limits"

    @property
    def models(self) -> tuple[str, ...]:
        """Model A, model B and those beside them, each once."""
        return tuple(dict.fromkeys((self.a, self.b, *self.more)))

    @property
    def key(self) -> str:
        """The name of the computation: equal for two requests exactly when their results are."""
        return key_of(self)

    def query(self) -> dict[str, str]:
        """Return the address's query: every choice that differs from the default of its data set."""
        usual = default(self.data, self.norm, self.attack, self.page, self.method, self.second)
        groups = knob_groups(self.page, self.data, self.attack, self.method, self.second)
        prefixes = {name: prefix for name, prefix, _ in groups}
        found: dict[str, str] = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if f.name in prefixes:
                prefix, standard = prefixes[f.name], dict(getattr(usual, f.name))
                found |= {prefix + k: text(v) for k, v in value if v != standard[k]}
            elif f.name == "more":
                found |= {"more": ",".join(value)} if value else {}
            elif f.name != "page" and value != getattr(usual, f.name):
                found[f.name] = str(value)
        first = (("data", DEFAULT_DATA), ("norm", "linf"), ("attack", "pgd"), ("method", METHOD), ("second", ""))
        return found | {name: getattr(self, name) for name, value in first if getattr(self, name) != value}

    def address(self) -> str:
        """Return path and query, to be put behind the server's name."""
        query = urlencode(self.query())
        return f"/{self.page}" + (f"?{query}" if query else "")

    def on(self, page: str) -> "Request":
        """Return what another page shows of the same choices, its own at their usual values."""
        knobs = PAGES[one_of("page", tuple(PAGES))(page)]
        return self.with_(page=page, choices=defaults(knobs.choices), show=defaults(knobs.show))

    def with_(self, **changes: Any) -> "Request":
        """Return the request with some choices changed."""
        return replace(self, **changes)


def default(
    data: str = DEFAULT_DATA,
    norm: Norm = "linf",
    attack: str = "pgd",
    page: str = "attack",
    method: str = METHOD,
    second: str = "",
) -> Request:
    """Return a page's first view of a data set: its standard model beside its robust one, at its usual budget."""
    facts, names = DATA[with_models(data)].facts, zoo_names(data)
    a = f"{data}-standard" if f"{data}-standard" in names else names[0]
    b = f"{data}-pgd" if f"{data}-pgd" in names else names[-1]
    return Request(
        page=page,
        data=data,
        data_knobs=defaults(DATA[data].knobs),
        index=facts.get("first", 0),
        upload="",
        label="",
        a=a,
        b=b,
        more=(),
        attack=attack,
        knobs=defaults(ATTACKS[attack].knobs),
        norm=norm,
        eps=facts["eps"][norm],
        target="",
        seed=0,
        method=method,
        method_knobs=defaults(SALIENCY[method].knobs),
        second=second,
        second_knobs=defaults(SALIENCY[second].knobs) if second else (),
        explained="",
        against="",
        choices=defaults(PAGES[page].choices),
        show=defaults(PAGES[page].show),
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
    return tuple(norm for norm in facts["norms"] if norm in norms_with(data))


def norms_with(data: str) -> tuple[Norm, ...]:
    """Return the norms in which a data set has a usual budget."""
    return tuple(norm for norm in NORMS if norm in DATA[data].facts["eps"])


def no_pictures(data: str, attack: str) -> str:
    """Return the sentence for an attack that cannot serve such data."""
    return f"{ATTACKS[attack].title} does not work on {data}: it needs pictures."


def with_models(data: str) -> str:
    """Return the name of a data set that has a trained model."""
    name = DATA[data].name
    if not zoo_names(name):
        raise UserError(f"There is no trained model for {name}: train one with `explorer train {name}-standard`.")
    return name


def knob_groups(
    page: str, data: str, attack: str, method: str, second: str
) -> list[tuple[str, str, Mapping[str, Knob]]]:
    """Return the fields that hold knobs: (field, what stands before their names in an address, the knobs)."""
    return [
        ("data_knobs", f"{data}_", DATA[data].knobs),
        ("knobs", f"{attack}_", ATTACKS[attack].knobs),
        ("method_knobs", f"{method}_", SALIENCY[method].knobs),
        ("second_knobs", f"{second}_", SALIENCY[second].knobs if second else {}),
        ("choices", "", PAGES[page].choices),
        ("show", "", PAGES[page].show),
    ]


def checks(page: str, data: str, norm: Norm, attack: str, method: str, second: str, uploaded: bool) -> dict[str, Check]:
    """Return the check of every field."""
    one_of("page", tuple(PAGES))(page)
    facts = DATA[data].facts
    if not norms_of(data, attack):
        raise UserError(no_pictures(data, attack))
    one_of("norm", norms_of(data, attack))(norm)
    knobs = {name: pairs(known) for name, _, known in knob_groups(page, data, attack, method, second)}
    return {
        "page": one_of("page", tuple(PAGES)),
        "data": name_in(DATA),
        "index": Knob("index", Whole(0, facts["sizes"]["test"] - 1, "picture of the test set"), 0).read,
        "upload": sha256_of_upload,
        "label": one_of("label", ("", *facts["classes"]) if uploaded else ("",)),
        "a": model_of("a", data),
        "b": model_of("b", data),
        "more": several(model_of("more", data)),
        "attack": name_in(ATTACKS),
        "norm": one_of("norm", norms_of(data, attack)),
        "eps": Knob("eps", Whole(0, eps_limit(data, norm), "budget"), 0).read,
        "target": one_of("target", ("", *facts["classes"])),
        "seed": Knob("seed", SEEDS, 0).read,
        "method": name_in(SALIENCY),
        "second": one_of("second", ("", *(name for name in SALIENCY if name != method))),
        "explained": one_of("explained", ("", ANSWER, *facts["classes"])),
        "against": one_of("against", ("", *facts["classes"])),
        **knobs,
    }


def defaults(knobs: Mapping[str, Knob]) -> Pairs:
    """Return the usual values of knobs, as a request holds them."""
    return tuple(sorted((k, knob.default) for k, knob in knobs.items()))


def text(value: Any) -> str:
    """Return a value as an address has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)
