"""How hard a picture is: a rank, whatever the order; parts of a training set with as many of each class."""

from functools import partial

import pytest
import torch

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.training import RECIPES
from explorer.training.difficulty import difficulty, subset
from explorer.training.loop import Plan, fit


def test_the_hardest_are_near_0_and_ties_share_their_rank():
    found = difficulty(torch.tensor([[1.0], [3.0], [2.0], [2.0]]))
    assert found.tolist() == [0.875, 0.125, 0.5, 0.5]
    assert float(found.mean()) == 0.5


def test_neither_the_order_nor_the_first_epochs_matter():
    losses = torch.rand(50, 6, generator=generator(0))
    order = torch.randperm(50, generator=generator(1))
    assert torch.equal(difficulty(losses[order]), difficulty(losses)[order])
    early = torch.cat([torch.rand(50, 2, generator=generator(2)), losses], 1)
    assert torch.equal(difficulty(early, 2), difficulty(losses))
    assert float(difficulty(losses).mean()) == pytest.approx(0.5)


@pytest.mark.parametrize("part", ["easy", "random", "hard"])
def test_a_part_has_as_many_of_each_class(part):
    labels = torch.tensor([0] * 30 + [1] * 10)
    hardness = torch.rand(40, generator=generator(0))
    found = subset(hardness, labels, part, 12, generator(3))
    assert len(found.unique()) == 12
    assert labels[found].bincount().tolist() == [6, 6]
    if part != "random":
        for c in (0, 1):
            own, rest = (
                hardness[found[labels[found] == c]],
                hardness[labels == c].sort(descending=part == "easy").values,
            )
            assert sorted(own.tolist()) == sorted(rest[:6].tolist())


def test_a_class_that_has_too_few_is_a_sentence():
    with pytest.raises(UserError, match=r"^There are no 20 pictures of class 1: choose another count\.$"):
        subset(torch.rand(40), torch.tensor([0] * 30 + [1] * 10), "hard", 40, generator(0))


def test_a_plan_keeps_each_pictures_loss_of_every_epoch(fresh, splits, threat):
    plan, loss = Plan(3, 0.02, 50, "adam", watch=1, losses=True), partial(RECIPES["pgd"].run, steps=1)
    found = fit(fresh(), *splits, loss, threat, plan, seed=0)
    losses = found.memory.kept["losses"]
    assert losses.shape == (len(splits[0]), 3)
    assert losses.mean(0).tolist() == pytest.approx([row["loss"] for row in found.history], rel=1e-4)
    with pytest.raises(UserError, match=r"^This recipe remembers no picture's own loss: leave out plan\.losses\.$"):
        fit(fresh(), *splits, RECIPES["standard"].run, threat, plan, seed=0)
