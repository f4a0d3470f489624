"""The Robustness page in process: every view of it, filled piece by piece."""

import json
import re
from functools import partial
from types import SimpleNamespace
from urllib.parse import urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Selectbox

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.results import Evaluation, Judged
from explorer.figures.setting import Setting
from explorer.models import own
from explorer.models.build import build
from explorer.ui import gallery, gathering
from explorer.work.address import read
from explorer.work.compute import PIECES
from explorer.work.local import run
from explorer.work.request import default

SMALL = "data=toy&n=40&budgets=2&pgd_steps=5"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn."""
    return partial(open_script, "robustness")


@pytest.mark.parametrize("view", ["curve", "distances", "classes", "confusion", "transfer"])
def test_every_view_is_drawn_and_told(open_page, view):
    at = open_page(f"{SMALL}&view={view}")
    assert not at.exception
    assert not at.error
    assert at.figure["data"]
    assert "n = 40" in at.words
    assert at.segmented_control(key="view").value == view


CARD = {
    "title": "my points", "data": "toy", "shape": [2], "classes": ["blue", "orange"], "architecture": "mlp",
    "network": {"width": 4}, "kind": "a test", "parameters": 1, "normalisation": {"name": "none"}, "output": "logits",
    "measured": {},
}  # fmt: skip


@pytest.mark.parametrize("view", ["curve", "transfer", "honesty"])
def test_an_imported_model_is_called_by_its_title(open_page, view):
    name = own.write(CARD, build("mlp", (2,), 2, {"width": 4}, rng=generator(0)).state_dict())
    at = open_page(f"{SMALL}&view={view}&b={name}")
    at.run()
    assert not at.exception
    shown = at.words + "".join(chart.proto.spec + chart.proto.alt for chart in at.get("plotly_chart"))
    assert "my points" in shown
    assert name not in shown.replace(f"**{name}** — my points", "")  # its card


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
    assert {trace["type"] for trace in at.figure["data"]} == {"bar"}
    text = at.get("plotly_chart")[0].proto.alt + json.dumps(at.figure["layout"])
    assert "within its own limits (rotation 30, shift 3, tries 100)" in text
    assert not any(word in text for word in ("150/1000", "budget"))


def test_a_click_within_limits_of_its_own_names_them():
    radius, labels = np.array([0, 1e-6, np.inf], np.float32), np.zeros(3, int)
    judged = Judged(5, labels, np.array([1, 0, 0]), np.array([1, 1, 0]), radius, 3, 1.0)
    setting = Setting(("cat", "dog"), ("a", "b"), "linf", 0, 255, "its own limits (rotation 30)")
    evaluation = Evaluation({"a": judged}, np.array([1 / 255], np.float32))
    _, words, places = gallery.picked("curve", (0, setting.budget), evaluation, setting)
    assert (words, places.tolist()) == ("fall within its own limits (rotation 30)", [6])
    _, words, places = gallery.picked("classes", (0, 0), evaluation, setting)
    assert (words, places.tolist()) == ("are of class 'cat' and fall within its own limits (rotation 30)", [6])


def behind(at: AppTest) -> Selectbox:
    """Return the list of points and bars that have pictures."""
    (found,) = [box for box in at.selectbox if str(box.key).startswith("behind_")]
    return found


@pytest.mark.parametrize("view", ["curve", "distances", "classes", "confusion"])
def test_the_pictures_behind_a_bar_need_no_pointer(open_page, view):
    at = open_page(f"{SMALL}&view={view}")
    options = behind(at).options
    assert len(options) > 1
    for i in (0, len(options) - 1):
        behind(at).select_index(i).run()
        assert not at.exception
        name, _, what = options[i].partition(": ")
        found = re.search(rf"{name}, {re.escape(what)}: (\d+)\.", at.words)
        assert int(found[1]) > 0
        assert len(at.get("image")) == min(int(found[1]), gallery.SHOWN)
    behind(at).set_value(None).run()
    assert not at.get("image")


def test_a_click_is_a_choice_from_the_list_and_so_is_one_between_the_budgets(open_page, monkeypatch):
    state = {"chart": SimpleNamespace(selection=SimpleNamespace(points=[{"customdata": [0, 0.0625, 0, 1]}]))}
    with monkeypatch.context() as patch:
        patch.setattr(gallery.st, "session_state", state)
        gallery.click("curve", "chart", "key")
        assert state["key"] == (0, 0.0625)
        state["chart"].selection.points = []
        gallery.click("curve", "chart", "key")
        assert state["key"] is None
    query = f"{SMALL}&attack=deepfool"
    at = open_page(query, **{f"behind_{read(f'/robustness?{query}')[0].address()}": (0, 0.0625)})
    assert not at.exception
    assert behind(at).value == (0, 0.0625)
    assert "pictures that fall within 62.5/1000: " in at.words


def test_points_far_along_the_test_set_have_thumbnails(open_page):
    at = open_page("data=toy&n=500&budgets=1&attack=noise&view=confusion")
    for _ in range(20):
        if "n = 500" in at.words:
            break
        at.run()
    evaluation = run("/robustness?data=toy&n=500&budgets=1&attack=noise")
    judged = next(iter(evaluation.models.values()))
    cells = {(0, j, a, b) for j in (0, 1) for a in (0, 1) for b in (0, 1)}
    setting = Setting(("blue", "orange"), ("a", "b"), "linf", 60, 1000)
    late = [
        c
        for c in cells
        if (places := gallery.picked("confusion", c, evaluation, setting)[2]).size and max(places[:24]) >= 300
    ]
    assert len(judged.labels) == 500
    assert late
    behind(at).set_value(late[0]).run()
    assert not at.exception
    assert at.get("image")


def test_the_questions_are_answered_in_words(open_page):
    at = open_page("data=toy&n=20&view=honesty")
    for _ in range(8):
        at.run()
    assert not at.exception
    assert "all 7 pass" in at.words
    assert "Is noise weaker?" in at.words
    assert "answered" not in at.words
    assert "Asked of Projected gradient descent (40 steps) in ℓ∞ 60/1000, on the first 20 test pictures" in at.words


def test_while_questions_are_open_their_number_is_told(open_page, monkeypatch):
    stored = gathering._stored

    def some(parts, keys):
        return {part: one for part, one in stored(parts, keys).items() if part.page == "probe"}

    def rest(parts, keys):
        return {part: key for part, key in zip(parts, keys, strict=True) if part.page != "probe"}

    monkeypatch.setattr(gathering, "_stored", some)
    monkeypatch.setattr(gathering, "_absent", rest)
    at = open_page("data=toy&n=20&view=honesty")
    for _ in range(8):
        at.run()
    assert "toy-standard: 3 of 7 answered, all pass" in at.words
    assert "all 3 pass" not in at.words


def test_the_page_shows_what_its_address_computes(open_page):
    at = open_page(SMALL)
    evaluation = run(f"/robustness?{SMALL}")
    drawn = [trace["y"] for trace in at.figure["data"] if trace.get("mode") == "lines+markers"]
    ladder = [0.0, *evaluation.budgets]
    for curve, judged in zip(drawn, evaluation.models.values(), strict=True):
        assert len(ladder) == 3
        values = (
            np.frombuffer(__import__("base64").b64decode(curve["bdata"]), "f4") if isinstance(curve, dict) else curve
        )
        np.testing.assert_allclose(values, [judged.standing(eps).mean() for eps in ladder], atol=1e-6)


def test_a_further_model_of_other_pictures_is_warned_of(open_page):
    at = open_page("data=digits&n=20&budgets=2&pgd_steps=5&more=digits-standard-lowpass")
    warnings = [one.value for one in at.caption if "was trained on pictures with" in one.value]
    assert len(warnings) == 1
    assert "lowpass" in warnings[0]
    assert "trained on pictures" not in " ".join(one.value for one in open_page(SMALL).caption)


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
        assert at.figure["data"]
    at.button(key="go_on").click().run()
    assert not at.info
    assert "n = 300" in at.words


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
    assert at.figure["data"]


def test_a_failed_piece_holds_up_no_other_and_ends_the_looking(open_page, monkeypatch):
    inner, asked = PIECES["judge"], []

    def broken(piece, *args, **more):
        asked.append(piece)
        if piece.start == 0:
            raise UserError("Not this one.")
        return inner(piece, *args, **more)

    with monkeypatch.context() as patch:
        patch.setitem(PIECES, "judge", broken)
        at = open_page("data=toy&n=500&budgets=1&pgd_steps=5&seed=78")  # 100 pictures a piece, of two models
        for _ in range(10):
            at.run()
        assert not at.exception
        assert at.error[0].value == "2 of 10 parts failed. Not this one."
        assert at.figure["data"]
        assert len(asked) == 10
        assert not [button for button in at.button if button.key == "stop_pieces"]
        at.run()
        assert len(asked) == 10
    at.button(key="again").click().run()
    at.run()
    assert not at.error
    assert "n = 500" in at.words


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
