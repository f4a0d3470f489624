"""The Attack page: one picture, one budget, two models."""

import streamlit as st

from explorer.attacks import ATTACKS, left_out
from explorer.data import DATA
from explorer.figures.crosscheck import crosscheck
from explorer.figures.export import snippet, table
from explorer.figures.plane import plane
from explorer.figures.replay import replay
from explorer.figures.setting import Setting
from explorer.figures.style import config
from explorer.figures.words import alt, control, story, why
from explorer.models.zoo import spoken
from explorer.ui import compare, controls, export, loading, panels, shell, sidebar, state
from explorer.ui.chooser import chooser


@st.cache_resource(max_entries=64, show_spinner=False)
def drawn(key, show, dark, _view, _setting, _data):
    """Return the figures of a view; shared by all who look at it, so never changed."""
    choices, noise = dict(show), crosscheck(_view, _setting, dark=dark)
    if _view.plane_a is None:
        shown = {"show_map": choices["map"], "marks": choices["marks"], "transfer": choices["transfer"]}
        return replay(_view, _setting, **shown, dark=dark), noise
    points = (_data.x.numpy(), _data.y.numpy())
    return plane(_view, _setting, points=points, transfer=choices["transfer"], dark=dark), noise


request = state.current()
data = sidebar.sidebar(request)

facts = DATA[request.data].facts
names = spoken(request.a, request.b)
setting = Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)
with st.container(horizontal=True, vertical_alignment="bottom"):
    chooser(request)
    controls.choose("target", "Make it a …", request, ("", *facts["classes"]), {"": "any wrong class"}, width=190)
    if len(facts["shape"]) == 3:  # a point has no picture of its change
        controls.shown("map", request, "Perturbation")
    if setting.counts:
        controls.shown("marks", request)
    controls.shown("transfer", request)
    with st.popover("Settings", help="Every knob of this attack, and the seed"):
        entry = ATTACKS[request.attack]
        st.markdown(f"**{entry.title}.** {entry.summary}" + (f" ({entry.paper})" if entry.paper else ""))
        controls.knobs("knobs", request.attack, entry.knobs, dict(request.knobs))
        controls.seed(request)

result = panels.result_of(request, shell.watcher()) if data is not None else loading.absent(request)
if result is not None:
    dark, swapped = controls.is_dark(), bool(dict(request.show)["transfer"])
    figure, noise = drawn(request.key, request.show, dark, result, setting, data)
    with st.container(key="figure"):
        st.plotly_chart(
            figure, theme=None, key="wide_attack", config=config("attack"), alt=alt(result, setting, transfer=swapped)
        )
    found, reason, noises = story(result, setting, transfer=swapped), why(result, setting), control(result, setting)
    panels.told(*found)
    told = [reason, *filter(None, [left_out(request.attack, facts["shape"])])]
    panels.told(" ".join(told))
    with st.expander("Cross-check: noise of the same length, in random directions", expanded=True):
        with st.container(key="noise"):
            st.plotly_chart(noise, theme=None, key="wide_noise", config=config("noise"), alt=" ".join(noises))
        panels.told(*noises)
    note = "\n".join([*found, *told, *noises, request.address()])
    export.export(
        figure,
        "figure",
        f"attack-{request.data}-{request.index}",
        shell.url(request),
        note,
        lambda: table(result, setting),
        snippet(shell.url(request)),
    )
    compare.panel(request, setting)
    shell.cards(request)

shell.explain("attack")
