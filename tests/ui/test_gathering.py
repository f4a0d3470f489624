"""What a page says while parts of a result are on their way."""

import pytest

from explorer.ui.gathering import AHEAD, doing, due, lasts
from explorer.work.address import read
from explorer.work.boundary.local import pieces
from explorer.work.job import State
from explorer.work.training.stretches import trainings

REQUEST, _ = read("/boundary?view=local&data=toy&pictures=60")
STRETCH = trainings(read("/training?data=toy")[0])[0][0]
SECOND = next(piece for piece in pieces(REQUEST) if piece.start == 50)


@pytest.mark.parametrize(
    ("part", "state", "words"),
    [
        (SECOND, State("queued", place=3), "Place 3 in line."),
        (SECOND, State("queued"), "Waiting for a free worker."),
        (SECOND, State("running", note="comparing pictures"), "Comparing pictures."),
        (SECOND, State("running"), "Now pictures 50 to 59, toy-standard."),
        (REQUEST, State("running"), "Now the chosen picture."),
        (STRETCH, State("running"), "Now standard on toy: epochs 1 to 3 of 36."),
    ],
)
def test_no_wait_is_without_words(part, state, words):
    assert doing(part, state) == words


def test_the_rest_takes_as_long_as_the_last_parts_did():
    assert lasts([(0, 0), (10, 1)], 100) == ""
    assert lasts([(0, 0), (10, 1), (20, 2)], 100) == " About 16 minutes left."
    assert lasts([(0, 0), (10, 1), (20, 2)], 5) == " About 30 seconds left."
    assert lasts([(0, 0), (1, 1), (2, 2)], 5) == ""


def test_the_more_people_wait_the_less_often_a_page_is_drawn_but_its_first_results_at_once():
    assert due(5, 0.0, 0)
    assert not due(5, 2.6, 9)
    assert due(5, 2.8, 9)
    assert due(0, 0.0, 59)
    assert due(AHEAD - 1, 0.0, 59)
