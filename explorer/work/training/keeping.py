"""A model that a person has trained, kept as one of their own."""

import tempfile
from pathlib import Path
from typing import Any

from safetensors.torch import load_file

from explorer.core.results import Stretched
from explorer.core.stats import Rate
from explorer.data import DATA, data_digest
from explorer.models import own
from explorer.training import RECIPES
from explorer.training.loop import Plan
from explorer.work.request import unit_of
from explorer.work.training.stretches import WATCHED, Stretch

MODEL = "model."  # before the names of a checkpoint's weights


def keep(training: Stretch, found: Stretched, title: str) -> str:
    """Keep the model as a training left it; return its name (see `explorer.models.own`).

    training : any stretch of it; found : the last one that is there
    """
    facts = DATA[training.data].facts
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint.safetensors"
        checkpoint.write_bytes(found.checkpoint.tobytes())
        state = {key: value for key, value in load_file(checkpoint).items() if key.startswith(MODEL)}
    tensors = {key.removeprefix(MODEL): value for key, value in state.items()}
    epochs = len(found.history["epoch"])
    plan = Plan(training.epochs, training.rate, training.batch, training.optimizer, watch=WATCHED)
    eps = training.eps / unit_of(training.data, training.norm)
    card: dict[str, Any] = {
        "title": title,
        "data": training.data,
        "data_knobs": dict(training.data_knobs),
        "data_digest": data_digest(training.data, "train", training.data_knobs),
        "shape": list(facts["shape"]),
        "classes": list(facts["classes"]),
        "architecture": training.architecture,
        "network": dict(training.network),
        "parameters": sum(value.numel() for key, value in tensors.items() if "normalise" not in key),
        "recipe": training.recipe,
        "knobs": dict(training.recipe_knobs),
        "threat": {"norm": training.norm, "eps": eps},
        "plan": {name: getattr(plan, name) for name in plan.__dataclass_fields__} | {"epochs": epochs},
        "pictures": training.pictures,
        "seed": training.seed,
        "seconds": round(found.seconds),
        "measured": {
            name: _rate(float(found.history[key][-1]), found.watched)
            for name, key in (("clean", "test_clean"), ("pgd10", "test_robust"))
        },
    }
    columns = {name: values.tolist() for name, values in found.history.items()}
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return own.write(card, tensors, rows)


def title_of(training: Stretch) -> str:
    """Return what such a model is called."""
    return f"{RECIPES[training.recipe].title.split(':')[0]}, {training.stop} epochs"


def _rate(share: float, n: int) -> dict[str, Any]:
    rate = Rate(round(share * n), n)
    return {"hits": rate.hits, "n": n, "interval": list(rate.interval)}
