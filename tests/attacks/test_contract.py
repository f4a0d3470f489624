"""What every attack promises, in each of its norms, untargeted and targeted."""

import copy
import inspect
import random
from typing import get_args

import numpy as np
import pytest
import torch

from explorer.attacks import ATTACKS, Bound, Knows
from explorer.attacks.run import run_attack, takes
from explorer.core.device import generator
from explorer.core.goals import Goal
from explorer.core.norms import NORMS, length
from explorer.core.progress import Cancelled
from explorer.core.results import AttackResult
from explorer.core.types import Threat

TOLERANCE = 1e-5
EPS = {"linf": 0.1, "l2": 0.3, "l1": 0.5, "l0": 6}
CASES = [(entry.name, norm) for entry in ATTACKS.values() for norm in entry.facts["norms"]]
BOUND = [(name, norm) for name, norm in CASES if ATTACKS[name].facts["bound"] == "budget"]
SMALLEST = [(name, norm) for name, norm in CASES if ATTACKS[name].facts["bound"] == "smallest"]
ITERATIVE = [name for name in ATTACKS if takes(name, "tick")]

contract = pytest.mark.parametrize(("name", "norm"), CASES)
of_a_budget = pytest.mark.parametrize(("name", "norm"), BOUND)
of_the_smallest = pytest.mark.parametrize(("name", "norm"), SMALLEST)
aims = pytest.mark.parametrize("targeted", [False, True], ids=["untargeted", "targeted"])


@pytest.fixture(autouse=True)
def suited(request):
    """Pass over points of the plane where an attack needs pictures."""
    if "subject" not in request.fixturenames:
        return
    parameters, subject = request.node.callspec.params, request.getfixturevalue("subject")
    if subject.x.ndim != 4 and (ATTACKS[parameters["name"]].facts["pictures_only"] or parameters.get("norm") == "l0"):
        pytest.skip("for pictures only")


def few_steps(name: str) -> dict[str, int]:
    return {knob: count for knob, count in {"steps": 5, "queries": 60}.items() if knob in ATTACKS[name].knobs}


def offers(name: str, subject) -> dict[str, object]:
    """Return what an attack called by hand must be given."""
    offered = {"rng": generator(0), "crowd": crowd_of(subject)}
    return {key: value for key, value in offered.items() if takes(name, key)}


def crowd_of(subject) -> torch.Tensor:
    """Return more pictures than an attack learns from at once."""
    return torch.rand((60, *subject.x.shape[1:]), generator=generator(2))


def goal_of(subject, targeted: bool) -> Goal:
    return Goal(subject.others if targeted else subject.y, targeted)


def attack(subject, name, norm, targeted=False, *, eps=None, **settings) -> AttackResult:
    threat, goal = Threat(norm, EPS[norm] if eps is None else eps), goal_of(subject, targeted)
    return run_attack(name, subject.model, subject.x, goal, threat, crowd=crowd_of(subject), **settings)


USUAL: dict[tuple[str, str, str, bool], AttackResult] = {}


def usual(subject, name, norm, targeted) -> AttackResult:
    """Return the attack in few steps from the first seed: the same for all who ask."""
    key = (subject.name, name, norm, targeted)
    if key not in USUAL:
        USUAL[key] = attack(subject, name, norm, targeted, knobs=few_steps(name))
    return USUAL[key]


@contract
@aims
def test_the_result_stays_in_the_box_and_in_the_ball(subject, name, norm, targeted):
    result = attack(subject, name, norm, targeted, knobs=few_steps(name), stop=False)
    assert result.bound == ATTACKS[name].facts["bound"]
    assert result.x_adv.shape == result.x.shape
    assert result.x_adv.dtype == np.float32
    assert result.x_adv.min() >= 0
    assert result.x_adv.max() <= 1
    if result.bound == "budget":
        assert (result.distance[norm] <= EPS[norm] + TOLERANCE).all()
    assert (result.distance[norm] > 0).any()


@of_a_budget
@aims
def test_the_proposal_itself_keeps_the_budget(subject, name, norm, targeted):
    """The judge would clip it: an attack that leaves the budget optimises something else."""
    threat, extra = Threat(norm, EPS[norm]), offers(name, subject) | few_steps(name)
    proposal = ATTACKS[name].run(subject.model, subject.x, goal_of(subject, targeted), threat, **extra).detach()
    assert length(proposal - subject.x, norm).max() <= EPS[norm] + TOLERANCE
    assert proposal.min() >= 0
    assert proposal.max() <= 1


@contract
@aims
def test_equal_seed_equal_result(subject, name, norm, targeted):
    first = usual(subject, name, norm, targeted)
    again = attack(subject, name, norm, targeted, knobs=few_steps(name), seed=0)
    assert np.array_equal(first.x_adv, again.x_adv)
    assert np.array_equal(first.logits_adv, again.logits_adv)
    assert first.images == again.images


