"""Models under one attack, from the command line: the Robustness page's numbers."""

import json
from typing import TYPE_CHECKING, Any

from explorer.cli.table import markdown
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

if TYPE_CHECKING:
    from explorer.core.results import Judged
    from explorer.work.request import Request


def judged(names: tuple[str, ...], attack: str, count: int | None, as_json: bool, record: bool, **chosen: Any) -> str:
    """Return the accuracy of models under an attack, at each budget, as a Markdown table or as JSON.

    record : also write it into the models' cards
    """
    from explorer.attacks import left_out
    from explorer.cli.stages import staged
    from explorer.data import DATA
    from explorer.figures.stages import rows as stages_of
    from explorer.models import zoo
    from explorer.work.local import run

    request = _request(names, attack, count, **chosen)
    if record:
        _check_for_cards(request)
    with ticker(attack) as tick:
        found = run(request, tick=tick)
    rows = {name: _rates(one, request, found.budgets.tolist()) for name, one in found.models.items()}
    if record:
        for name, (_clean, rate) in rows.items():
            zoo.record(name, request.attack, {key: rate[key] for key in ("hits", "n", "interval")})
    if as_json:
        costs = {
            name: {"images": one.images, "seconds": one.seconds, "stages": stages_of(one.stages, len(one.labels))}
            for name, one in found.models.items()
        }
        models = [{"name": name, "accuracy": rates, **costs[name]} for name, rates in rows.items()]
        shared = {"attack": attack, "norm": request.norm, "data": request.data, "address": request.address()}
        return json.dumps(shared | {"models": models}, indent=2)
    head = ("Model", *(rate["budget"] for rate in next(iter(rows.values()))), "n")
    accuracy = markdown(head, [_row(name, rates) for name, rates in rows.items()])
    missing = left_out(request.attack, DATA[request.data].facts["shape"])
    return "\n\n".join(filter(None, (accuracy, staged(found, missing), request.address())))


def _check_for_cards(request: "Request") -> None:
    """Refuse what a card does not speak of."""
    from explorer.attacks import ATTACKS
    from explorer.core.assets import installed
    from explorer.core.knobs import fill
    from explorer.models.own import is_own
    from explorer.models.zoo import card
    from explorer.work.request import unit_of

    if dict(request.knobs) != fill(ATTACKS[request.attack].knobs, {}) or dict(request.choices)["budgets"] != 1:
        raise UserError("Cards speak of an attack as it is, at one budget: leave out --set and --budgets, or --record.")
    unit = unit_of(request.data, request.norm)
    for name in request.models:
        if is_own(name):
            raise UserError(f"{name} was trained elsewhere, for no budget that its card knows: leave out --record.")
        threat = card(name)["threat"]
        if (request.norm, request.eps) != (threat["norm"], round(threat["eps"] * unit)):
            words = f"speaks of {threat['norm']} {threat['eps']:g}, and not of {request.norm} {request.eps / unit:g}"
            raise UserError(f"The card of {name} {words}: leave out --record.")
    if installed():
        raise UserError("The cards of an installed copy stay as they are: leave out --record.")


def _row(name: str, rates: list[dict[str, Any]]) -> list[str]:
    from explorer.core.stats import Rate

    return [f"`{name}`", *(Rate(rate["hits"], rate["n"]).cell for rate in rates), f"{rates[0]['n']:,}"]


def _request(
    names: tuple[str, ...],
    attack: str,
    count: int | None,
    *,
    data: str | None,
    norm: str | None,
    eps: int | None,
    budgets: int,
    changes: tuple[str, ...],
    seed: int,
) -> "Request":
    from explorer.attacks import ATTACKS
    from explorer.core.knobs import fill
    from explorer.data import DATA
    from explorer.models.zoo import card, zoo_names
    from explorer.work.request import default, norms_of
    from explorer.work.variant import stranger

    if not (names or data):
        raise UserError("Which models? Name some, or a data set by --data.")
    data = data or card(names[0])["data"]
    if norm is None:
        usual = DATA[data].facts["norm"]
        norms = norms_of(data, ATTACKS[attack].name)
        norm = usual if usual in norms or not norms else norms[0]
    request = default(data, norm, attack, "robustness")  # type: ignore[arg-type]  # the request checks it
    known = (name for name in zoo_names(data) if not stranger(name, dict(request.data_knobs)))
    names = names or tuple(dict.fromkeys((request.a, request.b, *known)))
    pairs = [change.partition("=") for change in changes]
    if stray := [name for name, equals, _ in pairs if not equals]:
        raise UserError(f"--set {stray[0][:60]!r} is not KNOB=VALUE.")
    knobs = fill(ATTACKS[attack].knobs, {knob: value for knob, _, value in pairs})
    return request.with_(
        a=names[0],
        b=names[min(1, len(names) - 1)],
        more=names[2:],
        knobs=tuple(sorted(knobs.items())),
        eps=request.eps if eps is None else eps,
        seed=seed,
        choices=(("budgets", budgets), ("n", count or DATA[data].facts["sizes"]["test"])),
    )


def _rates(found: "Judged", request: "Request", ladder: list[float]) -> list[dict[str, Any]]:
    """Return the accuracy at budget 0 and at each of the ladder; within limits of the attack's own "eps" is None."""
    from explorer.core.norms import SYMBOLS
    from explorer.core.stats import Rate
    from explorer.work.request import unit_of

    unit, rates = unit_of(request.data, request.norm), []
    for eps in (0.0, *ladder):
        rate = Rate(int(found.standing(eps).sum()), len(found.labels))
        count = round(eps * unit)
        words = f"{SYMBOLS[request.norm]} {count}/{unit}" if unit > 1 else f"{count} pixels"
        words = request.limits or words if eps else "clean"
        row = {"budget": words, "eps": None if eps and request.limits else count, "hits": rate.hits, "n": rate.n}
        rates.append(row | {"interval": list(rate.interval)})
    return rates
