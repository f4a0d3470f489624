"""The trainings of a study: their plans, what is recorded of each, and how to make them anew.

A study is a folder of `assets/studies`: `plans.toml` with its kinds of training, and a record of each kind and seed.
"""

import json
import shutil
import tempfile
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from explorer.core.assets import assets
from explorer.core.device import generator
from explorer.core.digest import of_json
from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.registry import unknown
from explorer.core.types import Data, Threat
from explorer.data import load_data
from explorer.models.zoo import card
from explorer.training.difficulty import subset
from explorer.training.loop import Trained
from explorer.training.make import STEPS, Look, Settings, make, measure

DIGITS = 5  # of every number that is recorded
TABLES = {"plan": "data", "network": "architecture", "knobs": "recipe"}
"""Of the plans: a kind's own entries join the shared ones, where it shares what they are of."""
CARD = ("pictures", "seconds", "versions", "measured", "data_digest", "parameters")  # what a record has of the card
Record = dict[str, Any]


def plans(study: str) -> dict[str, dict[int, Settings]]:
    """Return the settings of a study's trainings, by kind and seed, as `training.make` takes them.

    What stands under [shared] holds for every kind that does not say otherwise, and so does what stands under
    [shared.on.NAME] for those that are trained on the data set NAME.
    """
    file = _folder(study) / "plans.toml"
    if not file.exists():
        raise unknown(
            "study", study, sorted(one.parent.name for one in _studies().glob("*/plans.toml")), "of trainings"
        )
    tables = tomllib.loads(file.read_text())
    common, found = tables.pop("shared"), {}
    on = common.pop("on", {})
    for name, own in tables.items():
        where = own.get("data")
        shared = common | ({"data": where} | on[where] if where in on else {})
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


def zoo_name(study: str, name: str, seed: int) -> str:
    """Return what one of a study's networks is called in the zoo, where it is kept."""
    return f"{plans(study)[name][seed]['data']}-{study}-{name}-{seed}"


def trained(study: str, name: str, seed: int, look: Look, tick: Tick = silent, *, keep: bool = False) -> Record:
    """Train one of a study's models, and return what is to be recorded of it.

    Its history is put in columns; "plan" is the digest of the settings; "looked" what the study itself measures. A plan
    with `subset` is of a part of the training pictures, by how hard they were for the kind that it names, whose record
    of the same seed has to be there.

    keep : put the network into the zoo, as one that no list shows
    """
    settings = plans(study)[name][seed]
    chosen = _subset(study, settings, seed, tick) if "subset" in settings else None
    whole: Record = {}

    def looked(model: nn.Module, made: Trained, train: Data, test: Data, threat: Threat, seed: int) -> Record:
        if keep:
            whole.update(_whole(model, settings, threat, tick))
        return look(model, made, train, test, threat, seed)

    with tempfile.TemporaryDirectory() as folder:
        told = make(f"{study}-{name}-{seed}", settings, Path(folder), look=looked, chosen=chosen, tick=tick)
        rows = json.loads((Path(folder) / "history.json").read_text())
        if keep:
            _keep(study, zoo_name(study, name, seed), whole, Path(folder))
    return {
        "plan": _digest(study, settings),
        **{key: told[key] for key in CARD if key in told},
        "history": rounded({key: [row[key] for row in rows] for key in rows[0]}),
        "looked": rounded(told["looked"]),
    }


def _whole(model: nn.Module, settings: Settings, threat: Threat, tick: Tick) -> Record:
    """Return what is measured of a network on all test pictures, as its card in the zoo has it."""
    data, variant = settings["data"], settings.get("data_knobs", {})
    whole, steps = load_data(data, "test", tick=tick, **variant), settings.get("attack_steps", STEPS)
    return measure(model, data, whole, threat, steps, settings["seed"], tick)


def _keep(study: str, name: str, measured: Record, made: Path) -> None:
    """Copy a network into the zoo, its card last: a folder without one is no model."""
    found = json.loads((made / "card.json").read_text()) | {"name": name, "study": study, "measured": measured}
    del found["looked"]
    folder = assets() / "zoo" / name
    folder.mkdir(exist_ok=True)
    for file in ("weights.safetensors", "history.json"):
        shutil.copy(made / file, folder)
    (folder / "card.json").write_text(json.dumps(found, indent=2, ensure_ascii=False) + "\n")
    card.cache_clear()


def _subset(study: str, settings: Settings, seed: int, tick: Tick) -> Tensor:
    """Return the places of the training pictures that a plan is of."""
    asked = settings["subset"]
    source = record(study, asked["of"], seed)
    if source is None:
        raise UserError(f"What is hard is known from {asked['of']}, seed {seed}: that has to be recorded first.")
    labels = load_data(settings["data"], "train", tick=tick, **settings.get("data_knobs", {})).y
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
    return _studies() / study


def _studies() -> Path:
    return assets() / "studies"
