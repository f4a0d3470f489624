"""A study that is made of trainings: its table and claims, from its records or made anew."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from explorer.cli.table import markdown
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

if TYPE_CHECKING:
    from explorer.core.results import Experiment, Trials


def experiment(name: str, train: bool, record: bool, as_json: bool) -> None:
    """Print a study's table and claims.

    train : all of it is trained anew first, and how far that is from what is recorded is told
    record : trainings of which nothing is recorded are made first, and kept
    """
    from explorer.core.assets import installed
    from explorer.work.study.experiments import again, differs, is_recorded, recorded, within
    from explorer.work.study.experiments import experiment as study
    from explorer.work.study.records import plans, write

    if train and record:
        raise UserError(
            "Models are trained to compare them with what is recorded, or to record them: leave out one of the two."
        )
    if record and installed():
        raise UserError("The records of an installed copy stay as they are: leave out --record.")
    if not is_recorded(name):
        if train or record:
            raise UserError("Its trainings are those of models of the zoo: `explorer train NAME` makes one anew.")
        _print(study(name), as_json)
        return
    known, before = recorded(name), study(name) if train else None
    every = [(kind, seed) for kind, seeds in plans(name).items() for seed in seeds]
    made = {}
    for kind, seed in sorted(every, key=lambda one: one[1]):
        if not train and (not record or (kind, seed) in known):
            continue
        with ticker(f"{kind}, seed {seed}") as tick:
            made[kind, seed] = again(name, kind, seed, tick, keep=record)
        if record:
            write(name, kind, seed, made[kind, seed])
        elif (kind, seed) in known:
            far = differs(known[kind, seed], made[kind, seed])
            worst = max(far, key=lambda figure: far[figure])
            words = f"differs by {100 * far[worst]:.2g}% at most, in {worst}" if far[worst] else "is as recorded"
            click.echo(f"{kind}, seed {seed}: {words}.", err=True)
    found = study(name, known | made)
    if before is not None:
        hits, count = within(found, before)
        same = sum(one.holds == other.holds for one, other in zip(found.claims, before.claims, strict=True))
        click.echo(
            f"Of {count} means over seeds {hits} lie within the 95 % intervals of what is recorded, and {same} of "
            f"{len(found.claims)} claims come to the same.",
            err=True,
        )
    _print(found, as_json)


def _print(found: "Experiment", as_json: bool) -> None:
    click.echo(json.dumps(_plain(found), indent=2, allow_nan=False) if as_json else _words(found))


def _plain(found: "Experiment") -> dict[str, Any]:
    from explorer.work.pack import to_json

    arms = [
        {"name": one.name, "title": one.title, "seeds": one.seeds, "seconds": one.seconds.tolist()}
        | {"figures": to_json(one.figures)}
        for one in found.trials
    ]
    return {"study": found.name, "trials": arms, "claims": [asdict(claim) for claim in found.claims]}


def _words(found: "Experiment") -> str:
    from explorer.figures.claims import VERDICTS

    table = markdown(["", *found.units.values(), "n"], [_row(one, found) for one in found.trials])
    claims = [f"\n{claim.says} ({claim.paper})\n{VERDICTS[claim.holds]}. {claim.found}" for claim in found.claims]
    return "\n".join([table, *claims])


def _row(one: "Trials", found: "Experiment") -> list[str]:
    from explorer.figures.experiments import cell

    return [one.title, *(cell(one, key) for key in found.units), str(len(one.seeds))]
