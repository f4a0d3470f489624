"""The judge: what it passes on, what it measures, what it refuses."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks import ATTACKS
from explorer.attacks.run import run_attack
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import CONVEX, NORMS
from explorer.core.progress import Cancelled
from explorer.core.types import Threat

LINF = Threat("linf", 0.1)


def threat_of(name: str) -> Threat:
    """Return a budget that the attack can serve."""
    norm = ATTACKS[name].facts["norms"][0]
    return Threat(norm, 3 if norm == "l0" else 0.1)


def cheat(model, x, goal, threat):
    """Propose what no budget allows. Not an attack."""
    return x + 5


@pytest.fixture
def cheating(monkeypatch):
    facts = {**ATTACKS["fgsm"].facts, "norms": ("linf", "l2")}
    entry = replace(ATTACKS["fgsm"], name="cheat", run=cheat, facts=facts)
    monkeypatch.setitem(ATTACKS._entries, "cheat", entry)


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_a_proposal_outside_the_budget_is_clipped(cnn, cheating, norm):
    result = run_attack("cheat", cnn.model, cnn.x, Goal(cnn.y), Threat(norm, 0.2))
    assert result.x_adv.max() <= 1
    assert (result.distance[norm] <= 0.2 + 1e-5).all()


def nearest(model, x, goal, threat):
    """Propose the same long step for all. Not an attack."""
    return x + 0.3


@pytest.mark.parametrize("bound", ["smallest", "own"])
def test_without_a_budget_the_proposal_is_judged_at_its_own_length(cnn, monkeypatch, bound):
    entry = replace(ATTACKS["fgsm"], name="free", run=nearest, facts={**ATTACKS["fgsm"].facts, "bound": bound})
    monkeypatch.setitem(ATTACKS._entries, "free", entry)
    labels = torch.where(torch.arange(6) < 2, cnn.others, cnn.y)
    result = run_attack("free", cnn.model, cnn.x, Goal(labels), LINF, stop=False)
    assert result.bound == bound
    assert result.distance["linf"].max() == pytest.approx(0.3, abs=1e-6)
    assert (result.distance["linf"][:2] == 0).all() == (bound == "smallest")  # broken from the start
    assert not (result.within("linf", 0.1) & (result.distance["linf"] > 0.1001)).any()
    assert np.array_equal(result.within("linf", 0.31), result.success)


def test_names_norms_knobs_and_labels_are_checked(cnn, cheating):
    with pytest.raises(UserError, match=r"^There is no attack 'gradient descent'; known: .*pgd.*\.$"):
        run_attack("gradient descent", cnn.model, cnn.x, Goal(cnn.y), LINF)
    with pytest.raises(UserError, match=r"does not work in l1; it knows linf, l2\.$"):
        run_attack("cheat", cnn.model, cnn.x, Goal(cnn.y), Threat("l1", 0.1))
    with pytest.raises(UserError, match=r"^steps = '0' is not a whole number from 1 to 500\.$"):
        run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), LINF, knobs={"steps": "0"})
    for label in (-1, 4):
        with pytest.raises(UserError, match=f"^label = {label} is not one of this model's classes, 0 to 3"):
            run_attack("pgd", cnn.model, cnn.x, Goal(torch.full((6,), label)), LINF)


@pytest.mark.parametrize("name", ATTACKS)
def test_what_is_broken_already_costs_nothing(cnn, name):
    result = run_attack(name, cnn.model, cnn.x, Goal(cnn.others), threat_of(name), path=True)
    assert result.success.all()
    assert np.array_equal(result.x_adv, result.x)
    assert result.images == 0
    assert result.path == {}
    at_once = run_attack(name, cnn.model, cnn.x, Goal(cnn.y, targeted=True), threat_of(name))
    assert at_once.success.all()
    assert at_once.images == 0


def test_only_what_stands_is_attacked(cnn):
    labels = torch.where(torch.arange(6) < 2, cnn.others, cnn.y)
    result = run_attack("pgd", cnn.model, cnn.x, Goal(labels), Threat("linf", 0.01), knobs={"steps": 3})
    assert np.array_equal(result.x_adv[:2], result.x[:2])
    assert (result.x_adv[2:] != result.x[2:]).any(axis=(1, 2, 3)).all()
    assert result.images == 4 * 4


@pytest.mark.parametrize("norm", CONVEX)
@pytest.mark.parametrize("stop", [False, True])
@pytest.mark.parametrize("restarts", [1, 2])
def test_the_path_leads_to_the_result(cnn, norm, stop, restarts):
    """Image 0 is broken from the start: with `stop` it stays where it was."""
    labels = torch.where(torch.arange(6) < 1, cnn.others, cnn.y)
    threat = Threat(norm, {"linf": 0.03, "l2": 0.15, "l1": 0.3}[norm])
    knobs = {"steps": 6, "restarts": restarts}
    result = run_attack("pgd", cnn.model, cnn.x, Goal(labels), threat, knobs=knobs, stop=stop, path=True)
    path = result.path
    frames = restarts * 7
    assert not result.success[1:].all()  # somebody stands to the end
    assert {name: value.shape for name, value in path.items()} == {
        "x": (frames, 6, 1, 8, 8),
        "logits": (frames, 6, 4),
        "loss": (frames, 6),
        "margin": (frames, 6),
        "distance": (frames, 6),
        "kept": (frames,),
    }
    best = path["margin"].argmin(0)
    np.testing.assert_allclose(path["x"][best, range(6)], result.x_adv, atol=1e-6)
    np.testing.assert_allclose(path["logits"][best, range(6)], result.logits_adv, atol=1e-4)
    assert path["distance"].max() <= threat.eps + 1e-5
    if stop:
        assert (path["x"][:, 0] == result.x[0]).all()
        np.testing.assert_allclose(path["logits"][:, 0], np.broadcast_to(result.logits[0], (frames, 4)), atol=1e-5)
        assert np.array_equal(path["margin"][-1] < 0, result.success)


def test_a_path_needs_one_batch(cnn):
    with pytest.raises(UserError, match=r"^The steps of 6 pictures do not fit in one batch: ask for fewer pictures\.$"):
        run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), LINF, path=True, batch=5)


@pytest.mark.parametrize("name", ["fgsm", "pgd"])
def test_the_size_of_a_batch_changes_nothing(cnn, name):
    knobs = {"random_start": False, "steps": 5} if name == "pgd" else {}
    whole, parts = (run_attack(name, cnn.model, cnn.x, Goal(cnn.y), LINF, knobs=knobs, batch=b) for b in (256, 4))
    np.testing.assert_allclose(whole.x_adv, parts.x_adv, atol=1e-6)
    assert np.array_equal(whole.success, parts.success)


@pytest.mark.parametrize("name", ATTACKS)
def test_progress_rises_in_images_and_cancelling_is_heard(cnn, name):
    seen, threat = [], threat_of(name)
    few = {"steps": 10, "queries": 60}
    settings = {"batch": 2, "knobs": {knob: few[knob] for knob in ATTACKS[name].knobs if knob in few}}
    run_attack(
        name, cnn.model, cnn.x, Goal(cnn.y), threat, **settings, tick=lambda done, total, note="": seen.append(done)
    )
    assert seen == sorted(seen)
    assert set(seen) >= {0, 2, 4}
    assert max(seen) < 6

    def tick(done: int, total: int, note: str = "") -> None:
        assert total == 6
        if done >= 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_attack(name, cnn.model, cnn.x, Goal(cnn.y), threat, **settings, tick=tick)


class Narrow(nn.Module):
    """A model that a device of three images' memory holds."""

    def __init__(self, model: nn.Module, room: int = 3) -> None:
        super().__init__()
        self.model, self.room = model, room

    def forward(self, x):
        if len(x) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.model(x)


