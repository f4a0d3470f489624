"""The marks of changed pixels: which, how many, and drawn over which picture."""

import re
from dataclasses import replace
from urllib.parse import unquote

import numpy as np
import pytest

from explorer.figures.export import html, table
from explorer.figures.outlines import changed, counted, outlines
from explorer.figures.replay import replay
from explorer.figures.words import alt, story


@pytest.fixture
def few(make, setting):
    """A view in l0 whose iterates change step + 1 pixels of A's picture and 3 of B's, in their last channel alone."""
    view = make()
    for found, counts in ((view.a, (1, 2, 3, 4)), (view.b, (3, 3))):
        for x, count in zip(found.path["x"][:, 0], counts, strict=True):
            x[:] = found.x[0]
            x.reshape(3, -1)[2, :count] = 1 - found.x[0].reshape(3, -1)[2, :count]
        best = int(found.path["margin"][:, 0].argmin())
        found.x_adv[0] = found.path["x"][best, 0]
        found.distance["l0"] = np.array([counts[best]], np.float32)
    return view, replace(setting, norm="l0", eps=3)


def squares(image) -> set[tuple[int, int]]:
    """Return the (row, column) of each outline in a picture as it is sent."""
    return {(int(v), int(u)) for u, v in re.findall(r"M(\d+) (\d+)h1v1h-1z", unquote(image["source"]))}


def test_a_pixel_counts_once_whatever_its_channels():
    clean = np.zeros((3, 4, 5), np.float32)
    x = clean.copy()
    x[:, 1, 2] = 0.5
    x[2, 3, 4] = 1e-6
    assert np.argwhere(changed(x, clean)).tolist() == [[1, 2], [3, 4]]
    assert counted(x, clean) == "2 of 20 pixels"


def test_each_pixel_has_its_line_and_a_group_is_cased_where_it_ends():
    where = np.zeros((4, 5), bool)
    where[1, 1:4] = where[3, 4] = True
    casing, line = re.findall(r" d='([^']*)'", outlines(where))
    assert line == "M1 1h1v1h-1zM2 1h1v1h-1zM3 1h1v1h-1zM4 3h1v1h-1z"
    group = {"M1 1h1", "M2 1h1", "M3 1h1", "M1 2h1", "M2 2h1", "M3 2h1", "M1 1v1", "M4 1v1"}
    alone = {"M4 3h1", "M4 4h1", "M4 3v1", "M5 3v1"}
    assert set(re.findall(r"M\d+ \d+[hv]1", casing)) == group | alone
    assert "fill='none'" in outlines(where)
    assert outlines(np.zeros((4, 5), bool)) == ""


def test_the_marks_follow_the_replay_on_the_picture_under_attack_alone(few) -> None:
    view, setting = few
    fig = replay(view, setting)
    assert squares(fig.layout.images[1]) == {(0, 0), (0, 1), (0, 2)}  # the outcome: step 2, of smallest margin
    assert [len(squares(frame.layout.images[1])) for frame in fig.frames] == [1, 2, 3, 4, 3]
    assert len(squares(fig.layout.images[3])) == 3
    assert not any(squares(fig.layout.images[i]) for i in (0, 2, 4, 5))
    sizes = [trace.text[0] for trace in fig.data if trace.text and "pixels" in trace.text[0]]
    assert sizes == ["3 of 64 pixels", "3 of 64 pixels"]


def test_marks_are_for_attacks_of_few_pixels_and_can_be_put_away(few) -> None:
    view, setting = few
    others = ({"norm": "l2"}, {"limits": "its own limits"})
    drawn = [replay(view, setting, marks=False), *(replay(view, replace(setting, **other)) for other in others)]
    assert not any(squares(image) for fig in drawn for image in fig.layout.images)


def test_the_count_is_told_and_leaves_the_page(few) -> None:
    view, setting = few
    assert story(view, setting)[0].endswith("3 of 64 pixels changed.")
    assert "3 of 64 pixels changed." in alt(view, setting)
    assert all(line.endswith("3 of 64 pixels changed.") for line in story(view, setting, transfer=True))
    assert "pixels" not in " ".join(story(view, replace(setting, norm="linf")))
    shortest = replace(view, a=replace(view.a, bound="smallest"))
    line = story(shortest, setting)[0]
    assert line.endswith("changes 3 of 64 pixels: it falls within the budget of 3 pixels.")
    assert "A standard,result,,length l0,3.0" in table(view, setting).decode()
    assert b"M0%200h1v1" in html(replay(view, setting), "t", "n") or b"M0 0h1v1" in html(
        replay(view, setting), "t", "n"
    )
