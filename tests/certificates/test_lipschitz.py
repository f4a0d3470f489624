"""Bounds of steepness: ordered, equal to the truth where it can be tried out, and radii that nothing breaks."""

import numpy as np
import pytest
import torch
from proving import points
from torch import nn

from explorer.attacks.run import run_attack
from explorer.certificates import _lipopt, _norms
from explorer.certificates._dense import shallow
from explorer.certificates.ball import Ball
from explorer.certificates.ladder import ladder
from explorer.certificates.lipschitz import (
    ROUNDING,
    half_path_norm,
    layer_norms,
    lipopt,
    path_norm,
    steepest_margin,
)
from explorer.certificates.network import read
from explorer.certificates.run import FINENESS, radii
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.norms import random_in_ball
from explorer.core.results import Ladder
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import load_model

UPWARDS = ["sampled", "corners", "lipopt 3", "lipopt 2", "half path", "path", "product"]


def one_layer(width: int, size: int = 6, classes: int = 3, seed: int = 0) -> nn.Module:
    """One hidden layer with random weights and biases."""
    model = build("mlp", (size,), classes, {"width": width, "depth": 1}, rng=generator(seed))
    for name, value in model.named_parameters():
        if name.endswith("bias"):
            value.data.normal_(0, 0.3, generator=generator(seed + 1))
    return model.eval().requires_grad_(False)


def random_slopes(d: int, m: int, seed: int) -> _lipopt.Slopes:
    rng = np.random.default_rng(seed)
    return _lipopt.Slopes(rng.normal(size=d) * (seed % 2), rng.normal(size=(d, m)))


@pytest.mark.parametrize("seed", range(6))
def test_level_three_is_the_largest_value_over_all_corners(seed):
    p = random_slopes(d=3 + seed, m=8 - seed % 3, seed=seed)
    truth = _lipopt.corners(p)
    found = _lipopt.krivine(p, 3)
    assert truth <= found <= truth * (1 + 1e-5)


def test_corners_are_the_largest_value_of_all_that_are_tried():
    p = random_slopes(4, 5, 3)
    s = np.random.default_rng(0).random((20_000, 5))
    tried = np.abs(p.fixed + s @ p.free.T).sum(1).max()
    by_hand = max(np.abs(p.fixed + p.free @ [(c >> j) & 1 for j in range(5)]).sum() for c in range(32))
    assert tried <= _lipopt.corners(p) == pytest.approx(by_hand)


@pytest.mark.parametrize("seed", range(4))
def test_closed_forms_and_levels_are_in_order(seed):
    p = random_slopes(5, 7, seed)
    ladder = [_lipopt.corners(p), _lipopt.krivine(p, 3), _lipopt.krivine(p, 2), _lipopt.halved(p), _lipopt.path(p)]
    assert (np.diff(ladder) >= -1e-9).all()
    assert ladder[0] < ladder[-1]


def test_a_programme_cut_short_proves_nothing(monkeypatch):
    p, solve = random_slopes(4, 3, 1), _lipopt.linprog
    assert _lipopt.krivine(p, 2) < float("inf")

    def cut_short(*args, **settings):
        assert settings["options"]["time_limit"] == 5.0
        found = solve(*args, **settings)
        found.status = 1
        return found

    monkeypatch.setattr(_lipopt, "linprog", cut_short)
    assert _lipopt.krivine(p, 2, seconds=5.0) == float("inf")


def test_what_the_solver_misses_is_added_to_the_bound(monkeypatch):
    p, solve = random_slopes(4, 3, 1), _lipopt.linprog
    exact = _lipopt.krivine(p, 3)

    def sloppy(*args, **settings):
        found = solve(*args, **settings)
        found.x = found.x * 0.9  # a lower number than the least, of weights that do not make the polynomial
        return found

    monkeypatch.setattr(_lipopt, "linprog", sloppy)
    assert _lipopt.krivine(p, 3) > exact


def test_a_programme_that_is_too_large_is_refused():
    with pytest.raises(UserError, match=r"4,000,000 unknowns.*lower level"):
        _lipopt.krivine(random_slopes(1000, 1000, 1), 2)


@pytest.mark.parametrize("eps", [None, 0.05, 0.3])
@pytest.mark.parametrize("seed", range(3))
def test_a_ladder_rises(eps, seed):
    model = one_layer(8, seed=seed)
    net, x = read(model, (6,)), torch.rand((1, 6), generator=generator(seed))
    found = ladder(net, x, int(model(x).argmax()), eps=eps, samples=300, rng=generator(0))
    assert not found.refused
    assert list(found.bounds) == UPWARDS
    rungs = np.stack(list(found.bounds.values()))
    assert (np.diff(rungs, axis=0) >= -1e-4 * rungs[1:]).all()
    assert (rungs[:, found.label] == 0).all()
    assert (rungs[0] > 0).sum() == 2
    radii = list(found.radii.values())
    assert (np.diff(radii) <= 1e-9).all()
    np.testing.assert_allclose(found.bounds["lipopt 3"], found.bounds["corners"], rtol=1e-4)


