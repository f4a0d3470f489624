"""What each of a point's two values does to the score: bars instead of a map."""

import plotly.graph_objects as go

from explorer.core.results import Looks, Refused
from explorer.figures.frames import Dict
from explorer.figures.lineup import PATTERNS, framed, lineup
from explorer.figures.sight import Sight
from explorer.figures.style import plain

HEIGHT = 360  # px
AXES = ("first coordinate (across)", "second coordinate (up)")


def coordinates(looks: Looks, sight: Sight, *, dark: bool = False) -> go.Figure:
    """Draw both models' bars for the two values of a point, the methods beside each other; each on its own axis."""
    marks, data = lineup(list(sight.setting.names), dark), []
    layout: Dict = framed(dark, HEIGHT, 40) | {"barmode": "group"}
    count = len(looks.methods)
    for j, (name, look) in enumerate(looks.methods.items()):
        n = "" if j == 0 else j + 1
        span = (j / count + (0.04 if j else 0), (j + 1) / count - 0.02)
        layout[f"xaxis{n}"] = {"domain": span, "anchor": f"y{n}", "type": "category", "fixedrange": True}
        title = {"title": {"text": sight.titles[name]}, "zeroline": True, "fixedrange": True}
        layout[f"yaxis{n}"] = title | {"anchor": f"x{n}"}
        for i, (mark, found) in enumerate(zip(marks, (look.a, look.b), strict=True)):
            label = f"{mark.sign} {plain(mark.name)}"
            values = [None, None] if isinstance(found, Refused) else found.maps[0].tolist()
            bar: Dict = {"type": "bar", "x": list(AXES), "y": values, "name": label, "showlegend": j == 0}
            bar |= {"marker": {"color": mark.colour, "pattern": {"shape": PATTERNS[i]}}, "offsetgroup": str(i)}
            bar |= {"xaxis": f"x{n}", "yaxis": f"y{n}", "hovertemplate": f"%{{y:.4g}}<extra>{label}</extra>"}
            data.append(bar)
    return go.Figure(data=data, layout=layout)
