import json
from base64 import b64decode
from dataclasses import replace
from io import BytesIO
from urllib.parse import unquote

import numpy as np
import plotly.graph_objects as go
import pytest
from PIL import Image

from explorer.core.results import AttackView
from explorer.figures.crosscheck import crosscheck
from explorer.figures.images import change, gain, pixels
from explorer.figures.replay import replay
from explorer.figures.setting import Setting
from explorer.figures.sides import softmax
from explorer.figures.style import palette

ORDER = ("a change", "a under attack", "b change", "b under attack", "a clean", "b clean")


def shown(images: list) -> dict[str, np.ndarray]:
    """Return the pictures that a browser would draw."""
    found = {}
    for name, image in zip(ORDER, images, strict=False):
        source = unquote(image["source"])
        assert "image-rendering:pixelated" in source
        data = source.split("base64,")[1].split("'")[0]
        found[name] = np.asarray(Image.open(BytesIO(b64decode(data))))
    return found


def test_the_first_drawing_is_the_outcome(make, setting) -> None:
    view = make()
    fig = replay(view, setting)
    assert isinstance(fig, go.Figure)
    pictures = shown(fig.layout.images)
    assert (pictures["a clean"] == pixels(view.a.x[0])).all()
    assert (pictures["a under attack"] == pixels(view.a.x_adv[0])).all()
    assert (pictures["b under attack"] == pixels(view.b.x_adv[0])).all()
    assert fig.layout.sliders[0].active == len(fig.frames) - 1
    last = shown(fig.frames[-1].layout.images)
    assert (last["a under attack"] == pictures["a under attack"]).all()


def test_there_is_a_frame_for_every_step_and_the_result(make, setting) -> None:
    view = make()
    fig = replay(view, setting)
    names = [frame.name for frame in fig.frames]
    assert names == ["0", "1", "2", "3", "result"]
    assert [step.args[0] for step in fig.layout.sliders[0].steps] == [(name,) for name in names]
    for t in range(4):
        pictures = shown(fig.frames[t].layout.images)
        assert (pictures["a under attack"] == pixels(view.a.path["x"][t, 0])).all()
    assert (shown(fig.frames[3].layout.images)["b under attack"] == pixels(view.b.path["x"][-1, 0])).all()
    for frame in fig.frames:  # plotly.js blanks, for a moment, what a frame leaves out
        assert [trace.type for trace in frame.data] == [trace.type for trace in fig.data]


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_printed_gain_is_the_one_used_for_both_models(make, setting, norm) -> None:
    view = make()
    fig = replay(view, replace(setting, norm=norm))
    deltas = [found.path["x"][:, 0] - found.x[0] for found in (view.a, view.b)]
    reach = max(float(np.abs(delta).max()) for delta in deltas)
    reach = max(reach, setting.budget) if norm == "linf" else reach
    printed = {note.text for note in fig.layout.annotations if "change" in note.text}
    assert printed == {f"change × {gain(reach):.3g}"}
    pictures = shown(fig.layout.images)
    for letter, found in (("a", view.a), ("b", view.b)):
        expected = 0.5 + gain(reach) * (found.x_adv[0] - found.x[0]).transpose(1, 2, 0)
        assert np.abs(pictures[f"{letter} change"] / 255 - expected).max() <= 0.5 / 255 + 1e-6


def test_the_gain_at_8_of_255_is_printed_as_16(make, setting) -> None:
    fig = replay(make(), setting)
    assert "change × 15.9" in {note.text for note in fig.layout.annotations}


@pytest.mark.parametrize("channels", [1, 3])
def test_the_change_prints_its_gain_and_its_size_the_ends_of_its_scale(make, setting, channels) -> None:
    view = make(shape=(channels, 8, 8))
    signed, size = (replay(view, setting, show_map=show_map) for show_map in ("signed", "size"))
    assert any(note.text == "change × 15.9" for note in signed.layout.annotations)
    assert any(note.text.startswith("size") and "0.0314" in note.text for note in size.layout.annotations)
    delta = view.a.x_adv[0] - view.a.x[0]
    for fig, show_map in ((signed, "signed"), (size, "size")):
        drawn = shown(fig.layout.images)["a change"]
        assert (drawn == change(delta, setting.budget, show_map)).all()


def test_both_models_share_every_scale(make, setting) -> None:
    fig = replay(make(), setting)
    layout = fig.layout
    assert layout.xaxis7.range == layout.xaxis8.range
    assert layout.xaxis7.range[0] == 0
    assert layout.xaxis7.tickvals[-1] == 1
    assert layout.yaxis7.ticktext == layout.yaxis8.ticktext
    assert layout.yaxis9.range[0] < -7  # one axis for both margins
    assert layout.yaxis9.range[1] > 4


