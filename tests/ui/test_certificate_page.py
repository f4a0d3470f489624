"""The Certificate page in process: addresses in, proofs out, never an exception."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from explorer.certificates import CERTIFICATES
from explorer.ui.certificate import VIEWS, frame
from explorer.work.certificate import VIEWS as KNOWN
from explorer.work.choices import CERTIFICATE
from explorer.work.local import run
from explorer.work.pages import PAGES
from explorer.work.viewed import SAMPLES, VIEWED


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until everything is drawn."""

    def open_(query: str, **how: bool):
        at = open_script("certificate", query, **how)
        for _ in range(40):
            if at.exception or at.error or not any(button.key == "stop_pieces" for button in at.button):
                break
            at.run()
        return at

    return open_


def test_every_view_is_drawn_and_computed():
    assert tuple(VIEWS) == tuple(KNOWN.modules) == CERTIFICATE
    assert set(VIEWS) - set(KNOWN.requests) == {"curve"}


@pytest.mark.parametrize("name", ["shapes", "digits", "toy"])
def test_the_first_view_is_there_at_once_and_says_what_run_says(open_page, monkeypatch, name):
    def never(*_):
        raise AssertionError

    for sample in KNOWN.samples:
        monkeypatch.setitem(SAMPLES, sample, never)
    monkeypatch.setitem(VIEWED, "certificate", type(KNOWN)(KNOWN.modules, dict.fromkeys(KNOWN.requests, never), {}))
    at = open_page(f"data={name}")
    assert not at.exception
    assert not at.error
    assert "bar" in {trace["type"] for trace in at.figure["data"]}
    found = run(f"/certificate?data={name}")
    assert found.missing == 0
    crown = found.models[f"{name}-pgd"]["crown"]
    unit = 255 if name == "shapes" else 1000
    assert f"{crown.low[0] * unit:.3g}" in str(at.figure["layout"]["annotations"])
    assert "Four kinds of knowing" in at.words


def test_a_method_is_explained_with_its_formula_and_stays_in_the_address(open_page):
    at = open_page("data=toy&proof=ibp")
    assert "Intervals from layer to layer" in at.words
    at.selectbox(key="bound").set_value("crown").run()
    assert at.query == {"data": "toy", "proof": "ibp", "bound": "crown"}
    assert "a lower line that suits each unit" in at.words
    again = open_page("data=toy&proof=ibp&bound=crown")
    assert again.figure == at.figure
    at.selectbox(key="proof").set_value("crown").run()
    at.run()
    assert not at.exception
    assert at.query == {"data": "toy", "proof": "crown", "bound": "crown"}


def test_every_method_has_a_text_with_a_formula():
    from explorer.core.assets import assets

    for name in ("attack", *CERTIFICATES):
        text = (assets() / "lessons" / "bounds" / f"{name}.md").read_text()
        assert text.startswith("**")
        assert text.count("$$") == 2


def test_many_pictures_have_curves_and_a_table_of_errors(open_page):
    at = open_page("data=toy&view=curve&n=10&proof=ibp")
    assert not at.exception
    table = at.dataframe[0].value
    assert next(iter(table["model"])) == "A standard"
    assert {"clean error", "error under attack", "certified error"} <= set(table.columns)
    assert "Empirically robust is not verifiable" in at.words.replace("*", "")
    at.slider(key="certificate_n").set_value(20).run()
    at.run()
    assert at.query["n"] == "20"
    assert "Of the first 20 test pictures" in at.words


def test_the_envelope_moves_and_changes_its_lines(open_page):
    at = open_page("data=toy&view=plane")
    assert not at.exception
    assert len(at.figure["layout"]["sliders"][0]["steps"]) == 25
    at.selectbox(key="lines").set_value("fast_lin").run()
    at.run()
    assert not at.exception
    assert at.query == {"data": "toy", "view": "plane", "lines": "fast_lin"}
    assert "certifies most" in at.words


def test_votes_and_ladders_are_drawn_with_their_knobs(open_page):
    at = open_page("data=digits&view=votes&copies=200")
    assert not at.exception
    assert any("holds in ℓ2, whatever norm" in caption.value for caption in at.caption)
    assert "noisy copies are called" in at.words
    at = open_page("data=toy&view=ladder")
    assert not at.exception
    assert "falls by at most" in at.words
    at.toggle(key="certificate_local").set_value(False).run()
    at.run()
    assert at.query["local"] == "false"
    assert "per length everywhere" in at.words


@pytest.mark.parametrize("view", ["picture", "curve", "plane", "ladder"])
def test_a_norm_without_proofs_is_refused_in_a_sentence(open_script, view):
    at = open_script("certificate", f"data=digits&norm=l0&attack=pixel_search&view={view}", info=True)
    assert not at.exception
    assert any("holds within a budget in ℓ∞, ℓ2 or ℓ1" in info.value for info in at.info)


def test_a_model_that_nothing_can_be_proved_of_has_its_sentence_in_its_half(open_page):
    at = open_page("data=shapes&a=shapes-standard-masked&b=shapes-standard-masked&proof=ibp")
    assert not at.exception
    assert "Nothing can be proved of this model" in at.words
    assert "not here" in str(at.figure["layout"]["annotations"])


def test_models_made_for_certificates_are_one_click_away(open_page, monkeypatch):
    monkeypatch.setattr(frame, "RECIPES", {"pgd": "against attacks"})  # so that a model that is always there is one
    at = open_page("data=toy&proof=ibp&b=toy-standard&norm=l2&index=7")
    links = [dict(parse_qsl(urlsplit(link.proto.url).query)) for link in at.get("link_button")]
    assert links == [{"data": "toy", "index": "7", "proof": "ibp", "norm": "l2"}]  # model B is then the usual one
    shown = open_page("data=toy&proof=ibp")
    assert not shown.get("link_button")  # it is there already


KNOBS = {**PAGES["certificate"].choices, **PAGES["certificate"].show}
NAMES = some.sampled_from([*KNOBS, "data", "norm", "eps", "index", "a", "b"])
WORDS = some.sampled_from(["", "0", "-1", "1e9", "nan", "x", "toy", "l1", "ladder", "votes", "boxes", "true", "exact"])


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=some.dictionaries(NAMES, WORDS, max_size=4))
def test_any_address_ends_in_a_figure_or_a_sentence(open_script, monkeypatch, query):
    monkeypatch.setattr("explorer.ui.panels.PULSE", 60)
    usual = {"data": "toy", "proof": "ibp", "n": "10", "copies": "100"}
    at = open_script("certificate", usual | query, info=True)
    assert not at.exception
