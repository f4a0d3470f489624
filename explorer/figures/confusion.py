"""What is taken for what: rows the true class, columns what the model says, before and under attack."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Array, Evaluation
from explorer.core.stats import Rate
from explorer.core.words import amount
from explorer.figures.frames import Dict
from explorer.figures.lineup import lineup
from explorer.figures.setting import Setting
from explorer.figures.style import palette, plain, template

SIDE, GAP = 330, 0.16  # px of a matrix; share of the width between two


def counts(labels: Array, said: Array, classes: int) -> Array:
    """Return (K, K): how many pictures of class i are called j."""
    return np.bincount(labels * classes + said, minlength=classes * classes).reshape(classes, classes)


def confusion(evaluation: Evaluation, setting: Setting, *, dark: bool = False) -> go.Figure:
    """Draw two matrices a model: clean left, under attack at the chosen budget right, each row as shares of its class.

    A click on a cell gives (model's place, 0 clean or 1 under attack, true class, answer) as customdata.
    """
    names, k = [plain(name) for name in setting.classes], len(setting.classes)
    marks, rows = lineup(list(evaluation.models), dark), len(evaluation.models)
    data: list[Dict] = []
    layout: Dict = {"template": template(dark), "height": rows * SIDE + 30, "annotations": []}
    layout |= {"margin": {"l": 70, "r": 60, "t": 26, "b": 66}}
    for i, (mark, judged) in enumerate(zip(marks, evaluation.models.values(), strict=True)):
        top, low = 1 - i / rows, 1 - (i + 1) / rows + (0.13 if rows > 1 else 0)
        for j, said in enumerate((judged.clean, judged.adversarial)):
            held = counts(judged.labels, said, k)
            n = 2 * i + j + 1
            data.append(_matrix(i, j, held, names, n, dark))
            left = j * (0.5 + GAP / 2)
            layout[f"xaxis{n}"] = {"domain": [left, left + 0.5 - GAP / 2], "anchor": f"y{n}", **_ticks(names)}
            layout[f"xaxis{n}"] |= {"title": {"text": "what it says"}}
            layout[f"yaxis{n}"] = {"domain": [low, top - 0.06 / rows], "anchor": f"x{n}", **_ticks(names)}
            layout[f"yaxis{n}"] |= {"autorange": "reversed", "title": {"text": "true class"}}
            words = f"<b>{mark.sign} {plain(mark.name)}</b>, {('clean', 'under attack')[j]}"
            where = {"xref": "paper", "yref": "paper", "x": left, "y": top, "xanchor": "left", "yanchor": "bottom"}
            note = {"text": words, "showarrow": False, "font": {"color": mark.colour, "size": 14}}
            layout["annotations"].append(where | note | {"yshift": -14})
    return go.Figure(data=data, layout=layout)


def _ticks(names: list[str]) -> Dict:
    return {"tickvals": list(range(len(names))), "ticktext": names, "showgrid": False, "fixedrange": True}


def _cell(hits: int, n: int) -> str:
    return f"{hits} of {amount(n, 'picture')} of this class, {Rate(hits, n).cell}" if n else "no picture of this class"


def _matrix(i: int, j: int, held: Array, names: list[str], n: int, dark: bool) -> Dict:
    k, of = len(names), held.sum(1)
    colours = palette(dark)
    return {
        "type": "heatmap",
        "z": (held / of[:, None].clip(1)).astype(np.float32),
        "zmin": 0,
        "zmax": 1,
        "colorscale": [
            [0, colours.page],
            [1, colours.models[0] if i == 0 else colours.models[1] if i == 1 else colours.ink],
        ],
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "customdata": [[[i, j, a, b, _cell(int(held[a, b]), int(of[a]))] for b in range(k)] for a in range(k)],
        "text": [[str(v) if v else "" for v in row] for row in held.tolist()],
        "texttemplate": "%{text}",
        "hovertemplate": "%{customdata[4]}<extra></extra>",
        "xaxis": f"x{n}",
        "yaxis": f"y{n}",
    }
