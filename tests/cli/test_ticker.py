"""Progress without a terminal: a line where there is news."""

import pytest

from explorer.cli import ticker as module
from explorer.cli.ticker import PAUSE, ticker


@pytest.fixture
def lines(capsys, monkeypatch):
    """Return a function that ticks once for each (seconds, done) of 1000, and returns the lines that were said."""

    def lines(ticks: list[tuple[float, int]]) -> list[str]:
        now = [0.0]
        monkeypatch.setattr(module.time, "monotonic", lambda: now[0])
        with ticker("net") as tick:
            for now[0], done in ticks:
                tick(done, 1000, "epoch")
        return capsys.readouterr().err.splitlines()

    return lines


def test_a_line_is_said_only_where_five_percent_are_new_and_at_the_end(lines):
    ticks = [(t * PAUSE, t) for t in range(1, 1001)]
    assert lines(ticks) == [f"net: {percent}% epoch" for percent in range(5, 101, 5)]
    assert lines(ticks[:980] + ticks[-1:] * 3)[-2:] == ["net: 95% epoch", "net: 100% epoch"]


def test_what_is_over_soon_says_nothing_and_what_hurries_pauses(lines):
    assert lines([(t * PAUSE / 2000, t) for t in range(1, 1001)]) == []
    hurried = lines([(t * PAUSE / 300, t) for t in range(1, 1001)])
    assert hurried == [f"net: {percent}% epoch" for percent in (30, 60, 90, 100)]


def test_a_second_task_of_the_same_work_is_news_too(lines):
    ticks = [(PAUSE, 500), (2 * PAUSE, 520), (3 * PAUSE, 100), (4 * PAUSE, 120), (5 * PAUSE, 149), (6 * PAUSE, 150)]
    assert lines(ticks) == ["net: 50% epoch", "net: 10% epoch", "net: 15% epoch"]
