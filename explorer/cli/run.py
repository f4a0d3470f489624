"""`explorer run`: one request, computed here."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explorer.cli.table import table
from explorer.cli.ticker import ticker

if TYPE_CHECKING:
    from explorer.core.results import AttackView
    from explorer.figures.setting import Setting
    from explorer.figures.sides import Side
    from explorer.figures.sight import Sight
    from explorer.work.request import Request

JSON_LIMIT = 1000  # numbers of one array; larger ones are in the .safetensors file of --out


@click.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--out", type=click.Path(file_okay=False), help="Write the result into this folder.")
def run(address: str, as_json: bool, out: str | None) -> None:
    """Compute what the page at ADDRESS shows.

    ADDRESS is one copied from the browser, or its path and query: `explorer run '/attack?data=toy&eps=30'`.
    """
    from explorer.attacks import left_out
    from explorer.cli.compared import compared
    from explorer.cli.stages import staged
    from explorer.core.results import Evaluation
    from explorer.data import DATA, load_data
    from explorer.figures.saliency import told as looked
    from explorer.figures.setting import Setting
    from explorer.figures.verdicts import told
    from explorer.models.zoo import spoken
    from explorer.work.address import strict
    from explorer.work.local import run as compute
    from explorer.work.pack import to_bytes, to_json

    request = strict(address)
    with ticker(request.data) as tick:
        if not request.upload:
            load_data(request.data, "test", tick=tick, **dict(request.data_knobs))
        facts, names = DATA[request.data].facts, spoken(request.a, request.b)
        setting = Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)
        result = compute(request, tick=tick)
        compare = request.page == "attack" and dict(request.show)["compare"]
        rows, others = compared(request, setting, tick) if compare else ([], "")
    missing = left_out(request.attack, facts["shape"])
    found = {"address": request.address(), "key": request.key, "result": to_json(result, JSON_LIMIT)}
    if request.page == "attack":
        found["models"] = _summaries(result, setting, request)
        words = "\n".join(filter(None, [_words(result, setting, request), missing]))
        if compare:
            found["comparison"] = rows
            words += f"\n\n{others}"
    else:
        found["words"] = (
            looked(result, _sight(request, setting)) if request.page == "saliency" else told(result, setting)
        )
        words = "\n".join([f"{request.address()}:", "", *found["words"]])
        if isinstance(result, Evaluation) and (stages := staged(result, missing)):
            words += f"\n\n{stages}"
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
    if out is not None:
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.safetensors").write_bytes(to_bytes(result))
        (folder / "result.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else words)


def _sight(request: "Request", setting: "Setting") -> "Sight":
    """Return the words around what the Saliency page shows."""
    from explorer.attribution import SALIENCY
    from explorer.figures.sight import Sight

    titles = {entry.name: entry.title for entry in SALIENCY.values()}
    score = str(dict(request.choices)["score"])
    return Sight(setting, titles, request.method, request.second, score, dict(request.show))


def _summaries(view: "AttackView", setting: "Setting", request: "Request") -> list[dict[str, Any]]:
    """Return the numbers of both models, as the page shows them."""
    from explorer.figures.sides import sides
    from explorer.figures.stages import rows

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


def _said(p: Any, setting: "Setting") -> dict[str, Any]:
    best = int(p.argmax())
    return {"class": setting.classes[best], "p": float(p[best])}


def _words(view: "AttackView", setting: "Setting", request: "Request") -> str:
    """Return a small table of both models, and the sentences of the page."""
    from explorer.core.norms import SYMBOLS
    from explorer.core.words import number
    from explorer.figures.setting import percent
    from explorer.figures.sides import sides
    from explorer.figures.words import status, story

    def said(found: dict[str, Any]) -> str:
        return f"{found['class']} ({percent(found['p'])})"

    def column(name: str, found: dict[str, Any], side: "Side") -> list[str]:
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
