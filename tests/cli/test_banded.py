"""`explorer evaluate --bands`: margins by frequency as a table, as JSON, and into the cards."""

import json
import shutil

import numpy as np
import pytest

from explorer.core.assets import assets
from explorer.core.stats import Median
from explorer.data import load_data
from explorer.geometry.bands import band_margins
from explorer.models.zoo import card, load_model, zoo_names
from explorer.ui.shell import card_text


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """A source checkout with a copy of the zoo of this one."""
    folder = tmp_path / "checkout"
    shutil.copytree(assets() / "zoo", folder / "assets" / "zoo")
    monkeypatch.setattr("explorer.core.assets._PACKAGE", folder / "explorer")
    card.cache_clear()
    yield
    card.cache_clear()


def test_medians_are_those_of_the_margins_and_the_card_takes_them(call, copied):
    name, before = "digits-standard", card("digits-standard")
    status, out, _ = call("evaluate", name, "--bands", "--n", "30", "--record", "--json")
    assert status == 0
    ((bands),) = [one["bands"] for one in json.loads(out)["models"]]
    found = band_margins(load_model(name), load_data("digits").x[:30], size=3, count=8)
    assert (bands["n"], bands["width"], bands["starts"]) == (30, 3, found.starts.tolist())
    for band, (median, interval) in enumerate(zip(bands["medians"], bands["intervals"], strict=True)):
        known = Median.of(found.margins[:, band])
        np.testing.assert_allclose([median, *interval], [known.value, *known.interval], rtol=1e-3)
    assert card(name) == before | {"bands": bands}
    line = card_text(name).splitlines()[-1]
    assert line.startswith("- Median distance to the boundary in ℓ2 by frequencies, n = 30: lowest 0–2: ")
    assert f"highest 5–7: {bands['medians'][-1] * 1000:,.4g}/1000 (95 % interval" in line


def test_models_of_each_data_set_have_a_table_of_their_own(call):
    status, out, _ = call("evaluate", "digits-pgd", "digits-standard", "--bands", "--n", "12")
    assert status == 0
    head, _, *rows = out.splitlines()
    assert head == "| Model | 0–2 | 1–3 | 2–4 | 3–5 | 4–6 | 5–7 | n |"
    assert [row.split("|")[1].strip() for row in rows] == ["`digits-pgd`", "`digits-standard`"]
    assert rows[0].endswith("| 12 |")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["toy-pgd", "--bands"], "toy-pgd is a model of points, which have no frequencies."),
        (["digits-pgd", "--bands", "--cards"], "leave out --cards or --bands."),
        (["digits-pgd", "--bands", "--attack", "pgd"], "An attack is judged alone"),
        (["digits-pgd", "--bands", "--eps", "3"], "--eps goes with --attack: give one"),
    ],
)
def test_what_does_not_fit_is_one_sentence(call, given, words):
    status, out, err = call("evaluate", *given)
    assert (status, out) == (2, "")
    assert words in err


@pytest.mark.parametrize("data", ["digits", "mnist"])
def test_the_cards_tell_that_the_flipped_profile_mirrors_the_standard_one(data):
    """What the paper found, as it was measured of these models, n = 200."""
    profiles = {name: card(f"{data}-{name}")["bands"] for name in ("standard", "standard-flipped", "pgd")}
    assert all(bands["n"] == 200 and not any(bands["missing"]) for bands in profiles.values())
    (low, high), (turned_low, turned_high), _ = (
        (bands["intervals"][0], bands["intervals"][-1]) for bands in profiles.values()
    )
    assert low[1] < high[0]
    assert turned_high[1] < turned_low[0]
    assert all("bands" in card(name) for name in zoo_names(data))
