"""Several attacks on the same picture, a row each: what they found and what it cost."""

from collections.abc import Collection, Mapping
from typing import Any

from explorer.core.results import AttackResult, AttackView
from explorer.core.words import amount
from explorer.figures.setting import Setting

Row = dict[str, Any]
WITHIN = {"budget": "", "smallest": "no budget", "own": "its own limits"}


def comparison(views: Mapping[str, AttackView], titles: Mapping[str, str], setting: Setting) -> list[Row]:
    """Return a row for each attack, the one that fools model A by the shortest change first, the unsuccessful last.

    views : by attack, all of one picture, norm and budget; titles : what to call them

    Keys: "attack", "name", "within" (the budget, or what bounds the attack instead), and for A and B each "fooled"
    (a right answer turned within the budget, however long a search may go, or within its own limits), "length" in the
    budget's norm in units of the data, "passes" (forward passes: the queries of an attack that only asks), "seconds".
    """
    rows = [
        {"attack": titles[name], "name": name, "within": WITHIN[view.a.bound] or setting.eps_text}
        | _half("A", view.a, setting)
        | _half("B", view.b, setting)
        for name, view in views.items()
    ]
    return sorted(rows, key=lambda row: (not row["A fooled"], row["A length"], row["A passes"]))


def heads(setting: Setting) -> dict[str, str]:
    """Return what to call the numbers of a row, in order."""
    found, unit = {"attack": "Attack", "within": "Keeps to"}, "pixels" if setting.norm == "l0" else f"1/{setting.unit}"
    for letter in "AB":
        found |= {
            f"{letter} fooled": f"{letter} fooled",
            f"{letter} length": f"{letter} {setting.symbol} ({unit})",
            f"{letter} passes": f"{letter} passes",
            f"{letter} seconds": f"{letter}: seconds",
        }
    return found


def cells(row: Row, setting: Setting) -> list[str]:
    """Return a row as texts below `heads`."""
    return [_cell(key, row[key]) for key in heads(setting)]


def _cell(key: str, value: Any) -> str:
    if key.endswith("fooled"):
        return "yes" if value else "no"
    forms = {"length": ".3g", "passes": ",d", "seconds": ".2f"}
    return format(value, forms.get(key[2:], ""))


def told(
    views: Mapping[str, AttackView], titles: Mapping[str, str], controls: Collection[str], setting: Setting
) -> str:
    """Return one sentence: which attack got by with the shortest change, on each model.

    controls : those of the views that ask the model nothing: they are no attacks, and are told apart
    """
    rows = comparison(views, titles, setting)
    tried, blind = ([row for row in rows if (row["name"] in controls) == control] for control in (False, True))
    parts = []
    for letter, name in zip("AB", setting.names, strict=True):
        found = {key: view.a if letter == "A" else view.b for key, view in views.items()}
        first = next(iter(found.values()))
        if _spoiled(first):
            done = "said what is wanted" if first.targeted else "was wrong"
            parts.append(f"the {name} model {done} before any attack")
            continue
        parts.append(_attacks(letter, name, tried, found, setting))
        parts += [f"{row['attack']} fools the {name} model" for row in blind if row[f"{letter} fooled"]]
    sentence = "; ".join(parts) + "."
    return sentence[0].upper() + sentence[1:]


def _attacks(letter: str, name: str, tried: list[Row], found: Mapping[str, AttackResult], setting: Setting) -> str:
    owns = [row for row in tried if row["within"] == WITHIN["own"]]  # lengths of theirs are of another kind
    held = [row for row in tried if row["within"] != WITHIN["own"]]
    done, parts = [row for row in held if row[f"{letter} fooled"]], list[str]()
    if done:
        fool = f"{amount(len(held), 'attack')} {'fools' if len(done) == 1 else 'fool'}"
        best = _best(letter, done, setting)
        parts.append(f"{len(done)} of {fool} the {name} model within {setting.eps_text}, by the shortest change {best}")
    elif held:
        longer = [row for row in held if found[row["name"]].success[0]]  # the searches that ended beyond the budget
        beyond = f"; beyond it the shortest change found is that of {_best(letter, longer, setting)}" if longer else ""
        parts.append(f"nothing tried fools the {name} model within {setting.eps_text}{beyond}")
    fooling = [row["attack"] for row in owns if row[f"{letter} fooled"]]
    parts += [f"{attack} fools the {name} model within limits of its own" for attack in fooling]
    return "; ".join(parts or [f"nothing tried fools the {name} model"])


def _best(letter: str, rows: list[Row], setting: Setting) -> str:
    best = min(rows, key=lambda row: row[f"{letter} length"])
    return f"{best['attack']} ({setting.symbol} {setting.length(best[f'{letter} length'] / _unit(setting))})"


def _half(letter: str, found: AttackResult, setting: Setting) -> Row:
    size = found.distance[setting.norm]
    reached = found.within(setting.norm, setting.budget) if found.bound == "smallest" else found.success
    half = {"fooled": bool(reached[0]) and not _spoiled(found), "length": float(size[0]) * _unit(setting)}
    half |= {"passes": found.images, "seconds": found.seconds}
    return {f"{letter} {key}": value for key, value in half.items()}


def _spoiled(found: AttackResult) -> bool:
    """Return whether the goal is reached on the clean picture."""
    return bool((found.logits[0].argmax() == found.labels[0]) == found.targeted)


def _unit(setting: Setting) -> int:
    return 1 if setting.norm == "l0" else setting.unit
