"""One picture's changes within bands that are known: drawn on one scale, told, written down."""

import re

import numpy as np
import pytest

from explorer.core.results import BandChange, BandChanges, BandMargins
from explorer.figures.geometry import told as page_told
from explorer.figures.setting import Setting
from explorer.figures.waved import snippet, table, waved

SETTING = Setting(("cat", "dog", "eel"), ("standard", "robust"), "linf", 60, 1000)


def change(margins, reached, scale=1.0):
    """Return changes of single pixels, as long as the margins say."""
    count = len(margins)
    delta = np.zeros((1, count, 1, 4, 4), np.float32)
    for band, size in enumerate(margins):
        delta[0, band, 0, 1, band] = size * scale if np.isfinite(size) else 0
    found = np.array([margins], np.float32), np.array([reached]), np.array([0])
    x = np.full((1, 4, 4), 0.5, np.float32)
    return BandChange(x, 1, BandMargins(np.arange(count), 2, *found, delta), scale)


@pytest.fixture
def result():
    one, two = change([0.4, 1.0, np.inf], [1, 2, -1]), change([2.0, 0.5, 0.25], [2, 2, 1], scale=0.25)
    return BandChanges(7, {"one": one, "two": two}, {"one": "", "two": "frequencies flipped"})


def test_the_shortest_and_the_longest_are_told_with_what_is_said_then(result):
    first, second = page_told(result, SETTING, {})
    assert first.startswith("one says “cat” of picture 7, class “dog”; the shortest change that turns it lies in")
    assert "frequencies 0 to 1: 400/1000, “dog” then; the longest change" in first
    assert "frequencies 1 to 2: 1,000/1000, “eel” then. In 1 band no change was found." in first
    assert "1 of the 2 changed pictures leave the values" in first
    assert second.startswith("two says “cat” of picture 7 with frequencies flipped, class “dog”")
    assert "leave the values" not in second


def test_a_band_s_changes_have_one_gain_on_both_models(result):
    notes = [note.text for note in waved(result, SETTING).layout.annotations]
    gains = [re.search("×(.*)", text).group(1) for text in notes if "×" in text]
    assert gains == ["0.25", "0.5", "2"] * 2  # half of the range over the larger change
    assert "not found" in notes
    assert any(text.startswith("<b>◆ B two</b>, frequencies flipped") for text in notes)
    assert len(waved(result, SETTING, dark=True).layout.images) == 2 + 3 + 2 + 3 + 3


def test_the_table_has_a_row_for_each_model_and_band(result):
    head, *rows = table(result).decode().splitlines()
    assert head.startswith("model,pictures,lowest frequency")
    assert rows[2] == "one,as they are,2,3,0,,-1"
    assert rows[5] == "two,frequencies flipped,2,3,0,0.25,1"
    compile(snippet("/boundary?view=bands&band_marks=changes"), "snippet", "exec")


def test_where_nothing_was_found_nothing_is_claimed():
    none = BandChanges(0, {"one": change([np.inf, np.inf], [-1, -1])}, {"one": ""})
    assert page_told(none, SETTING, {}) == ["one says “cat” of picture 0, class “dog”. In 2 bands no change was found."]
    waved(none, SETTING)


def test_changes_of_another_shape_are_refused():
    one = change([0.4], [1])
    with pytest.raises(ValueError, match="need its shape"):
        BandChange(np.zeros((3, 4, 4), np.float32), 1, one.margins, 1.0)
