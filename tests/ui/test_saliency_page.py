"""The Saliency page in process: addresses in, views out, never an exception."""

import json
import os
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from explorer.attribution import SALIENCY
from explorer.data import cifar10, mnist
from explorer.ui.state import markdown_free
from explorer.work.address import read_query
from explorer.work.local import run
from explorer.work.request import default


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until something is drawn."""
    return partial(open_script, "saliency")


def test_the_first_view_is_the_accounts_and_is_there_at_once(open_page):
    at = open_page("")
    assert not at.exception
    assert at.segmented_control(key="view").value == "accounts"
    assert "n = 1,000" in at.words
    assert "as the theory of non-robust features says" in at.words
    assert [trace["type"] for trace in at.figure["data"]].count("bar") == 2


def test_a_data_set_without_ground_truth_begins_with_the_maps(open_page):
    at = open_page("data=digits")
    assert not at.exception
    assert at.segmented_control(key="view").value == "maps"
    assert "Accounts" not in at.segmented_control(key="view").options


OWN = Path(os.environ.get("EXPLORER_DATA", ""))
DATA_SETS = [
    "toy",
    "digits",
    "shapes",
    *(
        pytest.param(name, marks=pytest.mark.skipif(not (OWN / folder).is_dir(), reason=f"EXPLORER_DATA has no {name}"))
        for name, folder in (("mnist", mnist.SOURCE.folder), ("cifar10", cifar10.SOURCE.folder))
    ),
]


@pytest.mark.parametrize("name", DATA_SETS)
def test_every_method_on_every_data_set_gives_maps_or_sentences(open_page, name):
    costly = {"occlusion_stride": "4", "occlusion_window": "4", "ablation_cells": "4"}
    at = open_page(f"data={name}&view=maps")
    for method in sorted(SALIENCY):
        few = {f"{method}_samples": "2", f"{method}_steps": "4"} | costly
        for knob, value in few.items():
            if knob.removeprefix(f"{method}_") in SALIENCY[method].knobs:
                at.query_params[knob] = value
        at.query_params["method"] = method
        at.run()
        assert not at.exception, method
        assert not at.error, method
        assert at.figure["data"], method
        at.query_params.clear()
        at.query_params.update({"data": name, "view": "maps"})


def test_controls_write_the_address_and_the_address_sets_the_controls(open_page):
    at = open_page("data=digits&view=maps")
    at.selectbox(key="method").set_value("smoothgrad").run()
    at.slider(key="smoothgrad_samples").set_value(5).run()
    at.selectbox(key="score").set_value("difference").run()
    at.selectbox(key="explained").set_value("7").run()
    at.selectbox(key="against").set_value("3").run()
    at.selectbox(key="second").set_value("gradient").run()
    at.segmented_control(key="scale").set_value("all").run()
    at.slider(key="overlay").set_value(40).run()
    expected = {
        "data": "digits", "view": "maps", "method": "smoothgrad", "smoothgrad_samples": "5", "score": "difference",
        "explained": "7", "against": "3", "second": "gradient", "scale": "all", "overlay": "40",
    }  # fmt: skip
    assert at.query == expected
    assert not at.warning
    again = open_page("&".join(f"{name}={value}" for name, value in expected.items()))
    assert again.figure == at.figure
    assert again.slider(key="smoothgrad_samples").value == 5


def test_the_second_method_makes_way_for_the_first(open_page):
    at = open_page("data=digits&view=maps&second=smoothgrad")
    at.selectbox(key="method").set_value("smoothgrad").run()
    assert at.query == {"data": "digits", "view": "maps", "method": "smoothgrad"}
    assert not at.warning


def test_a_method_that_cannot_be_had_is_a_sentence_in_the_place_of_its_map(open_page):
    at = open_page("data=digits&view=maps&method=lrp&score=loss")
    assert not at.error
    assert "has no rule for the loss: choose a class" in at.words
    assert "no rule for" in json.dumps(at.figure["layout"]["annotations"])


@pytest.mark.parametrize("name", ["digits", "toy"])
def test_under_attack_says_what_run_says(open_page, name):
    at = open_page(f"data={name}&view=attacked&attack=fgsm")
    assert not at.exception
    found = run(f"/saliency?data={name}&view=attacked&attack=fgsm")
    moved = found.a.logits.argmax() != found.a.logits_adv.argmax()
    assert ("became" in at.words) == (moved or found.b.logits.argmax() != found.b.logits_adv.argmax())
    assert "The standard model, moved by ℓ∞" in at.words


def test_another_data_set_keeps_the_method_and_forgets_the_class(open_page):
    at = open_page("data=digits&view=maps&method=vargrad&vargrad_samples=5&explained=3")
    at.selectbox(key="data").set_value("toy").run()
    assert not at.exception
    assert at.query == {"data": "toy", "view": "maps", "method": "vargrad", "vargrad_samples": "5"}


RIGHT = {  # values that an address may have
    "view": ["maps", "attacked", "accounts"],
    "method": ["gradient", "lrp", "grad_cam", "smoothgrad"],
    "second": ["gradient_input", "gradient"],
    "score": ["difference", "loss"],
    "explained": ["blue", "answer"],
    "against": ["blue", "orange"],
    "index": ["0", "299"],
    "attack": ["fgsm"],
    "clip": ["50", "100"],
    "scale": ["each", "all"],
    "map": ["size"],
    "smoothgrad_samples": ["2"],
}
texts = some.text(max_size=12)
right = some.sampled_from([(name, value) for name, values in RIGHT.items() for value in values])
wrong = some.tuples(some.one_of(some.sampled_from([*RIGHT, "n", "smoothgrad_sample"]), texts), texts)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.one_of(right, wrong), max_size=4).map(dict))
def test_no_address_breaks_the_page(open_page, chosen):
    asked = chosen | {"data": "toy"}
    if chosen.get("view") in ("drawn", "measures"):
        return  # what they take is too long here
    at = open_page(asked)
    assert not at.exception
    assert not at.error
    assert len(at.get("plotly_chart")) == 1
    request, problems = read_query("saliency", asked)
    assert all(markdown_free(problem) for problem in problems)
    assert request.data == default("toy").data
