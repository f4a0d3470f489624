"""A measure's figures and sentences, from numbers made by hand."""

import csv
import io

import numpy as np
import pytest

from explorer.core.results import Judged, Measured, Measures
from explorer.core.stats import Mean, Rate
from explorer.figures.gauged import snippet, standing, table, told
from explorer.figures.gauges import gauges
from explorer.figures.setting import Setting
from explorer.figures.sight import Sight

TITLES = {"gradient": "Input gradient", "guided_backprop": "Guided backpropagation"}
SIGHT = Sight(Setting(("cat", "dog"), ("weak", "strong"), "linf", 8, 255), TITLES, "gradient", "", "logit", {})
ALPHA = {"alpha": "alignment α"}


def measured(**values):
    return Measured(0, {name: np.array(value, np.float32) for name, value in values.items()}, 1.0)


def judged(*radius):
    n = len(radius)
    return Judged(0, np.zeros(n, int), np.zeros(n, int), np.zeros(n, int), np.array(radius, np.float32) / 255, n, 1.0)


@pytest.fixture
def alignment():
    models = {
        "weak": {"gradient": measured(alpha=[1, 2, 3, np.nan])},
        "strong": {"gradient": measured(alpha=[3, 4, 6, 5])},
    }
    stands = {"weak": judged(0, 4, 4, 16), "strong": judged(16, 16, 16, 4)}
    return Measures("alignment", "Alignment", models, ALPHA, {}, stands, 8 / 255)


@pytest.fixture
def randomised():
    def curve(places, half):
        one = measured(rank_size=places, half=half)
        return Measured(0, one.values, 1.0, {"none": 0, "logits": 1, "conv": 2})

    plain = curve([[1, 0.2, 0.1], [1, 0.3, 0.2], [1, 0.1, 0.0]], [0.2, 0.3, 0.1])
    guided = curve([[1, 0.9, 0.8], [1, 0.8, 0.9], [1, 0.9, 0.9]], [0.9, 0.8, 0.9])
    models = {"weak": {"gradient": plain, "guided_backprop": guided}}
    return Measures("randomisation", "Randomisation", models, {"half": "half"}, {"rank_size": "rank"})


@pytest.mark.parametrize("dark", [False, True])
def test_each_model_is_a_point_with_intervals_both_ways(alignment, dark):
    weak, strong = gauges(alignment, SIGHT, dark=dark).data
    mean, rate = Mean.of(np.array([1.0, 2, 3])), Rate(1, 4)
    assert (weak.x[0], weak.y[0]) == pytest.approx((rate.value, 2))
    assert weak.y[0] + weak.error_y.array[0] == pytest.approx(mean.interval[1])
    assert weak.x[0] - weak.error_x.arrayminus[0] == pytest.approx(rate.interval[0])
    assert strong.x[0] == 0.75
    assert weak.marker.color != strong.marker.color
    assert weak.marker.symbol != strong.marker.symbol


def test_without_an_attack_the_means_are_drawn_with_the_spread_of_the_pictures(alignment):
    early = Measures("alignment", "Alignment", alignment.models, ALPHA, {})
    figure = gauges(early, SIGHT)
    dots = [trace for trace in figure.data if trace.mode == "markers"]
    assert [dot.x[0] for dot in dots] == pytest.approx([2, 4.5])
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    np.testing.assert_allclose(lines[1].x, np.percentile([3, 4, 6, 5], [10, 90]))


def test_sentences_have_means_what_was_left_out_and_the_comparison(alignment):
    lines = told(alignment, SIGHT)
    assert "weak: alignment α 2 (n = 3, 95 % interval" in lines[0]
    assert "1 of 4 pictures have no value and are left out" in lines[0]
    assert "stand 25.0% (n = 4" in lines[0]
    assert lines[2].startswith("strong less weak, picture by picture, alignment α: 2.33")
    assert lines[3].startswith("0 pairs of these models stand apart")
    stands = {"weak": 10, "strong": 90}
    alignment.judged.update({name: judged(*[16] * count, *[0] * (100 - count)) for name, count in stands.items()})
    assert told(alignment, SIGHT)[-1].startswith("1 pair of these")
    assert "larger alignment α in 0, the smaller in 0; in 1 those intervals overlap" in told(alignment, SIGHT)[-1]
    alignment.models["weak"]["gradient"].values["alpha"][:] = [1, 1.1, 1.2, 1.3]
    alignment.models["strong"]["gradient"].values["alpha"][:] = [4, 4.1, 4.2, 4.3]
    assert "larger alignment α in 1, the smaller in 0" in told(alignment, SIGHT)[-1]
    alignment.models["strong"]["gradient"].values["alpha"][:] = [0.1, 0.2, 0.1, 0.2]
    assert "larger alignment α in 0, the smaller in 1" in told(alignment, SIGHT)[-1]
    assert standing(alignment, "nobody") is None


def test_who_is_refused_is_told_and_keeps_the_mark(alignment):
    models = {"weak": {}, "strong": alignment.models["strong"]}
    refused = {"weak, Input gradient": "There is none."}
    result = Measures("alignment", "Alignment", models, ALPHA, {}, alignment.judged, 8 / 255, refused)
    assert "weak, Input gradient: There is none." in told(result, SIGHT)
    (strong,) = gauges(result, SIGHT).data
    assert strong.marker.color == gauges(alignment, SIGHT).data[1].marker.color


def test_a_model_without_a_value_takes_no_place_in_the_order(alignment):
    alignment.models["weak"]["gradient"].values["alpha"][:] = np.nan
    lines = told(alignment, SIGHT)
    assert "has no value" in lines[0]
    assert not any("stand apart" in line or "picture by picture" in line for line in lines)


def test_curves_have_a_line_and_a_band_for_each_method_and_name_the_layers(randomised):
    figure = gauges(randomised, SIGHT)
    lines = [trace for trace in figure.data if trace.mode == "lines+markers"]
    assert [line.name for line in lines] == [f"● A weak, {title}" for title in TITLES.values()]
    np.testing.assert_allclose(lines[0].y, [1, 0.2, 0.1], atol=1e-6)
    assert lines[0].customdata[2][0] == "last drawn: conv"
    assert lines[0].line.dash != lines[1].line.dash
    band = figure.data[0]
    assert band.y[1] == pytest.approx(Mean.of(np.array([0.2, 0.3, 0.1])).interval[1], abs=1e-6)


def test_guided_backpropagation_is_said_to_be_as_published_or_otherwise(randomised):
    assert "weak: with one draw of random weights for the upper half of the layers 0.87" in told(randomised, SIGHT)[-1]
    assert "as published" in told(randomised, SIGHT)[-1]
    methods = randomised.models["weak"]
    turned = {"weak": {"gradient": methods["guided_backprop"], "guided_backprop": methods["gradient"]}}
    assert "otherwise than published" in told(Measures("randomisation", "", turned, {"half": "half"}, {}), SIGHT)[-1]


def test_the_table_has_every_number_and_the_code_the_address(randomised, alignment):
    rows = list(csv.reader(io.StringIO(table(randomised).decode())))
    assert rows[0] == ["model", "method", "picture", "value", "place", "number"]
    assert ["weak", "gradient", "1", "rank_size", "logits"] in [row[:5] for row in rows]
    assert len(rows) == 1 + 2 * (3 * 3 + 3)
    assert len(list(csv.reader(io.StringIO(table(alignment).decode())))) == 1 + 8
    assert "'/saliency?view=measures'" in snippet("/saliency?view=measures")
