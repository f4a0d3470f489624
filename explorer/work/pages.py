"""The pages: what the result of each hangs on, and what it alone lets a person choose."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from explorer.core.knobs import Choice, Knob, Switch, Whole


@dataclass(frozen=True, slots=True)
class Page:
    """A page's share of a request.

    unused : the fields that its result does not hang on; they stay in the address for the other pages
    choices : its own knobs that decide the result; show : those that decide how it is drawn (and, where `unused`
        does not name them, which result is asked for)
    """

    title: str
    unused: tuple[str, ...] = ("show",)
    choices: Mapping[str, Knob] = field(default_factory=dict)
    show: Mapping[str, Knob] = field(default_factory=dict)


def _knobs(*knobs: Knob) -> dict[str, Knob]:
    return {knob.name: knob for knob in knobs}


VIEWS = ("curve", "distances", "classes", "confusion", "transfer", "honesty")
PAGES = {
    "attack": Page(
        "Attack",
        unused=("show", "more"),
        show=_knobs(
            Knob("map", Choice(("signed", "size"), "perturbation as signed change, or its size"), "signed"),
            Knob("marks", Switch("outline the pixels that changed (ℓ0)"), True),
            Knob("transfer", Switch("show each model the picture made on the other"), False),
            Knob("compare", Switch("run every attack that serves this norm on this picture"), False),
        ),
    ),
    "robustness": Page(
        "Robustness",
        unused=("index", "upload", "label", "target"),
        choices=_knobs(
            Knob("n", Whole(10, 10_000, "test pictures, the first ones"), 200),
            Knob("budgets", Whole(1, 16, "budgets on the curve; 1 is the chosen one alone"), 8),
        ),
        show=_knobs(Knob("view", Choice(VIEWS, "what is shown of the evaluation"), "curve")),
    ),
    "models": Page("Models"),  # nothing is computed of a request: what is there, and what a person brings
}
