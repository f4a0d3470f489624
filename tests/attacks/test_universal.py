"""Truths about universal perturbations: one for all, made on the crowd alone, optimal on linear models."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import length, steepest
from explorer.core.types import Threat

universal = ATTACKS["universal"].run
EPS = {"linf": 0.1, "l2": 0.4}
both = pytest.mark.parametrize("norm", EPS)


def crowd_of(model: nn.Module, count: int, shape: tuple[int, ...] = (1, 8, 8), seed: int = 1) -> torch.Tensor:
    """Return pictures away from the walls of the box that the model all calls class 0."""
    x = 0.3 + 0.4 * torch.rand((40 * count, *shape), generator=generator(seed))
    return x[model(x).argmax(1) == 0][:count]


@pytest.fixture
def plane() -> nn.Module:
    """Two classes, cut in the middle of the box by a plane of random weights."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 2))
    w = torch.randn(64, generator=generator(3))
    model[1].weight.data, model[1].bias.data = torch.stack([w, 0 * w]), torch.tensor([-0.5 * w.sum(), 0.0])
    return model.eval()


@both
@pytest.mark.parametrize("targeted", [False, True])
def test_of_one_class_and_a_plane_it_is_the_best_single_step(plane, norm, targeted):
    """Every picture wants the same: v = -eps·w / ||w|| in l2, -eps·sign(w) in linf; too small to fool all."""
    eps = EPS[norm] / 20
    crowd, x = crowd_of(plane, 60), crowd_of(plane, 4, seed=9)
    goal = Goal(torch.full((4,), int(targeted)), targeted)
    x_adv = universal(plane, x, goal, Threat(norm, eps), share=1.0, rng=generator(0), crowd=crowd)
    best = -eps * steepest(plane[1].weight[0].view(1, 1, 8, 8), norm)
    torch.testing.assert_close(x_adv - x, best.expand(4, -1, -1, -1), atol=1e-5, rtol=0)


@both
def test_it_is_one_and_the_same_for_every_picture(cnn, norm):
    x = 0.3 + 0.4 * cnn.x  # away from the walls
    x_adv = universal(cnn.model, x, Goal(cnn.y), Threat(norm, EPS[norm]), rng=generator(0), crowd=cnn.x)
    v = x_adv - x
    torch.testing.assert_close(v, v[:1].expand_as(v), atol=1e-6, rtol=0)
    assert length(v, norm).max() <= EPS[norm] + 1e-6
    assert length(v, norm).min() > 0.1 * EPS[norm]


@pytest.mark.parametrize("stop", [False, True])
@pytest.mark.parametrize("targeted", [False, True])
def test_the_pictures_shown_have_no_say(cnn, stop, targeted):
    """Alone or with others, of other goals, each gets the same."""
    labels = cnn.others.clone()
    goal, threat = Goal(labels if targeted else cnn.y, targeted), Threat("linf", 0.05)
    settings = {"crowd": torch.rand((50, 1, 8, 8), generator=generator(7)), "stop": stop, "knobs": {"epochs": 3}}
    together = run_attack("universal", cnn.model, cnn.x, goal, threat, **settings)
    assert len(set(labels.tolist())) > 1
    for i in range(6):
        alone = run_attack("universal", cnn.model, cnn.x[i : i + 1], goal[i : i + 1], threat, **settings)
        np.testing.assert_allclose(alone.x_adv[0], together.x_adv[i], atol=1e-6)


def test_it_ends_when_enough_of_the_crowd_is_fooled(plane):
    """A small share asks for fewer passes; what it promises of the crowd is so."""
    crowd, goal = crowd_of(plane, 100), Goal(torch.zeros(1, dtype=torch.long))
    spent = []
    for share in (0.3, 1.0):
        settings = {"knobs": {"share": share, "epochs": 20, "step": 0.02}, "crowd": crowd, "stop": False}
        result = run_attack("universal", plane, crowd[:1], goal, Threat("linf", 0.15), **settings)
        v = torch.from_numpy(result.x_adv - result.x)
        fooled = (plane(crowd + v).argmax(1) != 0).float().mean()
        assert (fooled >= share) == (result.images < 20 * 200)
        spent.append(result.images)
    assert spent[0] < spent[1]


def test_a_crowd_at_the_walls_is_not_pushed_out_of_the_box():
    """Pixels at 0 cannot get darker: a v that would only clip them is not learnt, the other pixels' is."""
    w = torch.tensor([3.0, 1.0])
    model = nn.Sequential(nn.Flatten(), nn.Linear(2, 2))
    model[1].weight.data, model[1].bias.data = torch.stack([w, 0 * w]), torch.tensor([-0.4, 0.0])
    crowd = torch.tensor([0.0, 0.5]).view(1, 1, 1, 2).expand(20, -1, -1, -1)
    goal = Goal(torch.zeros(1, dtype=torch.long))
    v = universal(model, crowd[:1], goal, Threat("l2", 0.3), epochs=30, rng=generator(0), crowd=crowd) - crowd[:1]
    assert v.flatten()[1] < -0.1
    assert (model(crowd + v).argmax(1) == 1).all()


def test_the_path_has_a_frame_for_every_epoch(cnn):
    settings = {"knobs": {"epochs": 4, "share": 1.0}, "stop": False, "path": True, "crowd": cnn.x}
    result = run_attack("universal", cnn.model, cnn.x, Goal(cnn.y), Threat("l2", 0.05), **settings)
    assert len(result.path["margin"]) == 5
    assert (result.path["distance"][0] == 0).all()
    np.testing.assert_allclose(result.path["x"][-1], result.x_adv, atol=1e-6)
