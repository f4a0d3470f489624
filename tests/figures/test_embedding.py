"""Maps and numbers of feature spaces, made by hand: what is drawn, what is told, what leaves the page."""

import csv
import io
from base64 import b64decode
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from explorer.core.results import Embedded, Embedding, Placed, Refused, Space, Steps
from explorer.figures.contact import MOST, sheet
from explorer.figures.embedded import snippet, table, told
from explorer.figures.embedding_map import SOME, embedding_map
from explorer.figures.embedding_numbers import embedding_numbers
from explorer.figures.export import html, ringed
from explorer.figures.images import pixels
from explorer.figures.outlook import Outlook
from explorer.figures.setting import Setting

N = 40
SETTING = Setting(("cat", "dog", "owl"), ("weak", "strong"), "linf", 8, 255)
CHOICES = {"space": "features", "n_neighbors": 15, "min_dist": 0.1, "map_seed": 3}
SHOW = {"colour": "class", "lines": "some"}


def outlook(**show):
    return Outlook(SETTING, "PGD", 7, CHOICES, SHOW | show)


def floats(values):
    return np.asarray(values, np.float32)


def half(far, right, agree_adv=0.5, index=0):
    """A model whose features move about `far`, and which is right about so many pictures under attack."""
    rng = np.random.default_rng(index)
    labels = np.arange(N) % 3
    said_adv = np.where(np.arange(N) < right, labels, (labels + 1) % 3)
    xy = floats(rng.normal(size=(N, 2)))
    placed = Placed(xy, xy + 1, floats(np.full(N, 0.5)), floats([0.5, 0.25]))
    space = Space(
        size=64, neighbours=10, labels=labels, said=labels, said_adv=said_adv, margin=floats(np.full(N, 0.9)),
        margin_adv=floats(np.where(said_adv == labels, 0.2, -0.2)), moved=floats(far + 0.1 * rng.random(N)),
        between=2.0, agree=floats(np.ones(N)), agree_adv=floats(np.full(N, agree_adv)), kept=floats(np.zeros(N)),
        pca=placed,
    )  # fmt: skip
    steps = Steps(xy[[7, 8, 9]], np.array([-1, 0, 5]), np.array([1, 1, 0 if index == 0 else 1]))
    return Embedded(space, placed, steps)


@pytest.fixture
def found():
    return Embedding(half(2, 0, 0.0), half(1, 35, index=1), "pca")


def traces(figure, **wanted):
    return [trace for trace in figure.data if all(getattr(trace, key, None) == value for key, value in wanted.items())]


def test_every_picture_is_in_both_maps_clean_and_attacked_but_for_the_one_whose_way_is_drawn(found):
    figure = embedding_map(found, outlook())
    for axis, i in (("x", 0), ("x2", 1)):
        known = [tuple(c) for trace in traces(figure, xaxis=axis) for c in (trace.customdata or ())]
        both = {(i, row, when) for row in range(N) for when in (0, 1)} - {(i, 7, 1)}
        assert sorted(known) == sorted(both)
    waiting = embedding_map(replace(found, a=replace(found.a, steps=None)), outlook())
    assert (0, 7, 1) in [tuple(c) for trace in traces(waiting, xaxis="x") for c in (trace.customdata or ())]
    clean, attacked = figure.data[1], next(t for t in figure.data if t.marker.symbol == "circle-open")
    assert clean.marker.symbol == "circle"
    assert clean.marker.color == attacked.marker.color
    assert [trace.name for trace in figure.data if trace.showlegend] == [
        "cat",
        "dog",
        "owl",
        "the attack on picture 7, step by step",
    ]


def test_a_picture_is_known_by_its_ring_and_cut_out_of_the_sheet(found):
    x = np.random.default_rng(0).random((N, 3, 4, 5)).astype(np.float32)
    figure = embedding_map(found, outlook(), x)
    assert {trace.meta for trace in figure.data if trace.customdata is not None} == {"ringed"}
    assert ringed(figure)
    assert not ringed(embedding_numbers(found, outlook()))
    meta = figure.layout.meta
    with Image.open(io.BytesIO(b64decode(meta["sheet"].split(",")[1]))) as image:
        whole = np.asarray(image)
    assert (meta["shape"], meta["count"]) == ([4, 5], N)
    for i in (0, 9, N - 1):
        row, column = divmod(i, meta["columns"])
        np.testing.assert_array_equal(whole[4 * row : 4 * row + 4, 5 * column : 5 * column + 5], pixels(x[i]))
    assert meta["names"] == ["● A · weak", "◆ B · strong"]
    low, high = meta["room"]
    assert low < high < 0  # below the maps
    assert b"ring(document.body, about, true)" in html(figure, "Map", "A note.")


