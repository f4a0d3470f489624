"""From a named plan to a zoo folder: weights, card, history."""

import json
import platform
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.assets import assets
from explorer.core.device import best_device, generator, in_batches
from explorer.core.digest import of_json
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.knobs import fill
from explorer.core.progress import Tick, silent
from explorer.core.registry import unknown
from explorer.core.stats import Rate
from explorer.core.types import Data, Threat
from explorer.data import DATA, data_digest, load_data
from explorer.models.build import build
from explorer.models.zoo import card, load_model, weights_digest
from explorer.training import RECIPES
from explorer.training.loop import Plan, Trained, fit

Settings = dict[str, Any]
Look = Callable[[nn.Module, Trained, Data, Data, Threat, int], dict[str, Any]]
BATCH = 128  # pictures in a pass that only asks
STEPS = 40  # of the attack that a model is measured with, where its settings do not say


def plans() -> dict[str, Settings]:
    """Return the settings of every zoo model, by name.

    A plan with `seeds = 3` stands for three, which differ in their seed alone: NAME-0, NAME-1 and NAME-2.
    """
    found: dict[str, Settings] = {}
    for name, settings in tomllib.loads((assets() / "zoo" / "plans.toml").read_text()).items():
        title, seeds = settings["title"], settings.pop("seeds", 0)
        each = {f"{name}-{i}": settings | {"title": f"{title} (seed {i})", "seed": i} for i in range(seeds)}
        found |= each or {name: settings}
    return found


def plan_of(name: str) -> Settings:
    """Return one model's settings; `UserError` naming the known ones but for those of a study."""
    known = plans()
    if name not in known:
        listed = [one for one, plan in known.items() if "study" not in plan]
        raise unknown("plan", name, listed, "in zoo/plans.toml")
    return known[name]


def make(
    name: str,
    settings: Settings,
    out: Path,
    *,
    look: Look | None = None,
    chosen: Tensor | None = None,
    tick: Tick = silent,
) -> dict[str, Any]:
    """Train a model by its settings, measure it on the test set, and write `out`; return its card.

    An interrupted run goes on from its last epoch (`out/checkpoint.safetensors`), with the same result. Of settings
    with `pictures` it trains on that many of the training set, the first ones; with `tested` it is measured on that
    many test pictures. With `start`, a model of the zoo of the same data and network, it begins at that one's weights.
    With `half`, weights are rounded to float16 once trained, before test pictures are measured, and kept so.

    look : what the card shall tell beside ("looked"): called at the end with the model, what the training left, its
        pictures, the test pictures that are measured, the budget and the seed
    chosen : places of the training pictures that it trains on, int64; by default the first ones

    Raises `UserError` for settings that cannot work, and for a checkpoint of other settings, data or places.
    """
    entry, recipe = DATA[settings["data"]], RECIPES[settings["recipe"]]
    knobs = fill(recipe.knobs, settings.get("knobs", {}))
    threat = Threat(settings.get("norm", entry.facts["norm"]), settings["eps"] / entry.facts["unit"])
    seed, plan = settings.get("seed", 0), Plan(**settings["plan"])
    shape: tuple[int, ...] = entry.facts["shape"]
    _check_augmentation(plan, settings["data"], shape)
    variant = fill(entry.knobs, settings.get("data_knobs", {}))
    train, test = (load_data(settings["data"], split, tick=tick, **variant) for split in ("train", "test"))
    if chosen is not None:
        train = Data(train.x[chosen], train.y[chosen], train.classes)
    train, test = train.first(settings.get("pictures", len(train))), test.first(settings.get("tested", len(test)))
    digest, device = data_digest(settings["data"], "train", tuple(sorted(variant.items()))), best_device()
    model = build(
        settings["architecture"],
        shape,
        len(train.classes),
        settings["network"],
        rng=generator(seed),
        pixels=train.x,
    ).to(device)
    origin: Settings = {"name": name, "settings": settings, "data": digest}
    if "start" in settings:
        origin["start"] = weights_digest(settings["start"])
        _begin(model, settings)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    out.mkdir(parents=True, exist_ok=True)
    loss, checkpoint = partial(recipe.run, **knobs), out / "checkpoint.safetensors"
    if chosen is not None:
        origin["chosen"] = chosen.tolist()
    trained = fit(
        model, train, test, loss, threat, plan, seed=seed, tick=tick, checkpoint=checkpoint, origin=of_json(origin)
    )
    model = model.to(memory_format=torch.contiguous_format)
    half = bool(settings.get("half"))
    if half:
        model = model.half().float()
    looked = {} if look is None else {"looked": look(model, trained, train, test, threat, seed)}
    told: Settings = {
        "name": name,
        "title": settings["title"],
        **({"study": settings["study"]} if "study" in settings else {}),
        "data": settings["data"],
        "data_knobs": settings.get("data_knobs", {}),
        "data_digest": digest,
        "shape": list(shape),
        "classes": list(train.classes),
        "architecture": settings["architecture"],
        "network": settings["network"],
        "parameters": sum(p.numel() for p in model.parameters()),
        "recipe": settings["recipe"],
        "knobs": knobs,
        "threat": asdict(threat),
        "plan": asdict(plan),
        **{key: settings[key] for key in ("start", "half") if key in settings},
        **({"pictures": len(train)} if "pictures" in settings else {}),
        "seed": seed,
        "seconds": round(trained.seconds),
        "versions": {"torch": torch.__version__, "python": platform.python_version(), "device": str(device)},
        "measured": measure(model, settings["data"], test, threat, settings.get("attack_steps", STEPS), seed, tick),
        **looked,
    }
    state = {k: v.half() if half and v.is_floating_point() else v for k, v in model.state_dict().items()}
    save_file({k: v.cpu().contiguous() for k, v in state.items()}, out / "weights.safetensors")
    if trained.path:
        _save_path(trained.path, out / "path.safetensors")
    (out / "history.json").write_text(json.dumps(trained.history, indent=0) + "\n")
    (out / "card.json").write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n")
    checkpoint.unlink()
    return told


