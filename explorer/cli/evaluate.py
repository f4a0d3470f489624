"""`explorer evaluate`: what the models of the zoo, and imported ones, achieve."""

import json
from typing import Any

import click
from click.core import ParameterSource

from explorer.cli.table import markdown
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

HEAD = ("Model", "Clean", "Under attack", "Attack", "AutoAttack", "Swapped", "n")


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--n", "count", type=click.IntRange(1), help="Only the first N test pictures.")
@click.option("--cards", is_flag=True, help="Measure nothing: print what the models' cards say.")
@click.option("--record", is_flag=True, help="Write what --attack or --bands finds into the models' cards.")
@click.option("--bands", is_flag=True, help="Measure the margins by frequency instead, as the Boundary page does.")
@click.option("--attack", help="Judge under this attack instead, as the Robustness page does.")
@click.option("--data", help="Of this data set; by default the models' own.")
@click.option("--model", "models", multiple=True, metavar="NAME", help="A model: the same as naming it as NAME.")
@click.option("--norm", help="The budget's norm; by default the data set's usual one.")
@click.option("--eps", type=int, help="The budget, in units of the data set (in l0 pixels).")
@click.option("--budgets", type=int, default=1, show_default=True, help="How many budgets, for a curve.")
@click.option("--set", "changes", multiple=True, metavar="KNOB=VALUE", help="A knob of the attack.")
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(
    names: tuple[str, ...],
    count: int | None,
    cards: bool,
    record: bool,
    bands: bool,
    models: tuple[str, ...],
    as_json: bool,
    attack: str | None,
    **chosen: Any,
) -> None:
    """Measure trained models and print a Markdown table: each NAME and each --model, or else all of the zoo.

    Accuracy on clean pictures, under PGD at the training budget, and on shapes with the hidden cue of
    another class: each with its 95 % Wilson interval, on n test pictures. With --attack: accuracy under any
    attack and budget, the same numbers that the Robustness page shows; what was computed before is not again.
    With --bands: the median distance to the boundary within each band of frequencies.
    """
    from explorer.cli.banded import banded
    from explorer.cli.judged import judged
    from explorer.models.zoo import card, zoo_names

    names = (*names, *models)
    if attack is not None:
        if cards or bands:
            raise UserError("An attack is judged alone: leave out --attack, or --cards and --bands.")
        click.echo(judged(names, attack, count, as_json, record, **chosen))
        return
    if record and not bands:
        raise UserError("--record goes with --attack or --bands.")
    source = click.get_current_context().get_parameter_source
    if stray := [name for name in chosen if source(name) is not ParameterSource.DEFAULT]:
        raise UserError(
            f"--{stray[0].replace('changes', 'set')} goes with --attack: give one (--attack pgd), or name the models "
            "that are to be measured as their cards say."
        )
    if bands:
        if cards:
            raise UserError("Cards are read, or margins measured: leave out --cards or --bands.")
        click.echo(banded(names, count, as_json, record))
        return
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
    click.echo(markdown(HEAD, [_row(one, new["measured"]) for one, new in zip(known, found, strict=True)]))


def _measured(found: dict[str, Any], count: int | None) -> dict[str, Any]:
    from explorer.core.device import best_device
    from explorer.core.types import Data, Threat
    from explorer.data import load_data
    from explorer.models.zoo import load_model
    from explorer.training.make import measure

    model, threat = load_model(found["name"], best_device()), Threat(**found["threat"])
    with ticker(found["name"]) as tick:
        whole = load_data(found["data"], "test", tick=tick, **found.get("data_knobs", {}))
        test = Data(whole.x[:count], whole.y[:count], whole.classes)
        steps = int(pgd_of(found["measured"]).removeprefix("pgd"))
        return measure(model, found["data"], test, threat, steps, found["seed"], tick)


def pgd_of(measured: dict[str, Any]) -> str:
    """Return the name of the attack that a model was measured under, which has its steps: "pgd40"."""
    return next((name for name in measured if name.startswith("pgd")), "pgd40")  # an import measures none


def _row(card: dict[str, Any], measured: dict[str, Any]) -> list[str]:
    """Return a model's row below `HEAD`."""
    from explorer.core.norms import SYMBOLS
    from explorer.core.stats import Rate
    from explorer.data import DATA

    cells = {name: Rate(rate["hits"], rate["n"]).cell for name, rate in measured.items()}
    attack, unit = pgd_of(measured), DATA[card["data"]].facts["unit"]
    budget = f"{SYMBOLS[card['threat']['norm']]} {card['threat']['eps'] * unit:g}/{unit}"
    words = f"{budget}, {attack.replace('pgd', 'PGD-')}"
    name, n = f"`{card['name']}`", f"{measured['clean']['n']:,}"
    cascade = f"{cells['autoattack']}, n = {measured['autoattack']['n']:,}" if "autoattack" in cells else ""
    return [name, cells["clean"], cells.get(attack, ""), words, cascade, cells.get("swapped", ""), n]
