from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.goals import Goal
from explorer.figures.replay import steps_of
from explorer.figures.sides import margin, sides, softmax


@pytest.mark.parametrize("targeted", [False, True])
def test_margin_and_softmax_are_those_of_the_goal(targeted: bool) -> None:
    logits = np.random.default_rng(0).normal(size=(20, 5)).astype(np.float32)
    goal = Goal(torch.full((20,), 2), targeted)
    expected = goal.margin(torch.from_numpy(logits)).numpy()
    assert np.allclose([margin(row, 2, targeted) for row in logits], expected, atol=1e-6)
    assert np.allclose(softmax(logits), torch.from_numpy(logits).softmax(1).numpy(), atol=1e-6)
    assert np.isfinite(softmax(np.array([1e4, -1e4], np.float32))).all()


def test_a_fall_is_the_first_step_at_the_goal_and_the_outcome_the_strongest(make, setting) -> None:
    a, b = sides(make(), setting)
    assert (a.fell, a.best, a.reached) == (1, 2, True)
    assert a.end.margin == -7
    assert (b.fell, b.reached) == (None, False)
    assert b.best == 1
    assert a.at(None) is a.end
    assert a.at(99) is a.path[-1]


def test_a_fall_that_the_judge_denies_is_none(make, setting) -> None:
    view = make()
    view.a.success[0] = False
    assert sides(view, setting)[0].fell is None


def test_transfer_shows_the_other_picture_and_no_way_to_it(make, setting) -> None:
    view = make()
    a, b = sides(view, setting, transfer=True)
    assert (a.end.x == view.b.x_adv[0]).all()
    assert (b.end.x == view.a.x_adv[0]).all()
    assert (a.path, b.path) == ((), ())
    assert a.reached
    assert not b.reached
    assert np.allclose(a.end.p, softmax(view.transfer_a))


def test_an_iterate_without_a_picture_has_the_one_before_it(make, setting) -> None:
    view = make()
    path = view.a.path
    thin = replace(view.a, path={**path, "x": path["x"][[0, 3]], "kept": np.array([0, 3])})
    whole, a = sides(view, setting)[0], sides(replace(view, a=thin), setting)[0]
    assert [moment.margin for moment in a.path] == [moment.margin for moment in whole.path]
    assert a.fell == whole.fell == 1
    assert (a.path[2].x == whole.path[0].x).all()
    assert (a.path[3].x == whole.path[3].x).all()
    assert steps_of((a, a))[0] == [0, 3]


def test_who_was_wrong_from_the_start_does_not_fall(make, setting) -> None:
    a, _ = sides(make([[0, 5, 1], [0, 6, 1], [0, 7, 1]]), setting)
    assert a.spoiled
    assert a.reached
    assert a.fell is None
