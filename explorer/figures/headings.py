"""The words inside a figure: who stands where and how they fared, and what each row means."""

from collections.abc import Sequence

from explorer.figures.frames import Part
from explorer.figures.setting import Setting
from explorer.figures.sides import Side
from explorer.figures.style import LEFT, RIGHT, SIGNS, palette, plain
from explorer.figures.words import status

MARKS = "●◆■✚▲⬟✖★⬢⋈"  # the classes' symbols in words, as style.SYMBOLS


def heads(two: tuple[Side, Side], setting: Setting, y: tuple[float, float], transfer: bool, dark: bool) -> Part:
    """Return the names of both models above their halves, and how each fared."""
    part, colours = Part(), palette(dark)
    for i, side in enumerate(two):
        shown = f", on the {side.thing} made on {two[1 - i].letter}" if transfer else ""
        name = dyed(f"<b>{SIGNS[i]} {side.letter} · {plain(side.name)}</b>", colours.models[i])
        verdict = dyed(f"<b>{_verdict(side, setting)}</b>", colours.adversarial if side.lost else colours.ink)
        part.notes.append(note(f"{name}{shown}<br>{verdict}", (LEFT, RIGHT)[i][0], y) | {"font": {"size": 16}})
    return part


def _verdict(side: Side, setting: Setting) -> str:
    """Return how a model fared and, where it began as it should, what became of its answer."""
    words = f"{'✗' if side.lost else '✓'} {status(side)}"
    if side.spoiled:
        return words
    before, after = (plain(setting.classes[int(moment.p.argmax())]) for moment in (side.clean, side.end))
    return f"{words}: still {after}" if before == after else f"{words}: {before} → {after}"


def jumps(two: tuple[Side, Side]) -> list[tuple[str, int]]:
    """Return the buttons that go to where each model fell."""
    word = "at goal" if two[0].targeted else "falls"
    return [(f"{side.letter} {word}", side.fell) for side in two if side.fell is not None]


def bar_key(side: Side, y: tuple[float, float], transfer: bool, dark: bool) -> Part:
    """Return the heading of the bars: what their colours and marks mean."""
    colours, under = palette(dark), "on the other's picture" if transfer else "under attack"
    words = ["<b>Class probabilities</b>", f"{dyed('■', colours.clean)} clean"]
    words += [f"{dyed('■', colours.adversarial)} {under}", "○ answer clean", f"● answer {under}"]
    words += ["✓ true class"] if side.label >= 0 else []
    words += ["◎ wanted class"] if side.targeted and side.goal != side.label else []
    return key(words, y, dark)


def plane_key(setting: Setting, y: tuple[float, float], dark: bool) -> Part:
    """Return the heading of the planes: classes, point, budget."""
    colours = palette(dark)
    shapes = zip(setting.classes, colours.classes, MARKS, strict=False)
    words = [f"{dyed(mark, colour)} {plain(name)}" for name, colour, mark in shapes]
    words += ["○ clean", f"{dyed('★', colours.adversarial)} under attack"]
    words += [f"╌╌ budget {setting.symbol} {setting.eps}/{setting.unit}", "— boundary, colour stronger where surer"]
    return key(words, y, dark)


def margin_key(side: Side, y: tuple[float, float], steps: Sequence[int], count: int, dark: bool) -> Part:
    """Return the heading of the margins: what they are, what below zero means, and how many steps are shown."""
    wall = "boundary of the wanted class" if side.targeted else "decision boundary"
    below = "the goal is reached" if side.targeted else "the answer is wrong" if side.label >= 0 else "another answer"
    words = ["<b>Margin</b> in logits", f"0: {wall}, below it {below}"]
    words += [f"{len(steps)} of {count} steps in the replay"] if len(steps) < count else []
    return key(words, y, dark)


def key(words: Sequence[str], y: tuple[float, float], dark: bool) -> Part:
    """Return a row of words."""
    return Part(notes=[note("   ".join(words), 0.0, y) | {"font": {"size": 12.5, "color": palette(dark).soft}}])


def dyed(text: str, colour: str) -> str:
    """Return text in a colour."""
    return f'<span style="color:{colour}">{text}</span>'


def note(text: str, x: float, y: tuple[float, float]) -> dict[str, object]:
    """Return words that hang from the top of a row."""
    place = {"xref": "paper", "yref": "paper", "x": x, "y": y[1], "xanchor": "left", "yanchor": "top"}
    return place | {"text": text, "align": "left", "showarrow": False, "borderpad": 0}