def test_a_sheet_holds_no_more_than_goes_to_a_browser():
    x = np.zeros((400, 3, 32, 32), np.float32)
    assert sheet(x)["count"] == MOST // (3 * 32 * 32)
    assert sheet(x[:1])["columns"] == 1
    assert sheet(np.zeros((9, 2), np.float32)) == {}


def test_a_map_is_known_by_where_everything_lies(found):
    def states(result, **show):
        layout = embedding_map(result, outlook(**show)).layout
        return [layout.xaxis.uirevision, layout.xaxis2.uirevision]

    first = states(found)
    assert first[0] != first[1]
    assert states(replace(found, a=replace(found.a, steps=None)), colour="margin") == first
    moved = replace(found.b.placed, xy=found.b.placed.xy + 1)
    assert states(replace(found, b=replace(found.b, placed=moved)))[1] != first[1]


@pytest.mark.parametrize(("lines", "count"), [("some", SOME), ("all", N - 1), ("none", 0)])
def test_lines_lead_from_clean_to_attacked(found, lines, count):
    figure = embedding_map(found, outlook(lines=lines))
    drawn = [trace for trace in traces(figure, mode="lines") if trace.xaxis == "x"]
    assert sum(np.isnan(trace.x).sum() for trace in drawn) == count
    if count:
        (x_clean, y_clean), (x_adv, y_adv) = found.a.placed.xy[0], found.a.placed.xy_adv[0]
        assert (drawn[0].x[:2].tolist(), drawn[0].y[:2].tolist()) == ([x_clean, x_adv], [y_clean, y_adv])


@pytest.mark.parametrize("dark", [False, True])
def test_colour_says_class_answer_or_margin_and_never_alone(found, dark):
    of_class = embedding_map(found, outlook(), dark=dark)
    answer = embedding_map(found, outlook(colour="answer"), dark=dark)
    margin = embedding_map(found, outlook(colour="margin"), dark=dark)

    def symbols(figure, when):
        points = [trace for trace in figure.data if trace.customdata is not None and trace.xaxis == "x"]
        return {c[1]: trace.marker.symbol for trace in points for c in trace.customdata if c[2] == when}

    assert symbols(of_class, 0)[0] + "-open" == symbols(of_class, 1)[0]
    assert symbols(answer, 1)[0] == symbols(of_class, 1)[1]  # called what the second is
    assert set(symbols(margin, 0).values()) == {"circle"}
    assert set(symbols(margin, 1).values()) == {"x-open"}  # all wrong
    assert margin.layout.coloraxis.cmin == -margin.layout.coloraxis.cmax == -1
    shown = [trace.name for trace in margin.data if trace.showlegend]
    assert shown[:2] == ["right", "wrong"]


def test_the_way_begins_in_a_ring_and_ends_in_a_star(found):
    way = [trace for trace in embedding_map(found, outlook()).data if trace.legendgroup == "way" and trace.xaxis == "x"]
    assert np.array_equal(np.c_[way[0].x, way[0].y], found.a.steps.xy)
    assert [list(trace.text) for trace in way[1:]] == [["clean: dog"], ["the end: cat"]]
    assert way[2].marker.symbol == "star"


def test_maps_say_what_they_are(found):
    def notes_of(result):
        return " ".join(note.text for note in embedding_map(result, outlook()).layout.annotations)

    notes = notes_of(found)
    assert "PCA of 64 features" in notes
    assert "principal axis 1: 50.0% of the variance" in notes
    umap = notes_of(replace(found, projection="umap"))
    assert "UMAP of 64 features, n_neighbors 15, min_dist 0.1, seed 3" in umap
    assert "no unit" in umap
    assert "of the variance" not in umap


