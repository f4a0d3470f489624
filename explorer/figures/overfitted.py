"""The study of catastrophic overfitting: drawn."""

import numpy as np
import plotly.graph_objects as go

from explorer.core.results import Experiment
from explorer.figures.frames import Dict, Part, compose, rows
from explorer.figures.halves import title
from explorer.figures.kinds import ends, epochs, kinds, legend, over, place, seconds
from explorer.figures.style import palette, plain

STEPS = ("atas", "atas_long", "constant_step")  # the kinds whose steps hang on gradients
BENT = ("fgsm", "atas")  # the kinds whose loss is drawn along their own step


def overfitted(found: Experiment, *, dark: bool = False) -> go.Figure:
    """Draw accuracy after one step and under PGD over the epochs and the time, the loss along a step, and the steps."""
    height, y = rows(
        key=66, above=26, rates=240, ticks=66, later=240, more=66, last=240, end=50,
    )  # fmt: skip
    one, ten = ({t.name: t.history[key] for t in found.trials} for key in ("test_fgsm", "test_robust"))
    epoch = {t.name: epochs(t) for t in found.trials}
    time = {t.name: seconds(t) for t in found.trials}
    parts = [
        legend(found, y["key"], dark),
        over(found, one, epoch, 1, ("After one step (FGSM)", "epoch", "accuracy"), y["rates"], dark),
        over(found, ten, epoch, 2, ("Under ten steps (PGD-10)", "epoch", ""), y["rates"], dark),
        over(
            found,
            ten,
            time,
            3,
            ("Under PGD-10, by time", "processor seconds", "accuracy"),
            y["later"],
            dark,
        ),
        _bent(found, 4, y["later"], dark),
        ends(found, "pgd", 5, ("In the end, under PGD-20", "accuracy"), y["last"], dark),
        _steps(found, 6, y["last"], dark),
    ]
    return compose(parts, height=height, steps=(), y=y, dark=dark)


def _bent(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return the mean loss along a model's own step, half way through the training (thin) and at its end (thick)."""
    axes, on = place(k, "place along the model's own step, in eps", "loss", y)
    head = "<b>Loss along one step: half trained (thin), trained (thick)</b>"
    part = Part(axes=axes, notes=[title(head, k, palette(dark).ink)])
    axes[f"yaxis{k}"] |= {"rangemode": "tozero"}
    for name in BENT:
        one, style = found.of(name), kinds(found)[name]
        for share, width in (("0.50", 1.5), ("1.00", 4)):
            means = np.mean([looked["along"][share] for looked in one.looked], 0)
            line: Dict = on | {"mode": "lines", "x": np.linspace(0, 1, len(means)).tolist(), "y": means.tolist()}
            line |= {"line": {"color": style.colour, "width": width, "dash": style.dash}}
            told = (
                f"%{{x:.1f}} eps: %{{y:.2f}}<extra>{style.sign} {plain(one.title)}, {float(share):.0%} trained</extra>"
            )
            part.fixed.append(line | {"hovertemplate": told})
    return part


def _steps(found: Experiment, k: int, y: tuple[float, float], dark: bool) -> Part:
    """Return each picture's step against its gradient, of one training of each kind that adapts."""
    axes, on = place(k, "length of the picture's gradient", "step, in eps", y)
    axes[f"yaxis{k}"] |= {"rangemode": "tozero"}
    part = Part(
        axes=axes, notes=[title("<b>Step of each picture against its gradient, one seed</b>", k, palette(dark).ink)]
    )
    for one in found.trials:
        if one.name not in STEPS:
            continue
        style, looked = kinds(found)[one.name], one.looked[0]
        dot: Dict = on | {"mode": "markers", "x": looked["gradient"], "y": looked["step"]}
        dot |= {"marker": {"color": style.colour, "symbol": style.symbol, "size": 6}, "opacity": 0.7}
        part.fixed.append(
            dot | {"hovertemplate": f"%{{x:.3g}}: %{{y:.2f}} eps<extra>{style.sign} {plain(one.title)}</extra>"}
        )
    return part
