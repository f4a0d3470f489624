"""The study of hard instances: drawn."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Experiment
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.kinds import ends, epochs, kinds, legend, over, place
from explorer.figures.style import palette, ramp

PARTS = ("easy", "random", "hard")
SOURCE, OTHER = "source", "other"  # the kinds that keep every picture's loss
WHOLE = ("source", "kept", "adaptive", "reweighted")
BOUNDED = ("source", *PARTS)


def hardened(found: Experiment, *, dark: bool = False) -> go.Figure:
    """Draw parts of the training set, tenths of it, two networks, bounds, and mitigations."""
    height, y = rows(key=84, above=26, parts=230, ticks=66, groups=240, more=66, bound=230, then=66, last=230, end=50)
    some = [one for one in found.trials if one.name in PARTS]
    whole = [one for one in found.trials if one.name in WHOLE]
    across = {one.name: epochs(one) for one in found.trials}
    test, train = ({one.name: one.history[f"{split}_robust"] for one in some} for split in ("test", "train"))
    every = {one.name: one.history["test_robust"] for one in whole}
    bounded = [one for one in found.trials if one.name in BOUNDED]
    steep = {one.name: np.array([looked["steep"] for looked in one.looked]) for one in bounded}
    at = {name: np.linspace(0, across[name][-1], values.shape[1] + 1)[1:] for name, values in steep.items()}
    wrong = {one.name: 1 - one.history["test_robust"] for one in bounded}
    parts = [
        legend(found, y["key"], dark),
        over(
            found, test, across, 1, ("Trained on a part: test pictures, PGD-10", "epoch", "accuracy"), y["parts"], dark
        ),
        over(found, train, across, 2, ("Their own training pictures, PGD-10", "epoch", ""), y["parts"], dark),
        _groups(found, 3, y["groups"], dark),
        _both(found, 4, y["groups"], dark),
        over(
            found,
            steep,
            at,
            5,
            ("Lipschitz bound of the margins (ℓ2)", "epoch", "bound"),
            y["bound"],
            dark,
            share=False,
        ),
        over(found, wrong, across, 6, ("Test pictures that are lost to PGD-10", "epoch", "error"), y["bound"], dark),
        over(found, every, across, 7, ("All pictures: test pictures, PGD-10", "epoch", "accuracy"), y["last"], dark),
        ends(found, "pgd", 8, ("In the end, under PGD-20", ""), y["last"], dark),
    ]
    parts[5].axes["yaxis5"] |= {"type": "log", "nticks": 5}
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _groups(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return the loss of each tenth of the training pictures over the epochs, the hardest in the strongest colour."""
    axes, on = place(k, "epoch", "mean loss under attack", y)
    axes[f"yaxis{k}"] |= {"rangemode": "tozero"}
    head = "<b>Loss of tenths of the pictures, the hardest on top</b>"
    part = Part(axes=axes, notes=[title(head, k, palette(dark).ink)])
    one = found.of(SOURCE)
    groups = np.mean([looked["groups"] for looked in one.looked], 0)
    scale = ramp("Cividis", round(1.6 * groups.shape[1]))  # as much of it as can be told from the page
    colours = scale[::-1] if dark else scale  # the hardest stand out
    for i, values in enumerate(groups.T):
        red, green, blue = colours[i]
        line: Dict = on | {"mode": "lines", "x": epochs(one).tolist(), "y": values.tolist()}
        line |= {"line": {"color": f"rgb({red},{green},{blue})", "width": 2}}
        part.fixed.append(
            line | {"hovertemplate": f"epoch %{{x}}: %{{y:.3g}}<extra>tenth {i + 1}, 1 the hardest</extra>"}
        )
    return part


def _both(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return the difficulty of each picture on two networks, of one seed."""
    axes, on = place(k, "on the convolutional network", "on the fully connected", y)
    head = "<b>Difficulty of each picture (0: hardest), one seed</b>"
    part = Part(axes=axes, notes=[title(head, k, palette(dark).ink)])
    for axis in axes.values():
        axis |= {"range": [-0.03, 1.03]}
    first, second = (found.of(name).looked[0]["difficulty"] for name in (SOURCE, OTHER))
    style = kinds(found)[SOURCE]
    dot: Dict = on | {"mode": "markers", "x": first, "y": second, "opacity": 0.5}
    dot |= {"marker": {"color": style.colour, "symbol": style.symbol, "size": 4}}
    part.fixed.append(dot | {"hovertemplate": "%{x:.2f}, %{y:.2f}<extra>one training picture</extra>"})
    return part
