"""The Attack page in process: addresses in, views out, never an exception."""

import io
import json
import os
import random
from collections.abc import Callable, Iterator
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from explorer.attacks import ATTACKS, attack
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.knobs import Real
from explorer.data import DATA, upload
from explorer.models import own
from explorer.models.build import build
from explorer.ui import compare, loading, serving
from explorer.ui.state import markdown_free
from explorer.work.address import read_query
from explorer.work.local import run
from explorer.work.request import default, norms_of

Open = Callable[..., AppTest]
FUZZ = int(os.environ.get("EXPLORER_FUZZ", "1"))  # 40 for a thousand addresses and four hundred files


def opened(at: AppTest) -> AppTest:
    """Open the dialog of attacks."""
    return at.button(key="attacks").click().run()


def offered(at: AppTest) -> list[str]:
    """Return the attacks whose buttons are there."""
    return [button.key.removeprefix("take_") for button in at.button if str(button.key).startswith("take_")]


@pytest.mark.parametrize("name", ["toy", "digits", "shapes"])
def test_first_view_of_every_embedded_data_set(open_app: Open, name: str) -> None:
    at = open_app(f"/attack?data={name}")
    assert not at.exception
    assert not at.warning
    assert not at.error
    assert at.figure["data"]
    assert at.selectbox(key="a").value == f"{name}-standard"
    assert at.selectbox(key="b").value == f"{name}-pgd"


def test_controls_write_the_address_and_the_address_sets_the_controls(open_app: Open) -> None:
    at = open_app("/attack?data=toy")
    at.slider(key="eps").set_value(90).run()
    opened(at).button(key="take_fgsm").click().run()
    assert offered(at) == []  # it has closed
    at.number_input(key="index").set_value(7).run()
    at.toggle(key="transfer").set_value(True).run()
    assert at.query == {"data": "toy", "eps": "90", "attack": "fgsm", "index": "7", "transfer": "true"}
    again = open_app("/attack?data=toy&eps=90&attack=fgsm&index=7&transfer=true")
    assert again.slider(key="eps").value == 90
    assert opened(again).button(key="take_fgsm").icon == ":material/check:"
    assert again.number_input(key="index").value == 7
    assert again.toggle(key="transfer").value is True
    assert again.figure == at.figure


def test_another_data_set_starts_from_its_own_first_view(open_app: Open) -> None:
    at = open_app("/attack?data=digits&eps=30&index=9&target=3")
    at.selectbox(key="data").set_value("toy").run()
    assert not at.exception
    assert not at.warning
    assert at.query == {"data": "toy"}
    assert at.slider(key="eps").value == DATA["toy"].facts["eps"]["linf"]


def test_another_norm_takes_its_usual_budget(open_app: Open) -> None:
    at = open_app("/attack?data=toy&eps=90")
    at.segmented_control(key="norm").set_value("l2").run()
    assert at.slider(key="eps").value == DATA["toy"].facts["eps"]["l2"]


def test_knobs_of_the_attack_are_in_the_address(open_app: Open) -> None:
    at = open_app("/attack?data=toy")
    at.slider(key="pgd_steps").set_value(7).run()
    assert at.query == {"data": "toy", "pgd_steps": "7"}
    result = run("/attack?data=toy&pgd_steps=7")
    assert len(result.a.path["margin"]) == 8


def test_a_bad_address_is_mended_in_words(open_app: Open) -> None:
    at = open_app("/attack?data=toy&eps=99999&attack=nope&index=-1&zzz=1")
    assert not at.exception
    (warning,) = at.warning
    for word in ("eps", "nope", "index", "zzz"):
        assert word in warning.value
    assert at.figure["data"]
    assert at.query == {"data": "toy"}  # who copies it copies what is shown
    (again,) = at.run().warning
    assert again.value == warning.value
    at.slider(key="eps").set_value(90).run()
    assert not at.warning


