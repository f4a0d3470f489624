"""`explorer evaluate`: what the models of the zoo achieve."""

import json
from typing import Any

import click

from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

HEAD = ("Model", "Clean", "Under attack", "Attack", "Swapped", "n")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--n", "count", type=click.IntRange(1), help="Only the first N test pictures.")
@click.option("--cards", is_flag=True, help="Measure nothing: print what the models' cards say.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with what the cards say.")
def evaluate(names: tuple[str, ...], count: int | None, cards: bool, as_json: bool) -> None:
    """Measure trained models (all of them, unless named) and print a Markdown table.

    Accuracy on clean pictures, under PGD at the training budget, and on shapes with the hidden cue of
    another class: each with its 95 % Wilson interval, on n test pictures.
    """
    from explorer.models.zoo import card, zoo_names

    if cards and count:
        raise UserError("Cards speak of the whole test set: leave out --n or --cards.")
    known = [card(name) for name in names or zoo_names()]
    found = [
        {"name": one["name"], "measured": one["measured"] if cards else _measured(one, count), "card": one["measured"]}
        for one in known
    ]
    if as_json:
        click.echo(json.dumps({"models": found}, indent=2))
        return
    rows = [HEAD, ["---"] * len(HEAD), *(_row(one, new["measured"]) for one, new in zip(known, found, strict=True))]
    click.echo("\n".join(f"| {' | '.join(row)} |" for row in rows))


def _measured(found: dict[str, Any], count: int | None) -> dict[str, Any]:
    from explorer.core.device import best_device
    from explorer.core.types import Data, Threat
    from explorer.data import load_data
    from explorer.models.zoo import load_model
    from explorer.training.make import measure

    model, threat = load_model(found["name"], best_device()), Threat(**found["threat"])
    with ticker(found["name"]) as tick:
        whole = load_data(found["data"], "test", tick=tick)
        test = Data(whole.x[:count], whole.y[:count], whole.classes)
        steps = int(_attack(found["measured"]).removeprefix("pgd"))
        return measure(model, found["data"], test, threat, steps, found["seed"], tick)


def _attack(measured: dict[str, Any]) -> str:
    return next(name for name in measured if name.startswith("pgd"))


def _row(card: dict[str, Any], measured: dict[str, Any]) -> list[str]:
    """Return a model's row below `HEAD`."""
    from explorer.core.norms import SYMBOLS
    from explorer.core.stats import Rate
    from explorer.data import DATA

    cells = {name: Rate(rate["hits"], rate["n"]).cell for name, rate in measured.items()}
    attack, unit = _attack(measured), DATA[card["data"]].facts["unit"]
    budget = f"{SYMBOLS[card['threat']['norm']]} {card['threat']['eps'] * unit:g}/{unit}"
    words = f"{budget}, {attack.replace('pgd', 'PGD-')}"
    name, n = f"`{card['name']}`", f"{measured['clean']['n']:,}"
    return [name, cells["clean"], cells[attack], words, cells.get("swapped", ""), n]
