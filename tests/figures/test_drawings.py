"""Drawings as rows of small pictures, their words and their table; results made by hand."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Drawings, Drawn, Refused, Versions
from explorer.figures import drawings, versions
from explorer.figures.drawn import snippet, table
from explorer.figures.saliency import told
from explorer.figures.sight import Sight
from explorer.figures.strips import Mark, Strip, strips
from explorer.figures.style import DARK, LIGHT


@pytest.fixture
def sight(setting) -> Sight:
    return Sight(setting, {}, "gradient", "", "logit", {})


def drawn(count=3, *, sees=(0, 1, 2), sought=(0, 1, 2), distance=1.0) -> Drawn:
    logits = np.full((count, 3), -1.0, np.float32)
    logits[np.arange(count), list(sees)[:count]] = 3.0
    values = np.arange(1.0, count + 1, dtype=np.float32)
    x = np.full((count, 1, 4, 4), 0.5, np.float32)
    lengths = np.full(count, distance, np.float32)
    return Drawn(x, np.array(sought[:count]), values, values / 4, logits, logits * 0, lengths, 0.1)


def both(what="classes", count=3, **changes) -> Drawings:
    start = np.zeros((count, 1, 4, 4), np.float32)
    begun, origin = ("several", [-1, -1, 2]) if what == "inversion" else ("average", [-1] * 3)
    a, b = drawn(count, sees=(0, 1, 0)), drawn(count)
    found = Drawings(
        what, 1, start[:1] + 0.2, begun, start, np.array(origin[:count]), 2.0, 0.1, 40, a, b, a.logits, b.logits
    )
    return replace(found, **changes)


def words(figure) -> str:
    return " ".join(note.text for note in figure.layout.annotations)


@pytest.mark.parametrize("dark", [False, True])
def test_classes_stand_in_rows_with_what_each_model_sees(sight, dark):
    figure = drawings.drawings(both(), sight, dark=dark)
    assert len(figure.layout.images) == 1 + 3 + 3  # one start serves all
    text = words(figure)
    assert "40 steps of ℓ2 length 0.1, within ℓ2 ≤ 2" in text
    assert "● A · standard" in text
    assert "◆ B · robust" in text
    assert text.count("✗ cat") == 1
    assert text.count("✓") == 5
    colours = DARK if dark else LIGHT
    assert {trace.xaxis for trace in figure.data} == {"x", "x2", "x3"}
    assert colours.models[0] in {note.font.color for note in figure.layout.annotations}


def test_starts_that_differ_are_all_shown(sight):
    start = np.linspace(0, 1, 48, dtype=np.float32).reshape(3, 1, 4, 4)
    figure = drawings.drawings(both(start=start, begun="class"), sight)
    assert len(figure.layout.images) == 9
    assert "which knows the class" in words(figure)


def test_an_inversion_shows_the_picture_and_each_start_above_what_became_of_it(sight):
    figure = drawings.drawings(both("inversion"), sight)
    assert [image.x for image in figure.layout.images][4:] == [pytest.approx(j + 0.03) for j in (1, 2, 3, 1, 2, 3)]
    text = words(figure)
    assert "picture: dog" in text
    assert "average" in text
    assert "noise" in text
    assert "left: 25 %" in text


def test_units_of_a_small_network_are_fewer(sight):
    a = drawn(2, sought=(7, 5))
    figure = drawings.drawings(both("units", a=a, other_b=a.logits), sight)
    text = words(figure)
    assert "unit 7" in text
    assert "1.0 → 0.25" in text
    assert len(figure.layout.images) == 2 + 2 + 3  # start and picture, two units, three


def test_a_refusal_stands_in_the_place_of_drawings(sight):
    found = both(a=Refused("No <such> layer."), other_b=None)
    assert "No &lt;such&gt; layer." in words(drawings.drawings(found, sight))
    assert any("No <such> layer." in line for line in told(found, sight))


def test_sentences_tell_budget_and_hits(sight):
    first, a, b = told(both(), sight)
    assert first == (
        "Each drawing takes 40 steps of ℓ2 length 0.1 and keeps within ℓ2 2 of its start (0.5 of the range from "
        "black to white per value, in root mean square)."
    )
    assert (
        a
        == "In what the standard model drew, it sees the wanted class itself in 2 of 3; the robust model sees it in 3."
    )
    assert b.endswith("it sees the wanted class itself in 3 of 3; the standard model sees it in 2.")


def test_sentences_tell_what_stood_still_and_what_is_left(sight):
    still = drawn(distance=0.0)
    assert told(both(b=still, other_a=still.logits), sight)[2].endswith("3 of 3 came no further than where they began.")
    assert "falls from 1–3 to 0.25–0.75, in lengths" in told(both("inversion"), sight)[1]
    assert "units 0, 1, 2 rise from 1–3 to 0.25–0.75." in told(both("units"), sight)[1]


@pytest.fixture
def pair() -> Versions:
    robust = both("inversion", 1, origin=np.array([2]))
    return Versions(robust, both("classes", 1))


@pytest.mark.parametrize("dark", [False, True])
def test_versions_name_their_labels_and_what_both_models_say(sight, pair, dark):
    text = words(versions.versions(pair, sight, dark=dark))
    assert "<b>Robust version</b>, labelled 'dog'" in text
    assert "<b>Non-robust version</b>, labelled 'cat'" in text
    assert "start: eel" in text
    assert text.count("● A: cat") == 4
    assert "A's change × " in text
    assert len(told(pair, sight)) == 4
    assert "labelled 'dog': 25 % of the distance in representation is left." in told(pair, sight)[0]


def test_an_upload_without_a_label_is_called_what_model_a_sees(sight, pair):
    unsaid = Versions(replace(pair.robust, label=-1), replace(pair.relabelled, label=-1))
    assert "labelled 'cat'" in told(unsaid, sight)[0]
    assert "picture: " not in words(versions.versions(unsaid, sight))


def test_the_table_has_every_number(sight, pair):
    rows = list(csv.DictReader(io.StringIO(table(both(), sight).decode())))
    pixels = [row for row in rows if row["quantity"] == "pixel"]
    assert len(pixels) == 3 * 3 * 16
    assert {row["model"] for row in pixels} == {"start", "standard", "robust"}
    (hit,) = [r for r in rows if (r["model"], r["drawing"], r["quantity"]) == ("robust", "1", "distance")]
    assert float(hit["value"]) == 1.0
    names = {row["drawings"] for row in csv.DictReader(io.StringIO(table(pair, sight).decode()))}
    assert names == {"robust version", "non-robust version"}


def test_the_snippet_runs_its_address_and_prints_what_was_reached(pair, monkeypatch, capsys):
    address, asked = "/saliency?view=drawn&x='\"\n", []
    results = iter([both(b=Refused("Not this one.")), pair])
    monkeypatch.setattr("explorer.run", lambda given: asked.append(given) or next(results))
    for _ in range(2):
        exec(compile(snippet(address), "snippet", "exec"), {})
    one, two, *versions_ = capsys.readouterr().out.splitlines()
    assert asked == [address, address]
    assert one == "classes, model A: (3, 1, 4, 4), [1. 2. 3.] -> [0.25 0.5  0.75]"
    assert two == "classes, model B: Not this one."
    assert len(versions_) == 4


def test_strips_keep_columns_aligned_and_pictures_square():
    mark = Mark(np.zeros((3, 2, 2), np.float32), hover="black")
    figure = strips([Strip("one", [None, mark]), Strip("two", [mark, mark, mark])])
    assert [tuple(figure.layout[name].range) for name in ("xaxis", "xaxis2")] == [(0, 3), (0, 3)]
    assert figure.layout.yaxis.scaleanchor == "x"
    assert list(figure.data[0].text) == ["black"]
    assert list(figure.data[0].x) == [1.5]
