"""Margins by frequency that are known: what is drawn of them, and what is said."""

from types import SimpleNamespace

import numpy as np
import pytest

from explorer.core.results import BandMargins, Bands
from explorer.figures.banded import compared, middles, snippet, table, told
from explorer.figures.bands import bands
from explorer.figures.geometry import told as page_told
from explorer.figures.setting import Setting

SETTING = Setting(tuple("0123456789"), ("standard", "robust"), "linf", 150, 1000)
SWARM, BOX = {"band_marks": "swarm"}, {"band_marks": "box"}
RISING = np.array([1.0, 1.5, 2.0, 4.0])


def made(profile, n=60, spread=0.1, seed=0, missing=()):
    """Return margins that lie around a profile, apart from those that were not found."""
    rng = np.random.default_rng(seed)
    margins = (np.asarray(profile) * np.exp(rng.normal(0, spread, (n, len(profile))))).astype(np.float32)
    for picture, band in missing:
        margins[picture, band] = np.inf
    reached = np.where(np.isfinite(margins), 1, -1)
    return BandMargins(np.arange(len(profile)), 3, margins, reached, np.zeros(n, np.int64))


def pair(a, b, kinds=("", ""), recipes=("standard", "pgd")):
    names = ("one", "two")
    places = np.arange(100, 100 + len(a.labels))
    return Bands(places, *(dict(zip(names, some, strict=True)) for some in ((a, b), kinds, recipes)))


@pytest.fixture
def some():
    return SimpleNamespace(
        rising=made(RISING), falling=made(RISING[::-1], seed=1), flat=made([2.0, 2.1, 2.2, 2.4], seed=2)
    )


def test_a_mirror_image_is_told_from_a_likeness(some):
    mirrored, alike = compared(some.rising, some.falling), compared(some.rising, made(3 * RISING, seed=3))
    assert mirrored.turned.value == alike.alike.value == 1
    assert mirrored.alike.value == alike.turned.value == -1
    assert mirrored.leads.interval[0] > 0 > alike.leads.interval[1]


def test_a_profile_s_span_is_the_farthest_median_over_the_nearest(some):
    found = compared(some.rising, some.flat)
    assert found.spans[0].value == pytest.approx(4, rel=0.1)
    assert found.spans[0].interval[0] < 4 < found.spans[0].interval[1]
    assert found.flatter.interval[0] > 1
    assert compared(some.flat, some.rising).flatter.interval[1] < 1


def test_the_span_s_interval_holds_the_truth_in_most_draws():
    inside = [compared(made(RISING, 40, seed=s), made(RISING, 40, seed=s + 500)).spans[0].interval for s in range(60)]
    assert np.mean([low <= 4 <= high for low, high in inside]) > 0.85


def test_the_flipped_model_s_mirror_image_is_as_published(some):
    flipped = pair(some.rising, some.falling, ("", "frequencies flipped"), ("standard", "standard"))
    (line,) = (line for line in told(flipped, SETTING, {}) if "mirror image" in line)
    assert "as published, margins follow the frequencies of the data" in line
    contrary = pair(some.rising, made(RISING, seed=5), ("", "frequencies flipped"), ("standard", "standard"))
    (line,) = (line for line in told(contrary, SETTING, {}) if "other than published" in line)
    assert "runs as that of one does" in line


@pytest.mark.parametrize(
    ("profile", "words"),
    [
        ([2.0, 2.1, 2.2, 2.4], "two is the flatter one, as published of adversarial training"),
        ([1.0, 2.0, 4.0, 8.0], "two is the steeper one, other than published of adversarial training"),
        ([1.0, 1.5, 2.0, 4.0], "these pictures do not tell which is flatter"),
    ],
)
def test_flatness_is_told_with_what_theory_expects(some, profile, words):
    lines = told(pair(some.rising, made(profile, seed=4)), SETTING, {})
    assert any(words in line for line in lines)


@pytest.mark.parametrize("recipe", ["", "path_norm", "binary_subnet"])
def test_a_recipe_that_is_not_adversarial_has_no_flatness_to_be_expected(some, recipe):
    lines = told(pair(some.rising, some.flat, recipes=("standard", recipe)), SETTING, {})
    assert any("two is the flatter one." in line for line in lines)
    assert "adversarial training" not in " ".join(lines)


def test_what_the_low_frequencies_alone_teach_is_expected_to_be_steep(some):
    steep = pair(some.flat, some.rising, ("", "frequencies lowpass"), ("standard", "standard"))
    assert any("steeper one, as expected" in line for line in told(steep, SETTING, {}))


def test_nearest_and_farthest_are_named_with_n_and_interval(some):
    line = told(pair(some.rising, some.falling), SETTING, {})[0]
    first, *_, last = middles(some.rising)
    low, high = (f"{1000 * end:,.4g}" for end in first.interval)
    assert f"n = 60: median distance to the boundary, nearest in frequencies 0 to 2: {1000 * first.value:,.4g}" in line
    assert f"(95 % interval {low} to {high})" in line
    assert f"farthest in frequencies 3 to 5: {1000 * last.value:,.4g}/1000" in line
    assert "did not arrive" not in line


