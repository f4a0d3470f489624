"""Truths about PGD: on linear models in closed form, elsewhere by what must hold."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal, ascent
from explorer.core.norms import CONVEX, DUAL, length
from explorer.core.types import Threat

pgd, fgsm = ATTACKS["pgd"].run, ATTACKS["fgsm"].run
ONE_COORDINATE = 0.001  # the smallest share: of 64 coordinates, one
EPS = {"linf": 0.1, "l2": 0.5, "l1": 0.4}


def margins(result) -> np.ndarray:
    return Goal(torch.from_numpy(result.labels)).margin(torch.from_numpy(result.logits_adv)).numpy()


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("random_start", [False, True])
def test_on_a_linear_model_it_reaches_the_optimum(linear, norm, random_start):
    """The least margin in the ball is w·x - eps·||w||_dual, away from the walls of the box."""
    goal, threat = Goal(torch.zeros(3, dtype=torch.long)), Threat(norm, EPS[norm])
    x_adv = pgd(
        linear.model,
        linear.x,
        goal,
        threat,
        steps=200,
        share=ONE_COORDINATE,
        random_start=random_start,
        rng=generator(0),
    )
    best = linear.margin - EPS[norm] * length(linear.w[None], DUAL[norm])
    torch.testing.assert_close(x_adv.flatten(1) @ linear.w, best, atol=2e-3, rtol=1e-3)


def test_l1_moves_the_strongest_coordinates(linear):
    goal, threat = Goal(torch.zeros(3, dtype=torch.long)), Threat("l1", 0.4)
    x_adv = pgd(linear.model, linear.x, goal, threat, share=0.05, random_start=False, rng=generator(0))
    moved = (x_adv - linear.x).flatten(1).abs() > 1e-6
    strongest = torch.zeros(64, dtype=torch.bool)
    strongest[linear.w.abs().topk(3).indices] = True  # 0.05 of 64
    assert torch.equal(moved, strongest.expand(3, 64))


def test_l1_fills_the_strongest_pixels_to_the_wall_of_the_box(linear):
    """0.5 is all that a pixel can move from the middle: the optimum of a budget of 2 is the four strongest, filled."""
    goal, threat = Goal(torch.zeros(3, dtype=torch.long)), Threat("l1", 2.0)
    delta = (pgd(linear.model, linear.x, goal, threat, steps=200, rng=generator(0)) - linear.x).flatten(1)
    best = 0.5 * linear.w.abs().topk(4).values.sum()
    assert (-(delta @ linear.w) > 0.98 * best).all()
    assert (delta.abs().sort(descending=True).values[:, :4] > 0.45).all()


@pytest.mark.parametrize("norm", CONVEX)
def test_one_whole_step_from_the_image_is_fgsm(cnn, norm):
    threat, goal = Threat(norm, EPS[norm]), Goal(cnn.y)
    one = pgd(
        cnn.model, cnn.x, goal, threat, steps=1, step=1.0, random_start=False, share=ONE_COORDINATE, rng=generator(0)
    )
    torch.testing.assert_close(one.detach(), fgsm(cnn.model, cnn.x, goal, threat).detach(), atol=1e-6, rtol=0)


@pytest.mark.parametrize("norm", CONVEX)
def test_more_steps_are_never_weaker(cnn, norm):
    found = [
        margins(
            run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, EPS[norm]), knobs={"steps": n}, stop=False)
        )
        for n in (1, 3, 10, 30)
    ]
    for few, more in pairwise(found):
        assert (more <= few + 1e-5).all()
    assert (found[-1] < found[0]).any()


def test_more_restarts_are_never_weaker(cnn):
    one, four = (
        run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), Threat("linf", 0.05), knobs={"steps": 3, "restarts": n})
        for n in (1, 4)
    )
    assert (four.success >= one.success).all()


@pytest.mark.parametrize("stop", [False, True])
def test_each_image_is_attacked_for_its_own_goal(cnn, stop):
    """Some fall and leave, some stand and are tried again: each as if it were alone, and from x as the time before."""
    knobs, threat = {"steps": 5, "step": 0.4, "restarts": 2, "random_start": False}, Threat("linf", 0.03)
    together = run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), threat, knobs=knobs, stop=stop, path=True)
    standing = ~together.success
    assert 0 < standing.sum() < 6
    first, second = np.split(together.path["x"][:, standing], 2)
    np.testing.assert_allclose(second, first, atol=1e-6)
    for i in range(6):
        goal = Goal(cnn.y[i : i + 1])
        alone = run_attack("pgd", cnn.model, cnn.x[i : i + 1], goal, threat, knobs=knobs, stop=stop)
        np.testing.assert_allclose(alone.x_adv[0], together.x_adv[i], atol=1e-6)


def test_the_last_iterate_counts(linear):
    """One step from x: the only iterate that is better than x is the last."""
    result = run_attack(
        "pgd",
        linear.model,
        linear.x,
        Goal(torch.zeros(3, dtype=torch.long)),
        Threat("linf", 0.01),
        knobs={"steps": 1, "step": 1.0, "random_start": False},
        stop=False,
    )
    best = linear.margin - 0.01 * linear.w.abs().sum()
    np.testing.assert_allclose(margins(result), best, atol=1e-5)


def test_a_better_iterate_on_the_way_is_kept():
    """A model whose margin is least at |x - 0.5| = 0.05 and rises beyond: whole steps jump over it."""

    class Valley(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.scale = torch.nn.Parameter(torch.ones(1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            away = ((x - 0.5).abs() - 0.05).abs().flatten(1).sum(1, keepdim=True) * self.scale
            return torch.cat([away + 1, torch.zeros_like(away)], 1)

    x = torch.full((1, 1), 0.52)
    knobs = {"steps": 6, "step": 0.3, "random_start": False}
    goal = Goal(torch.zeros(1, dtype=torch.long))
    result = run_attack("pgd", Valley(), x, goal, Threat("linf", 0.1), knobs=knobs, stop=False, path=True)
    assert margins(result)[0] == pytest.approx(result.path["margin"].min(), abs=1e-6)
    assert result.path["margin"][-1, 0] > result.path["margin"].min()


@pytest.mark.parametrize("norm", CONVEX)
def test_restarts_end_when_everything_is_broken(cnn, norm):
    threat = Threat(norm, 30.0)  # the whole box
    result = run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), threat, knobs={"steps": 20, "restarts": 5})
    assert result.success.all()
    assert result.images < 6 * 40


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("targeted", [False, True])
def test_dropping_the_broken_changes_no_success(cnn, norm, targeted):
    goal, threat = Goal(cnn.others if targeted else cnn.y, targeted), Threat(norm, EPS[norm])
    early, late = (run_attack("pgd", cnn.model, cnn.x, goal, threat, stop=stop) for stop in (True, False))
    assert np.array_equal(early.success, late.success)
    assert early.images <= late.images == 6 * 41


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("factor", [1e-30, 1e-20, 1e4])
def test_being_sure_is_no_defence(linear, norm, factor):
    """Scaled logits leave every decision as it was, and so the attack, however small or large its gradients."""
    goal, threat = Goal(torch.zeros(3, dtype=torch.long)), Threat(norm, EPS[norm])
    knobs = {"steps": 5, "step": 0.25, "share": ONE_COORDINATE}
    plain, scaled = (
        pgd(torch.nn.Sequential(linear.model, Scale(by)), linear.x, goal, threat, **knobs, rng=generator(0))
        for by in (1.0, factor)
    )
    assert (linear.margin - plain.flatten(1) @ linear.w > 0).all()
    torch.testing.assert_close(scaled, plain, atol=1e-6, rtol=0)


class Scale(torch.nn.Module):
    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, logits: torch.Tensor) -> torch.Tensor:
        return logits * self.factor


def test_training_gets_the_last_iterate(cnn):
    """Without a track nothing is dropped, and no iterate but the last comes back."""
    goal, threat = Goal(cnn.y), Threat("linf", 0.1)
    two = pgd(cnn.model, cnn.x, goal, threat, steps=2, step=0.5, random_start=False, rng=generator(0))
    one = pgd(cnn.model, cnn.x, goal, threat, steps=1, step=0.5, random_start=False, rng=generator(0))
    again = one + 0.05 * ascent(cnn.model, one, goal)[1].sign()
    expected = torch.minimum(torch.maximum(again, cnn.x - 0.1), cnn.x + 0.1).clamp(0, 1)
    torch.testing.assert_close(two.detach(), expected.detach(), atol=1e-6, rtol=0)
