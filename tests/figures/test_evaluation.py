"""The Robustness page's figures and sentences, from judgements made by hand."""

import csv
import io

import numpy as np
import pytest

from explorer.core.results import Check, Evaluation, Honesty, Judged, TransferMatrix
from explorer.core.stats import Rate
from explorer.figures.by_class import by_class
from explorer.figures.confusion import confusion, counts
from explorer.figures.curves import curves
from explorer.figures.judgement import snippet, table
from explorer.figures.lineup import EDGE, lineup
from explorer.figures.radii import bins, radii
from explorer.figures.setting import Setting
from explorer.figures.transfer import transfer
from explorer.figures.verdicts import compared, moved, verdicts

SETTING = Setting(("cat", "dog", "eel"), ("standard", "robust"), "linf", 8, 255)
BUDGETS = np.array([4, 8, 16], np.float32) / np.float32(255)
INF = np.inf


def judged(radius_255: list[float], labels: list[int], clean: list[int], adversarial: list[int]) -> Judged:
    radius = np.array(radius_255, np.float32) / np.float32(255)
    return Judged(0, np.array(labels), np.array(clean), np.array(adversarial), radius, 400, 1.0)


@pytest.fixture
def evaluation() -> Evaluation:
    weak = judged([0, 4, 4, 8], [0, 0, 1, 2], [1, 0, 1, 2], [1, 1, 0, 0])
    strong = judged([8, 16, INF, INF], [0, 0, 1, 2], [0, 0, 1, 2], [2, 0, 1, 2])
    return Evaluation({"weak": weak, "strong": strong}, BUDGETS)


def lines(figure) -> list:
    return [trace for trace in figure.data if trace.mode == "lines+markers"]


@pytest.mark.parametrize("dark", [False, True])
def test_a_curve_is_what_stands_with_its_interval(evaluation, dark):
    figure = curves(evaluation, SETTING, everywhere=False, dark=dark)
    weak, strong = lines(figure)
    np.testing.assert_allclose(weak.x, [0, 4, 8, 16], atol=1e-5)
    np.testing.assert_allclose(weak.y, [0.75, 0.25, 0, 0])
    np.testing.assert_allclose(strong.y, [1, 1, 0.75, 0.5])
    interval = Rate(1, 4).interval
    assert weak.customdata[1][2:] == pytest.approx(interval)
    band = figure.data[0]
    assert band.y[1] == pytest.approx(interval[1])
    assert weak.line.color != strong.line.color
    assert "#000001" not in figure.to_json()
    assert [shape.line.dash for shape in figure.layout.shapes] == ["dash", "dash", "dot", "dash"]
    assert figure.layout.shapes[2].y0 == pytest.approx(1 / 3)
    assert figure.layout.shapes[3].x0 == 8


def test_every_level_line_is_named_and_no_name_lies_on_another(evaluation):
    """Clean accuracies of 75 % and 100 % get a name each, two equal ones together."""
    notes = curves(evaluation, SETTING, everywhere=False).layout.annotations
    assert [(note.text, note.y) for note in notes[:-1]] == [
        ("chance", pytest.approx(1 / 3)),
        ("clean", 1),
        ("clean", 0.75),
    ]
    strong = evaluation.models["strong"]
    alike = Evaluation({"one": strong, "other": strong}, BUDGETS)
    assert [note.text for note in curves(alike, SETTING, everywhere=False).layout.annotations[:-1]] == [
        "chance",
        "clean",
    ]


def test_words_at_the_end_of_the_axis_stay_in_the_figure(evaluation):
    last = Evaluation(evaluation.models, BUDGETS[:2])
    for found, side in ((evaluation, "center"), (last, "right")):
        (note,) = [
            note for note in curves(found, SETTING, everywhere=False).layout.annotations if "chosen" in note.text
        ]
        assert (note.x, note.xanchor) == (8, side)


def test_a_search_s_curve_is_known_between_the_budgets(evaluation):
    weak, _ = lines(curves(evaluation, SETTING, everywhere=True))
    assert len(weak.x) > 80
    below = np.asarray(weak.x) < 3.9
    assert set(np.asarray(weak.y)[below]) == {0.75}


def test_a_budget_of_nothing_is_drawn(evaluation):
    none = Setting(SETTING.classes, SETTING.names, "linf", 0, 255)
    assert len(curves(Evaluation(evaluation.models, np.zeros(1, np.float32)), none, everywhere=False).data) == 4


def test_every_picture_is_in_one_bin(evaluation):
    weak, strong = evaluation.models.values()
    assert bins(weak.radius, BUDGETS).tolist() == [0, 1, 1, 2]
    assert bins(strong.radius, BUDGETS).tolist() == [2, 3, 4, 4]
    figure = radii(evaluation, SETTING)
    assert [sum(bar.y) for bar in figure.data] == pytest.approx([1, 1])
    assert list(figure.data[0].x) == ["wrong by itself", "≤ 4", "≤ 8", "≤ 16", "not broken"]
    np.testing.assert_allclose(figure.data[1].y, [0, 0, 0.25, 0.25, 0.5])