def test_who_has_no_space_says_so_in_its_place(found):
    refused = replace(found, a=Embedded(Refused("This network <has> no such layer.")))
    figure = embedding_map(refused, outlook())
    assert not traces(figure, xaxis="x")
    assert "&lt;has&gt;" in str(figure.layout.annotations)
    assert len(traces(embedding_numbers(refused, outlook()), type="bar")) == 1
    lines = told(refused, outlook())
    assert "weak: This network <has> no such layer." in lines
    assert not any("farther" in line or "times as far" in line for line in lines)


def test_numbers_are_drawn_as_they_are_told(found):
    figure = embedding_numbers(found, outlook())
    bars = traces(figure, type="bar")
    assert [list(bar.y) for bar in bars] == [[1.0, 0.0, 0.0], [1.0, 0.5, 0.0]]
    rising = traces(figure, mode="lines")
    assert np.allclose(rising[0].x, np.sort(found.a.space.moved / 2))
    assert rising[0].y[-1] == 1
    middle = traces(figure, mode="markers")[0].x[0]
    assert middle == pytest.approx(np.median(found.a.space.ratio))
    assert f"the features move by {middle:.3g} (n = 40," in " ".join(told(found, outlook()))


def test_what_is_told_of_two_models_hangs_on_their_intervals(found):
    lines = told(found, outlook())
    assert "The two principal axes hold 75% of the variance (weak) and 75% of the variance (strong)" in lines[0]
    assert "0.0% (0.0%–8.8%) after it" in lines[2]  # Wilson's bound, not an interval of no width
    (compared,) = (line for line in lines if line.startswith("Picture by picture"))
    assert "moves the features of strong " in compared
    assert compared.endswith("times as far as those of weak (median): less far.")
    assert any("the one that moves less, as one expects" in line for line in lines)
    alike = told(replace(found, b=half(2, 0, index=1)), outlook())
    assert any(line.endswith("whose move farther is not told.") for line in alike)
    assert not any("stands more often" in line for line in alike)
    odd = told(replace(found, b=half(3, 35, index=1)), outlook())
    (verdict,) = (line for line in odd if "stands more often" in line)
    assert verdict.endswith(
        "otherwise than one expects, the model that stands more often is the one that moves farther."
    )


def test_points_of_the_plane_have_coordinates_of_which_two_axes_show_all(found):
    flat = [replace(half, space=replace(half.space, size=2)) for half in (found.a, found.b)]
    points = replace(outlook(), choices=CHOICES | {"space": "pixels"}, points=True)
    lines = told(Embedding(*flat, "pca"), points)
    assert lines[0].endswith("(strong).")
    assert "the coordinates move by" in lines[2]
    figure = embedding_map(Embedding(*flat, "pca"), points, np.zeros((N, 2), np.float32))
    assert "PCA of 2 coordinates" in str(figure.layout.annotations[0].text)
    assert any("Point at a point" in note.text for note in figure.layout.annotations)
    assert "sheet" not in figure.layout.meta
    assert "Point by point the same" in " ".join(lines)
    assert not any("picture" in line.lower() for line in lines)


def test_the_way_is_told(found):
    a, b = told(found, outlook())[-2:]
    assert a == "The way of picture 7 on weak: 'dog' becomes 'cat' at the end, and is 'cat' in the end."
    assert b == "The way of picture 7 on strong: it is called 'dog' at every step that is drawn."


def test_the_table_has_every_number(found):
    rows = list(csv.DictReader(io.StringIO(table(found, outlook()).decode())))
    assert len(rows) == 2 * (2 * N + 3)
    row = rows[N + 1]
    assert (row["model"], row["picture"], row["moment"], row["true class"]) == ("weak", "1", "attacked", "dog")
    assert float(row["moved (mean distances between two classes)"]) == pytest.approx(found.a.space.ratio[1])
    assert float(row["x (of the map)"]) == pytest.approx(found.a.placed.xy_adv[1, 0])
    assert [row["moment"] for row in rows[2 * N : 2 * N + 3]] == ["step -1", "step 0", "step 5"]
    without = replace(found, a=Embedded(found.a.space), projection="")
    assert next(csv.DictReader(io.StringIO(table(without, outlook()).decode())))["x (of the map)"] == ""


def test_the_snippet_is_python_with_the_address():
    code = snippet("http://localhost/embedding?data=toy")
    compile(code, "snippet", "exec")
    assert "'http://localhost/embedding?data=toy'" in code
