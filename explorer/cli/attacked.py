"""What `explorer run` says of the Attack page: both models' numbers, and the comparison where it is asked for."""

from collections.abc import Mapping
from typing import Any

from explorer.attacks import left_out
from explorer.cli.compared import compared
from explorer.cli.table import table
from explorer.core.norms import SYMBOLS
from explorer.core.progress import Tick
from explorer.core.results import AttackView
from explorer.core.words import number
from explorer.data import DATA
from explorer.figures.setting import Setting, percent
from explorer.figures.sides import Side, sides
from explorer.figures.stages import rows
from explorer.figures.words import status, story
from explorer.work.request import Request


def attacked(request: Request, view: AttackView, setting: Setting, tick: Tick) -> tuple[Mapping[str, Any], str]:
    """Return the keys of the JSON object, and the words for a terminal."""
    missing = left_out(request.attack, DATA[request.data].facts["shape"])
    found: dict[str, Any] = {"models": _summaries(view, setting, request)}
    words = "\n".join(filter(None, [_words(view, setting, request), missing]))
    if dict(request.show)["compare"]:
        found["comparison"], others = compared(request, setting, tick)
        words += f"\n\n{others}"
    return found, words


def _summaries(view: AttackView, setting: Setting, request: Request) -> list[dict[str, Any]]:
    """Return the numbers of both models, as the page shows them."""
    found = []
    halves = zip((request.a, request.b), sides(view, setting), sides(view, setting, transfer=True), strict=True)
    for (model, own, moved), attacked, noise in zip(
        halves, (view.a, view.b), (view.noise_a, view.noise_b), strict=True
    ):
        found.append(
            {
                "model": model,
                "clean": _said(own.clean.p, setting),
                "adversarial": _said(own.end.p, setting),
                "margin": {"clean": own.clean.margin, "adversarial": own.end.margin},
                "distance": {norm: float(value[0]) for norm, value in attacked.distance.items()},
                "reached": own.reached,
                "stages": rows(attacked.stages, 1),
                "fell": own.fell,
                "noise": {"changed": int(noise.changed.sum()), "n": len(noise.changed)},
                "transfer": _said(moved.end.p, setting) | {"reached": moved.reached},
            }
        )
    return found


def _said(p: Any, setting: Setting) -> dict[str, Any]:
    best = int(p.argmax())
    return {"class": setting.classes[best], "p": float(p[best])}


def _words(view: AttackView, setting: Setting, request: Request) -> str:
    """Return a small table of both models, and the sentences of the page."""

    def said(found: dict[str, Any]) -> str:
        return f"{found['class']} ({percent(found['p'])})"

    def column(name: str, found: dict[str, Any], side: Side) -> list[str]:
        margin, noise = found["margin"], found["noise"]
        return [
            name,
            said(found["clean"]),
            said(found["adversarial"]),
            status(side),
            f"{number(margin['clean'])} to {number(margin['adversarial'])}",
            *(setting.length(found["distance"][norm], norm) for norm in SYMBOLS),
            f"{noise['changed']} of {noise['n']}",
            said(found["transfer"]),
        ]

    lengths = [f"length in {symbol}" for symbol in SYMBOLS.values()]
    labels = ["", "clean", "under attack", "outcome", "margin", *lengths, "changed by noise", "the other's picture"]
    both = zip(_summaries(view, setting, request), sides(view, setting), strict=True)
    columns = [column(found["model"], found, side) for found, side in both]
    truth = setting.classes[view.label] if view.label >= 0 else "unknown"
    head = f"{request.address()}: class {truth}, {'within' if setting.limits else 'budget'} {setting.allowed}"
    return "\n".join([head, "", table(list(zip(labels, *columns, strict=True))), "", *story(view, setting)])
