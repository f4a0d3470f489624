"""The "compare attacks" panel: every attack that serves the norm, on the picture at hand."""

import streamlit as st

from explorer.figures.comparison import comparison, heads, told
from explorer.figures.setting import Setting
from explorer.ui import controls, state
from explorer.ui.gathering import Found, gathered
from explorer.ui.shell import url
from explorer.work import comparison as compared
from explorer.work.request import Request

KEEPS = "What bounds an attack: the budget, limits of its own, or nothing, as it searches the shortest change."
NUMBERS = {"length": "%.3g", "passes": "%d", "seconds": "%.2f"}
TITLE = 168  # px: a longer title is cut, so that on a screen of 1366 all columns are in sight


def panel(request: Request, setting: Setting) -> None:
    """Draw the switch; when it is on, a row for each attack, each leading to its own view, as they arrive."""
    chosen = dict(request.show)["compare"]
    with st.expander("Compare attacks on this picture", bool(chosen), icon=":material/format_list_numbered:"):
        controls.shown("compare", request)
        st.caption(
            "Every attack that serves this norm, the chosen one at your settings, every other at its usual ones: "
            "what it finds and what it costs."
        )
        if chosen:
            asked = compared.asked(request)
            gathered(list(asked.values()), lambda found: _draw(request, asked, found, setting))


def _draw(request: Request, asked: dict[str, Request], found: Found, setting: Setting) -> None:
    views = {name: found[one] for name, one in asked.items() if one in found}
    titles = compared.titles(request)
    so_far = f"So far, by {len(found)} of {len(asked)}: " if len(found) < len(asked) else ""
    st.markdown(so_far + state.markdown_free(told(views, titles, compared.controls(), setting)))
    columns = {
        "attack": st.column_config.TextColumn("Attack", width=TITLE),
        "within": st.column_config.TextColumn("Keeps to", help=KEEPS),
        "view": st.column_config.LinkColumn("", display_text="open"),
    }
    reach = f"Within {setting.eps_text}, or within the attack's own limits."
    for key, head in heads(setting).items():
        if form := NUMBERS.get(key[2:]):
            columns[key] = st.column_config.NumberColumn(head, format=form)
        elif key.endswith("fooled"):
            columns[key] = st.column_config.CheckboxColumn(head, help=reach)
    rows = comparison(views, titles, setting)
    st.dataframe(
        [{key: row[key] for key in heads(setting)} | {"view": url(asked[row["name"]])} for row in rows],
        hide_index=True,
        column_config=columns,
        key="comparison",
        height="content",
    )
