"""What every measure promises, on each kind of network."""

import inspect

import numpy as np
import pytest
import torch

from explorer.attribution.measures import MEASURES
from explorer.attribution.measures.case import Case
from explorer.attribution.measures.run import run_measure, takes, why_not
from explorer.attribution.run import run_method
from explorer.attribution.target import Target
from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.work.pack import from_bytes, to_bytes

FEW = {"samples": 2, "steps": 4}
CHANCE = {"sensitivity", "randomisation"}

measures = pytest.mark.parametrize("name", MEASURES)


def case_of(subject, name, rows=slice(None), seed=0):
    method = "integrated_gradients" if "sums" in MEASURES[name].facts["needs"] else "gradient"
    knobs = {"steps": 4} if method == "integrated_gradients" else {}
    labels = (torch.arange(len(subject.x)) % 4)[rows]
    return Case(subject.model, subject.x[rows], labels, method=method, knobs=knobs, seed=seed, bright=True)


def taken(subject, name, rows=slice(None), seed=0, **settings):
    few = {knob: value for knob, value in FEW.items() if knob in MEASURES[name].knobs}
    case = case_of(subject, name, rows, seed)
    return run_measure(name, case, case_of(subject, name, rows, seed), knobs=few, **settings)


@pytest.fixture
def suited(subject, name):
    """Pass over what cannot be taken of points."""
    if subject.x.ndim == 2 and "pictures" in MEASURES[name].facts["needs"]:
        pytest.skip("points")


@measures
@pytest.mark.usefixtures("suited")
def test_a_number_for_each_picture_that_is_kept_and_told(subject, name):
    found, facts = taken(subject, name, start=7), MEASURES[name].facts
    assert set(found.values) == {*facts["values"], *facts["curves"]}
    for key, value in found.values.items():
        assert value.dtype == np.float32
        assert value.shape[0] == len(subject.x)
        assert value.ndim == (2 if key in facts["curves"] else 1)
        assert np.isfinite(value).any()
    again = from_bytes(to_bytes(found))
    assert again.start == 7
    assert all(np.array_equal(again.values[key], value, equal_nan=True) for key, value in found.values.items())


@measures
@pytest.mark.usefixtures("suited")
def test_equal_seed_equal_numbers_and_a_picture_s_do_not_hang_on_its_neighbours(subject, name):
    whole, again, some = taken(subject, name), taken(subject, name), taken(subject, name, rows=slice(1, 3))
    for key, value in whole.values.items():
        assert np.array_equal(value, again.values[key], equal_nan=True)
        np.testing.assert_allclose(value[1:3], some.values[key], rtol=2e-3, atol=2e-4)
    if name in CHANCE:
        other = taken(subject, name, seed=1)
        assert not all(np.array_equal(value, other.values[key]) for key, value in whole.values.items())


@measures
@pytest.mark.usefixtures("suited")
def test_neither_model_nor_chance_of_others_is_touched(subject, name):
    before = {key: tensor.clone() for key, tensor in subject.model.state_dict().items()}
    state = torch.get_rng_state()
    taken(subject, name)
    assert all(torch.equal(tensor, before[key]) for key, tensor in subject.model.state_dict().items())
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_hooks or module._backward_hooks for module in subject.model.modules())


@measures
@pytest.mark.usefixtures("suited")
def test_progress_rises_and_can_be_cancelled(subject, name):
    shares = []
    taken(subject, name, tick=lambda done, total, note="": shares.append(done / total))
    assert shares == sorted(shares)
    assert 0 <= min(shares) <= max(shares) <= 1

    def tick(done: int, total: int, note: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        taken(subject, name, tick=tick)


@measures
def test_what_is_known_of_a_measure_is_complete(name):
    entry = MEASURES[name]
    text = inspect.getdoc(entry.run) or ""
    assert entry.paper.startswith("arXiv:")
    assert entry.facts["values"]
    assert "References" in text
    assert "et al." in text
    assert all(knob.kind.text for knob in entry.knobs.values())
    assert takes(name, "tick")


def test_what_cannot_be_taken_says_why():
    assert "points" in why_not("removal", "gradient", False, True)
    assert "which pixels" in why_not("inside", "gradient", True, False)
    assert "Input gradient" in why_not("completeness", "gradient", True, False)
    assert not why_not("completeness", "lrp", True, False)
    assert not why_not("alignment", "gradient", False, False)
    with pytest.raises(UserError, match="no measure 'beauty'"):
        why_not("beauty", "gradient", True, True)


def test_the_input_gradient_is_captum_s(subject):
    case = case_of(subject, "sparsity")
    theirs = run_method("gradient", subject.model, subject.x, Target(case.y)).maps
    assert np.abs(case.maps(case.y).numpy() - theirs).max() <= 2e-5 * np.abs(theirs).max()
