"""Every figure and view taken away: picture, page, numbers, address, code."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import plotly.graph_objects as go
import streamlit as st

from explorer.figures.export import REPLAY, html, linked, planar, ringed, staged

_chart = st.components.v2.component(
    "robustness_explorer_chart",
    html="""<div class="row"><button type="button" data-format="png">PNG picture</button>
<button type="button" data-format="svg">SVG picture</button></div><div role="status"></div>""",
    css=""".row { display: flex; gap: 0.5rem }
button { flex: 1; padding: 0.45rem 0.75rem; border: 1px solid var(--st-border-color); cursor: pointer;
  border-radius: var(--st-button-radius); background: var(--st-background-color); color: var(--st-text-color);
  font: inherit; font-size: 0.875rem }
button:hover, button:focus-visible { border-color: var(--st-primary-color); color: var(--st-primary-color) }
[role=status] { font-size: 0.8rem; min-height: 1.2rem; opacity: 0.8 }""",
    js=REPLAY + (Path(__file__).parent / "chart.js").read_text(),
)


def export(
    figure: go.Figure | None, chart: str, name: str, address: str, note: str, csv: Callable[[], bytes], code: str
) -> None:
    """Draw the export panel of the figure that stands under the key `chart`, or of numbers without one.

    name : the stem of the files' names; note : the sentences beside the figure; code : the Python that makes it anew
    """
    with st.expander("Take it away: picture, page, numbers, address, code", icon=":material/download:"):
        pictures, page, numbers = st.columns(3)
        if figure is not None:
            with pictures:
                _chart(
                    key="camera",
                    data={
                        "chart": chart,
                        "filename": name,
                        "steps": bool(figure.layout.sliders),
                        "linked": linked(figure),
                        "plane": planar(figure),
                        "ringed": ringed(figure),
                        "scenes": staged(figure),
                    },
                )
            with page:
                whole = partial(html, figure, "Robustness Explorer", note)
                download("Web page (HTML)", whole, f"{name}.html", "text/html")
        with numbers:
            download("Numbers (CSV)", csv, f"{name}.csv", "text/csv")
        st.caption("The address of this view: opened anywhere, it computes the same numbers.")
        st.code(address, language=None, wrap_lines=True)
        st.caption("The same in Python, with this package installed:")
        st.code(code, language="python")
        download("Python file", code.encode(), f"{name}.py", "text/x-python")


def download(label: str, data: bytes | Callable[[], bytes], name: str, mime: str) -> None:
    """Draw a download button that leaves the page as it is."""
    st.download_button(label, data, name, mime, on_click="ignore", key=f"save_{name}", width="stretch")
