"""`explorer train`: a model of the zoo, by its plan."""

import tomllib
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from explorer.cli.ticker import ticker
from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Knob, Real, Switch, Whole


@click.command()
@click.argument("name", required=False)
@click.option("--set", "changes", multiple=True, metavar="KEY=VALUE", help="Change a setting, as in plan.epochs=1.")
@click.option("--out", type=click.Path(file_okay=False), help="Folder to write; by default the checkout's own zoo.")
@click.option("--list", "listed", is_flag=True, help="List the plans and stop.")
def train(name: str | None, changes: tuple[str, ...], out: str | None, listed: bool) -> None:
    """Train the model NAME and write its weights, card and history.

    An interrupted training goes on from its last epoch when called again.
    """
    from explorer.core.assets import assets, installed
    from explorer.core.stats import Rate
    from explorer.training.make import make, plan_of, plans

    if listed:
        click.echo("\n".join(f"{name}: {plan['recipe']} on {plan['data']}" for name, plan in plans().items()))
        return
    if name is None:
        raise UserError("Which model? `explorer train --list` names the plans.")
    settings = changed(plan_of(name), changes)
    if changes and out is None:
        raise UserError("Changed settings make another model: say where to write it with --out DIR.")
    if installed() and out is None:
        raise UserError("The zoo of an installed copy stays as it is: say where to write the model with --out DIR.")
    folder = Path(out) if out else assets() / "zoo" / name
    with ticker(name) as tick:
        card = make(name, settings, folder, tick=tick)
    for measure, rate in card["measured"].items():
        click.echo(f"{measure}: {Rate(rate['hits'], rate['n'])}")
    click.echo(f"Weights, card and history are in {folder}.", err=True)


def changed(settings: dict[str, Any], changes: tuple[str, ...]) -> dict[str, Any]:
    """Return settings with some changed by "key=value"; raise `UserError` for what does not fit."""
    known, settings = _known(settings), deepcopy(settings)
    for change in changes:
        key, equals, text = change.partition("=")
        if not equals or key not in known:
            raise UserError(f"--set {change[:60]!r} is not KEY=VALUE with a KEY among {', '.join(known)}.")
        group, _, last = key.rpartition(".")
        place = settings.setdefault(group, {}) if group else settings
        place[last] = known[key].read(_value(text))
    return settings


def _known(settings: dict[str, Any]) -> dict[str, Knob]:
    """Return what --set may change: the settings of every training, and the knobs of this recipe and network."""
    from explorer.core.norms import NORMS
    from explorer.models import ARCHITECTURES
    from explorer.training import RECIPES

    everywhere = [
        Knob("eps", Real(0, 100_000, "budget in units of the data set"), 0.0),
        Knob("norm", Choice(NORMS, "norm of the budget"), "linf"),
        Knob("seed", Whole(0, 2**31 - 1, "seed of every random choice"), 0),
        Knob("attack_steps", Whole(1, 500, "steps of the attack that measures"), 40),
        Knob("plan.epochs", Whole(1, 10_000, "passes over the training set"), 1),
        Knob("plan.rate", Real(1e-9, 100, "peak learning rate"), 0.1),
        Knob("plan.batch", Whole(1, 100_000, "pictures in a batch"), 128),
        Knob("plan.optimizer", Choice(("sgd", "plain", "adam"), "optimizer"), "sgd"),
        Knob("plan.schedule", Choice(("cycle", "constant"), "what the learning rate follows"), "cycle"),
        Knob("plan.decay", Real(0, 1, "weight decay"), 5e-4),
        Knob("plan.clip", Real(0, 1000, "what each number of the gradient is cut to, 0 for as it is"), 0.0),
        Knob("plan.augment", Whole(0, 16, "pixels of padding for random crops"), 0),
        Knob("plan.flip", Switch("random flips"), False),
        Knob("plan.bfloat16", Switch("multiply in bfloat16"), False),
        Knob("plan.watch", Whole(1, 100_000, "pictures that the history measures"), 500),
        Knob("plan.record", Whole(0, 1000, "equal parts after each of which the weights are kept"), 0),
    ]
    groups = {
        "knobs": RECIPES[settings["recipe"]].knobs.values(),
        "network": ARCHITECTURES[settings["architecture"]].knobs.values(),
    }
    special = [replace(knob, name=f"{group}.{knob.name}") for group, knobs in groups.items() for knob in knobs]
    return {knob.name: knob for knob in (*everywhere, *special)}


def _value(text: str) -> Any:
    """Return a value as TOML has it, or else the text itself."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
