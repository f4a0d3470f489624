"""One model's half of a figure of a plane: what its layers draw from, and on which axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.core.results import Array, Slice, SliceView, Trail
from explorer.figures.frames import Dict
from explorer.figures.setting import Setting
from explorer.figures.slicing import is_first_look, thing
from explorer.figures.style import SIGNS, Palette, palette, plain

HOVERED = 101  # places each way, at most, at which hovering tells what is there and contours are drawn
AT_FIRST = 51  # of a first look, between whose places all is interpolated: it is to be there soon


@dataclass(frozen=True, eq=False, slots=True)
class Half:
    """One model's half of the figure: i is 0 for model A and 1 for model B."""

    view: SliceView
    setting: Setting
    show: Mapping[str, Any]
    i: int
    dark: bool

    @property
    def found(self) -> Slice:
        """What the model says on the plane."""
        return (self.view.a, self.view.b)[self.i]

    @property
    def name(self) -> str:
        """What the model is called."""
        return f"{SIGNS[self.i]} {'AB'[self.i]} · {plain(self.setting.names[self.i])}"

    @property
    def trail(self) -> Trail | None:
        """The attack on the model."""
        return (self.view.trail_a, self.view.trail_b)[self.i]

    @property
    def colours(self) -> Palette:
        """What colours mean."""
        return palette(self.dark)

    @property
    def n(self) -> str:
        """What the axes' names end in."""
        return ("", "2")[self.i]

    def place(self, at: Array) -> Array:
        """Return places in the unit of the axes: the data's own."""
        return np.asarray(at, np.float64) * self.setting.unit

    def ticks(self, step: int = 1) -> tuple[Array, Array]:
        """Return the grid's places on both axes, every `step`-th, in their unit."""
        across, up = self.view.section.ticks(len(self.found.labels))
        return self.place(across[::step]), self.place(up[::step])

    @property
    def step(self) -> int:
        """Every so many-th place tells what is there."""
        most = AT_FIRST if is_first_look(self.view) else HOVERED
        return max(1, (len(self.found.labels) - 1) // (most - 1))

    @property
    def thing(self) -> str:
        """What the plane is laid through."""
        return thing(self.view)

    def trace(self, **trace: Any) -> Dict:
        """Return a trace on the half's axes, silent unless it says otherwise."""
        silent = {} if "hovertemplate" in trace else {"hoverinfo": "skip"}
        return {"type": "scatter", "xaxis": f"x{self.n}", "yaxis": f"y{self.n}"} | silent | trace

    def still(self, source: str, left: float, top: float, width: float, height: float, layer: str) -> Dict:
        """Return a picture at a place of the axes."""
        where: Dict = {"xref": f"x{self.n}", "yref": f"y{self.n}", "x": left, "y": top, "sizex": width, "sizey": height}
        where |= {"xanchor": "left", "yanchor": "top", "sizing": "stretch", "layer": layer}
        return where | {"source": source}
