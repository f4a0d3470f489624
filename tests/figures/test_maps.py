"""Maps and accounts as figures: what is where, on which scale, and what is said of it."""

import csv
import io
from dataclasses import replace

import numpy as np
import plotly.io as pio
import pytest

from explorer.core.results import Accounts, Ledger, Look, Looks, MovedLook, Refused, Saliency, Shares
from explorer.figures import accounts, looks, maps, moved, owed
from explorer.figures.coordinates import coordinates
from explorer.figures.export import html, linked
from explorer.figures.saliency import told
from explorer.figures.setting import Setting
from explorer.figures.sight import Sight

SHOW = {"scale": "both", "map": "signed", "clip": 100.0, "overlay": 0}
SETTING = Setting(("<cat>", "dog"), ("standard", "robust"), "linf", 8, 255)
SIGHT = Sight(SETTING, {"one": "Method one", "two": "Method two"}, "one", "two", "logit", SHOW)


def saliency(values, **more):
    facts = {
        "maps": np.asarray(values, np.float32)[None],
        "signed": True,
        "logits": np.array([[2.0, 1.0]], np.float32),
        "kind": "logit",
        "labels": np.array([0]),
        "against": None,
        "promised": None,
        "seconds": 0.1,
    }
    return Saliency(**facts | more)


RNG = np.random.default_rng(0)
X = RNG.random((1, 3, 4, 5)).astype(np.float32)
A, B = (RNG.normal(size=(3, 4, 5)).astype(np.float32) * size for size in (1, 10))
PAIR = Looks({"one": Look(0, X, saliency(A), saliency(B)), "two": Look(0, X, saliency(B), Refused("No <rule> here."))})


def seen(**changes):
    return replace(SIGHT, show=SHOW | changes)


def heat(figure):
    return [trace for trace in figure.data if trace.type == "heatmap" and trace.meta == "linked"]


@pytest.mark.parametrize("scale", ["each", "both", "all"])
def test_maps_share_the_scale_that_is_chosen(scale):
    one_a, one_b, two_a = (trace.zmax for trace in heat(maps.maps(PAIR, seen(scale=scale))))
    a, b = (float(np.abs(values.sum(0)).max()) for values in (A, B))
    expected = {"each": (a, b, b), "both": (b, b, b), "all": (b, b, b)}[scale]
    assert (one_a, one_b, two_a) == pytest.approx(expected)


def test_signed_maps_run_about_nothing_and_sizes_from_it():
    signed, size = (heat(maps.maps(PAIR, seen(map=kind)))[0] for kind in ("signed", "size"))
    assert signed.zmin == -signed.zmax
    assert dict(signed.colorscale)[0.5] == "#f2f2f2"
    np.testing.assert_allclose(signed.z, A.sum(0), rtol=1e-5)
    assert size.zmin == 0
    np.testing.assert_allclose(size.z, np.abs(A).sum(0), rtol=1e-5)
    unsigned = Looks({"one": Look(0, X, saliency(abs(A), signed=False), saliency(B))})
    first, second = heat(maps.maps(unsigned, SIGHT))
    assert (first.zmin, second.zmin) == (0, -second.zmax)


def test_the_colours_end_at_the_percentile_that_is_printed():
    trace = heat(maps.maps(PAIR, seen(clip=50.0, scale="each")))[0]
    assert trace.zmax == pytest.approx(np.percentile(np.abs(A.sum(0)), 50))
    assert "percentile 50 of each map's own sizes" in told(PAIR, seen(clip=50.0, scale="each"))[0]


def test_a_map_that_is_pale_on_one_scale_is_told():
    assert any("a scale for each shows its pattern" in line for line in told(PAIR, SIGHT))
    assert not any("a scale for each" in line for line in told(PAIR, seen(scale="each")))


def test_the_picture_shows_through_as_far_as_is_chosen():
    bare, through = (maps.maps(PAIR, seen(overlay=overlay)) for overlay in (0, 40))
    assert {trace.opacity for trace in heat(bare)} == {1.0}
    assert {trace.opacity for trace in heat(through)} == {0.6}
    assert len(bare.layout.images) == 2  # the picture in each row
    assert len(through.layout.images) == 2 + 3


def test_a_method_that_cannot_be_had_is_a_sentence_where_its_map_would_be():
    figure = maps.maps(PAIR, SIGHT)
    assert len(heat(figure)) == 3
    assert any(note.text == "No &lt;rule&gt; here." for note in figure.layout.annotations)
    assert "Method two, robust model: No <rule> here." in told(PAIR, SIGHT)


def test_what_is_explained_stands_above_each_map():
    loss = Looks({"one": Look(0, X, saliency(A, kind="loss"), saliency(B, kind="difference", against=np.array([1])))})
    texts = " ".join(note.text for note in maps.maps(loss, SIGHT).layout.annotations)
    assert "Method one of the loss of &#x27;&lt;cat&gt;&#x27;" in texts or "the loss of '&lt;cat&gt;'" in texts
    assert "'&lt;cat&gt;' less 'dog'" in texts
    assert "orange raises, blue lowers" in told(loss, SIGHT)[0]


def test_a_promised_sum_is_held_against_the_map():
    kept = Looks({"one": Look(0, X, saliency(A, promised=np.array([A.sum() + 0.5])), saliency(np.zeros_like(A)))})
    words = told(kept, SIGHT)
    assert any("a completeness error of −0.5." in line for line in words)
    assert any("one of the two maps is flat" in line for line in words)
    assert heat(maps.maps(kept, seen(scale="each")))[1].zmax == 1  # nothing to be scaled


