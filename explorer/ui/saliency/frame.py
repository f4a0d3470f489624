"""What the views of the Saliency page share: the sight, the choice of method, class and pictures."""

import streamlit as st

from explorer.attribution import SALIENCY
from explorer.data import DATA
from explorer.figures.setting import Setting
from explorer.figures.sight import Sight
from explorer.models.zoo import spoken
from explorer.ui import controls
from explorer.work.request import ANSWER, Request

SCORES = {"logit": "a class", "difference": "a class and not another", "loss": "the loss"}


def sight(request: Request) -> Sight:
    """Return the words around a request's results."""
    facts = DATA[request.data].facts
    names = spoken(request.a, request.b)
    setting = Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)
    titles = {entry.name: entry.title for entry in SALIENCY.values()}
    score = str(dict(request.choices)["score"])
    return Sight(setting, titles, request.method, request.second, score, dict(request.show))


def explained(request: Request) -> None:
    """Draw the choice of the method, of the number that it explains, and of its knobs, in the present row."""
    titles = {entry.name: entry.title for entry in SALIENCY.values()}
    controls.choose("method", "Method", request, tuple(titles), titles, width=230)
    controls.picked("score", "Explains", request, SCORES, width=215)
    classes = DATA[request.data].facts["classes"]
    controls.choose(
        "explained",
        "Class",
        request,
        ("", ANSWER, *classes),
        {"": "the true one", ANSWER: "what each model says"},
        width=180,
    )
    if dict(request.choices)["score"] == "difference":
        controls.choose("against", "and not", request, ("", *classes), {"": "the strongest other"}, width=180)


def shown(request: Request) -> None:
    """Draw how maps are drawn, in the present row; points have none."""
    if len(DATA[request.data].facts["shape"]) == 3:
        for name in ("map", "scale", "clip", "overlay"):
            controls.shown(name, request)


def settings(request: Request, *, second: bool = True) -> None:
    """Draw the knobs of the method, and of the second beside it, and the seed."""
    for name, group in ((request.method, "method_knobs"), (request.second, "second_knobs")):
        if name and (second or group == "method_knobs"):
            entry = SALIENCY[name]
            st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
            controls.knobs(group, name, entry.knobs, dict(getattr(request, group)))
    controls.seed(request)


def number_of_pictures(request: Request) -> None:
    """Draw the number of test pictures that a view measures."""
    controls.whole("n", "Pictures", request, DATA[request.data].facts["sizes"]["test"], width=120)