@contract
def test_another_seed_another_result_where_chance_is_used(subject, name, norm):
    """Where an attack shows its path, there: in few dimensions its end may be the one best point, however it began."""
    first, other = (attack(subject, name, norm, knobs=few_steps(name), seed=s, stop=False, path=True) for s in (0, 1))
    shown, again = (found.path.get("x", found.x_adv) for found in (first, other))
    same = np.array_equal(shown, again)
    corners = norm == "linf" and subject.x.ndim == 2  # of a square: two seeds may end in the same of four
    assert not same or corners if takes(name, "rng") else same


@contract
@aims
def test_nothing_of_the_caller_s_is_changed(subject, name, norm, targeted):
    model, x = subject.model, subject.x.clone()
    weights = copy.deepcopy(model.state_dict())
    seeds = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002 - read, not used
    attack(subject, name, norm, targeted, knobs=few_steps(name))

    assert torch.equal(subject.x, x)
    assert not subject.x.requires_grad
    assert all(torch.equal(a, b) for a, b in zip(weights.values(), model.state_dict().values(), strict=True))
    assert all(p.requires_grad and p.grad is None for p in model.parameters())
    assert not any(module.training for module in model.modules())
    assert torch.equal(torch.get_rng_state(), seeds[0])
    assert random.getstate() == seeds[1]
    assert np.array_equal(np.random.get_state()[1], seeds[2])  # noqa: NPY002


@contract
@aims
def test_one_image_works(subject, name, norm, targeted):
    goal, threat = goal_of(subject, targeted)[:1], Threat(norm, EPS[norm])
    result = run_attack(name, subject.model, subject.x[:1], goal, threat, knobs=few_steps(name), stop=False)
    assert result.x_adv.shape == (1, *subject.x.shape[1:])
    assert result.success.shape == (1,)


@of_the_smallest
@aims
def test_the_smallest_change_asks_for_no_budget_and_is_found(subject, name, norm, targeted):
    result = attack(subject, name, norm, targeted)
    if targeted:  # a way downhill may end in a hollow before it comes to one wanted class
        assert result.success.mean() > 0.5
    else:
        assert result.success.all()
    unasked = attack(subject, name, norm, targeted, eps=0.0, knobs=few_steps(name))
    assert np.array_equal(usual(subject, name, norm, targeted).x_adv, unasked.x_adv)


@of_the_smallest
def test_more_steps_find_nothing_longer(subject, name, norm):
    if "steps" not in ATTACKS[name].knobs:
        pytest.skip("has no steps")
    few, many = (attack(subject, name, norm, knobs={"steps": n}) for n in (10, 100))
    both = few.success & many.success
    assert many.success.sum() >= few.success.sum()
    assert np.median(many.distance[norm][both]) <= np.median(few.distance[norm][both]) * (1 + 1e-3)


@of_a_budget
@aims
def test_no_budget_no_change(subject, name, norm, targeted):
    result = attack(subject, name, norm, targeted, eps=0.0, knobs=few_steps(name))
    assert np.array_equal(result.x_adv, result.x)
    assert not result.success.any()
    assert result.distance[norm].max() == 0


@contract
@aims
def test_success_is_what_the_plain_model_says(subject, name, norm, targeted):
    result = usual(subject, name, norm, targeted)
    said = subject.model(torch.from_numpy(result.x_adv)).argmax(1).numpy()
    wanted = goal_of(subject, targeted).labels.numpy()
    assert np.array_equal(result.success, said == wanted if targeted else said != wanted)
    assert np.array_equal(result.correct, said == wanted)


@pytest.mark.parametrize("name", ITERATIVE)
@pytest.mark.parametrize("patience", [1, 3])
def test_cancelling_stops_within_one_step(subject, name, patience):
    ticks, forwards = [], []

    def tick(done: int, total: int, note: str = "") -> None:
        ticks.append(done)
        if len(ticks) == patience:
            raise Cancelled

    subject.model.register_forward_hook(lambda *_: forwards.append(len(ticks)))
    norm = ATTACKS[name].facts["norms"][0]
    threat = Threat(norm, EPS[norm])
    with pytest.raises(Cancelled):
        ATTACKS[name].run(subject.model, subject.x, Goal(subject.y), threat, tick=tick, **offers(name, subject))
    assert max(forwards, default=0) < patience
    assert len(forwards) <= patience


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_known_of_an_attack_is_complete(name):
    entry = ATTACKS[name]
    text = inspect.getdoc(entry.run) or ""
    assert entry.title
    assert entry.facts["knows"] in get_args(Knows)
    assert entry.facts["bound"] in get_args(Bound)
    assert set(entry.facts["norms"]) <= set(NORMS)
    assert entry.facts["norms"]
    assert entry.paper or "Not an attack" in text
    assert "et al." in text or " & " in text or "Not an attack" in text
    assert all(knob.kind.text for knob in entry.knobs.values())