def measure(
    model: nn.Module, name: str, test: Data, threat: Threat, steps: int, seed: int, tick: Tick = silent
) -> dict[str, Any]:
    """Return clean and PGD accuracy on test pictures; on `shapes` also on as many with the cue of another class."""
    result = run_attack(
        "pgd", model, test.x, Goal(test.y), threat, seed=seed, knobs={"steps": steps, "step": 0.1}, tick=tick
    )
    clean = result.logits.argmax(1) == result.labels
    found = {"clean": _rate(clean.sum(), len(clean)), f"pgd{steps}": _rate(result.correct.sum(), len(clean))}
    if name == "shapes":
        other = load_data(name, "test", tick=tick, cue="swapped")
        x, y = other.x[: len(test)], other.y[: len(test)]
        device = next(model.parameters()).device
        with torch.no_grad():
            said = in_batches(len(x), BATCH, lambda rows: model(x[rows].to(device)).argmax(1).cpu())
        found["swapped"] = _rate((torch.cat(said) == y).sum(), len(y))
    return found


def _begin(model: nn.Module, settings: Settings) -> None:
    """Give a model the weights of the one that its settings start from."""
    found = card(settings["start"])
    for key in ("data", "architecture", "network"):
        if found[key] != settings[key]:
            raise UserError(f"start = {settings['start']!r} has another {key}: name a model that has the same one.")
    model.load_state_dict(load_model(settings["start"]).state_dict())


def _save_path(path: Mapping[float, Mapping[str, Tensor]], file: Path) -> None:
    """Write recorded states, each tensor of all of them as one of (T, ...); shares of the training as metadata."""
    stacked = {name: torch.stack([state[name] for state in path.values()]) for name in next(iter(path.values()))}
    save_file(stacked, file, {"shares": json.dumps([*path])})


def _check_augmentation(plan: Plan, data: str, shape: tuple[int, ...]) -> None:
    if not (plan.augment or plan.flip):
        return
    if len(shape) != 3:
        raise UserError(f"plan.augment and plan.flip are for pictures, and {data} has points: leave them out.")
    if plan.augment >= (side := min(shape[1:])):
        raise UserError(f"plan.augment = {plan.augment} is not smaller than the {side} pixels of a side of {data}.")


def _rate(hits: Any, n: int) -> dict[str, Any]:
    rate = Rate(int(hits), n)
    return {"hits": rate.hits, "n": n, "interval": list(rate.interval)}