def test_bars_are_the_probabilities_before_and_after(make, hand, setting) -> None:
    fig = replay(make(), setting)
    clean, _, after, _ = (trace for trace in fig.data if trace.type == "bar")
    assert clean.x == pytest.approx(softmax(np.array(hand.fell[0])), abs=1e-4)
    assert after.x == pytest.approx(softmax(np.array(hand.fell[3])), abs=1e-4)
    marks = [trace for trace in fig.data if trace.type == "scatter" and trace.mode == "text"]
    assert [mark[:1] for mark in marks[0].text] == ["○", "●", ""]
    assert [mark[:2] for mark in marks[1].text] == ["○●", "", ""]
    assert fig.layout.yaxis7.ticktext == ("<b>✓ cat</b>", "dog", "eel")


def test_many_classes_show_the_likely_ones_and_the_rest(hand) -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4, 30)) * 3
    found = hand.attacked(rows, goal=int(rows[0].argmax()))
    crowd = hand.noise(0, found)
    view = AttackView(29, found, found, found.logits_adv[0], found.logits_adv[0], crowd, crowd)
    fig = replay(view, Setting(tuple(f"class {i}" for i in range(30)), ("a", "b"), "linf", 8, 255))
    names = fig.layout.yaxis7.ticktext
    assert len(names) == 10
    assert names[-1] == "21 others"
    assert "<b>✓ class 29</b>" in names
    for trace in fig.data:
        if trace.type == "bar":
            assert sum(trace.x) == pytest.approx(1, abs=1e-3)


def test_falls_are_marked_and_can_be_jumped_to(make, setting) -> None:
    fig = replay(make(), setting)
    notes = [note.text for note in fig.layout.annotations]
    assert "A: step 1" in notes
    assert not any(note.startswith("B: step") for note in notes)
    labels = [button.label for button in fig.layout.updatemenus[0].buttons]
    assert "A falls" in labels
    assert "B falls" not in labels
    assert any("✗ falls at step 1: cat → dog" in note for note in notes)
    assert any("✓ holds: still cat" in note for note in notes)


def test_the_name_of_a_fall_stands_away_from_the_other_line(make, hand, setting) -> None:
    lower: list = [[2, 0, 0], [1, 3, 0], [0, 9, 0]]  # falls at step 0, far below the other, which falls at step 1
    for a, b in ((hand.fell, lower), (lower, hand.fell)):
        notes = {note.text: note for note in replay(make(a, b), setting).layout.annotations}
        upper, under = ("A: step 1", "B: step 0") if a is hand.fell else ("B: step 1", "A: step 0")
        assert notes[upper].yanchor == "bottom"
        assert notes[under].yanchor == "top"


@pytest.mark.parametrize("later", [1, 2])
def test_the_names_of_two_falls_never_lie_on_each_other(make, setting, later) -> None:
    """Left of the earlier and right of the later; of two at one step below and above, of one model twice as well."""
    first: list = [[2, 0, 0], [1, 0, 0], [0, 2, 0], [0, 3, 0]]
    second = first if later == 1 else [[2, 0, 0], [1, 0, 0], [1, 0, 0], [0, 9, 0]]  # ends the lower
    for a, b in ((first, second), (second, first)):
        notes = [note for note in replay(make(a, b), setting).layout.annotations if ": step" in note.text]
        early, late = sorted(notes, key=lambda note: (note.x, note.yanchor == "bottom"))
        assert (early.xanchor, early.yanchor, late.xanchor, late.yanchor) == ("right", "top", "left", "bottom")
        assert late.x == later


def test_hovered_margins_have_a_true_minus(make, setting) -> None:
    view = make()
    figures = replay(view, setting), replay(view, setting, transfer=True), crosscheck(view, setting)
    texts = [str(text) for fig in figures for trace in fig.data for text in trace.text or ()]
    assert any("margin −" in text for text in texts)
    assert not any("-" in text for text in texts)
    assert not any(".2f" in (trace.hovertemplate or "") for fig in figures for trace in fig.data)


def test_the_picture_that_fools_is_framed_from_where_it_does(make, setting) -> None:
    fig = replay(make(), setting)
    colours = palette(False)

    def frames(traces) -> list[str]:
        return [trace.fillcolor for trace in traces if trace.type == "scatter" and trace.fillcolor]

    assert frames(fig.data) == [*[colours.line] * 4, colours.adversarial, colours.line]
    assert [frames(frame.data)[0] for frame in fig.frames] == [colours.line, *[colours.adversarial] * 4]


