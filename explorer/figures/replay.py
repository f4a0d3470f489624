"""The Attack page's figure for pictures: both models, every step of the attack, in one figure."""

import plotly.graph_objects as go

from explorer.core.results import AttackView
from explorer.figures.bars import bars, rows_of
from explorer.figures.frames import LIMIT, Part, chosen_steps, compose, rows
from explorer.figures.headings import bar_key, heads, jumps, margin_key
from explorer.figures.images import Map
from explorer.figures.margins import margins, rail
from explorer.figures.pictures import pictures
from explorer.figures.setting import Setting
from explorer.figures.sides import Side, sides
from explorer.figures.slopes import slopes

PIXELS = 3 * 32 * 32  # pictures of more than this many values get fewer frames


def replay(
    view: AttackView,
    setting: Setting,
    *,
    show_map: Map = "signed",
    marks: bool = True,
    transfer: bool = False,
    dark: bool = False,
) -> go.Figure:
    """Draw the attack on model A (left) and on model B (right) on shared scales, with its replay.

    Rows: the pictures, the margins over the steps, the probabilities. First drawn as it ended; buttons
    below the pictures and a slider along the steps move everything. Attacks without a path get none.

    show_map : the perturbation as "signed" change or as its "size"
    marks : outline the changed pixels of the picture under attack, where the setting counts them
    transfer : show each model the picture made on the other; what was in between is not known
    """
    two = sides(view, setting, transfer)
    steps, count = steps_of(two, max(8, min(LIMIT, LIMIT * PIXELS // view.a.x[0].size)))
    classes = len(rows_of(two)) + (len(setting.classes) > len(rows_of(two)))
    height, y = rows(
        head=48, over=20, picture=166, under=32, buttons=38 if steps else 1, margin_key=22, slider=22 if steps else 1,
        air=16, margin=130, steps=28, bar_key=20, bars=16 * classes, ticks=24,
    )  # fmt: skip
    under = ("made on B", "made on A") if transfer else ("under attack", "under attack")
    parts = [
        heads(two, setting, y["head"], transfer, dark),
        pictures(two, setting, show_map, marks and setting.counts, y["picture"], under, dark),
        margin_key(two[0], y["margin_key"], steps, count, dark),
        course(view, setting, two, steps, transfer, y["margin"], 9, dark),
        bar_key(two[0], y["bar_key"], transfer, dark),
        bars(two, setting, y["bars"], 7, dark),
    ]
    return compose(parts, height=height, steps=steps, jumps=jumps(two), rail=rail(steps), y=y, dark=dark)


def steps_of(two: tuple[Side, Side], limit: int = LIMIT) -> tuple[list[int], int]:
    """Return the steps that get a frame, at most `limit`, and how many there are."""
    known = sorted({step for side in two for step in side.kept})
    marked = [known.index(step) for side in two for step in (side.fell, side.best) if step in known]
    count = max(len(side.path) for side in two)
    return [known[i] for i in chosen_steps(len(known), marked, limit)], count


def course(
    view: AttackView,
    setting: Setting,
    two: tuple[Side, Side],
    steps: list[int],
    transfer: bool,
    y: tuple[float, float],
    k: int,
    dark: bool,
) -> Part:
    """Return the margins as axis k: over the steps, or before and after where there are none."""
    if steps:
        return margins(two, steps, y, k, dark)
    if not transfer:
        return slopes(two, "under attack", [], y, k, dark)
    thing, own = two[0].thing, sides(view, setting)
    return slopes(two, f"{thing} made on the other", [(f"{thing} made on this model", *own)], y, k, dark)
