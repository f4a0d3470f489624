"""The trainings of a study: their plans, what is recorded of each, and how to make them anew.

A study is a folder of `assets/studies`: `plans.toml` with its kinds of training, and a record of each kind and seed.
"""

import json
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from explorer.core.assets import assets
from explorer.core.device import generator
from explorer.core.digest import of_json
from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.data import load_data
from explorer.training.difficulty import subset
from explorer.training.make import Look, Settings, make

DIGITS = 5  # of every number that is recorded
TABLES = {"plan": "data", "network": "architecture", "knobs": "recipe"}
"""Of the plans: a kind's own entries join the shared ones, where it shares what they are of."""
CARD = ("pictures", "seconds", "versions", "measured", "data_digest", "parameters")  # what a record has of the card
Record = dict[str, Any]


def plans(study: str) -> dict[str, dict[int, Settings]]:
    """Return the settings of a study's trainings, by kind and seed, as `training.make` takes them.

    What stands under [shared] holds for every kind that does not say otherwise.
    """
    file = _folder(study) / "plans.toml"
    if not file.exists():
        raise UserError(f"There is no study {study[:40]!r} of trainings.")
    tables = tomllib.loads(file.read_text())
    shared, found = tables.pop("shared"), {}
    for name, own in tables.items():
        settings = shared | own
        for key, of in TABLES.items():
            same = settings[of] == shared.get(of)
            settings[key] = (shared.get(key, {}) if same else {}) | own.get(key, {})
        seeds = settings.pop("seeds")
        found[name] = {seed: settings | {"seed": seed} for seed in range(seeds)}
    return found


def record(study: str, name: str, seed: int) -> Record | None:
    """Return what is recorded of one training; None where nothing is, or where it is of another plan."""
    file = _file(study, name, seed)
    if not file.exists():
        return None
    found: Record = json.loads(file.read_text())
    return found if found["plan"] == _digest(study, plans(study)[name][seed]) else None


def trained(study: str, name: str, seed: int, look: Look, tick: Tick = silent) -> Record:
    """Train one of a study's models, and return what is to be recorded of it.

    Its history is put in columns; "plan" is the digest of the settings; "looked" what the study itself measures. A plan
    with `subset` is of a part of the training pictures, by how hard they were for the kind that it names, whose record
    of the same seed has to be there.
    """
    settings = plans(study)[name][seed]
    chosen = _subset(study, settings, seed, tick) if "subset" in settings else None
    with tempfile.TemporaryDirectory() as folder:
        card = make(f"{study}-{name}-{seed}", settings, Path(folder), look=look, chosen=chosen, tick=tick)
        rows = json.loads((Path(folder) / "history.json").read_text())
    return {
        "plan": _digest(study, settings),
        **{key: card[key] for key in CARD if key in card},
        "history": rounded({key: [row[key] for row in rows] for key in rows[0]}),
        "looked": rounded(card["looked"]),
    }


def _subset(study: str, settings: Settings, seed: int, tick: Tick) -> Tensor:
    """Return the places of the training pictures that a plan is of."""
    asked = settings["subset"]
    source = record(study, asked["of"], seed)
    if source is None:
        raise UserError(f"What is hard is known from {asked['of']}, seed {seed}: that has to be recorded first.")
    labels = load_data(settings["data"], "train", tick=tick).y
    hardness = torch.tensor(source["looked"]["difficulty"], dtype=torch.float64)
    return subset(hardness, labels, asked["part"], asked["count"], generator(seed))


def write(study: str, name: str, seed: int, made: Record) -> None:
    """Keep a record."""
    text = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    _file(study, name, seed).write_text(text.replace('],"', '],\n"') + "\n")


def rounded(value: Any) -> Any:
    """Return numbers, and what is made of them, to as many digits as are recorded."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}")
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def _digest(study: str, settings: Settings) -> str:
    """Return the digest of all that decides a training: its title does not, whose pictures it is of does."""
    decides = {key: value for key, value in settings.items() if key != "title"}
    if "subset" in settings:
        decides["source"] = _digest(study, plans(study)[settings["subset"]["of"]][settings["seed"]])
    return of_json(decides)


def _file(study: str, name: str, seed: int) -> Path:
    return _folder(study) / f"{name}-{seed}.json"


def _folder(study: str) -> Path:
    return assets() / "studies" / study
