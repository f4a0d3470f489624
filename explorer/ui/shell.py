"""The frame around every page: navigation, engine, warnings about the address."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import streamlit as st

from explorer.attacks import ATTACKS
from explorer.core.assets import assets
from explorer.core.norms import SYMBOLS
from explorer.core.stats import Rate
from explorer.data import DATA
from explorer.models import ARCHITECTURES
from explorer.models.zoo import card
from explorer.training import RECIPES
from explorer.ui import state
from explorer.work.address import read
from explorer.work.engine import shared_engine
from explorer.work.pages import PAGES as PAGE_NAMES
from explorer.work.request import Request

PAGES = Path(__file__).parent / "app_pages"
FIRST, ICONS = (
    "attack",
    {
        "attack": "bolt",
        "robustness": "query_stats",
        "saliency": "visibility",
        "boundary": "border_style",
        "embedding": "scatter_plot",
        "landscape": "landscape",
        "certificate": "verified_user",
        "training": "model_training",
        "models": "deployed_code",
    },
)
GRACE = 120.0  # seconds that a session's jobs go on after its last sign of life: a reload takes two


def run() -> None:
    """Draw the page that the address names."""
    st.set_page_config(page_title="Robustness Explorer", page_icon=str(assets() / "icon.png"), layout="wide")
    st.html(STYLE)
    watcher()
    page = _page()
    state.report()
    page.run()


def _page() -> st.Page:
    """Return the page that the address names; for a wrong name, lead to the first one with a sentence."""
    name = unquote(urlsplit(st.context.url or "").path).rpartition("/")[-1].strip()
    made = {page: _made(page, page) for page in PAGE_NAMES if page != FIRST}
    # Streamlit serves its default page at "/" alone, and an address names it: the bar shows the one that is open.
    seen, unseen = ("hidden", "visible") if name == FIRST else ("visible", "hidden")
    first, named = _made(FIRST, "", default=True, visibility=seen), _made(FIRST, FIRST, visibility=unseen)
    pages = [first, named, *made.values()]
    if name and name not in PAGE_NAMES:  # a wrong page, or where the server's own path ends
        pages.append(_made(FIRST, name, visibility="hidden"))  # else Streamlit answers by a dialog of its own
    page = st.navigation(pages, position="top")
    if page is pages[-1] and name not in PAGE_NAMES:
        state.refuse(*read(f"/{name}")[1])
        st.switch_page(named, query_params=st.query_params.to_dict())
    state.turn_to(next((name for name, one in made.items() if one is page), FIRST))
    with st.container(key="pages", horizontal=True, gap="xsmall"):  # on a narrow screen Streamlit folds its own away
        for one in (first if seen == "visible" else named, *made.values()):
            st.page_link(one, width="content")
    return page


def _made(page: str, path: str, **how: Any) -> st.Page:
    script, icon = PAGES / f"{page}.py", f":material/{ICONS[page]}:"
    return st.Page(script, title=PAGE_NAMES[page].title, icon=icon, url_path=path, **how)


def watcher() -> str:
    """Return this session's name towards the engine; the first call wakes the engine."""
    return _watcher()


def pieces_watcher() -> str:
    """Return the name under which this session waits for the pieces of an evaluation."""
    return _pieces_of(watcher())


def _pieces_of(name: str) -> str:
    return f"{name} pieces"


def _released(name: str) -> None:
    for waiting in (name, _pieces_of(name)):
        shared_engine().leave(waiting, GRACE)


@st.cache_resource(scope="session", show_spinner=False, on_release=_released)
def _watcher() -> str:
    shared_engine().warm()
    return uuid4().hex