def test_classes_are_counted_apart(evaluation):
    weak, strong = by_class(evaluation, SETTING).data
    assert list(weak.y) == [0, 0, 0]
    assert list(strong.y) == [0.5, 1, 1]
    assert [row[2:4] for row in strong.customdata] == [[1, 2], [1, 1], [1, 1]]
    high = Rate(1, 2).interval[1] - 0.5
    assert strong.error_y.array[0] == pytest.approx(high)
    assert (weak.marker.line.color, weak.marker.line.width) == (weak.marker.color, EDGE)  # what is seen of 0 %
    assert EDGE > 0


def test_confusions_are_counted_row_by_row(evaluation):
    weak = evaluation.models["weak"]
    assert counts(weak.labels, weak.clean, 3).tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 1]]
    figure = confusion(evaluation, SETTING)
    assert len(figure.data) == 4
    np.testing.assert_allclose(figure.data[1].z, [[0, 1, 0], [1, 0, 0], [1, 0, 0]])
    assert list(figure.data[1].customdata[0][1][:4]) == [0, 1, 0, 1]


def test_a_rate_under_the_pointer_has_its_interval(evaluation):
    weak = evaluation.models["weak"]
    bar = radii(evaluation, SETTING).data[0]
    assert bar.customdata[1][2] == Rate(2, 4).cell
    assert "of 4 pictures" in bar.hovertemplate
    assert by_class(evaluation, SETTING).data[0].customdata[0][4] == Rate(1, 2).cell
    cells = confusion(evaluation, SETTING).data[0].customdata
    assert cells[0][1][4] == f"1 of 2 pictures of this class, {Rate(1, 2).cell}"
    none = Judged(0, weak.labels[:3], weak.clean[:3], weak.adversarial[:3], weak.radius[:3], 400, 1.0)
    cells = confusion(Evaluation({"weak": none}, BUDGETS), SETTING).data[0].customdata
    assert cells[2][0][4] == "no picture of this class"


def test_transfer_reads_made_on_and_shown_to():
    matrix = TransferMatrix({"a": {"a": 0, "b": 9}, "b": {"a": 5, "b": 6}}, 10)
    figure = transfer(matrix)
    np.testing.assert_allclose(figure.data[0].z, [[0, 0.9], [0.5, 0.6]])
    assert "<b>90%</b>" in figure.data[0].text[0][1]
    assert moved(matrix)[0].startswith("Made on a, shown to b: right about 90.0% (n = 10,")


def test_sentences_carry_n_and_interval(evaluation):
    weak, strong = verdicts(evaluation, SETTING)
    assert weak.startswith(
        f"weak: right on {Rate(3, 4)} clean pictures; within 8/255 = 0.031 in ℓ∞ {Rate(0, 4)} stand."
    )
    assert f"{Rate(3, 4)} stand. 100 forward passes a picture." in strong
    assert compared(evaluation, SETTING) == (
        "Of 4 pictures 0 stand on both models, 1 on neither, 0 on weak alone, 3 on strong alone."
    )
    assert compared(Evaluation({"weak": evaluation.models["weak"]}, BUDGETS), SETTING) == ""


def test_every_number_leaves_as_csv(evaluation):
    rows = list(csv.reader(io.StringIO(table(evaluation).decode())))
    assert len(rows) == 1 + 8
    assert rows[1][:5] == ["weak", "0", "0", "1", "1"]
    assert rows[-1][-1] == "inf"
    assert len(list(csv.reader(io.StringIO(table(TransferMatrix({"a": {"a": 3}}, 4)).decode())))) == 2
    answers = Honesty({"a": {"Is it?": Check(False, "found", "meaning")}})
    assert list(csv.reader(io.StringIO(table(answers).decode())))[1] == ["a", "Is it?", "False", "found", "meaning"]


@pytest.mark.parametrize("view", ["curve", "transfer", "honesty"])
def test_the_snippet_is_python_that_runs_its_address(view):
    code = snippet("/robustness?data=toy", view)
    compile(code, "snippet", "exec")
    assert "run('/robustness?data=toy')" in code


def test_the_snippets_print_rates_with_their_intervals(evaluation, monkeypatch, capsys):
    matrix = TransferMatrix({"a": {"a": 3}}, 4)
    for result, view, limits in ((evaluation, "curve", ""), (evaluation, "curve", "own"), (matrix, "transfer", "")):
        monkeypatch.setattr("explorer.run", lambda address, result=result: result)
        exec(compile(snippet("/robustness", view, limits), "snippet", "exec"), {})
        assert str(Rate(3, 4)) in capsys.readouterr().out


def test_models_are_told_apart_by_more_than_colour():
    marks = lineup(["a", "b", "c", "d"], False)
    assert len({mark.symbol for mark in marks}) == len({mark.sign for mark in marks}) == 4
    assert len({mark.colour for mark in marks}) == 4
