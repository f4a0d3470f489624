"""Where a training stands, on disk: tensors as safetensors, everything else as JSON in its metadata."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from explorer.core.errors import UserError
from explorer.training.memory import Memory

Epoch = dict[str, float]


@dataclass(slots=True)
class Course:
    """A training under way: what changes as it goes on.

    history : a row per epoch; path : the model's states that are recorded, by how many steps were done
    spent : seconds of the parts before the last interruption
    """

    model: nn.Module
    optimizer: torch.optim.Optimizer
    schedule: torch.optim.lr_scheduler.LRScheduler
    rng: torch.Generator
    memory: Memory
    history: list[Epoch] = field(default_factory=list)
    path: dict[int, dict[str, Tensor]] = field(default_factory=dict)
    spent: float = 0.0
    start: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long it has taken, in all its parts."""
        return self.spent + time.monotonic() - self.start


def save(path: Path, course: Course, origin: str) -> None:
    """Write where the training stands.

    origin : digest of all that decides the weights
    """
    state = course.optimizer.state_dict()
    tensors = {f"model.{name}": value for name, value in course.model.state_dict().items()}
    kept, plain = _split(state["state"])
    tensors |= kept | {"rng": course.rng.get_state()}
    tensors |= {f"memory.{name}": value for name, value in course.memory.kept.items()}
    tensors |= {f"path.{at}.{name}": value for at, one in course.path.items() for name, value in one.items()}
    facts = {
        "origin": origin,
        "tensors": sorted(tensors),
        "history": course.history,
        "seconds": course.seconds,
        "groups": state["param_groups"],
        "plain": plain,
        "schedule": course.schedule.state_dict(),
    }
    partial = path.with_suffix(".part")
    text = {name: json.dumps(value) for name, value in facts.items()}
    save_file({name: value.contiguous() for name, value in tensors.items()}, partial, text)
    partial.replace(path)  # a run killed while writing still finds the epoch before


def resume(path: Path, course: Course, origin: str) -> None:
    """Put the training where it stood; the tensors must be those that were written, and those that are needed.

    Raises `UserError` for the checkpoint of another training, and for a damaged one.
    """
    try:
        with safe_open(path, framework="pt") as file:
            facts = {name: json.loads(text) for name, text in file.metadata().items()}
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
        if ours := facts["origin"] == origin:
            _put(course, facts, tensors)
    except (SafetensorError, LookupError, ValueError, AttributeError, RuntimeError) as error:
        raise UserError(f"{path} is not a whole checkpoint: delete it or choose another --out.") from error
    if not ours:
        raise UserError(f"{path} is of another training: delete it or choose another --out.")


def _put(course: Course, facts: Mapping[str, Any], tensors: dict[str, Tensor]) -> None:
    if sorted(tensors) != facts["tensors"]:
        raise ValueError("tensors are missing, or are too many")
    rng = tensors.pop("rng")
    model = {name: tensors.pop(f"model.{name}") for name in course.model.state_dict()}
    for key in [key for key in tensors if key.startswith("memory.")]:
        kept = tensors.pop(key).to(course.rng.device)
        if len(kept) != course.memory.size:
            raise ValueError("what is kept of the pictures is of others")
        course.memory.kept[key.removeprefix("memory.")] = kept
    path: dict[int, dict[str, Tensor]] = {}
    for key in [key for key in tensors if key.startswith("path.")]:
        _, at, name = key.split(".", 2)
        path.setdefault(int(at), {})[name] = tensors.pop(key)
    parameters = [p for group in course.optimizer.param_groups for p in group["params"]]
    state = _joined(tensors, facts["plain"], parameters)
    course.model.load_state_dict(model)
    course.optimizer.load_state_dict({"state": state, "param_groups": facts["groups"]})
    course.schedule.load_state_dict(facts["schedule"])
    course.rng.set_state(rng)
    course.path = dict(sorted(path.items()))
    course.history, course.spent = facts["history"], facts["seconds"]


def _split(state: Mapping[int, Mapping[str, Any]]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Return what an optimiser keeps of each parameter: the tensors, and the rest, by "optimizer.number.name"."""
    flat = {f"optimizer.{i}.{name}": value for i, kept in state.items() for name, value in kept.items()}
    tensors = {name: value for name, value in flat.items() if isinstance(value, Tensor)}
    return tensors, {name: value for name, value in flat.items() if name not in tensors}


def _joined(
    tensors: Mapping[str, Tensor], plain: Mapping[str, Any], parameters: Sequence[Tensor]
) -> dict[int, dict[str, Any]]:
    """Return what `_split` took apart; a tensor of its parameter's shape lies in memory as that does."""
    state: dict[int, dict[str, Any]] = {}
    for key, value in {**tensors, **plain}.items():
        kind, i, name = key.split(".")
        if kind != "optimizer":
            raise ValueError(f"{key} is unknown")
        like = parameters[int(i)]
        same = isinstance(value, Tensor) and value.shape == like.shape
        state.setdefault(int(i), {})[name] = torch.empty_like(like).copy_(value) if same else value
    return state
