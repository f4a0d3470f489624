"""The Robustness page in process: every view of it, filled piece by piece."""

import json
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import explorer.ui
from explorer.core.results import Evaluation, Judged
from explorer.figures.setting import Setting
from explorer.ui import gallery, gathering, state
from explorer.work.compute import PIECES
from explorer.work.engine import shared_engine
from explorer.work.local import run
from explorer.work.request import default

PAGE = Path(explorer.ui.__file__).parent / "app_pages" / "robustness.py"
SMALL = "data=toy&n=40&budgets=2&pgd_steps=5"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], AppTest]:
    """Return a function that opens the page at a query, and looks again until something is drawn."""
    monkeypatch.setenv("EXPLORER_SCHEDULER", "local")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    shared_engine.cache_clear()
    st.cache_resource.clear()

    def open_(query: str) -> AppTest:
        at = AppTest.from_file(str(PAGE), default_timeout=120)
        at.session_state[state.PAGE] = "robustness"
        for name, value in parse_qsl(query):
            at.query_params[name] = value
        for _ in range(20):
            if at.run().get("plotly_chart") or at.exception or at.error:
                return at
        return at

    return open_


def figure(at: AppTest) -> dict:
    (chart,) = at.get("plotly_chart")
    return json.loads(chart.proto.spec)


def words(at: AppTest) -> str:
    return " ".join(element.value for element in at.markdown).replace("\\", "")


@pytest.mark.parametrize("view", ["curve", "distances", "classes", "confusion", "transfer"])
def test_every_view_is_drawn_and_told(open_page, view):
    at = open_page(f"{SMALL}&view={view}")
    assert not at.exception
    assert not at.error
    assert figure(at)["data"]
    assert "n = 40" in words(at)
    assert at.segmented_control(key="view").value == view


def test_stages_have_a_table_for_each_model(open_page):
    query = "data=toy&n=40&budgets=1&attack=apgd_cascade&apgd_cascade_steps=5&apgd_cascade_targets=1"
    at = open_page(query)
    assert not at.exception
    found = run(f"/robustness?{query}").models
    for drawn, judged in zip(at.table, found.values(), strict=True):
        assert list(drawn.value["Stage"]) == ["APGD-CE", "APGD-T"]
        assert list(drawn.value["Pictures it broke"]) == [str(int(cost[0])) for cost in judged.stages.values()]
    assert not open_page(SMALL).table


@pytest.mark.parametrize("view", ["curve", "distances", "classes"])
def test_limits_of_its_own_name_no_budget(open_page, view):
    at = open_page(f"data=digits&n=20&attack=spatial&view={view}")
    assert not at.exception
    assert {trace["type"] for trace in figure(at)["data"]} == {"bar"}
    text = at.get("plotly_chart")[0].proto.alt + json.dumps(figure(at)["layout"])
    assert "within its own limits (rotation 30, shift 3, tries 100)" in text
    assert not any(word in text for word in ("150/1000", "budget"))


def test_a_click_within_limits_of_its_own_names_them():
    radius, labels = np.array([0, 1e-6, np.inf], np.float32), np.zeros(3, int)
    judged = Judged(5, labels, np.array([1, 0, 0]), np.array([1, 1, 0]), radius, 3, 1.0)
    setting = Setting(("cat", "dog"), ("a", "b"), "linf", 0, 255, "its own limits (rotation 30)")
    evaluation = Evaluation({"a": judged}, np.array([1 / 255], np.float32))
    words, places = gallery.picked("curve", {"customdata": [0, setting.budget]}, evaluation, setting)
    assert (words, places.tolist()) == ("a: 1 pictures fall within its own limits (rotation 30).", [6])
    words, places = gallery.picked("classes", {"customdata": [0, 0]}, evaluation, setting)
    assert (words, places.tolist()) == ("a: 1 pictures of class 'cat' fall within its own limits (rotation 30).", [6])


def test_the_questions_are_answered_in_words(open_page):
    at = open_page("data=toy&n=20&view=honesty")
    for _ in range(8):
        at.run()
    assert not at.exception
    assert "all 7 pass" in words(at)
    assert "Is noise weaker?" in words(at)
    assert "Asked of Projected gradient descent (40 steps) in ℓ∞ 60/1000, on the first 20 test pictures" in words(at)


def test_the_page_shows_what_its_address_computes(open_page):
    at = open_page(SMALL)
    evaluation = run(f"/robustness?{SMALL}")
    drawn = [trace["y"] for trace in figure(at)["data"] if trace.get("mode") == "lines+markers"]
    ladder = [0.0, *evaluation.budgets]
    for curve, judged in zip(drawn, evaluation.models.values(), strict=True):
        assert len(ladder) == 3
        values = (
            np.frombuffer(__import__("base64").b64decode(curve["bdata"]), "f4") if isinstance(curve, dict) else curve
        )
        np.testing.assert_allclose(values, [judged.standing(eps).mean() for eps in ladder], atol=1e-6)


def test_controls_write_the_address(open_page):
    at = open_page(SMALL)
    at.segmented_control(key="view").set_value("transfer").run()
    at.number_input(key="robustness_n").set_value(50).run()
    at.multiselect(key="more").run()
    assert at.query_params["view"] in ("transfer", ["transfer"])
    assert at.query_params["n"] in ("50", ["50"])
    assert not at.exception


def test_stopped_it_keeps_what_it_has_and_goes_on(open_page, monkeypatch):
    inner = gathering._stored
    with monkeypatch.context() as patch:
        patch.setattr(gathering, "_stored", lambda parts, keys: dict(list(inner(parts, keys).items())[:2]))
        at = open_page("data=toy&n=300&budgets=1&pgd_steps=5")
        at.button(key="stop_pieces").click().run()
        assert "2 of 6 parts" in at.info[0].value
        assert figure(at)["data"]
    at.button(key="go_on").click().run()
    assert not at.info
    assert "n = 300" in words(at)


def test_a_failed_piece_is_one_sentence(open_page, monkeypatch):
    def broken(*_args, **_more):
        raise RuntimeError("a secret")

    with monkeypatch.context() as patch:
        patch.setitem(PIECES, "judge", broken)
        at = open_page(f"{SMALL}&seed=77")
        assert not at.exception
        assert "internal error (RuntimeError)" in at.error[0].value
        assert "secret" not in at.error[0].value
    at.button(key="again").click().run()
    for _ in range(5):
        at.run()
    assert not at.error
    assert figure(at)["data"]


def test_turning_to_the_page_keeps_the_choices():
    def script():
        import streamlit as st

        from explorer.ui import state

        state.turn_to(st.session_state["to"])
        st.write(state.current().address())

    at = AppTest.from_function(script)
    at.session_state["to"] = "attack"
    at.query_params["data"], at.query_params["eps"] = "toy", "30"
    at.run()
    at.session_state["to"] = "robustness"
    at.query_params.clear()
    at.run()
    assert not at.exception
    assert urlsplit(at.markdown[0].value).query == "eps=30&data=toy"
    assert default("toy", page="robustness").with_(eps=30).address() == at.markdown[0].value