def test_out_of_memory_halves_the_batch(cnn):
    plain = run_attack("fgsm", cnn.model, cnn.x, Goal(cnn.y), LINF, stop=False)
    narrow = run_attack("fgsm", Narrow(cnn.model), cnn.x, Goal(cnn.y), LINF, stop=False)
    np.testing.assert_allclose(narrow.x_adv, plain.x_adv, atol=1e-6)
    assert narrow.images == 6
    assert run_attack("pgd", Narrow(cnn.model), cnn.x, Goal(cnn.y), LINF, knobs={"steps": 2}).x_adv.shape == cnn.x.shape


def test_memory_for_not_even_one_image_is_one_sentence(cnn):
    with pytest.raises(UserError, match=r"memory does not hold this model"):
        run_attack("pgd", Narrow(cnn.model, 0), cnn.x, Goal(cnn.y), LINF)


def test_the_result_is_numpy_of_the_right_types(cnn):
    result = run_attack("pgd", cnn.model, cnn.x, Goal(cnn.y), LINF, knobs={"steps": 2}, path=True)
    for name in ("x", "x_adv", "logits", "logits_adv"):
        assert getattr(result, name).dtype == np.float32
    assert result.labels.dtype == np.int64
    assert result.success.dtype == np.bool_
    assert set(result.distance) == set(NORMS)
    assert all(isinstance(value, np.ndarray) for value in result.path.values())
    assert result.seconds > 0
    np.testing.assert_allclose(result.logits, cnn.model(cnn.x).detach().numpy(), atol=1e-6)
