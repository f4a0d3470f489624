"""`explorer study`: models that are compared as a whole, in a table, and the claims that they are held against."""

import json
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
HEAD = ("Data", "eps", "Budget", "Rate", *COLUMNS.values(), "Stuck", "n")


@click.command()
@click.argument("name", default="landscape", metavar="[STUDY]")
@click.option("--n", "count", type=click.IntRange(2), help="Measure on the first N test pictures.")
@click.option("--cards", is_flag=True, help="Measure nothing: print what the models' cards say.")
@click.option("--record", is_flag=True, help="Write what is measured into the models' cards.")
@click.option("--new", is_flag=True, help="Measure only the models whose cards have no figures yet.")
@click.option("--train", is_flag=True, help="Train all its models anew, and say in which figure each differs most.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def study(name: str, count: int | None, cards: bool, record: bool, new: bool, train: bool, as_json: bool) -> None:
    """Measure the models of a study, and print a table with means and 95 % intervals over seeds, and its claims.

    Each figure is of the loss that the model was trained on: at its own budget, on attacked test pictures. Accuracies
    are those of the whole test set, by the cards. Gradient: its length in the weights. Eigenvalue: the Hessian's
    largest. Cosine: of a perturbation and that after the weights have moved a little. Other start: the same of two
    attacks on the same weights. Stuck: models whose loss is that of guessing.

    The studies of trainings (slow, hard, overfitting, path_norm, sparse, recipes) are printed from their records.
    """
    from explorer.core.assets import installed
    from explorer.core.registry import unknown
    from explorer.figures.claims import verdict
    from explorer.models.zoo import amend, card, studied
    from explorer.work.pack import to_json
    from explorer.work.study.arms import arms
    from explorer.work.study.experiments import STUDIES
    from explorer.work.study.landscape import landscape
    from explorer.work.study.measure import PICTURES, figures

    known = "landscape", *STUDIES
    if name not in known:
        raise unknown("study", name, known)
    if train and name not in STUDIES:
        raise UserError("Its models are measured, not trained: leave out --train.")
    if name in STUDIES:
        if count or new:
            raise UserError("This study is made of trainings, which are recorded whole: leave out --n and --new.")
        experiment(name, train, record, as_json)
        return
    if cards and (count or record or new):
        raise UserError("Cards are read, or models measured: leave out --cards, or --n, --record and --new.")
    if new and count:
        raise UserError("Figures of some pictures do not fit beside the cards' own: leave out --n, or --new.")
    if record and installed():
        raise UserError("The cards of an installed copy stay as they are: leave out --record.")
    measured = None
    if not cards:
        measured = {}
        for one in studied(name):
            if new and (had := card(one).get("landscape")):
                measured[one] = had
                continue
            with ticker(one) as tick:
                measured[one] = figures(one, count or PICTURES, tick)
            if record:
                amend(one, {"landscape": measured[one]})
    found = landscape(arms(name, measured))
    if as_json:
        told = {"arms": to_json(found.arms), "claims": to_json(found.claims)}
        click.echo(json.dumps(told, indent=2, allow_nan=False))
        return
    click.echo(markdown(HEAD, [_row(arm) for arm in found.arms]))
    for claim in found.claims:
        click.echo(f"\n{claim.says} ({claim.paper})\n{verdict(claim)}. {claim.found}")


def _row(arm: "Arm") -> list[str]:
    from explorer.core.arms import budget_of, stuck

    cells = [_cell(arm, key) for key in COLUMNS]
    counts = [f"{stuck(arm)} of {len(arm.models)}", str(len(arm.models))]
    return [arm.data, budget_of(arm), arm.way, f"{arm.rate:g}", *cells, *counts]


def _cell(arm: "Arm", key: str) -> str:
    import numpy as np

    from explorer.core.arms import mean_of

    if np.isnan(arm.figures[key]).any():
        return ""
    mean = mean_of(arm, key)
    if key in ("clean", "robust"):
        return mean.share
    return f"{mean.value:.3g} ({mean.interval[0]:.3g} to {mean.interval[1]:.3g})"
