"""`explorer evaluate`: what the models of the zoo achieve, measured anew."""

import json
from typing import Any

import click

from explorer.cli.table import table
from explorer.cli.ticker import ticker


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--n", "count", type=click.IntRange(1), help="Only the first N test pictures.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def evaluate(names: tuple[str, ...], count: int | None, as_json: bool) -> None:
    """Measure trained models (all of them, unless named) and compare with what their cards say.

    Accuracy on clean pictures, under PGD at the training budget, and on shapes with the hidden cue of
    another class: each with the number of pictures and its 95 % Wilson interval.
    """
    from explorer.models.zoo import card, zoo_names

    known = [card(name) for name in names or zoo_names()]
    found = [{"name": one["name"], "measured": _measured(one, count), "card": one["measured"]} for one in known]
    if as_json:
        click.echo(json.dumps({"models": found}, indent=2))
        return
    rows = [["model", "measure", "measured", "card"]]
    for one in found:
        for measure, rate in one["measured"].items():
            rows.append([one["name"], measure, _text(rate), _text(one["card"].get(measure))])
    click.echo(table(rows))


def _measured(found: dict[str, Any], count: int | None) -> dict[str, Any]:
    from explorer.core.device import best_device
    from explorer.core.types import Data, Threat
    from explorer.data import load_data
    from explorer.models.zoo import load_model
    from explorer.training.make import measure

    whole = load_data(found["data"], "test")
    test = Data(whole.x[:count], whole.y[:count], whole.classes)
    steps = next(int(name.removeprefix("pgd")) for name in found["measured"] if name.startswith("pgd"))
    model, threat = load_model(found["name"], best_device()), Threat(**found["threat"])
    with ticker(found["name"]) as tick:
        return measure(model, found["data"], test, threat, steps, found["seed"], tick)


def _text(rate: dict[str, Any] | None) -> str:
    if rate is None:
        return "not measured"
    low, high = rate["interval"]
    return f"{rate['hits'] / rate['n']:.1%} of {rate['n']:,} ({low:.1%} to {high:.1%})"
