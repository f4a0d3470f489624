"""How every figure looks: one colour, one meaning, on light and on dark pages.

The templates are made here and given to each figure: Plotly's global default is not ours alone (Streamlit
replaces it by placeholder colours).
"""

from dataclasses import dataclass
from html import escape
from typing import Any

import plotly.graph_objects as go
from plotly.colors import sample_colorscale

FONT = '"Source Sans", "Source Sans Pro", "Segoe UI", "Helvetica Neue", Arial, sans-serif'
# Petroff 2021, arXiv:2107.02270: ten colours that stay apart for colour-blind eyes, in this order
CLASSES = (
    "#3f90da", "#ffa90e", "#bd1f01", "#94a4a2", "#832db6", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd",
)  # fmt: skip
SIGNS = ("●", "◆")  # model A, model B: never told apart by colour alone
MARKERS = ("circle", "diamond")  # the same, in a plot
LEFT, RIGHT = (0.0, 0.488), (0.512, 1.0)  # the halves of a figure
SYMBOLS = ("circle", "diamond", "square", "cross", "triangle-up", "pentagon", "x", "star", "hexagon", "bowtie")


@dataclass(frozen=True, slots=True)
class Palette:
    """What each colour means; `classes` are the same on light and dark.

    page, ink, soft, line : background, text, secondary text, rules
    budget is drawn dashed
    """

    page: str
    ink: str
    soft: str
    line: str
    model_a: str
    model_b: str
    clean: str
    adversarial: str
    budget: str
    classes: tuple[str, ...] = CLASSES

    @property
    def models(self) -> tuple[str, str]:
        """The colours of model A and model B."""
        return self.model_a, self.model_b


LIGHT = Palette(
    page="#ffffff",
    ink="#262730",
    soft="#5c616b",
    line="#dfe2e6",
    model_a="#8a14b4",
    model_b="#00806a",
    clean="#b4bac2",
    adversarial="#d1341f",
    budget="#262730",
)
DARK = Palette(
    page="#0e1117",
    ink="#fafafa",
    soft="#a9b0ba",
    line="#2e333d",
    model_a="#c864f0",
    model_b="#2fc9ab",
    clean="#5f6874",
    adversarial="#ff6a4d",
    budget="#fafafa",
)


def palette(dark: bool) -> Palette:
    """Return the colours of the dark or the light page."""
    return DARK if dark else LIGHT


def template(dark: bool) -> go.layout.Template:
    """Return the template that a figure carries explicitly."""
    colours = palette(dark)
    axis = {
        "gridcolor": colours.line,
        "linecolor": colours.soft,
        "tickcolor": colours.soft,
        "tickfont": {"color": colours.soft, "size": 12},
        "ticklabelstandoff": 4,
        "title": {"font": {"color": colours.soft, "size": 12}},
        "zeroline": False,
        "automargin": False,
    }
    layout = {
        "font": {"family": FONT, "size": 13, "color": colours.ink},
        "paper_bgcolor": colours.page,
        "plot_bgcolor": colours.page,
        "colorway": list(colours.classes),
        "hoverlabel": {
            "bgcolor": colours.page,
            "bordercolor": colours.soft,
            "font": {"family": FONT, "color": colours.ink, "size": 13},
        },
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": colours.soft, "activecolor": colours.ink},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8, "autoexpand": False},
        "showlegend": False,
        "dragmode": False,
        "xaxis": axis,
        "yaxis": axis,
    }
    return go.layout.Template(layout=layout)


def config(name: str, *buttons: str) -> dict[str, Any]:
    """Return what st.plotly_chart and the exported page give plotly.js.

    name : the camera's file name; buttons : those of plotly.js that stand beside the usual ones
    """
    return {
        "displaylogo": False,
        "showSendToCloud": False,
        "responsive": True,
        "displayModeBar": "hover",
        "modeBarButtons": [["toImage", "zoom2d", "resetScale2d", *buttons]],
        "toImageButtonOptions": {"format": "png", "scale": 2, "filename": name},
    }


def ramp(name: str, count: int = 256) -> list[tuple[int, int, int]]:
    """Return a named colour scale as `count` RGB triples of bytes."""
    colours = sample_colorscale(name, [i / (count - 1) for i in range(count)], colortype="tuple")
    return [(round(255 * r), round(255 * g), round(255 * b)) for r, g, b in colours]


def faint(colour: str, share: float) -> str:
    """Return a colour "#rrggbb" that covers a share of what is behind it.

    For lines: with an opacity of their own each is a layer, and where many lie on each other Chromium without a GPU
    rounds the page behind them darker.
    """
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgba({red},{green},{blue},{share:g})"


def plain(text: str) -> str:
    """Return text that plotly.js shows as it is: its labels understand tags."""
    return escape(text, quote=False)
