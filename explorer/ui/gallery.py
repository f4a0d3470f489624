"""The pictures behind a bar or a point, each a way to the Attack page."""

from typing import Any

import numpy as np
import streamlit as st

from explorer.core.results import Array, Evaluation
from explorer.core.types import Data
from explorer.figures.images import point_thumbnail, thumbnail, uri
from explorer.figures.radii import bins
from explorer.figures.setting import Setting
from explorer.ui import controls
from explorer.ui.shell import url
from explorer.work.request import Request

SHOWN, COLUMNS = 24, 12


def picked(view: str, point: dict[str, Any], evaluation: Evaluation, setting: Setting) -> tuple[str, Array]:
    """Return what a clicked point of a figure stands for: words, and the pictures' places in the test set."""
    given = point["customdata"]
    name, judged = list(evaluation.models.items())[int(given[0])]
    if view == "curve":
        eps = float(given[1])
        chosen, words = (
            judged.standing(0) & ~judged.standing(eps),
            f"fall within {setting.limits if setting.limits and eps else setting.length(eps)}",
        )
    elif view == "distances":
        chosen = bins(judged.radius, evaluation.budgets) == int(given[1])
        words = f"in the bar '{point['x']}'"
    elif view == "classes":
        chosen = (judged.labels == int(given[1])) & judged.standing(0) & ~judged.standing(setting.budget)
        words = f"of class '{setting.classes[int(given[1])]}' fall within {setting.limits or 'the chosen budget'}"
    else:
        said = (judged.clean, judged.adversarial)[int(given[1])]
        chosen = (judged.labels == int(given[2])) & (said == int(given[3]))
        true, answer = (setting.classes[int(c)] for c in given[2:4])
        words = f"of class '{true}' are called '{answer}' {('clean', 'under attack')[int(given[1])]}"
    return f"{name}: {int(chosen.sum())} pictures {words}.", judged.start + np.flatnonzero(chosen)


def draw(request: Request, data: Data, words: str, places: Array) -> None:
    """Draw the first of some pictures; each leads to the same attack on it."""
    st.markdown(words + (f" The first {SHOWN}:" if len(places) > SHOWN else ""))
    for start in range(0, min(SHOWN, len(places)), COLUMNS):
        row = places[start : min(start + COLUMNS, SHOWN)].tolist()
        for column, i in zip(st.columns(COLUMNS), row, strict=False):
            link = url(request.on("attack").with_(index=i, upload="", label=""))
            name = data.classes[int(data.y[i])]
            column.image(_png(data, i), link=link, alt=f"Picture {i}, {name}: open it on the Attack page", width=72)
            column.markdown(f"[{i}: {name}]({link})")


def _png(data: Data, i: int) -> str:
    if data.x.ndim == 2:
        return uri(point_thumbnail(data.x[:300].numpy(), data.y[:300].numpy(), i, dark=controls.is_dark()))
    return uri(thumbnail(data.x[i].numpy()))
