"""What is drawn on linear models, where it is known; and what every drawing keeps to."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.core.device import generator
from explorer.core.errors import Unsuited, UserError
from explorer.core.progress import Cancelled
from explorer.features.drawing import draw_classes, draw_units, invert, top_units, units_from
from explorer.models.graph import Draft, assemble

HOW = {"eps": 0.4, "step": 0.05, "steps": 12}


def along(w, length):
    """Return a step of a length along weights, (N, 1, 6, 6)."""
    return (length * w / w.norm(dim=-1, keepdim=True)).view(-1, 1, 6, 6)


def test_a_linear_class_is_drawn_along_its_weights_to_the_end_of_the_budget(linear):
    found = draw_classes(linear.model, linear.x, torch.tensor([0, 0, 1]), **HOW)
    expected = linear.x + along(torch.stack([linear.w, linear.w, -linear.w]), HOW["eps"])
    assert np.allclose(found.x, expected, atol=1e-5)
    assert np.allclose(found.distance, HOW["eps"], atol=1e-5)
    rise = HOW["eps"] * float(linear.w.norm())
    assert np.allclose(found.after - found.before, rise, rtol=1e-4)


def test_steps_too_few_for_the_budget_go_as_far_as_they_are_long(linear):
    found = draw_classes(linear.model, linear.x, torch.zeros(3, dtype=torch.int64), eps=10.0, step=0.05, steps=4)
    assert np.allclose(found.x, linear.x + along(linear.w[None], 0.2), atol=1e-5)


def test_with_three_classes_one_step_goes_by_the_log_odds(linear):
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 3))
    labels = torch.tensor([0, 1, 2])
    found = draw_classes(model.eval(), linear.x, labels, eps=1.0, step=0.1, steps=1)
    w = model[1].weight.detach()
    logits = model(linear.x).detach()
    rivals = logits.scatter(1, labels[:, None], -torch.inf).softmax(1)
    assert np.allclose(found.x, linear.x + along(w[labels] - rivals @ w, 0.1), atol=1e-5)


def test_a_linear_unit_is_drawn_along_its_weights(linear):
    units = torch.tensor([4, 0, 2])
    found = draw_units(linear.model, linear.x, units, **HOW)
    assert np.allclose(found.x, linear.x + along(linear.m[units], HOW["eps"]), atol=1e-5)
    assert np.allclose(found.before, (linear.x.flatten(1) @ linear.m[units].T).diagonal(), atol=1e-5)
    assert np.allclose(found.after - found.before, HOW["eps"] * linear.m[units].norm(dim=1), rtol=1e-4)


def test_inversion_finds_the_nearest_picture_of_the_representation(linear):
    """By steps along m^T (.), from x_0: the solution of least length, x_0 + m^+ (R(x) - R(x_0))."""
    picture, start = linear.x[:1], linear.x[1:]
    found = invert(linear.model, start, picture, eps=5.0, step=0.05, steps=300)
    gap = (picture - start).flatten(1) @ linear.m.T
    expected = start + (gap @ torch.linalg.pinv(linear.m).T).view_as(start)
    assert np.allclose(found.before, gap.norm(dim=1) / (picture.flatten(1) @ linear.m.T).norm(), rtol=1e-4)
    assert (found.after < 0.01 * found.before).all()
    assert np.allclose(found.x, expected, atol=2e-3)


def test_what_the_representation_is_blind_to_stays_as_it_was(linear):
    found = invert(linear.model, linear.x[1:], linear.x[:1], eps=5.0, step=0.05, steps=50)
    moved = torch.from_numpy(found.x - linear.x[1:].numpy()).flatten(1)
    seen = torch.linalg.pinv(linear.m) @ linear.m
    assert torch.allclose(moved, moved @ seen, atol=1e-5)


def test_a_picture_is_its_own_inversion(subject):
    found = invert(subject.model, subject.x[:1], subject.x[:1], **HOW)
    assert found.after == 0
    assert (found.x == subject.x[:1].numpy()).all()


def test_the_units_that_speak_most_have_the_largest_shares_of_the_logit(linear):
    x = (0.5 + 0.3 * linear.w.sign()).view(1, 1, 6, 6)  # the answer is the first class
    share = linear.model[2].weight[0].detach() * (linear.m @ x.flatten())
    assert top_units(linear.model, x, 3).tolist() == share.argsort(descending=True)[:3].tolist()


KINDS = ("classes", "units", "inversion")


def drawn(subject, kind, **how):
    """Draw four pictures of a kind."""
    how = HOW | how
    if kind == "classes":
        return draw_classes(subject.model, subject.x, torch.arange(4), **how)
    if kind == "units":
        return draw_units(subject.model, subject.x, torch.arange(4), **how)
    return invert(subject.model, subject.x, subject.x.flip(0)[:1], **how)


@pytest.mark.parametrize("kind", KINDS)
def test_box_and_budget_are_held_and_the_numbers_are_of_the_plain_model(subject, kind):
    found = drawn(subject, kind, eps=0.7, step=0.3)
    assert found.x.dtype == np.float32
    assert found.x.min() >= 0
    assert found.x.max() <= 1
    length = np.linalg.norm((found.x - subject.x.numpy()).reshape(4, -1), axis=1)
    assert np.allclose(found.distance, length, atol=1e-5)
    assert (length <= 0.7 * (1 + 1e-5)).all()
    with torch.no_grad():
        assert np.allclose(found.logits, subject.model(torch.from_numpy(found.x)), atol=1e-5)
        assert np.allclose(found.logits_start, subject.model(subject.x), atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_sought_never_ends_below_where_it_began(subject, kind):
    found = drawn(subject, kind)
    rise = (found.after - found.before) * (-1 if kind == "inversion" else 1)
    assert (rise >= -1e-4).all()
    if subject.name == "quantised":
        assert not found.distance.any()  # its gradient is zero
    else:
        assert (rise > 1e-3).any()


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_drawn_alone_as_beside_others(cnn, kind):
    alone = {
        "classes": lambda i: draw_classes(cnn.model, cnn.x[i : i + 1], torch.tensor([i]), **HOW),
        "units": lambda i: draw_units(cnn.model, cnn.x[i : i + 1], torch.tensor([i]), **HOW),
        "inversion": lambda i: invert(cnn.model, cnn.x[i : i + 1], cnn.x[3:], **HOW),
    }[kind]
    both = drawn(cnn, kind)
    assert np.allclose(np.concatenate([alone(i).x for i in range(4)]), both.x, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_the_model_is_left_as_it_was(cnn, kind):
    before = {name: value.clone() for name, value in cnn.model.state_dict().items()}
    drawn(cnn, kind)
    assert all(torch.equal(before[name], value) for name, value in cnn.model.state_dict().items())
    assert all(parameter.grad is None for parameter in cnn.model.parameters())
    assert not any(module._forward_pre_hooks for module in cnn.model.modules())


@pytest.mark.parametrize("kind", KINDS)
def test_every_step_is_told_and_may_be_the_last(cnn, kind):
    told = []
    drawn(cnn, kind, tick=lambda done, total, note="": told.append(done / total))
    assert len(told) == HOW["steps"]
    assert told == sorted(told)

    def stop(done, total, note=""):
        raise Cancelled

    with pytest.raises(Cancelled):
        drawn(cnn, kind, tick=stop)


def test_a_silent_unit_wakes():
    """A ReLU that is shut passes no gradient: the last one does."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(36, 2), nn.ReLU(), nn.Linear(2, 2))
    w = torch.randn((2, 36), generator=generator(6))
    model[1].weight.data, model[1].bias.data = w, torch.tensor([-2.0, -2.0]) - w.sum(1) / 2
    x = torch.full((1, 1, 6, 6), 0.5)
    found = draw_units(model.eval(), x, torch.tensor([1]), eps=2.0, step=0.1, steps=20)
    assert found.before == 0
    assert found.after > 1


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda s: draw_classes(s.model, torch.rand(2, 2), torch.tensor([0, 1]), **HOW), "points of the plane"),
        (lambda s: units_from(s.model, s.x[:1], 8, 3), "unit = 8 is not one of this model's, 0 to 7."),
        (lambda s: draw_classes(s.model, s.x, torch.tensor([0, 1, 2, 4]), **HOW), "label = 4 is not one of"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(cnn, call, sentence):
    with pytest.raises(UserError, match=sentence):
        call(cnn)


def test_units_in_order_end_with_the_last(cnn):
    assert units_from(cnn.model, cnn.x[:1], 6, 8).tolist() == [6, 7]


def test_a_network_without_a_last_linear_layer_has_classes_alone():
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 3, 1), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    x = torch.rand((3, 1, 8, 8), generator=generator(2))
    with pytest.raises(Unsuited, match="does not end in a linear layer"):
        top_units(model.eval(), x[:1], 3)
    assert draw_classes(model, x, torch.arange(3), **HOW).x.shape == x.shape


def test_an_imported_network_has_a_representation():
    draft = Draft((1, 4, 4))
    flat = draft.add("flatten", draft.input)
    hidden = draft.add("relu", draft.add("linear", flat, in_features=16, out_features=6))
    draft.add("log_softmax", draft.add("linear", hidden, in_features=6, out_features=3), dim=1)
    model = assemble(draft.steps)
    rng = generator(7)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=rng)
    x = torch.rand((2, 1, 4, 4), generator=rng)
    found = invert(model.eval(), x[1:], x[:1], eps=3.0, step=0.1, steps=60)
    assert found.after < 0.2 * found.before
    assert top_units(model, x[:1], 3).shape == (3,)
