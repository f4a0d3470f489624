"""Some pictures under attack, on the models as they are now."""

import streamlit as st

from explorer.core.results import Pair, Struck
from explorer.data import DATA
from explorer.figures.strips import Mark, Strip, strips
from explorer.figures.style import SIGNS, palette, plain
from explorer.training import RECIPES
from explorer.ui import controls
from explorer.work.request import Request


def under_attack(request: Request, found: Pair) -> None:
    """Draw a row of pictures for each training: attacked on its model of the moment, with the answers below."""
    classes, dark = DATA[request.data].facts["classes"], controls.is_dark()
    rows = []
    for i, (recipe, stretches) in enumerate(zip(found.recipes, found.both, strict=True)):
        if stretches and (struck := stretches[-1].struck) is not None:
            epoch = len(stretches[-1].history["epoch"])
            heading = f"{SIGNS[i]} {plain(RECIPES[recipe].title)}, after epoch {epoch}: under PGD-10"
            marks = _marks(struck, classes, dark)
            rows.append(Strip(heading, marks, palette(dark).models[i]))
    if not rows:
        return
    st.markdown("**The same pictures under attack on each model**")
    figure = strips(rows, dark=dark)
    alt = "Rows of test pictures under attack, one for each training, with each model's answer below."
    st.plotly_chart(figure, theme=None, key="under_attack", config={"displayModeBar": False}, alt=alt)


def _marks(struck: Struck, classes: tuple[str, ...], dark: bool) -> list[Mark]:
    marks = []
    for x, label, before, after in zip(struck.x_adv, struck.labels, struck.said, struck.said_adv, strict=True):
        right, answer = after == label, plain(classes[int(after)])
        said = f"{'✓' if right else '✗'} {answer}"
        hover = f"{plain(classes[int(label)])}; clean: {plain(classes[int(before)])}; under attack: {answer}"
        marks.append(Mark(x, below=said, hover=hover, tone="" if right else palette(dark).adversarial))
    return marks