STYLE = """<style>
.block-container {padding: 3rem 3rem 2rem; max-width: 1280px}
@media (max-width: 1000px) {.block-container {padding: 3.5rem 1rem 2rem}}
[data-testid="stHeader"] {height: 3rem; min-height: 3rem}
[data-testid="stSidebarHeader"] {height: 2.2rem}
[data-testid="stSidebarUserContent"] {padding-bottom: 2rem}
[data-testid="stSidebarUserContent"] hr {margin: 0.4rem 0}
[data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] {gap: 0.7rem}
:is(.st-key-figure, .st-key-noise) {overflow-x: auto}
[class*="st-key-wide_"] {min-width: 680px}
:is(.st-key-wide_drawn, .st-key-wide_noise, .st-key-wide_surface, .st-key-wide_inputs) {min-width: 860px}
:is(.st-key-wide_picture, .st-key-wide_ladder) {min-width: 860px}
[data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] .st-key-figure) {flex-wrap: wrap}
[data-testid="stColumn"]:has(.st-key-figure) {min-width: min(690px, 100%)}
[data-testid="stColumn"]:has(.st-key-figure) + [data-testid="stColumn"] {flex: 2 1 220px; min-width: 220px}
.st-key-chooser button:disabled p {color: #757a83}
.stMain [data-testid="stButtonGroup"] > :not([data-testid="stWidgetLabel"]) button {min-height: 2.5rem}
[data-testid="stDialog"] [role="dialog"] {max-height: calc(100dvh - 4rem); overflow-y: auto}
@media (min-width: 769px) {:has(> .st-key-pages) {display: none}}
@media (max-width: 1600px) {[data-testid="stTopNavLink"] :has(> [data-testid="stIconMaterial"]) {display: none}}
@media (max-width: 768px) {
  .st-key-pages {gap: 0.4rem 0}
  .stMain :is(.st-key-figure, .st-key-noise):has([class*="st-key-wide_"])::before {
    content: "The figure is wider than this screen: it goes on to the right, swipe or scroll there.";
    font-size: 0.8rem; opacity: 0.75}
}
@media (prefers-reduced-motion: reduce) {* {transition: none !important; animation: none !important}}
</style>"""


def url(request: Request) -> str:
    """Return the full address of a request on this server, behind the path that it is served under."""
    parts = urlsplit(st.context.url or "http://localhost:8501/")
    base, _, last = parts.path.rstrip("/").rpartition("/")
    below = base if last in PAGE_NAMES else parts.path.rstrip("/")
    return f"{parts.scheme}://{parts.netloc}{below}{request.address()}"


def cards(request: Request) -> None:
    """Say how models A and B were made and what was measured of them."""
    with st.expander("The two models: how they were trained, and what was measured", icon=":material/description:"):
        for column, name in zip(st.columns(2), (request.a, request.b), strict=True):
            column.markdown(card_text(name))


def card_text(name: str) -> str:
    """Return a model's card in Markdown."""
    found = card(name)
    unit = DATA[found["data"]].facts["unit"]
    lines = [f"**{name}** — {found['title']}"]
    if "recipe" in found:
        lines.append(f"- {ARCHITECTURES[found['architecture']].title}, {found['parameters']:,} parameters")
        first = f" from the weights of {found['start']}" if "start" in found else ""
        lines.append(
            f"- {RECIPES[found['recipe']].title}, {found['plan']['epochs']} epochs{first}, seed {found['seed']}"
        )
    else:
        lines.append(f"- Imported from {found['kind']}, {found['parameters']:,} parameters")
        lines.append(f"- Pixels normalised as “{found['normalisation']['name']}”, its output: {found['output']}")
    for measure, rate in found["measured"].items():
        lines.append(f"- {_measure(measure, found, unit, rate['n'])}: {Rate(rate['hits'], rate['n'])}")
    if "bands" in found:
        lines.append(f"- {_bands(found['bands'], unit)}")
    return "\n".join(lines)


def _bands(bands: dict[str, Any], unit: int) -> str:
    """Return how far the boundary is in the lowest and the highest band of frequencies, and where it is nearest."""
    known = {at: middle for at, middle in enumerate(bands["medians"]) if middle is not None}
    near = min(known, key=lambda at: known[at])
    places = {0: "lowest", len(bands["starts"]) - 1: "highest"} | {near: "nearest"}
    parts = [
        f"{words} {_band(bands, at)}: {known[at] * unit:,.4g}/{unit} "
        f"(95 % interval {bands['intervals'][at][0] * unit:,.4g} to {bands['intervals'][at][1] * unit:,.4g})"
        for at, words in sorted(places.items())
        if at in known
    ]
    return f"Median distance to the boundary in ℓ2 by frequencies, n = {bands['n']}: {', '.join(parts)}"


def _band(bands: dict[str, Any], at: int) -> str:
    return f"{bands['starts'][at]}–{bands['starts'][at] + bands['width'] - 1}"


def _measure(name: str, found: dict[str, Any], unit: int, n: int) -> str:
    if name == "clean":
        whole = "recipe" in found and n >= DATA[found["data"]].facts["sizes"]["test"]
        return f"Accuracy on {'the whole test set' if whole else 'test pictures'}"
    if name == "swapped":
        return "Accuracy with the hidden cue of another class"
    eps = round(found["threat"]["eps"] * unit)
    attack = ATTACKS[name].title if name in ATTACKS else name.upper().replace("PGD", "PGD-")
    return f"Accuracy under {attack} in {SYMBOLS[found['threat']['norm']]} at {eps}/{unit}"


def explain(page: str) -> None:
    """Draw the words that belong to a page, from the lessons."""
    with st.expander("What am I looking at?", icon=":material/school:"):
        st.markdown((assets() / "lessons" / f"{page}.md").read_text())
