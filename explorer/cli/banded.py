"""Margins by frequency of models, from the command line: the Boundary page's numbers, and into the cards."""

import json
from itertools import groupby
from typing import TYPE_CHECKING, Any

from explorer.cli.table import markdown
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

if TYPE_CHECKING:
    from explorer.core.results import BandMargins

PICTURES = 200  # unless another number is asked for


def banded(names: tuple[str, ...], count: int | None, as_json: bool, record: bool) -> str:
    """Return models' median distances to the boundary by band, a Markdown table for each data set, or as JSON.

    names : of models, all that come with the product of data sets with pictures where there are none
    record : also write them into the models' cards
    """
    from explorer.models import zoo
    from explorer.models.own import is_own
    from explorer.work.boundary.bands import suits

    chosen = names or tuple(name for name in zoo.zoo_names() if suits(zoo.card(name)["data"]))
    for name in chosen:
        if not suits(zoo.card(name)["data"]):
            raise UserError(f"{name} is a model of points, which have no frequencies.")
        if record and is_own(name):
            raise UserError(f"{name} was trained elsewhere, and its card speaks of accuracy alone: leave out --record.")
    found = {name: _measured(name, count or PICTURES) for name in chosen}
    if record:
        _check_installed()
        for name, bands in found.items():
            zoo.amend(name, {"bands": bands})
    if as_json:
        return json.dumps({"models": [{"name": name, "bands": bands} for name, bands in found.items()]}, indent=2)
    tables = [
        markdown(_head(found[group[0]]), [_row(name, found[name]) for name in group])
        for group in (list(some) for _, some in groupby(chosen, key=lambda name: str(zoo.card(name)["data"])))
    ]
    return "\n\n".join(tables)


def _check_installed() -> None:
    from explorer.core.assets import installed

    if installed():
        raise UserError("The cards of an installed copy stay as they are: leave out --record.")


def _measured(name: str, count: int) -> dict[str, Any]:
    """Return a model's medians by band, in the unit of pixels, as a card holds them: None where one has no bounds."""
    import numpy as np

    from explorer.figures.banded import middles
    from explorer.models.zoo import card
    from explorer.work.local import run
    from explorer.work.request import default

    request = default(card(name)["data"], page="boundary")
    choices, show = (dict(getattr(request, group)) for group in ("choices", "show"))
    choices |= {"view": "bands"}
    show |= {"pictures": count}
    with ticker(name) as tick:
        result = run(
            request.with_(a=name, b=name, choices=tuple(sorted(choices.items())), show=tuple(sorted(show.items()))),
            tick=tick,
        )
    found: BandMargins = result.models[name]
    medians = [one if one and np.isfinite([one.value, *one.interval]).all() else None for one in middles(found)]
    return {
        "n": len(found.labels),
        "width": found.width,
        "starts": found.starts.tolist(),
        "medians": [None if middle is None else _digits(middle.value) for middle in medians],
        "intervals": [None if middle is None else [*map(_digits, middle.interval)] for middle in medians],
        "missing": (~found.converged).sum(0).tolist(),
    }


def _digits(value: float) -> float:
    return float(f"{value:.5g}")


def _head(bands: dict[str, Any]) -> tuple[str, ...]:
    return ("Model", *(f"{start}–{start + bands['width'] - 1}" for start in bands["starts"]), "n")


def _row(name: str, bands: dict[str, Any]) -> list[str]:
    cells = [
        "" if middle is None else f"{middle:.3g} ({interval[0]:.3g}–{interval[1]:.3g})"
        for middle, interval in zip(bands["medians"], bands["intervals"], strict=True)
    ]
    return [f"`{name}`", *cells, f"{bands['n']:,}"]