def test_a_local_ladder_is_below_the_one_for_everywhere():
    net, x = read(one_layer(8), (6,)), torch.full((1, 6), 0.5)
    near, far = (ladder(net, x, 0, eps=eps, samples=10, rng=generator(0)) for eps in (0.02, None))
    for rung in UPWARDS[1:6]:
        assert (near.bounds[rung] <= far.bounds[rung] * (1 + 1e-5)).all()
    assert near.bounds["path"][1] < far.bounds["path"][1]
    assert max(near.radii.values()) <= 0.02


def test_rungs_that_do_not_go_with_a_network_or_a_norm_are_refused_in_a_sentence():
    deep = build("mlp", (6,), 3, {"width": 5, "depth": 2}, rng=generator(0)).eval()
    found = ladder(read(deep, (6,)), torch.rand(1, 6, generator=generator(0)), 0, samples=10, rng=generator(0))
    assert [*found.bounds] == ["sampled", "path", "product"]
    assert "one hidden layer" in found.refused["lipopt 2"]
    wide = ladder(read(one_layer(17, size=2), (2,)), torch.full((1, 2), 0.5), 0, samples=10, rng=generator(0))
    assert "17" in wide.refused["corners"]
    round_ball = ladder(read(one_layer(8), (6,)), torch.full((1, 6), 0.5), 0, norm="l2", samples=10, rng=generator(0))
    assert [*round_ball.bounds] == ["sampled", "product"]
    assert (round_ball.bounds["sampled"] <= round_ball.bounds["product"]).all()
    with pytest.raises(UserError, match="l0"):
        ladder(read(deep, (6,)), torch.rand(1, 6), 0, norm="l0", rng=generator(0))


@pytest.mark.parametrize(("norm", "order"), [("linf", np.inf), ("l1", 1), ("l2", 2)])
def test_layers_norms_are_numpys(norm, order):
    net = read(one_layer(8), (6,))
    like = torch.zeros(1)
    weight = net.model.net.hidden0.weight.double().numpy()
    affine = next(step.affine for step in net.steps if step.affine and step.affine.outputs == (8,))
    assert _norms.largest(affine, norm, like) == pytest.approx(np.linalg.norm(weight, order), rel=1e-6)


@pytest.mark.parametrize("norm", ["linf", "l1", "l2"])
@pytest.mark.parametrize("down", ["max", "average", "stride"])
def test_no_margin_of_a_convolutional_network_moves_faster_than_the_product(norm, down):
    model = build("cnn", (1, 8, 8), 4, {"width": 4, "stages": 1, "hidden": 8, "down": down}, rng=generator(0)).eval()
    x = torch.rand((200, 1, 8, 8), generator=generator(1))
    delta = random_in_ball(x, norm, 0.1, generator(2))
    labels = torch.zeros(200, dtype=torch.int64)
    bound = _norms.product(read(model, (1, 8, 8)), norm, labels, x)
    size = torch.linalg.vector_norm(delta.flatten(1), ord={"linf": float("inf"), "l2": 2, "l1": 1}[norm], dim=1)
    with torch.no_grad():
        before, after = (z[:, :1] - z for z in (model(x), model(x + delta)))
    moved = (after - before).abs() / size[:, None]
    assert (moved <= bound * (1 + 1e-5)).all()
    assert moved.max() > 0


def test_where_a_matrix_is_too_large_the_norm_is_a_bound(monkeypatch):
    net, labels = read(one_layer(8), (6,)), torch.zeros(1, dtype=torch.int64)
    exact = _norms.product(net, "l2", labels, torch.zeros(1))
    monkeypatch.setattr(_norms, "CELLS", 0)
    bound = _norms.product(net, "l2", labels, torch.zeros(1))
    assert (bound[:, 1:] > exact[:, 1:]).all()


def test_the_matrices_of_one_hidden_layer_give_its_logits():
    model = build(
        "mlp",
        (1, 3, 2),
        3,
        {"width": 5, "depth": 1},
        rng=generator(0),
        pixels=torch.rand(50, 1, 3, 2, generator=generator(1)),
    ).eval()
    x = torch.rand((7, 1, 3, 2), generator=generator(2))
    m = shallow(read(model, (1, 3, 2)), x)
    flat = x.flatten(1).double().numpy()
    by_hand = np.maximum(flat @ m.inner.T + m.shift, 0) @ m.outer.T + m.last
    np.testing.assert_allclose(by_hand, model(x).detach().numpy(), atol=1e-5)


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_of_a_linear_model_every_radius_is_the_distance(norm):
    w = torch.tensor([[1.0, -2.0, 0.5], [0.0, 0.0, 0.0]])
    model = nn.Sequential(nn.Linear(3, 2, bias=False))
    model[0].weight.data = w
    x = torch.tensor([[0.9, 0.1, 0.4], [0.2, 0.6, 0.5]])  # the second is of class 1
    labels = torch.tensor([0, 1])
    net, ball = read(model.eval(), (3,)), Ball(x, norm, torch.full((2,), 10.0))
    dual = torch.linalg.vector_norm(w[0], ord={"linf": 1, "l2": 2, "l1": float("inf")}[norm])
    truth = (x @ w[0]).abs() / dual
    torch.testing.assert_close(layer_norms(net, ball, labels), truth, rtol=1e-4, atol=1e-5)
    assert (layer_norms(net, ball, labels) <= truth).all()
    if norm == "linf":
        torch.testing.assert_close(path_norm(net, ball, labels), truth, rtol=1e-4, atol=1e-5)
    assert (layer_norms(net, ball, 1 - labels) == 0).all()


