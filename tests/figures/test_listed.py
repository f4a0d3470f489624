"""The study of recipes: each mark is the mean of its recipe, in its row, on its data set."""

import numpy as np
import pytest

from explorer.core.results import Experiment, Trials
from explorer.figures.experiments import mean_of
from explorer.figures.listed import MEASURES, listed
from explorer.figures.style import palette


def trials(data, recipe, eps, least, unit=1000) -> Trials:
    """Return two trainings whose accuracies fall from measure to measure."""
    figures = {key: np.array([0.9, 0.7]) - least * i for i, key in enumerate(MEASURES)}
    settings = {"data": data, "eps": eps, "unit": unit}
    history = {"epoch": np.ones((2, 1))}
    return Trials(f"{data}_{recipe}", f"{recipe}, on {data}", settings, (0, 1), history, figures, np.ones(2))


@pytest.mark.parametrize("dark", [False, True])
def test_every_recipe_has_a_row_and_every_measure_a_mark(dark):
    some = (trials("digits", "<a>", 100, 0.1), trials("digits", "b", 100, 0.2), trials("mnist", "b", 300, 0.05))
    figure = listed(Experiment("recipes", some, (), dict.fromkeys(MEASURES, "accuracy"), "again"), dark=dark)
    assert list(figure.layout.yaxis.ticktext) == ["&lt;a&gt;", "b"]
    assert list(figure.layout.yaxis2.ticktext) == ["b"]
    assert not figure.layout.yaxis2.showticklabels
    for axis, kinds in (("x", some[:2]), ("x2", some[2:])):
        marks = [trace for trace in figure.data if trace.xaxis == axis]
        means = [mean_of(one, key) for one in kinds for key in MEASURES]
        assert [trace.x[0] for trace in marks] == pytest.approx([mean.value for mean in means])
        assert [trace.x[0] - trace.error_x.arrayminus[0] for trace in marks] == pytest.approx(
            [mean.interval[0] for mean in means]
        )
        assert [round(trace.y[0]) for trace in marks] == [i for i in range(len(kinds)) for _ in MEASURES]
    words = [note.text for note in figure.layout.annotations]
    assert any("<b>digits</b>, ℓ∞ 100/1000 = 0.1" in text for text in words)
    assert any("<b>mnist</b>, ℓ∞ 300/1000 = 0.3" in text for text in words)
    assert len({trace.marker.symbol for trace in figure.data}) == 4
    clean, *attacked = [trace.marker.color for trace in figure.data[:4]]
    assert {clean, *attacked} == {palette(dark).clean, palette(dark).adversarial}
    assert len(set(attacked)) == 1


def test_a_budget_is_told_in_the_unit_of_its_data():
    some = (trials("cifar10", "a", 8, 0.1, unit=255),)
    figure = listed(Experiment("recipes", some, (), dict.fromkeys(MEASURES, "accuracy"), "again"))
    assert any("<b>cifar10</b>, ℓ∞ 8/255 = 0.031" in note.text for note in figure.layout.annotations)
