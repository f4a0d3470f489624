"""What the views of the Embedding page share: the outlook, the choice of space, pictures and attack."""

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.data import DATA
from explorer.figures.outlook import Outlook
from explorer.figures.setting import Setting
from explorer.models.zoo import spoken
from explorer.ui import controls
from explorer.ui.chooser import chooser
from explorer.work.pages import PAGES
from explorer.work.request import Request

SPACE = {"features": "what the last layer is given", "logits": "logits", "pixels": "pixels"}


def outlook(request: Request) -> Outlook:
    """Return the words around a request's results."""
    facts, names = DATA[request.data].facts, spoken(request.a, request.b)
    setting = Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)
    index = -1 if request.upload else request.index
    choices, show = dict(request.choices), dict(request.show)
    points = len(facts["shape"]) != 3
    return Outlook(setting, ATTACKS[request.attack].title, index, choices, show, points)


def space(request: Request) -> None:
    """Draw the choice of what a picture is to be, in the present row."""
    controls.picked("space", "A picture as its …", request, SPACE, width=230)


def attack(request: Request, *knobs: str) -> None:
    """Draw the choice of the attack, and of everything else behind a button, in the present row.

    knobs : those of the page that stand behind it
    """
    chooser(request)
    with st.popover("Settings", help="How many pictures and neighbours, every knob of map and attack, and the seed"):
        known, entry = PAGES["embedding"].choices, ATTACKS[request.attack]
        controls.knobs("choices", "embedding", {name: known[name] for name in knobs}, dict(request.choices))
        st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
        controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
        controls.seed(request)