def test_tighter_bounds_prove_more_and_no_attack_breaks_any():
    model = one_layer(8, size=4)
    x = torch.rand((6, 4), generator=generator(5))
    labels = model(x).argmax(1)
    names = ["layer_norms", "path_norm", "half_path_norm", "lipopt"]
    found = [radii(name, model, x, labels, "linf", 1.0).radius for name in names]
    found.append(radii("lipopt", model, x, labels, "linf", 1.0, knobs={"level": 3}).radius)
    assert (np.diff(found, axis=0) >= -1.0 / FINENESS).all()  # what a search leaves open
    assert (np.diff(np.mean(found, axis=1))[:2] > 0).all()
    broken = run_attack("fmn", model, x, Goal(labels), Threat("linf", 1.0)).distance["linf"]
    assert (np.stack(found) <= broken).all()
    for i, radius in enumerate(np.max(found, axis=0)):
        inside = points(x[i], "linf", float(radius), 10_000, generator(i))
        assert (model(inside).argmax(1) == labels[i]).all()
    again = radii("lipopt", model, x, labels, "linf", 1.0)
    assert (again.radius == found[3]).all()
    assert not radii("lipopt", model, x, 1 - labels.clamp_max(1), "linf", 1.0).radius.any()


@pytest.mark.parametrize("name", ["toy-standard", "toy-pgd"])
def test_radii_of_toy_models_are_below_what_breaks_them(name):
    data, model = load_data("toy").first(20), load_model(name)
    labels = model(data.x).argmax(1)
    for norm in ("linf", "l2", "l1"):
        broken = run_attack("fmn", model, data.x, Goal(labels), Threat(norm, 0.5)).distance[norm]
        for certificate in ["layer_norms", *(["path_norm"] if norm == "linf" else [])]:
            radius = radii(certificate, model, data.x, labels, norm, 0.5).radius
            assert (radius > 0).all()
            assert (radius <= broken).all()


def test_an_ordinary_network_of_two_layers_is_refused_in_a_sentence():
    net = read(load_model("toy-standard"), (2,))
    ball = Ball(torch.full((1, 2), 0.5), "linf", torch.full((1,), 0.1))
    for certificate in (half_path_norm, lipopt):
        with pytest.raises(UserError, match=r"one hidden layer.*has 2 layers"):
            certificate(net, ball, torch.zeros(1, dtype=torch.int64))


def test_ladders_are_validated_and_their_radii_limited():
    good = {"norm": "linf", "eps": 0.1, "label": 0, "margins": np.array([np.inf, 1.0, 2.0]), "seconds": {"path": 0.0}}
    good |= {"bounds": {"path": np.array([0.0, 20.0, 50.0])}, "refused": {}}
    found = Ladder(**good)
    assert found.rival == 1
    assert found.radii == {"path": pytest.approx(0.04)}
    assert Ladder(**good | {"bounds": {"path": np.array([0.0, 1.0, 1.0])}}).radii == {"path": 0.1}
    assert Ladder(**good | {"bounds": {"path": np.array([0.0, np.inf, 1.0])}}).radii == {"path": 0.0}
    row = np.ones(3)
    for bad in ({"bounds": {}}, {"bounds": {"path": -row}}, {"seconds": {}}, {"refused": {"path": "no"}}):
        with pytest.raises(ValueError, match=r"rung|slope"):
            Ladder(**good | bad)


def test_the_steepest_margin_is_the_product_of_spectral_norms():
    model = build("mlp", (5,), 3, {"width": 7, "depth": 2}, rng=generator(0)).eval()
    first, second, last = (layer.weight.detach().double().numpy() for layer in model.net if type(layer) is nn.Linear)
    steepest = max(np.linalg.norm(last[i] - last[j]) for i in range(3) for j in range(3))
    bound = np.linalg.norm(first, 2) * np.linalg.norm(second, 2) * steepest
    found = steepest_margin(read(model, (5,)), "l2")
    assert found == pytest.approx(bound * (1 + ROUNDING), rel=2e-6)
    assert found >= bound  # rounded up
