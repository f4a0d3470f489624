"""The plane that a training's recorded path is seen best from."""

from dataclasses import dataclass

import numpy as np
from torch import nn

from explorer.core.device import best_device
from explorer.core.progress import Tick, silent
from explorer.core.results import Descent
from explorer.landscapes.directions import Direction, principal, weights
from explorer.models.zoo import called, card, has_path, load_model, path_digest, recorded, studied, zoo_names
from explorer.work.sample import Sample

DESCENT = "descent"
ROOM = 1.2  # times the path's largest coordinate: what is 1 on both axes, so that all of it is in sight


@dataclass(frozen=True, slots=True)
class Recorded(Sample):
    """The recorded path of a model's training, by its digest."""

    path: str = ""

    def address(self) -> str:
        """Return words for the log."""
        return f"the recorded training of {self.model}"


def path_of(data: str, model: str) -> Recorded:
    """Return the piece that tells how a model's recorded path is seen from its plane."""
    return Recorded(DESCENT, data, (), model, 0, 0, path=path_digest(model))


def refusal(data: str, *names: str) -> str:
    """Return in a sentence of which of these models no path was recorded, or ""."""
    without = [name for name in dict.fromkeys(names) if not has_path(name)]
    if not without:
        return ""
    there = [name for name in (*zoo_names(data), *studied()) if card(name)["data"] == data and has_path(name)]
    told = " and ".join(called(without).get(name, name) for name in without)
    return (
        f"No weights were recorded during the training of {told}. There is a path of {', '.join(there)}: choose among "
        "these, or let the weights move along another way."
        if there
        else f"No weights were recorded during the training of {told}, as of no model of {data}: let the weights move "
        "along another way."
    )


def descent(sample: Sample, tick: Tick = silent) -> Descent:
    """Return how a recorded path is seen from the plane of its two principal components."""
    tick(0, 1, "laying the plane")
    return plane(sample.model, load_model(sample.model, best_device()))[1]


def plane(name: str, model: nn.Module) -> tuple[tuple[Direction, Direction], Descent]:
    """Return the two directions of a trained model's plane, and its training's path on it.

    Li et al. 2018, arXiv:1712.09913, sec. 7: the principal components of the recorded weights' differences to the
    trained ones. All parameters move, biases as well; batch norm's statistics are none. The axes have one scale.
    """
    own = weights(model)
    states = recorded(name)
    path = [{key: state[key].to(place) for key, place in own.items()} for state in states.values()]
    course = principal([*path[:-1], own])
    unit = ROOM * float(np.abs(course.places).max())
    first, second = ({key: (unit * d).to(own[key]) for key, d in axis.items()} for axis in course.axes)
    found = Descent(np.array([*states]), course.places / unit, course.off, course.far, course.shares, unit)
    return (first, second), found
