"""Numbers, sentences and figures of the local geometry, from normals made by hand."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest

from explorer.core.results import Curvature, Linearity, Locality, Nearby, Normals, Spectrum
from explorer.core.stats import Mean
from explorer.figures.forest import cell
from explorer.figures.likeness import quantities, ratio
from explorer.figures.locality import locality
from explorer.figures.nearness import counted, follows, snippet, table, told
from explorer.figures.setting import Setting
from explorer.figures.thesis import claim
from explorer.geometry.likeness import MEASURES, averages, beyond_shared, kinds

N, D = 40, 16
SETTING = Setting(("cat", "dog"), ("weak", "strong"), "linf", 8, 255)
NAMES = {"a": "weak", "b": "strong"}
FACETS = ("summary", "cosines", "spectrum", "curvature", "linearity")


def nearby(away, distance, bend=1.0):
    n = len(away)
    labels, found = np.zeros(n, int), away.any(1)
    far = np.where(found, distance, np.nan).astype(np.float32)
    one = Normals(labels, labels + 1, found, far, away.astype(np.float32))
    noise = np.linspace(0.9, 1.1, n)
    return Nearby(one, Curvature(-0.5 * noise, bend * noise, -2 * bend * noise, 0.1))


def waiting(found):
    """Return a result of which no two pictures are compared yet."""
    none = Spectrum(np.zeros(0))
    return replace(
        found,
        near=np.zeros((0, 0), bool),
        live=np.zeros(0, bool),
        cosines={},
        means={},
        spectra={},
        scattered={},
        random=none,
    )


def unit(rng, size=(N, D)):
    ways = rng.normal(size=size)
    return ways / np.linalg.norm(ways, axis=1, keepdims=True)


def result(a, b, far=(1.0, 2.0), size=N):
    rng = np.random.default_rng(9)
    spread = rng.uniform(0.9, 1.1, size)
    models = {name: nearby(ways, d * spread) for name, ways, d in (("a", a, far[0]), ("b", b, far[1]))}
    loss = {name: Linearity("linf", 0.1, spread * k, spread, spread / 2) for k, name in ((3, "a"), (1, "b"))}
    y, near = np.arange(size) % 2, np.zeros((size, size), bool)
    near[np.arange(size), np.arange(size) ^ 1] = True
    cosines = {name: one.normals.among() for name, one in models.items()}
    among = kinds([one.normals.found for one in models.values()], y, near)
    live = np.arange(D) > 0
    beyond = beyond_shared({name: one.normals for name, one in models.items()}, y, near, live)
    means = {
        name: {how: averages(measure(one.normals.flat), among) for how, measure in MEASURES.items()} | beyond[name]
        for name, one in models.items()
    }
    spectra = {name: Spectrum(np.linalg.svd(ways, compute_uv=False)) for name, ways in (("a", a), ("b", b))}
    between = {"cosines": cosines, "means": means, "spectra": spectra, "scattered": spectra}
    places = {"places": np.arange(size) + 50, "lossy": np.arange(size) + 70}
    return Locality(
        y=y, near=near, live=live, models=models, linear=loss, random=Spectrum(np.ones(D)), **places, **between
    )


@pytest.fixture
def loose():
    return unit(np.random.default_rng(0))


@pytest.fixture
def tight():
    """All near one direction, with noise."""
    ways = unit(np.random.default_rng(1)) + 2 * np.ones(D) / D**0.5
    return ways / np.linalg.norm(ways, axis=1, keepdims=True)


def test_numbers_are_means_over_pictures_and_over_pairs(loose, tight):
    known = quantities(result(loose, tight), "cosines") | quantities(result(loose, tight), "spectrum")
    cosines = tight.astype(np.float32) @ tight.T.astype(np.float32)
    off = ~np.eye(N, dtype=bool)
    same = off & (np.arange(N)[:, None] % 2 == np.arange(N) % 2)
    assert known["cosine_same"].means["b"].value == pytest.approx(cosines[same].mean(), rel=1e-5)
    assert known["squares_all"].means["b"].value == pytest.approx((cosines**2)[off].mean(), rel=1e-5)
    assert known["squares_all"].means["b"].n == N
    assert known["squares_all"].chance == 1 / D
    assert known["dimension"].means["b"].value == pytest.approx(1 / (cosines**2)[off].mean(), rel=1e-5)
    low, high = known["dimension"].means["a"].interval
    assert low < D < high  # of random directions, that of the space
    both = (loose * tight).sum(1)
    assert known["both"].means[""].value == pytest.approx(both.mean(), abs=1e-6)
    sizes = abs(tight) @ abs(tight).T
    assert known["sizes_all"].means["b"].value == pytest.approx(sizes[off].mean(), rel=1e-5)
    low, high = known["sizes_all"].means["a"].interval
    assert low < known["sizes_all"].chance < high
    overlap = (tight**2) @ (tight**2).T
    beyond = (cosines**2)[off].mean() / overlap[off].mean()
    assert known["beyond"].means["b"].value == pytest.approx(beyond, rel=1e-4)


def test_b_is_beside_a_on_the_same_pictures_and_which_is_above_does_not_matter(loose, tight):
    loose[3] = 0
    one, other = (quantities(result(*pair), "summary") for pair in ((loose, tight), (tight, loose)))
    assert one["squares_all"].means["b"].n == N - 1
    times, back = one["squares_all"].beside, other["squares_all"].beside
    assert times.value == pytest.approx(1 / back.value)
    assert times.interval == pytest.approx([1 / end for end in back.interval[::-1]])
    assert one["distance"].beside.n == N - 1
    assert one["distance"].beside.value == pytest.approx(
        np.delete(np.random.default_rng(9).uniform(0.9, 1.1, N), 3).mean()
    )
    assert one["bend"].means["a"].value == pytest.approx(2)


def test_a_ratio_of_what_is_equal_is_1(loose):
    values, off = (loose @ loose.T) ** 2, ~np.eye(N, dtype=bool)
    one, two, none = (
        averages(*pair).get("all")
        for pair in ((values, {"all": off}), (2 * values, {"all": off}), (values, {"all": ~off & off}))
    )
    found = ratio(one, two)
    assert found.value == pytest.approx(0.5)
    assert found.interval == pytest.approx((0.5, 0.5))
    assert ratio(one, none) is None


@pytest.mark.parametrize(
    ("pair", "far", "words"),
    [
        (("loose", "tight"), (1, 2), "(Liu 2022), is borne out here (strong, whose boundary is farther, less weak, n"),
        (("tight", "loose"), (1, 2), "not borne out here; it is the other way around"),
        (("tight", "loose"), (2, 1), "is borne out here (weak, whose boundary is farther, less strong, n = 40, 95"),
        (("loose", "loose"), (1, 2), "neither borne out nor refuted"),
        (("loose", "tight"), (1, 1), "not put to the test"),
    ],
)
def test_the_claim_is_told_by_intervals(request, pair, far, words):
    a, b = (request.getfixturevalue(name) for name in pair)
    if pair == ("loose", "loose"):
        b = unit(np.random.default_rng(5))
    lines = claim(result(a, b, far), NAMES)
    assert words in lines[0]
    assert len(lines) == (4 if "test" in words else 5)


def test_what_all_normals_share_bears_out_the_raw_measures_alone(loose):
    shared = loose + 3 * np.r_[1, -np.ones(D - 1)] / D**0.5
    found = result(loose, shared / np.linalg.norm(shared, axis=1, keepdims=True))
    raw, centred = claim(found, NAMES)[:2]
    assert "By the raw measures" in raw
    assert "(Liu 2022), is borne out here" in raw
    assert "on the 15 of 16 values that vary over the data, it is neither borne out nor refuted here" in centred
    number = quantities(found, "cosines")["own_squares_all"]
    low, high = number.beside.interval
    assert 0.001 < high - low < 0.02
    assert f"less their mean: not told, {number.beside.value:+.4f} ({low:.4f} to {high:.4f}) over all pairs" in centred
    assert number.chance == 1 / 15 + 1 / (N - 1) ** 2


def test_what_pictures_have_of_their_own_bears_out_the_centred_measures(loose):
    two = np.repeat(unit(np.random.default_rng(3), (2, D)), N // 2, axis=0)  # each half of the pictures has one normal
    found = result(loose, two)
    assert quantities(found, "cosines")["own_squares_all"].means["b"].value == pytest.approx(1, abs=1e-6)
    assert "neighbours" in claim(found, NAMES)[1]
    same = result(loose, np.repeat(two[:1], N, axis=0))  # nothing but what all share
    assert quantities(same, "cosines")["own_squares_all"].means == {"a": None, "b": None}


def test_each_model_s_likeness_is_beside_that_of_chance_of_neighbours_and_of_where_normals_lie(loose, tight):
    near = loose.copy()
    near[1::2] = near[::2]  # each picture's neighbour has the same normal
    lines = claim(result(near, tight), NAMES)[1:]
    assert "times as alike as near two others" in lines[1]
    chance = claim(result(loose, tight), NAMES)[2]
    assert chance.startswith("The weak model: normals near two pictures are not to be told from random directions")
    assert "times as alike as random directions" in lines[2]
    assert "near two neighbours, not to be told from near two others" in lines[2]
    few = np.zeros((N, D))
    few[:, :2] = 0.5**0.5
    share = claim(result(few * np.random.default_rng(2).choice([-1, 1], (N, D)), loose), NAMES)[-1]
    assert "of the likeness in the weak model and" in share
    assert float(share.split("% ")[0].split()[-1]) == pytest.approx(100, abs=12)


def test_sentences_say_more_less_or_too_little(loose, tight):
    show = {"facet": "linearity"}
    lines = counted(result(loose, tight), SETTING, show)
    assert lines[0].startswith("Loss off its tangent within the budget: weak 3")
    assert lines[0].endswith(": less.")
    assert lines[1].endswith(": too little to tell.")
    assert follows(result(loose, tight), SETTING, show) == []
    loose[:2] = 0
    assert "Near 2 of 40 pictures no boundary of the weak model" in " ".join(
        told(result(loose, tight), SETTING, {"facet": "curvature"})
    )
    spectrum = told(result(loose, tight), SETTING, {"facet": "spectrum"})
    assert any("random ones, of 16 dimensions" in line for line in spectrum)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("facet", FACETS)
def test_every_facet_has_a_mark_for_each_number_and_model(loose, tight, facet, dark):
    found = result(loose, tight)
    figure, known = locality(found, SETTING, facet, dark=dark), quantities(found, facet)
    rows = [trace for trace in figure.data if trace.type == "scatter" and trace.error_x.array is not None]
    assert len(rows) == sum(len(one.means) for one in known.values())
    first = next(iter(next(iter(known.values())).means.values()))
    assert rows[0].x[0] == pytest.approx(first.value)
    assert rows[0].x[0] + rows[0].error_x.array[0] == pytest.approx(first.interval[1])
    assert any("n = 40" in note.text for note in figure.layout.annotations)


def test_before_pictures_are_compared_what_is_about_each_is_drawn_and_told(loose, tight):
    early = waiting(result(loose, tight))
    assert set(quantities(early, "summary")) == {"distance", "bend", "bend_mean", "gap", "slope", "turned"}
    assert locality(early, SETTING, "summary").data
    assert claim(early, NAMES) == []
    assert told(early, SETTING, {"facet": "summary"})[0].startswith("Distance to the boundary")


def test_a_comparison_of_the_first_pictures_is_shown_beside_the_rest(loose, tight):
    whole, first = result(loose, tight), result(loose[:20], tight[:20], size=20)
    between = {name: getattr(first, name) for name in ("near", "cosines", "means", "spectra")}
    found = replace(whole, **between)
    for mean, n in (("squares_all", 20), ("distance", N)):
        assert quantities(found, "summary")[mean].means["b"].n == n
    maps = [trace for trace in locality(found, SETTING, "cosines").data if trace.type == "heatmap"]
    assert {trace.z.shape for trace in maps} == {(20, 20)}
    for facet, n in (("cosines", 20), ("summary", N)):
        assert any(f"n = {n}" in note.text for note in locality(found, SETTING, facet).layout.annotations)


def test_a_matrix_is_in_the_order_of_classes_and_without_what_is_missing(loose, tight):
    loose[4] = 0
    found = result(loose, tight)
    one, two = (trace for trace in locality(found, SETTING, "cosines").data if trace.type == "heatmap")
    order = [i for i in [*range(0, N, 2), *range(1, N, 2)] if i != 4]
    np.testing.assert_allclose(two.z, 100 * (tight @ tight.T)[np.ix_(order, order)], atol=0.51)
    assert one.z.shape == two.z.shape
    assert (one.zmin, one.zmax) == (two.zmin, two.zmax) == (-two.zmax, two.zmax)
    assert one.z.dtype == np.int8


def test_a_model_alone_and_a_loss_alone_are_drawn_and_told(loose, tight):
    found = result(loose, tight)
    alone = ("models", "linear", "spectra", "means", "cosines")
    one = replace(found, **{name: {"a": getattr(found, name)["a"]} for name in alone})
    for facet in FACETS:
        assert locality(one, SETTING, facet).data
        assert told(one, SETTING, {"facet": facet})
    loss = replace(waiting(found), models={})
    for facet in ("summary", "linearity"):
        assert locality(loss, SETTING, facet).data
        assert told(loss, SETTING, {"facet": facet})[0].startswith("Loss off")
    assert locality(loss, SETTING, "cosines") is not None


@pytest.mark.parametrize(
    ("facet", "count"),
    [("cosines", 2 * N * (N - 1) // 2), ("spectrum", 5 * D), ("curvature", 16 * N), ("summary", 16 * N)],
)
def test_the_table_has_every_number_and_the_code_the_address(loose, tight, facet, count):
    rows = list(csv.reader(io.StringIO(table(result(loose, tight), {"facet": facet}).decode())))
    assert len(rows) == 1 + count
    if facet in ("curvature", "linearity"):  # pictures are told by their places in the test set
        assert {int(row[1]) for row in rows[1:]} == {*range(50, 90), *range(70, 110)}
    if facet == "cosines":
        assert {int(row[1]) for row in rows[1:]} | {int(row[2]) for row in rows[1:]} == set(range(50, 90))
    assert "'/boundary?view=local'" in snippet("/boundary?view=local")


def test_a_number_is_told_with_its_interval():
    assert cell(Mean(-0.5, 9, (-0.61, -0.4))) == "−0.5 (−0.61 to −0.4)"
    assert cell(None) == "too few"