def test_a_data_set_that_cannot_be_loaded_is_told_in_the_page_too(
    open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offline(*_args, **_more):
        raise UserError("Offline: put it there.")

    monkeypatch.setattr(loading, "load_data", offline)
    at = open_app("/attack?data=toy&toy_noise=0.123")
    assert not at.exception
    assert "Offline: put it there." in at.sidebar.error[0].value
    assert "is not loaded" in at.main.info[0].value


def test_start_over_returns_to_the_first_view(open_app: Open) -> None:
    at = open_app("/attack?data=toy&eps=90")
    at.button(key="reset").click().run()
    assert at.query == {}
    assert at.selectbox(key="data").value == default().data


def test_the_page_says_what_run_says(open_app: Open) -> None:
    at = open_app("/attack?data=toy&eps=90")
    words = at.words
    result = run("/attack?data=toy&eps=90")
    fell = bool(result.a.success[0])
    assert ("fell at step" in words) == (fell or bool(result.b.success[0]))


RIGHT = {  # values that an address may have: few, so that examples meet and results are found again
    "eps": ["0", "1", "240"],
    "index": ["0", "299"],
    "a": ["toy-pgd"],
    "attack": ["fgsm", "noise"],
    "norm": ["l2", "l1"],
    "target": ["blue", "orange"],
    "seed": ["3"],
    "map": ["size"],
    "transfer": ["true"],
    "pgd_steps": ["1", "3"],
    "toy_kind": ["circles"],
}
texts = st.text(max_size=12)
names = st.sampled_from([*RIGHT, "b", "upload", "label", "pgd_step", "toy_noise"])
values = st.one_of(texts, st.integers(-(10**30), 10**30).map(str), st.floats().map(str), st.just("noise"))
right = st.sampled_from([(name, value) for name, values in RIGHT.items() for value in values])
addresses = st.lists(st.one_of(right, st.tuples(st.one_of(names, texts), values)), max_size=4).map(dict)


@settings(max_examples=25 * FUZZ, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(addresses)
def test_no_address_breaks_the_page(open_app: Open, chosen: dict[str, str]) -> None:
    query = chosen | {"data": "toy"}  # the larger sets are too slow to draw for each example
    at = open_app(query=query)
    assert not at.exception
    assert not at.error
    assert len(at.get("plotly_chart")) == 2
    told = "".join(warning.value for warning in at.warning)
    assert told == "\n\n".join(markdown_free(problem) for problem in read_query("attack", query)[1])


def test_a_click_on_a_view_that_was_left_is_answered_in_a_sentence(open_app: Open) -> None:
    at = open_app("/attack?data=toy")
    at.query_params["data"] = "digits"  # as when the last click has not been drawn yet
    at.selectbox(key="a").set_value("toy-pgd").run()
    assert not at.exception
    (warning,) = at.warning
    assert "toy" in warning.value


def test_a_click_that_comes_with_an_older_address_undoes_none_before_it(open_app: Open) -> None:
    at = open_app("/attack?data=digits")
    before = dict(at.query_params)
    at.button(key="on").click().run()
    assert (index := at.query_params["index"]) != "2"
    at.query_params.clear()
    for name, value in before.items():  # as a browser sends it that has not heard of the first click yet:
        at.query_params[name] = value
    at.number_input(key="index").set_value(2)  # its widgets stand as they did
    at.slider(key="eps").set_value(152).run()
    assert dict(at.query_params) == before | {"index": index, "eps": "152"}
    at.number_input(key="index").set_value(2).run()  # now it is meant
    assert dict(at.query_params) == before | {"eps": "152"}


@pytest.fixture
def shift() -> Iterator[None]:
    def shift(model, x, goal, threat, *, share: Annotated[float, Real(0, 1, "share")] = 0.5):
        """Not an attack: a shift."""
        return x + share * threat.eps

    len(ATTACKS)  # all are loaded before one is added
    attack("Shift", norms=("l2", "l1"), knows="nothing")(shift)
    yield
    del ATTACKS._entries["shift"]


@pytest.mark.usefixtures("shift")
def test_an_attack_of_some_norms_makes_way_in_another(open_app: Open) -> None:
    at = open_app("/attack?data=toy&attack=shift&norm=l2")
    assert not at.exception
    assert not at.warning
    assert at.segmented_control(key="norm").options == ["ℓ∞", "ℓ2", "ℓ1"]
    assert "Shift works in ℓ2 and ℓ1." in at.segmented_control(key="norm").help
    assert at.number_input(key="shift_share").value == 0.5
    at.segmented_control(key="norm").set_value("linf").run()
    assert at.query == {"data": "toy"}
    (warning,) = at.warning
    assert "Shift works in ℓ2 and ℓ1 only; Projected gradient descent takes its place" in warning.value
    button = opened(at).button(key="take_shift")
    assert button.disabled
    assert "works in ℓ2 and ℓ1 only" in button.label
    assert at.warning  # nothing was chosen since
    at.segmented_control(key="norm").set_value("l1").run()
    assert not at.warning
    button = opened(at).button(key="take_shift")
    assert not button.disabled
    assert button.label == "Shift :small[ℓ2 ℓ1]"


def test_an_attack_on_pictures_makes_way_for_points(open_app: Open) -> None:
    at = open_app("/attack?data=digits&attack=sparsefool&norm=l0")
    at.selectbox(key="data").set_value("toy").run()
    assert not at.exception
    assert at.query == {"data": "toy"}
    (warning,) = at.warning
    assert "SparseFool works on pictures, not points; Projected gradient descent takes its place" in warning.value
    button = opened(at).button(key="take_sparsefool")
    assert button.disabled
    assert "works on pictures, not points" in button.label


def test_changed_pixels_are_counted_marked_and_can_be_put_away(open_app: Open) -> None:
    at = open_app("/attack?data=digits&attack=jsma&norm=l0")
    chart = at.get("plotly_chart")[0].proto
    count = int(run("/attack?data=digits&attack=jsma&norm=l0").a.distance["l0"][0])
    assert f"{count} of 64 pixels changed" in chart.alt
    assert f"{count} of 64 pixels changed" in at.words
    assert chart.spec.count("h1v1h-1z") > 0
    at.toggle(key="marks").set_value(False).run()
    assert at.query["marks"] == "false"
    assert "h1v1h-1z" not in at.get("plotly_chart")[0].proto.spec
    others = ("norm=linf&attack=fgsm", "norm=l0&attack=spatial")
    assert [open_app(f"/attack?data=digits&{other}").get("toggle")[0].key for other in others] == ["transfer"] * 2


def test_the_stage_that_broke_it_is_named(open_app: Open) -> None:
    at = open_app("/attack?data=toy&eps=240&attack=apgd_cascade&apgd_cascade_steps=5")
    words = at.words
    assert "APGD-CE broke it with 6 forward passes; APGD-T was not needed." in words


def test_a_budget_that_is_not_looked_at_says_so(open_app: Open) -> None:
    at = open_app("/attack?data=digits&attack=spatial")
    assert "does not look at it: it keeps to its own limits (rotation 30, " in " ".join(c.value for c in at.caption)
    assert "does not look" not in " ".join(c.value for c in open_app("/attack?data=digits&attack=fgsm").caption)


def test_every_attack_can_be_seen_in_the_chooser(open_app: Open) -> None:
    at = open_app("/attack?data=toy")
    assert sorted(offered(opened(at))) == sorted(ATTACKS)
    assert serving.stand_in("digits", "l0") not in ("pgd", "noise")  # what sees more comes first


def damaged(seed: int) -> tuple[str, bytes, str]:
    """Return a picture as a file of which some bytes are changed, cut out or put in."""
    rng = random.Random(seed)
    kind = rng.choice(["png", "jpeg", "webp"])
    file = io.BytesIO()
    pixels = np.random.default_rng(seed).integers(0, 256, (rng.randint(1, 40), rng.randint(1, 40), 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, kind)
    raw = bytearray(file.getvalue())
    for _ in range(rng.randint(1, 8)):
        place, count = rng.randrange(len(raw)), rng.choice([0, 1, 1, 4, len(raw) // 2])
        raw[place : place + count] = rng.randbytes(rng.choice([0, 1, count]))
    return f"picture.{kind}", bytes(raw), f"image/{kind}"


def test_no_damaged_picture_breaks_the_page(open_app: Open) -> None:
    at = open_app("/attack?data=digits&attack=fgsm")
    assert at.file_uploader(key="file").proto.max_upload_size_mb == upload.MEGABYTES
    refused = 0
    for seed in range(10 * FUZZ):
        at.file_uploader(key="file").set_value(damaged(seed)).run()
        assert not at.exception
        assert not at.error
        assert len(at.get("plotly_chart")) == 2
        for warning in at.warning:
            assert warning.value.endswith(("\\.", "."))
            refused += 1
    assert refused > 0


def test_the_query_of_an_address_is_what_the_browser_sends() -> None:
    request = default("toy").with_(eps=90, seed=3)
    assert dict(parse_qsl(urlsplit(request.address()).query)) == request.query()


def test_an_imported_model_is_in_the_list_of_who_has_its_name(open_app: Open) -> None:
    at = open_app("/attack?data=toy")  # sets the cache's place
    card = {
        "title": "mine",
        "data": "toy",
        "shape": [2],
        "classes": ["blue", "orange"],
        "architecture": "mlp",
        "network": {},
        "parameters": 1,
        "kind": "ONNX by pytorch 2.13.0",
        "output": "logits",
        "normalisation": {"name": "unit"},
        "measured": {"clean": {"hits": 9, "n": 10}},
    }
    name = own.write(card, build("mlp", (2,), 2, {}, rng=generator(0)).state_dict())
    assert name not in at.selectbox(key="b").options
    at = open_app(f"/attack?data=toy&b={name}")
    assert not at.exception
    assert not at.warning
    assert at.selectbox(key="b").value == name
    text = " ".join(markdown.value for markdown in at.markdown)
    assert "Imported from ONNX by pytorch 2.13.0" in text
    assert "90.0% (n = 10" in text
    again = open_app("/attack?data=toy&b=own-0123456789ab")
    assert "is not on this machine" in again.warning[0].value
    assert again.selectbox(key="b").value == "toy-pgd"
    robust = open_app(f"/robustness?data=toy&more={name}&n=10")
    assert not robust.exception


def test_a_model_of_a_study_is_in_the_list_where_the_address_names_it(open_app: Open) -> None:
    name = "mnist-pas-400-0"
    at = open_app("/attack?data=mnist&attack=fgsm")
    assert not [option for option in at.selectbox(key="a").options if "eps 0.4" in option]
    at = open_app(f"/attack?data=mnist&attack=fgsm&a={name}")
    assert not at.exception
    assert not at.warning
    assert at.selectbox(key="a").value == name
    assert [option for option in at.selectbox(key="a").options if "eps 0.4" in option] == [
        "pas-400-0 — eps 0.4, PAS with a cosine (seed 0)"
    ]
    other = open_app(f"/attack?data=digits&a={name}")
    assert "is a model of mnist, not of digits" in other.warning[0].value
    assert other.selectbox(key="a").value == "digits-standard"


def test_the_comparison_has_every_attack_of_the_norm_and_is_open_by_its_address(open_app: Open) -> None:
    closed = open_app("/attack?data=toy")
    assert [one.proto.expanded for one in closed.expander if "Compare" in one.label] == [False]
    at = open_app("/attack?data=toy&compare=true")
    assert [one.proto.expanded for one in at.expander if "Compare" in one.label] == [True]
    titles = {ATTACKS[name].title for name in ATTACKS if "linf" in norms_of("toy", name)}
    while len(at.dataframe[0].value) < len(titles):  # a few more arrive at each look
        before = len(at.dataframe[0].value)
        assert len(at.run().dataframe[0].value) > before
    assert set(at.dataframe[0].value["attack"]) == titles
    assert json.loads(at.dataframe[0].proto.columns)["attack"]["width"] == compare.TITLE  # however long a title is


def test_the_comparison_marks_the_attack_at_settings_of_the_person_s_own(open_app: Open) -> None:
    at = open_app("/attack?data=toy&compare=true&pgd_steps=7")
    named = f"{ATTACKS['pgd'].title} (your settings)"
    for _ in range(30):
        if named in set(at.dataframe[0].value["attack"]):
            break
        at.run()
    assert [title for title in at.dataframe[0].value["attack"] if "your settings" in title] == [named]
    assert any("at your settings, every other at its usual ones" in caption.value for caption in at.caption)
