"""`explorer study`: models that are compared as a whole, in a table, and the claims that they are held against."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from explorer.cli.experiment import experiment
from explorer.cli.table import markdown
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

if TYPE_CHECKING:
    from explorer.core.results import Arm

COLUMNS = {
    "clean": "Clean",
    "robust": "Robust",
    "clean_loss": "Clean loss",
    "loss": "Loss",
    "slope": "Gradient",
    "eigenvalue": "Eigenvalue",
    "turn": "Cosine",
    "again": "Other start",
}
HEAD = ("eps", "Budget", *COLUMNS.values(), "Stuck", "n")


@click.command()
@click.argument("name", default="landscape", metavar="[STUDY]")
@click.option("--n", "count", type=click.IntRange(2), help="Measure on the first N test pictures.")
@click.option("--cards", is_flag=True, help="Measure nothing: print what the models' cards say.")
@click.option("--record", is_flag=True, help="Write what is measured into the models' cards.")
@click.option("--train", is_flag=True, help="Train all models of the study anew, and say how far they differ.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def study(name: str, count: int | None, cards: bool, record: bool, train: bool, as_json: bool) -> None:
    """Measure the models of a study, and print a table with means and 95 % intervals over seeds, and its claims.

    Each figure is of the loss that the model was trained on: at its own budget, on attacked test pictures. Accuracies
    are those of the whole test set, by the cards. Gradient: its length in the weights. Eigenvalue: the Hessian's
    largest. Cosine: of a perturbation and that after the weights have moved a little. Other start: the same of two
    attacks on the same weights. Stuck: models whose loss is that of guessing.

    The studies of trainings (slow, hard, overfitting, path_norm, sparse) are printed from their records.
    """
    from explorer.core.assets import installed
    from explorer.figures.claims import VERDICTS
    from explorer.models.zoo import amend, studied
    from explorer.work.study.arms import arms
    from explorer.work.study.experiments import STUDIES
    from explorer.work.study.landscape import landscape
    from explorer.work.study.measure import PICTURES, figures

    if train and name not in STUDIES:
        raise UserError("Its models are measured, not trained: leave out --train.")
    if name in STUDIES:
        experiment(name, train, record, as_json)
        return
    if cards and (count or record):
        raise UserError("Cards are read, or models measured: leave out --cards, or --n and --record.")
    if record and installed():
        raise UserError("The cards of an installed copy stay as they are: leave out --record.")
    measured = None
    if not cards:
        measured = {}
        for one in studied(name):
            with ticker(one) as tick:
                measured[one] = figures(one, count or PICTURES, tick)
    found = landscape(arms(name, measured))
    if record:
        for one, figure in (measured or {}).items():
            amend(one, {"landscape": figure})
    if as_json:
        told = [{**asdict(arm), "figures": {k: v.tolist() for k, v in arm.figures.items()}} for arm in found.arms]
        click.echo(json.dumps({"arms": told, "claims": [asdict(claim) for claim in found.claims]}, indent=2))
        return
    click.echo(markdown(HEAD, [_row(arm) for arm in found.arms]))
    for claim in found.claims:
        click.echo(f"\n{claim.says} ({claim.paper})\n{VERDICTS[claim.holds]}. {claim.found}")


def _row(arm: "Arm") -> list[str]:
    from explorer.core.arms import stuck

    cells = [_cell(arm, key) for key in COLUMNS]
    return [f"{arm.eps:g}", arm.way, *cells, f"{stuck(arm)} of {len(arm.models)}", str(len(arm.models))]


def _cell(arm: "Arm", key: str) -> str:
    import numpy as np

    from explorer.core.arms import mean_of

    if np.isnan(arm.figures[key]).any():
        return ""
    mean = mean_of(arm, key)
    if key in ("clean", "robust"):
        return mean.share
    return f"{mean.value:.3g} ({mean.interval[0]:.3g} to {mean.interval[1]:.3g})"
