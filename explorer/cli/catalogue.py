"""`explorer catalogue`: everything that can be chosen."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from explorer.core.registry import Entry


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def catalogue(as_json: bool) -> None:
    """List attacks, saliency methods, certificates, data sets, architectures, recipes and trained models.

    Each with its parameters.
    """
    from explorer.attacks import ATTACKS
    from explorer.attribution import SALIENCY
    from explorer.certificates import CERTIFICATES
    from explorer.data import DATA
    from explorer.models import ARCHITECTURES
    from explorer.models.zoo import card, zoo_names
    from explorer.training import RECIPES

    registries = {
        "attacks": ATTACKS,
        "saliency": SALIENCY,
        "certificates": CERTIFICATES,
        "data": DATA,
        "architectures": ARCHITECTURES,
        "recipes": RECIPES,
    }
    found: dict[str, list[dict[str, Any]]] = {
        name: [_entry(entry) for entry in registry.values()] for name, registry in registries.items()
    }
    found["models"] = [card(name) for name in zoo_names()]
    click.echo(json.dumps(found, indent=2, ensure_ascii=False) if as_json else _text(found))


def _entry(entry: "Entry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "title": entry.title,
        "summary": entry.summary,
        "paper": entry.paper,
        "facts": dict(entry.facts),
        "knobs": [
            {"name": knob.name, "kind": type(knob.kind).__name__.lower(), **asdict(knob.kind), "default": knob.default}
            for knob in entry.knobs.values()
        ],
    }


def _text(found: dict[str, list[dict[str, Any]]]) -> str:
    lines = []
    for section, entries in found.items():
        lines += ["", section.upper()]
        for entry in entries:
            if section == "models":
                lines.append(f"  {entry['name']}: {entry['title']}, {entry['architecture']} on {entry['data']}")
                continue
            paper = f" [{entry['paper']}]" if entry["paper"] else ""
            lines += [f"  {entry['name']}: {entry['title']}{paper}", f"      {entry['summary']}"]
            lines += [f"      {_knob(knob)}" for knob in entry["knobs"]]
    return "\n".join(lines[1:])


def _knob(knob: dict[str, Any]) -> str:
    if "options" in knob:
        allowed = " | ".join(knob["options"])
    elif "low" in knob:
        allowed = f"{knob['low']:g} to {knob['high']:g}"
    else:
        allowed = "on | off"
    return f"{knob['name']} = {knob['default']} ({allowed}): {knob['text']}"
