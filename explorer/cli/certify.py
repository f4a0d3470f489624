"""`explorer certify`: what can be proved of models, beside what they achieve and what an attack leaves."""

import json
import time
from collections.abc import Sequence
from typing import Any

import click

from explorer.cli.evaluate import pgd_of
from explorer.cli.table import markdown
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

Errors = dict[str, dict[str, Any]]
METHODS = ("fast_lin", "ibp")
# Percent wrong, of the networks 784-1024-10 that Liu et al. 2023 released, measured with bounds of one's own: clean,
# PGD-20 on the first 1,000 test pictures, certified by Fast-Lin and by intervals in l_inf 0.1 cut to [0, 1].
RELEASED = {
    "standard": ("plain", 1.99, 98.8, 100.00, 100.00),
    "pgd": ("AT", 1.42, 10.9, 97.94, 100.00),
    "ibp": ("IBP", 1.65, 12.7, 87.27, 15.20),
    "crown_ibp": ("C-IBP", 1.98, 12.2, 67.39, 14.45),
    "per": ("C-PER", 1.60, 9.3, 11.71, 92.89),
    "per_at": ("C-PER+AT", 1.81, 9.4, 12.90, 99.90),
}


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--data", help="All models of this data set that were trained for the budget.")
@click.option("--norm", help="The budget's norm; by default the first model's.")
@click.option(
    "--eps", type=click.IntRange(0), help="The budget, in units of the data set; by default the first model's."
)
@click.option("--n", "count", type=click.IntRange(1), help="Only the first N test pictures.")
@click.option("--method", "methods", multiple=True, metavar="NAME", help="A certificate; by default fast_lin and ibp.")
@click.option("--cards", is_flag=True, help="Measure nothing: print what the models' cards say.")
@click.option("--record", is_flag=True, help="Write what is proved into the models' cards.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def certify(
    names: tuple[str, ...],
    data: str | None,
    norm: str | None,
    eps: int | None,
    count: int | None,
    methods: tuple[str, ...],
    cards: bool,
    record: bool,
    as_json: bool,
) -> None:
    """Print how often models are wrong, how often PGD makes them so, and of how many pictures nothing better is proved.

    Errors in percent of n test pictures, with 95 % Wilson intervals. The certified error counts every picture that is
    not proved right in the whole budget: it is never below the error under attack, and where it is far above, nobody
    knows. That of smoothing is another model's, and only probable. Networks as Liu et al. 2023 (arXiv:1912.04792)
    have them stand beside those that the authors released.
    """
    from explorer.models.zoo import amend, card, zoo_names

    if cards and (record or count or methods or norm or eps is not None):
        raise UserError("Cards are read, or models measured: name models or --data alone beside --cards.")
    if cards:
        known = [name for name in names or zoo_names(data) if "certified" in card(name)]
        if not known:
            raise UserError(
                "No card of these says what is proved: leave out --cards to measure it, or name other models."
            )
        found = [_of_card(card(name)) for name in known]
    else:
        known, threat = _chosen(names, data, norm, eps)
        if record:
            _check_for_cards(known, threat, count, methods)
        found = [_measured(name, threat, count, tuple(dict.fromkeys(methods or METHODS))) for name in known]
    if record:
        for name, one in zip(known, found, strict=True):
            proved = {method: one["correct"][method] for method in one["methods"]}
            amend(name, {"certified": card(name).get("certified", {}) | proved})
    if as_json:
        click.echo(json.dumps({"models": found}, indent=2))
        return
    click.echo(_table(found))


def _chosen(names: Sequence[str], data: str | None, norm: str | None, eps: int | None) -> tuple[list[str], Any]:
    """Return the models to measure, all of one data set, and the budget."""
    from explorer.core.types import Threat
    from explorer.data import DATA
    from explorer.models.zoo import card, zoo_names

    if not (names or data):
        raise UserError("Which models? Name some, or a data set by --data.")
    data = data or str(card(names[0])["data"])
    if stray := [name for name in names if card(name)["data"] != data]:
        raise UserError(f"{stray[0]} is a model of {card(stray[0])['data']}, not of {data}.")
    facts = DATA[data].facts
    usual = (
        card(names[0])["threat"]
        if names
        else {
            "norm": facts["norm"],
            "eps": facts["eps"][norm if norm in facts["eps"] else facts["norm"]] / facts["unit"],
        }
    )
    threat = Threat(norm or usual["norm"], usual["eps"] if eps is None else eps / facts["unit"])  # type: ignore[arg-type]
    known = list(names) or [name for name in zoo_names(data) if _is_for(name, threat)]
    if not known:
        raise UserError(
            f"No model of {data} was trained for {threat.norm} {threat.eps:g}: name models, or another --eps."
        )
    return known, threat


def _is_for(name: str, threat: Any) -> bool:
    from explorer.models.zoo import card

    found = card(name)["threat"]
    return bool(found["norm"] == threat.norm and abs(found["eps"] - threat.eps) < 1e-9)


