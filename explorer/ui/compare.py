"""The "compare attacks" panel: every attack that serves the norm, on the picture at hand."""

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.figures.comparison import comparison, told
from explorer.figures.setting import Setting
from explorer.ui import controls, state
from explorer.ui.gathering import Found, gathered
from explorer.ui.shell import url
from explorer.work.request import Pairs, Request, default, norms_of

KEEPS = "What bounds an attack: the budget, limits of its own, or nothing, as it searches the shortest change."
NUMBERS = {"length": "%.3g", "passes": "%d", "seconds": "%.2f"}


def panel(request: Request, setting: Setting) -> None:
    """Draw the switch; when it is on, a row for each attack, each leading to its own view, as they arrive."""
    chosen = dict(request.show)["compare"]
    with st.expander("Compare attacks on this picture", bool(chosen), icon=":material/format_list_numbered:"):
        controls.shown("compare", request)
        st.caption(
            "Every attack that serves this norm, the chosen one at your settings, every other at its usual ones: "
            "what it finds and what it costs."
        )
        if not chosen:
            return
        names = [name for name in ATTACKS if request.norm in norms_of(request.data, name)]
        asked = {_with(request, name): name for name in names}
        gathered(list(asked), lambda found: _draw(request, asked, found, setting))


def _with(request: Request, name: str) -> Request:
    return request if name == request.attack else request.with_(attack=name, knobs=_usual(request, name))


def _usual(request: Request, name: str) -> Pairs:
    return default(request.data, request.norm, name).knobs


def _draw(request: Request, asked: dict[Request, str], found: Found, setting: Setting) -> None:
    views = {asked[one]: view for one, view in found.items()}
    titles = {entry.name: entry.title for entry in ATTACKS.values()}
    if request.knobs != _usual(request, request.attack):
        titles[request.attack] += " (your settings)"
    controls = [name for name in views if ATTACKS[name].facts["knows"] == "nothing"]
    rows = comparison(views, titles, setting)
    so_far = f"So far, by {len(found)} of {len(asked)}: " if len(found) < len(asked) else ""
    st.markdown(so_far + state.markdown_free(told(views, titles, controls, setting)))
    unit = "pixels" if setting.norm == "l0" else f"1/{setting.unit}"
    columns = {
        "attack": st.column_config.TextColumn("Attack"),
        "within": st.column_config.TextColumn("Keeps to", help=KEEPS),
        "view": st.column_config.LinkColumn("", display_text="open"),
    }
    for letter in "AB":
        reach = f"Within {setting.eps_text}, or within the attack's own limits."
        columns[f"{letter} fooled"] = st.column_config.CheckboxColumn(f"{letter} fooled", help=reach)
        heads = {
            "length": f"{letter} {setting.symbol} ({unit})",
            "passes": f"{letter} passes",
            "seconds": f"{letter} s",
        }
        for key, form in NUMBERS.items():
            columns[f"{letter} {key}"] = st.column_config.NumberColumn(heads[key], format=form)
    links = {name: url(one.with_(show=default(request.data).show)) for one, name in asked.items()}
    st.dataframe(
        [{key: value for key, value in row.items() if key != "name"} | {"view": links[row["name"]]} for row in rows],
        hide_index=True,
        column_config=columns,
        key="comparison",
    )