def test_an_attack_without_a_path_has_no_replay(make, setting) -> None:
    fig = replay(make(path=False), setting)
    assert fig.frames == ()
    assert fig.layout.sliders == ()
    assert fig.layout.updatemenus == ()
    lines = [trace for trace in fig.data if trace.xaxis == "x9"]
    assert list(lines[0].y) == [4.0, -5.0]


def test_transfer_shows_each_model_the_other_picture(make, setting) -> None:
    view = make()
    fig = replay(view, setting, transfer=True)
    pictures = shown(fig.layout.images)
    assert (pictures["a under attack"] == pixels(view.b.x_adv[0])).all()
    assert (pictures["b under attack"] == pixels(view.a.x_adv[0])).all()
    notes = [note.text for note in fig.layout.annotations]
    assert "made on B" in notes
    assert "made on A" in notes
    assert any("on the picture made on B" in note for note in notes)
    assert fig.frames == ()
    lines = [trace for trace in fig.data if trace.xaxis == "x9"]
    assert list(lines[0].y) == [4.0, -5.0, -7.0]  # clean, made on B, made on A itself
    assert list(lines[1].y) == [3.0, 3.0, 0.5]


def test_a_long_attack_is_thinned_and_says_so(make, hand, setting) -> None:
    rows = [hand.fell[0], *[hand.fell[1]] * 150, *hand.fell[2:]]
    fig = replay(make(rows), setting)
    names = [frame.name for frame in fig.frames]
    assert len(names) == 42
    assert {"0", "150", "151", "152"} <= set(names)
    assert any("41 of 153 steps in the replay" in note.text for note in fig.layout.annotations)


def test_a_target_is_marked_and_reached_below_zero(make, setting) -> None:
    fig = replay(make(goal=1, targeted=True), setting)
    notes = " ".join(note.text for note in fig.layout.annotations)
    assert "below it the goal is reached" in notes
    assert "goal reached at step 1" in notes
    assert "goal not reached" in notes
    assert fig.layout.yaxis7.ticktext[1] == "<b>◎ dog</b>"


def test_an_unknown_class_is_never_called_right_or_wrong(make, setting) -> None:
    fig = replay(make(label=-1), setting)
    words = " ".join(note.text for note in fig.layout.annotations)
    said = [str(trace.text) for trace in fig.data if trace.type == "scatter" and trace.mode == "markers+text"]
    assert "true class" not in words
    assert not any("✓" in text or "✗" in text for text in said)


@pytest.mark.parametrize("dark", [False, True])
def test_light_and_dark_carry_their_own_template(make, setting, dark) -> None:
    import streamlit  # noqa: F401  (replaces Plotly's default template by placeholder colours)

    text = replay(make(), setting, dark=dark).to_json()
    assert "#000001" not in text
    assert palette(dark).page in text


def test_tags_in_names_are_shown_as_they_are(make, setting) -> None:
    text = json.dumps(replay(make(), replace(setting, names=("<i>x</i>", "y"))).to_dict(), default=str)
    assert "<i>" not in text
    assert "&lt;i&gt;x" in text


def test_a_colour_picture_with_all_frames_stays_small(hand) -> None:
    rng = np.random.default_rng(0)
    found = hand.attacked(rng.normal(size=(42, 10)), shape=(3, 32, 32))
    x = found.x[0]
    for t, x_t in enumerate(found.path["x"][:, 0]):  # as gradient steps do: ever more values at the budget's wall
        wall = np.sign(x_t - x) * hand.eps
        x_t[:] = np.where(rng.random(x.shape) < t / 20, (x + wall).clip(0, 1), x_t)
    view = AttackView(0, found, found, *[found.logits_adv[0]] * 2, *[hand.noise(0, found)] * 2)
    classes = tuple("0123456789")
    fig = replay(view, Setting(classes, ("standard", "robust"), "linf", 8, 255))
    assert len(fig.frames) == 42
    assert len(fig.to_json()) < 700_000


def test_no_budget_draws_an_unchanged_picture(make, setting) -> None:
    view = make()
    for found in (view.a, view.b):
        found.path["x"][:] = found.x[0]
        found.x_adv[:] = found.x
    fig = replay(view, replace(setting, eps=0))
    assert set(np.unique(shown(fig.layout.images)["a change"])) == {128}


def test_a_single_step_has_a_replay_too(make, setting) -> None:
    fig = replay(make([[5, 0, 1], [1, 2, 0]], [[5, 0, 1], [4, 0, 0]]), setting)
    assert [frame.name for frame in fig.frames] == ["0", "result"]
    low, high = fig.layout.xaxis9.range
    assert low < fig.layout.xaxis9.tickvals[0] < 0 < fig.layout.xaxis9.tickvals[-1] < high