def test_in_how_many_bands_a_model_is_farther(some):
    lines = told(pair(some.rising, made(RISING * [3, 1, 1, 0.3], seed=6)), SETTING, {})
    words = (
        "Of 4 bands the median of two is the larger one in 1, the smaller one in 1; in 2 its interval overlaps that of"
    )
    assert lines[-1].endswith(f"{words} one.")


def test_what_was_not_found_counts_as_farther_and_is_marked():
    found = made(RISING, missing=[(0, 1), (5, 1), (7, 3)])
    known, all_found = middles(found), middles(made(RISING))
    assert [middle.n for middle in known] == [60] * 4
    assert known[1].value == np.median(found.margins[:, 1]) > all_found[1].value
    lines = told(pair(found, made(RISING, seed=1)), SETTING, {})
    assert "3 searches of 240 did not arrive: those margins count as farther than what was searched." in lines[0]
    figure = bands(pair(found, made(RISING, seed=1)), SETTING, SWARM)
    assert {"✕2", "✕1"} <= {note.text for note in figure.layout.annotations}
    medians = next(trace for trace in figure.data if trace.name == "A one")
    assert list(medians.marker.symbol) == ["circle", "circle-open", "circle", "circle-open"]


def test_a_band_in_which_nothing_was_found_is_left_out_of_all_claims():
    found = made(RISING, missing=[(i, 3) for i in range(60)])
    assert middles(found)[3].value == np.inf
    profile = compared(found, made(RISING, seed=1))
    assert profile.turned is None  # two bands are left that both have, the other way round too
    assert profile.spans[0].value == pytest.approx(2, rel=0.1)
    never = made(RISING, missing=[(i, band) for i in range(60) for band in range(4)])
    assert compared(never, found) is None
    assert "in no band did half of the searches arrive" in told(pair(never, found), SETTING, {})[0]
    bands(pair(never, never), SETTING, SWARM)


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("show", [SWARM, BOX])
def test_the_figure_holds_each_picture_s_distance_in_the_data_s_unit(some, show, dark):
    figure = bands(pair(some.rising, some.falling), SETTING, show, dark=dark)
    medians = [trace for trace in figure.data if trace.type == "scatter" and trace.mode == "lines+markers"]
    for trace, found in zip(medians, (some.rising, some.falling), strict=True):
        np.testing.assert_allclose(trace.y, 1000 * np.median(found.margins, 0), rtol=1e-3)
    assert len(figure.layout.images) == 4
    assert figure.layout.yaxis.type == "log"
    if show is SWARM:
        points = next(trace for trace in figure.data if trace.mode == "markers")
        assert sorted(size for _, size in points.customdata) == pytest.approx(
            sorted(1000 * some.rising.margins.ravel()), rel=1e-3
        )
        top = figure.layout.yaxis.range[1]
        assert max(points.y) < 10**top


def test_other_pictures_than_they_are_are_named_in_the_legend(some):
    figure = bands(pair(some.rising, some.falling, ("", "frequencies flipped")), SETTING, SWARM)
    assert "B two (frequencies flipped)" in [trace.name for trace in figure.data]


def test_the_table_has_a_row_for_each_model_picture_and_band():
    found = made(RISING, n=3, missing=[(2, 0)])
    head, *rows = table(pair(found, found)).decode().splitlines()
    assert head.startswith("model,pictures,picture,answer,lowest frequency")
    assert len(rows) == 2 * 3 * 4
    assert rows[8] == "one,as they are,102,0,0,2,,-1"


def test_the_code_and_the_page_tell_the_same_result(some):
    compile(snippet("/boundary?view=bands"), "snippet", "exec")
    assert page_told(pair(some.rising, some.falling), SETTING, {})[0].startswith("one, n = 60")


def test_margins_of_other_bands_are_not_compared(some):
    with pytest.raises(ValueError, match="same bands"):
        pair(some.rising, made([1.0, 2.0]))


def test_an_inconclusive_profile_is_not_other_than_published(some):
    level = made([2.0, 2.0, 2.0, 2.0], n=20, spread=1.0, seed=7)
    flipped = pair(made(RISING, n=20), level, ("", "frequencies flipped"), ("standard", "standard"))
    (line,) = (line for line in told(flipped, SETTING, {}) if "neither clearly like" in line)
    assert "published" not in line


def test_what_was_not_found_is_beyond_what_was_searched():
    found = made(RISING, missing=[(i, 3) for i in range(29)])
    line = told(pair(found, made(RISING, seed=1)), SETTING, {})[0]
    assert "farthest in frequencies 3 to 5" in line
    assert "to beyond what was searched)" in line
    profile = compared(found, made(RISING, seed=1))
    assert profile.spans[0].interval[1] == np.inf
    assert profile.alike.value == 1
    for show in (SWARM, BOX):
        bands(pair(found, made(RISING, seed=1)), SETTING, show)


def test_a_picture_is_named_by_its_place_in_the_test_set(some):
    figure = bands(pair(some.rising, some.falling), SETTING, SWARM)
    points = next(trace for trace in figure.data if trace.mode == "markers")
    assert {place for place, _ in points.customdata} == set(range(100, 160))
