"""Several attacks on the same picture, a row each: what they found and what it cost."""

from collections.abc import Mapping
from typing import Any

from explorer.core.results import AttackResult, AttackView
from explorer.figures.setting import Setting

Row = dict[str, Any]
WITHIN = {"budget": "", "smallest": "any length", "own": "its own limits"}


def comparison(views: Mapping[str, AttackView], titles: Mapping[str, str], setting: Setting) -> list[Row]:
    """Return a row for each attack, the one that fools model A by the shortest change first, the unsuccessful last.

    views : by attack, all of one picture, norm and budget; titles : what to call them

    Keys: "attack", "name", "within" (the budget, or what bounds the attack instead), and for A and B each "fooled"
    (within that), "length" in the budget's norm in units of the data, "passes" (forward passes: the queries of an
    attack that only asks), "seconds".
    """
    rows = [
        {"attack": titles[name], "name": name, "within": WITHIN[view.a.bound] or setting.eps_text}
        | _half("A", view.a, setting)
        | _half("B", view.b, setting)
        for name, view in views.items()
    ]
    return sorted(rows, key=lambda row: (not row["A fooled"], row["A length"], row["A passes"]))


def told(rows: list[Row], setting: Setting) -> str:
    """Return one sentence: which attack got by with the shortest change, on each model."""
    parts = []
    for letter, name in zip("AB", setting.names, strict=True):
        done = [row for row in rows if row[f"{letter} fooled"]]
        if not done:
            parts.append(f"nothing tried fools the {name} model")
            continue
        best = min(done, key=lambda row: row[f"{letter} length"])
        length = setting.length(best[f"{letter} length"] / _unit(setting))
        parts.append(
            f"{len(done)} of {len(rows)} attacks fool the {name} model, by the shortest change {best['attack']} "
            f"({setting.symbol} {length})"
        )
    sentence = "; ".join(parts) + "."
    return sentence[0].upper() + sentence[1:]


def _half(letter: str, found: AttackResult, setting: Setting) -> Row:
    length = float(found.distance[setting.norm][0]) * _unit(setting)
    half = {"fooled": bool(found.success[0]), "length": length, "passes": found.images, "seconds": found.seconds}
    return {f"{letter} {key}": value for key, value in half.items()}


def _unit(setting: Setting) -> int:
    return 1 if setting.norm == "l0" else setting.unit
