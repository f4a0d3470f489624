"""The zoo: trained networks in `assets/zoo/<name>/`, and imported ones (`own.py`), each by its name."""

import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from explorer.core.assets import assets
from explorer.core.digest import of_bytes
from explorer.core.errors import UserError
from explorer.core.registry import unknown
from explorer.models import own
from explorer.models.build import build

Card = dict[str, Any]
PATH = "path.safetensors"


def zoo_names(data: str | None = None) -> list[str]:
    """Return the names of the trained models that come with the product, of one data set or of all.

    Those of a study and imported ones are not listed: who has the name of one may use it.
    """
    return [name for name in _shipped() if "study" not in card(name) and data in (None, card(name)["data"])]


def studied(study: str | None = None) -> list[str]:
    """Return the names of the models that were trained to be compared as a whole, for one study or for all."""
    found = {name: card(name).get("study") for name in _shipped()}
    return [name for name, own_study in found.items() if own_study and study in (None, own_study)]


def is_listed(name: str) -> bool:
    """Return whether a name is among those to choose from, and not one that has to be known."""
    return not own.is_own(name) and "study" not in card(name)


def _shipped() -> list[str]:
    zoo = assets() / "zoo"
    ready, rest = _folders(zoo, zoo.stat().st_mtime_ns)
    return sorted([*ready, *(name for name in rest if (zoo / name / "card.json").exists())])


@lru_cache(maxsize=4)
def _folders(zoo: Path, _changed: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return which of the zoo's folders have a card, and which do not, as of a model that is being trained.

    Looked into once for each moment at which a folder came or went: a page asks for the names a hundred times.
    """
    found = {path.name: (path / "card.json").exists() for path in zoo.iterdir() if path.is_dir()}
    return tuple(name for name in found if found[name]), tuple(name for name in found if not found[name])


def _folder(name: str) -> Path:
    if own.is_own(name):
        return own.folder(name)
    if name not in _shipped():
        raise unknown("model", name, zoo_names())
    return assets() / "zoo" / name


@lru_cache(maxsize=256)
def card(name: str) -> Card:
    """Return what is recorded of a model: how it was trained, and what was measured."""
    found: Card = json.loads((_folder(name) / "card.json").read_text())
    return found


def record(name: str, attack: str, rate: dict[str, Any]) -> None:
    """Write into a model's card what it achieves under an attack at the budget that it was trained for."""
    amend(name, {"measured": card(name)["measured"] | {attack: rate}})


def amend(name: str, entries: dict[str, Any]) -> None:
    """Write entries into a model's card, new ones or in place of those that are there."""
    changed = card(name) | entries
    (_folder(name) / "card.json").write_text(json.dumps(changed, indent=2, ensure_ascii=False) + "\n")
    card.cache_clear()


def spoken(a: str, b: str) -> tuple[str, str]:
    """Return what to call two models beside each other: their titles up to the bracket, or else their names."""
    titles = tuple(card(name)["title"].split(" (")[0] for name in (a, b))
    return (titles[0], titles[1]) if titles[0] != titles[1] else (a, b)


def called(names: Sequence[str]) -> dict[str, str]:
    """Return what to call the imported ones among some models: their titles, behind them the names where two have one.

    The others are called by their names.
    """
    titles = {name: str(card(name)["title"]) if own.is_own(name) else name for name in names}
    known = list(titles.values())
    return {name: one if known.count(one) == 1 else f"{one} {name}" for name, one in titles.items() if name != one}


def history(name: str) -> list[dict[str, float]]:
    """Return the model's training history, a row per epoch; none of a model that was imported."""
    if not (_folder(name) / "history.json").exists():
        return []
    rows: list[dict[str, float]] = json.loads((_folder(name) / "history.json").read_text())
    return rows


def has_path(name: str) -> bool:
    """Return whether the path of a model's training was recorded."""
    return (_folder(name) / PATH).exists()


@lru_cache(maxsize=64)
def path_digest(name: str) -> str:
    """Return the digest of the recorded path of a model's training, "" where there is none."""
    return of_bytes((_folder(name) / PATH).read_bytes()) if has_path(name) else ""


def recorded(name: str) -> dict[float, dict[str, Tensor]]:
    """Return the states that a model's training went through, by the share of it that was done, from 0 to 1.

    A state is what `load_state_dict` takes. Raises `UserError` where none was recorded.
    """
    if not has_path(name):
        raise UserError(f"No path was recorded of {name}: `explorer train` does it with --set plan.record=10.")
    with safe_open(_folder(name) / PATH, framework="pt") as stacked:
        shares: list[float] = json.loads(stacked.metadata()["shares"])
        tensors = {key: stacked.get_tensor(key) for key in stacked.keys()}  # noqa: SIM118 (no mapping)
    return {share: {key: value[t] for key, value in tensors.items()} for t, share in enumerate(shares)}


@lru_cache(maxsize=64)
def weights_digest(name: str) -> str:
    """Return the digest of a model's weights."""
    return of_bytes((_folder(name) / "weights.safetensors").read_bytes())


def load_model(name: str, device: torch.device | str = "cpu") -> nn.Module:
    """Return a trained model of its own (safe to change), in eval mode, from pixels to logits."""
    found = card(name)
    model = build(found["architecture"], tuple(found["shape"]), len(found["classes"]), found["network"])
    model.load_state_dict(load_file(_folder(name) / "weights.safetensors"))
    return model.eval().requires_grad_(False).to(device)