def test_every_figure_is_a_page_of_its_own_with_the_cursor_where_there_are_maps():
    figure = maps.maps(PAIR, SIGHT)
    assert linked(figure)
    page = html(figure, "t", "n").decode()
    assert "link(document.body, about, true)" in page
    points = Look(0, X[0, 0, :1, :2], saliency([1.0, 2.0]), Refused("No."))
    bars = coordinates(Looks({"one": points}), SIGHT)
    assert not linked(bars)
    assert "link(document.body, about, false)" in html(bars, "t", "n").decode()


def test_the_bars_of_a_point_are_its_two_values():
    points = Look(0, X[0, 0, :1, :2], saliency([1.0, -2.0]), saliency([3.0, 4.0]))
    first, second = coordinates(Looks({"one": points}), SIGHT).data
    assert (list(first.y), list(second.y)) == ([1.0, -2.0], [3.0, 4.0])


def test_the_table_has_every_value():
    rows = list(csv.DictReader(io.StringIO(looks.table(PAIR, SIGHT).decode())))
    assert len(rows) == 3 * 60 + 1
    cell = next(row for row in rows if (row["method"], row["model"], row["channel"], row["row"], row["column"])
                == ("one", "robust", "2", "3", "4"))  # fmt: skip
    assert float(cell["value"]) == pytest.approx(float(B[2, 3, 4]))


@pytest.fixture
def under_attack(make):
    view = make()
    a, b = (replace(found, path={}) for found in (view.a, view.b))
    shape = a.x.shape[1:]
    one, two = (RNG.normal(size=shape).astype(np.float32) for _ in range(2))
    clean = Look(0, a.x, saliency(one), saliency(two))
    return MovedLook(clean, a, b, saliency(-one), saliency(two))


def test_before_and_after_are_on_one_scale_and_compared(under_attack, setting):
    sight = replace(SIGHT, setting=setting)
    figure = moved.moved(under_attack, sight)
    assert len({trace.zmax for trace in heat(figure)}) == 1
    assert len(heat(figure)) == 4
    first, second, drawn = moved.told(under_attack, sight)
    assert "rank correlation of -1.00" in first
    assert "rank correlation of 1.00" in second
    assert "all maps' common sizes" in drawn


def accounts_of(cue, silhouette, n=40):
    spread = RNG.normal(size=n).astype(np.float32) * 0.1
    ground = np.zeros(n, np.float32)
    return Accounts(
        start=0,
        labels=np.zeros(n, np.int64),
        both=cue + silhouette + spread,
        silhouette=silhouette + spread,
        cue=cue + ground,
        neither=ground,
        swapped=silhouette - cue + spread,
        occluded=np.zeros(n, bool),
    )


def ledger(first, second, shares=None):
    return Ledger({"shapes-standard": first, "shapes-pgd": second}, shares or {})


@pytest.mark.parametrize(
    ("first", "second", "sentence"),
    [
        ((9.0, 1.0), (0.1, 9.0), "more than the robust model, as the theory of non-robust features says"),
        ((0.1, 9.0), (9.0, 1.0), "more than the standard model: not what the theory"),
        ((5.0, 5.0), (5.0, 5.0), "The two intervals overlap"),
        ((0.0, 0.0), (5.0, 5.0), "There is nothing to compare"),
    ],
)
def test_the_page_says_whether_the_theory_holds(first, second, sentence):
    found = owed.told(ledger(accounts_of(*first), accounts_of(*second)), SIGHT)
    assert any(sentence in line for line in found)


def test_shares_of_margin_and_map_are_marks_with_intervals():
    n = 40
    shares = Shares(
        mass=np.r_[np.zeros(2), np.ones(n - 2)].astype(np.float32),
        silhouette=RNG.random(n).astype(np.float32),
        field=RNG.random(n).astype(np.float32),
        cue=RNG.normal(size=n).astype(np.float32) / 10,
        area=np.full(n, 0.2, np.float32),
        field_area=np.full(n, 0.7, np.float32),
    )
    found = ledger(
        accounts_of(9.0, 1.0), accounts_of(0.1, 9.0), {"shapes-standard": shares, "shapes-pgd": Refused("No.")}
    )
    figure = accounts.accounts(found, SIGHT)
    assert [trace.type for trace in figure.data].count("bar") == 2
    first = next(trace for trace in figure.data if trace.type == "scatter")
    assert first.x[0] == pytest.approx(0.9, abs=0.02)
    assert len(first.x) == 5
    words = owed.told(found, SIGHT)
    assert any("2 maps are zero everywhere and left out" in line for line in words)
    assert any("Method one, robust model: No." in line for line in words)
    rows = list(csv.DictReader(io.StringIO(owed.table(found).decode())))
    assert len(rows) == 2 * n
    assert rows[0]["margin, cue swapped"] == str(float(found.accounts["shapes-standard"].swapped[0]))


@pytest.mark.parametrize("dark", [False, True])
def test_figures_can_be_written(dark):
    for figure in (
        maps.maps(PAIR, SIGHT, dark=dark),
        accounts.accounts(ledger(accounts_of(9.0, 1.0), accounts_of(0.1, 9.0)), SIGHT, dark=dark),
    ):
        assert pio.to_json(figure)
