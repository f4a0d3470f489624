"""The Robustness page: many pictures, several models, one attack, a ladder of budgets."""

from functools import partial

import streamlit as st

from explorer.attacks import ATTACKS, left_out
from explorer.core.results import renamed
from explorer.data import DATA
from explorer.figures.by_class import by_class
from explorer.figures.confusion import confusion
from explorer.figures.curves import curves
from explorer.figures.judgement import snippet, table
from explorer.figures.radii import radii
from explorer.figures.setting import Setting
from explorer.figures.style import config
from explorer.figures.transfer import transfer
from explorer.figures.verdicts import told
from explorer.figures.within import within
from explorer.models.zoo import called, card, spoken
from explorer.ui import checks, controls, export, gallery, gathering, importing, loading, shell, sidebar, stages, state
from explorer.ui.chooser import chooser
from explorer.work.pages import PAGES
from explorer.work.robustness import gather, pieces

TITLES = {
    "curve": "Accuracy against budget",
    "distances": "What it takes to break them",
    "classes": "Class by class",
    "confusion": "What is taken for what",
    "transfer": "Shown to another model",
    "honesty": "Is it to be believed?",
}

OWN = {"curve": "Accuracy within its limits", "distances": "What it breaks"}  # where there is no budget

request = state.current()
data = sidebar.sidebar(request, pictures=False)
facts, entry = DATA[request.data].facts, ATTACKS[request.attack]
names = spoken(request.a, request.b)
setting = Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)
missing = left_out(request.attack, facts["shape"])
view, dark = dict(request.show)["view"], controls.is_dark()

attack, others, more = st.columns([6, 8, 3], vertical_alignment="bottom")
with attack:
    chooser(request)
with others:
    rest = [name for name in importing.names(request) if name not in (request.a, request.b)]
    controls.several("more", "More models", request, rest, {name: f"{name} — {card(name)['title']}" for name in rest})
with more, st.popover("Settings", width="stretch", help="How many pictures and budgets, every knob of this attack"):
    controls.knobs("choices", "robustness", PAGES["robustness"].choices, dict(request.choices))
    st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
    controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
    controls.seed(request)
titles = TITLES | (OWN if request.limits else {})
sidebar.strangers(request, [name for name in request.more if name in rest])
controls.view(request, titles)


def figure_of(result):
    """Return the figure of the chosen view; of the checks there is none."""
    if view == "curve" and setting.limits:
        return within(result, setting, dark=dark)
    if view == "curve":
        return curves(result, setting, everywhere=entry.facts["bound"] == "smallest", dark=dark)
    if view == "transfer":
        return transfer(result, dark=dark)
    drawn = {"distances": radii, "classes": by_class, "confusion": confusion}
    return drawn[view](result, setting, dark=dark) if view in drawn else None


def chart(figure, result, sentences):
    """Draw the figure, and the pictures behind what was clicked in it."""
    clickable, chosen = view != "transfer", f"behind_{request.address()}"
    key = f"{'wide' if view == 'confusion' else 'chart'}_{view}"
    with st.container(key="figure"):
        st.plotly_chart(
            figure,
            theme=None,
            key=key,
            config=config("robustness"),
            alt=" ".join([titles[view] + ".", *sentences]),
            on_select=partial(gallery.click, view, key, chosen) if clickable else "ignore",
            selection_mode="points",
        )
    for sentence in sentences:
        st.markdown(state.markdown_free(sentence))
    if clickable:
        gallery.behind(chosen, view, request, data, result, setting)


def shown(found):
    """Draw the chosen view of the pieces at hand."""
    exported = gather(request, found)
    if exported is None:
        return
    result = renamed(exported, called(request.models))
    sentences, address = told(result, setting), shell.url(request)
    if (figure := figure_of(result)) is None:
        checks.draw(request, result, list(exported.models))
    else:
        chart(figure, result, sentences)
        stages.draw(result, missing)
    code = snippet(address, view, request.limits)
    note, name = "\n".join([*sentences, request.address()]), f"robustness-{request.data}-{view}"
    export.export(figure, "figure", name, address, note, lambda: table(exported, request.limits), code)


if data is not None:
    gathering.gathered(pieces(request), shown)
    shell.cards(request)
else:
    loading.absent(request)
shell.explain("robustness")
