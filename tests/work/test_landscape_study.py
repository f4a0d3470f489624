"""The view of a study: the cards' figures, whatever else is chosen, and nothing to compute."""

import numpy as np
import pytest

from explorer.core.results import Study
from explorer.models.zoo import card
from explorer.work.address import strict
from explorer.work.landscape import VIEWS
from explorer.work.landscape.study import gather, pieces
from explorer.work.local import run
from explorer.work.pack import from_bytes, to_bytes, to_json
from explorer.work.study.arms import arms
from explorer.work.study.courses import courses


def test_it_is_the_same_on_every_data_set_and_asks_for_nothing(monkeypatch):
    monkeypatch.setattr("explorer.work.local.compute", lambda *_, **__: pytest.fail("something was computed"))
    request = strict("/landscape?view=study")
    assert pieces(request) == []
    found = run("/landscape?view=study&data=toy")
    assert to_json(found) == to_json(gather(request, {})) == to_json(run(request))
    assert "study" in VIEWS.of("digits")


def test_courses_are_those_of_the_cards():
    found = {(one.way, one.eps): one for one in courses(arms("landscape"))}
    assert set(found) == {("PAS", 0.4), ("constant", 0.4)}
    for one in found.values():
        for name, losses, values in zip(one.models, one.loss, one.eigenvalue, strict=True):
            rows = card(name)["landscape"]["course"]
            np.testing.assert_allclose(one.share, [row["share"] for row in rows])
            np.testing.assert_allclose(losses, [row["loss"] for row in rows])
            np.testing.assert_allclose(values, [row["eigenvalue"] for row in rows])
            assert losses[-1] == card(name)["landscape"]["loss"]


def test_a_study_is_written_and_read_again():
    found = run("/landscape?view=study")
    again = from_bytes(to_bytes(found))
    assert isinstance(again, Study)
    assert again.claims == found.claims
    assert to_json(again) == to_json(found)
    assert np.isnan(again.arms[0].figures["turn"]).all()