def _check_for_cards(names: Sequence[str], threat: Any, count: int | None, methods: Sequence[str]) -> None:
    """Refuse what a card does not speak of."""
    from explorer.certificates import CERTIFICATES
    from explorer.core.assets import installed
    from explorer.models.own import is_own

    if count:
        raise UserError("Cards speak of the whole test set: leave out --n or --record.")
    for method in methods:
        if CERTIFICATES[method].facts["says"] == "probable":
            raise UserError(f"Cards keep what is proved, and {method} is only probable: leave out --record.")
    for name in names:
        if is_own(name):
            raise UserError(f"{name} was trained elsewhere, for no budget that its card knows: leave out --record.")
        if not _is_for(name, threat):
            raise UserError(f"The card of {name} speaks of another budget than {threat.norm} {threat.eps:g}.")
    if installed():
        raise UserError("The cards of an installed copy stay as they are: leave out --record.")


def _measured(name: str, threat: Any, count: int | None, methods: Sequence[str]) -> dict[str, Any]:
    """Return how many test pictures a model is right about: as they are, under PGD, and provably."""
    from explorer.certificates.run import certified
    from explorer.core.device import best_device
    from explorer.core.progress import part
    from explorer.core.types import Data
    from explorer.data import load_data
    from explorer.models.zoo import card, load_model
    from explorer.training.make import measure

    found, model, seconds = card(name), load_model(name, best_device()), {}
    attack = pgd_of(found["measured"])
    with ticker(name) as tick:
        whole = load_data(found["data"], "test", tick=tick, **found.get("data_knobs", {}))
        test = Data(whole.x[:count], whole.y[:count], whole.classes)
        steps = int(attack.removeprefix("pgd"))
        correct = measure(model, "", test, threat, steps, 0, part(tick, 0, 1, len(methods) + 1))
        for at, method in enumerate(methods, 1):
            inner, start = part(tick, at, 1, len(methods) + 1), time.perf_counter()
            sure = certified(method, model, test.x, test.y, threat.norm, threat.eps, tick=inner)
            correct[method], seconds[method] = _rate(int(sure.sum()), len(sure)), time.perf_counter() - start
    return _told(found, attack, threat, correct, methods) | {"seconds": seconds}


def _of_card(found: dict[str, Any]) -> dict[str, Any]:
    """Return the same from a card."""
    from explorer.core.types import Threat

    attack, proved = pgd_of(found["measured"]), found["certified"]
    correct = {key: found["measured"][key] for key in ("clean", attack)} | proved
    return _told(found, attack, Threat(**found["threat"]), correct, tuple(proved))


def _told(found: dict[str, Any], attack: str, threat: Any, correct: Errors, methods: Sequence[str]) -> dict[str, Any]:
    told = {"name": found["name"], "data": found["data"], "norm": threat.norm, "eps": threat.eps, "attack": attack}
    net = (found["data"], found["architecture"], found["network"].get("width"), found["network"].get("depth"))
    same = net == ("mnist", "mlp", 1024, 1) and (threat.norm, round(threat.eps, 6)) == ("linf", 0.1)
    released = None
    if same and found["recipe"] in RELEASED:
        called, *errors = RELEASED[found["recipe"]]
        released = {"name": called} | dict(zip(("clean", "pgd20", "fast_lin", "ibp"), errors, strict=True))
    return told | {"correct": correct, "methods": list(methods), "released": released}


def _table(found: Sequence[dict[str, Any]]) -> str:
    """Return the errors as a Markdown table, below each model those of the network that the authors released."""
    from explorer.certificates import CERTIFICATES
    from explorer.core.norms import SYMBOLS
    from explorer.core.stats import Rate
    from explorer.data import DATA

    methods = list(dict.fromkeys(method for one in found for method in one["methods"]))
    titles = [f"{CERTIFICATES[method].title}: not {_word(method)}" for method in methods]
    rows, theirs = [], False
    for one in found:
        unit = DATA[one["data"]].facts["unit"]
        budget = f"{SYMBOLS[one['norm']]} {one['eps'] * unit:g}/{unit}, {one['attack'].replace('pgd', 'PGD-')}"
        keys, right = ("clean", one["attack"], *methods), one["correct"]
        cells = [
            Rate(right[key]["n"] - right[key]["hits"], right[key]["n"]).cell if key in right else "" for key in keys
        ]
        rows.append([f"`{one['name']}`", *cells, budget, f"{right['clean']['n']:,}"])
        if one["released"]:
            theirs = True
            cells = [f"{one['released'][key]:g}%" if key in one["released"] else "" for key in keys]
            rows.append([f"{one['released']['name']}, released", *cells, budget, "10,000 (PGD 1,000)"])
    head = ("Model", "Wrong", "Wrong under attack", *titles, "Budget", "n")
    note = "released: the networks of Liu et al. 2023 (arXiv:1912.04792), measured by us, PGD on 1,000 pictures."
    return "\n\n".join([markdown(head, rows), *([note] if theirs else [])])


def _word(method: str) -> str:
    from explorer.certificates import CERTIFICATES

    return "probable (the smoothed model)" if CERTIFICATES[method].facts["says"] == "probable" else "proved"


def _rate(hits: int, n: int) -> dict[str, Any]:
    from explorer.core.stats import Rate

    return {"hits": hits, "n": n, "interval": list(Rate(hits, n).interval)}
