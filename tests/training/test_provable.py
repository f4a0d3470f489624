"""Recipes for verifiable models: their schedules, and their losses from bounds made by hand."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.certificates.ball import Ball
from explorer.certificates.crown_ibp import crown_ibp as lines
from explorer.certificates.ibp import ibp as intervals
from explorer.certificates.network import read
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.types import Threat
from explorer.models.build import build
from explorer.training import RECIPES
from explorer.training._proved import grown, jumped, worst_case
from explorer.training.batch import Batch
from explorer.training.loop import Plan, fit

PROVABLE = ["crown_ibp", "ibp", "per", "per_at"]


@pytest.fixture
def fresh():
    """A function that returns the same untrained network each time, without batch norm: in training as in proofs."""
    return lambda: build("cnn", (1, 8, 8), 10, {"width": 4, "stages": 1, "hidden": 16}, rng=generator(0))


def batch_of(model, data, threat, progress=0.5) -> Batch:
    return Batch(model.train(), data.x, data.y, torch.arange(len(data)), threat, progress, generator(0))


def run(recipe, fresh, data, threat, progress=0.5, **knobs) -> tuple[torch.Tensor, dict[str, float]]:
    batch = batch_of(fresh(), data, threat, progress)
    return RECIPES[recipe].run(batch, **knobs), batch.notes


def clean_loss(fresh, data) -> torch.Tensor:
    return cross_entropy(fresh().train()(data.x), data.y)


@pytest.mark.parametrize(
    ("progress", "share"), [(0.0, 0.0), (0.1, 0.0), (0.2, 0.25), (0.3, 0.5), (0.5, 1.0), (0.9, 1.0)]
)
def test_a_ramp_grows_linearly_between_its_ends(progress, share):
    assert grown(progress, 0.1, 0.4) == pytest.approx(share)


def test_a_ramp_without_length_is_a_step():
    assert [grown(progress, 0.3, 0.0) for progress in (0.0, 0.29, 0.3, 1.0)] == [0, 0, 1, 1]


def test_jumps_are_doublings_after_equal_parts_that_end_at_the_whole_budget():
    """The published schedule, from 0.0064 in five parts, but that its last, 0.1024, is the budget of 0.1 here."""
    each = [jumped((i + part) / 5, 4, 0.8) for i in range(5) for part in (0.0, 0.5, 0.999)]
    assert each == [share for share in (1 / 16, 1 / 8, 1 / 4, 1 / 2, 1) for _ in range(3)]
    assert [jumped(progress, 0, 0.8) for progress in (0.0, 0.5, 0.999)] == [1, 1, 1]
    assert [jumped(progress, 2, 0.4) for progress in (0.0, 0.19, 0.21, 0.39, 0.4, 0.9)] == [0.25, 0.25, 0.5, 0.5, 1, 1]
    assert jumped(0.0, 4, 0.0) == 1


@pytest.mark.parametrize("recipe", PROVABLE)
def test_without_a_budget_the_loss_is_the_clean_one(recipe, fresh, splits):
    loss, notes = run(recipe, fresh, splits[1], Threat("linf", 0.0), progress=0.9)
    torch.testing.assert_close(loss, clean_loss(fresh, splits[1]), atol=0, rtol=1e-4)  # bounds are rounded down
    assert notes["eps"] == 0


@pytest.mark.parametrize("recipe", ["ibp", "crown_ibp"])
def test_before_its_budget_grows_a_recipe_is_ordinary(recipe, fresh, splits, threat):
    loss, notes = run(recipe, fresh, splits[1], threat, progress=0.1, start=0.2)
    assert torch.equal(loss, clean_loss(fresh, splits[1]))
    assert (notes["eps"], notes["kappa"]) == (0, 1)


def test_the_worst_case_is_the_cross_entropy_at_minus_the_margins():
    margins = torch.tensor([[float("inf"), 1.0, -2.0], [0.5, float("inf"), 3.0]])
    by_hand = [torch.tensor([1, -1.0, 2]).exp(), torch.tensor([-0.5, 0, -3.0]).exp()]
    by_hand[0][0] = 1.0  # exp 0, the label's own
    expected = (by_hand[0].sum().log() + by_hand[1].sum().log()) / 2
    assert worst_case(margins, torch.tensor([0, 1])).item() == pytest.approx(expected.item())


def test_ibp_weighs_the_clean_loss_and_the_one_at_minus_the_lower_margins(fresh, splits, threat):
    data, model = splits[1], fresh().eval()
    ball = Ball(data.x, "linf", torch.full((len(data),), 0.05))
    worst = worst_case(intervals(read(model, data.x.shape[1:]), ball, data.y), data.y)
    loss, notes = run("ibp", fresh, data, threat, progress=0.3, start=0.1, ramp=0.4, kappa=0.5)
    assert (notes["eps"], notes["kappa"]) == pytest.approx((0.05, 0.75))
    torch.testing.assert_close(loss, 0.75 * clean_loss(fresh, data) + 0.25 * worst)
    assert worst > clean_loss(fresh, data)


def test_crown_ibp_mixes_margins_by_lines_and_by_intervals(fresh, splits, threat):
    data, model = splits[1], fresh().eval()
    net, ball = read(model, data.x.shape[1:]), Ball(data.x, "linf", torch.full((len(data),), 0.05))
    label = torch.eye(10)[data.y].bool()
    tight, loose = (f(net, ball, data.y).masked_fill(label, 0.0) for f in (lines, intervals))
    worst = cross_entropy(-(0.6 * tight + 0.4 * loose), data.y)
    loss, notes = run("crown_ibp", fresh, data, threat, progress=0.3, start=0.1, ramp=0.4, kappa=0.0, beta=0.2)
    assert notes == pytest.approx({"eps": 0.05, "kappa": 0.5, "beta": 0.6})
    torch.testing.assert_close(loss, 0.5 * clean_loss(fresh, data) + 0.5 * worst)


def test_crown_ibp_ends_as_ibp(fresh, splits, threat):
    ended = [run(recipe, fresh, splits[1], threat, progress=0.9)[0] for recipe in ("ibp", "crown_ibp")]
    torch.testing.assert_close(*ended)


@pytest.mark.parametrize("recipe", ["per", "per_at"])
@pytest.mark.parametrize(("progress", "eps"), [(0.1, 0.025), (0.4, 0.05), (0.8, 0.1)])
def test_per_is_the_clean_loss_at_weight_nothing_in_a_budget_that_jumps(recipe, progress, eps, fresh, splits, threat):
    data, knobs = splits[1], {"jumps": 2, "whole": 0.7, "part": 0.1}
    plain, notes = run(recipe, fresh, data, threat, progress, gamma=0.0, **knobs)
    weighed, _ = run(recipe, fresh, data, threat, progress, gamma=2.0, **knobs)
    assert notes["eps"] == pytest.approx(eps)
    assert weighed.item() == pytest.approx(plain.item() + 2 * notes["near"], rel=1e-5)
    assert notes["near"] > 0
    if recipe == "per":
        assert torch.equal(plain, clean_loss(fresh, data))


def test_per_at_has_every_second_picture_attacked(fresh, splits, threat):
    data, seen = splits[1], []
    model = fresh().train()
    batch = batch_of(model, data, threat, 0.9)
    hook = model.register_forward_hook(lambda _, given, __: seen.append(given[0].detach()) if model.training else None)
    RECIPES["per_at"].run(batch, part=0.1)
    hook.remove()
    moved = (seen[0] - data.x).abs().flatten(1).amax(1)
    assert not moved[1::2].any()
    assert moved[::2].amin() > 0.05
    assert moved.amax() <= 0.1 + 1e-6


def test_envelopes_have_no_l1(fresh, splits):
    with pytest.raises(UserError, match=r"^Envelopes train in linf or l2, and not in l1\.$"):
        run("per", fresh, splits[1], Threat("l1", 1.0))


@pytest.mark.parametrize("sigma", [0.1, 1.0])
def test_noise_is_as_large_as_it_is_said_to_be_and_no_two_steps_have_the_same(sigma, fresh, splits, threat):
    data, seen = splits[0], []
    model = fresh().train()
    model.register_forward_pre_hook(lambda _, given: seen.append(given[0] - data.x))
    batch = batch_of(model, data, threat)
    losses = [RECIPES["gaussian"].run(batch, sigma=sigma) for _ in range(2)]
    assert [noise.std().item() for noise in seen] == pytest.approx([sigma, sigma], rel=0.03)
    assert losses[0] != losses[1]
    assert batch.notes == {"eps": 0.0}


def test_training_by_intervals_makes_provable(fresh, splits, threat):
    """Of what is trained on, as the ordinary training does not."""
    data, proved = splits[0], {}
    for recipe in ("standard", "ibp"):
        model = fresh()
        fit(model, data, splits[1], RECIPES[recipe].run, threat, Plan(6, 0.02, 20, "adam", watch=10), seed=0)
        ball = Ball(data.x, "linf", torch.full((len(data),), 0.05))
        with torch.no_grad():
            proved[recipe] = int((intervals(read(model, (1, 8, 8)), ball, data.y).amin(1) > 0).sum())
    assert proved["ibp"] > proved["standard"] + 20


def test_a_gradient_is_cut_number_by_number(fresh, splits, threat):
    """One step of plain descent moves no weight by more than rate · (clip + decay), momentum being at rest."""
    data, moved = splits[0], {}
    for clip in (0.0, 1e-4):
        model = fresh()
        before = [p.detach().clone() for p in model.parameters()]
        plan = Plan(1, 1.0, 200, schedule="constant", decay=0.0, clip=clip, watch=10)
        fit(model, data, splits[1], RECIPES["standard"].run, threat, plan, seed=0)
        moved[clip] = max(float((p.detach() - q).abs().max()) for p, q in zip(model.parameters(), before, strict=True))
    assert moved[0.0] > 1e-2
    assert moved[1e-4] == pytest.approx(1.9e-4, rel=1e-2)  # by Nesterov's momentum 1.9 times
