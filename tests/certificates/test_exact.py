"""The exact answer: equal to a dense grid's, between what is proved otherwise and what attacks find, and honest."""

import ctypes

import numpy as np
import pytest
import torch
from proving import points
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.certificates import exact as module
from explorer.certificates._aside import aside
from explorer.certificates.ball import Ball
from explorer.certificates.exact import distances, exact
from explorer.certificates.network import read
from explorer.certificates.run import radii
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.results import Exact
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models._layers import Sum
from explorer.models.build import build
from explorer.models.zoo import load_model

SIDE = 501  # of the grid over the unit square


class Branched(nn.Module):
    """Two hidden layers of which the second is added to the first."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = nn.Linear(2, 6), nn.Linear(6, 6), nn.Linear(6, 3)
        self.relu, self.other, self.sum = nn.ReLU(), nn.ReLU(), Sum()
        for i, weight in enumerate(self.parameters()):
            weight.data.normal_(0, 1, generator=generator(i))

    def forward(self, x: Tensor) -> Tensor:
        h = self.relu(self.first(x))
        z: Tensor = self.last(self.sum(h, self.other(self.second(h))))
        return z


def on_a_grid(model: nn.Module, x: Tensor, labels: Tensor, norm: str) -> np.ndarray:
    """Return how far the nearest point of a grid with another class is, (N,)."""
    axis = torch.linspace(0, 1, SIDE)
    points = torch.cartesian_prod(axis, axis)
    with torch.no_grad():
        found = model(points).argmax(1)
    order = float("inf") if norm == "linf" else 1
    away = [
        torch.linalg.vector_norm(points[found != label] - one, ord=order, dim=1).min()
        for one, label in zip(x, labels, strict=True)
    ]
    return torch.stack(away).numpy()


def ball(x: Tensor, norm: str, eps: float) -> Ball:
    return Ball(x, norm, torch.full((len(x),), eps))


@pytest.fixture(scope="module")
def small() -> tuple[nn.Module, Tensor, Tensor]:
    """A network of twelve hidden units that knows the digits, and some it gets right."""
    train = load_data("digits", "train")
    model = build("mlp", (1, 8, 8), 10, {"width": 12, "depth": 1}, rng=generator(0), pixels=train.x)
    descent = torch.optim.Adam(model.parameters(), 0.03)
    for _ in range(150):
        descent.zero_grad()
        nn.functional.cross_entropy(model(train.x), train.y).backward()
        descent.step()
    model = model.eval().requires_grad_(False)
    data = load_data("digits").first(20)
    right = model(data.x).argmax(1) == data.y
    return model, data.x[right][:6], data.y[right][:6]


@pytest.mark.parametrize("norm", ["linf", "l1"])
def test_a_grid_on_the_toy_data_gives_the_same(norm):
    model, data = load_model("toy-standard"), load_data("toy")
    x, y = data.x[[3, 5, 8]], data.y[[3, 5, 8]]
    found = distances(read(model, (2,)), ball(x, norm, 0.3), y)
    grid, step = on_a_grid(model, x, y, norm), 1 / (SIDE - 1)
    assert found.decided.all()
    assert (found.low <= grid + 1e-6).all()
    assert (grid <= found.high + 2 * step).all()
    assert (found.open_units > 5).all()


@pytest.mark.parametrize("norm", ["linf", "l1"])
@pytest.mark.parametrize("seed", range(3))
def test_a_grid_on_random_networks_gives_the_same(norm, seed):
    model = build("mlp", (2,), 3, {"width": 6, "depth": 2}, rng=generator(seed)).eval().requires_grad_(False)
    x = torch.rand((5, 2), generator=generator(seed))
    model.net.logits.bias.data -= model(x).mean(0)
    labels, step = model(x).argmax(1), 1 / (SIDE - 1)
    found = distances(read(model, (2,)), ball(x, norm, 2.0), labels)
    grid = on_a_grid(model, x, labels, norm)
    assert (found.low <= grid + 1e-6).all()
    assert (grid <= found.high + 4 * step).all()
    assert found.decided.all()


def test_a_grid_on_a_network_with_a_sum_gives_the_same():
    model = Branched().eval().requires_grad_(False)
    x = torch.rand((5, 2), generator=generator(1))
    model.last.bias.data -= model(x).mean(0)
    labels, step = model(x).argmax(1), 1 / (SIDE - 1)
    found, grid = distances(read(model, (2,)), ball(x, "linf", 2.0), labels), on_a_grid(model, x, labels, "linf")
    assert found.decided.all()
    assert (found.low <= grid + 1e-6).all()
    assert (grid <= found.high + 2 * step).all()


@pytest.mark.parametrize("norm", ["linf", "l1"])
def test_of_a_linear_model_it_is_the_distance_within_the_walls(norm):
    model = nn.Sequential(nn.Linear(2, 2, bias=False))
    model[0].weight.data = torch.tensor([[1.0, -0.5], [0.0, 0.0]])
    x = torch.tensor([[0.4, 0.2], [0.5, 0.9], [0.5, 0.0]])  # w·x = 0.3, 0.05, 0.5
    found = distances(read(model.eval(), (2,)), ball(x, norm, 2.0), torch.zeros(3, dtype=torch.int64))
    truth = [0.2, 0.05 / 1.5, 1 / 3] if norm == "linf" else [0.3, 0.05, 0.5]
    np.testing.assert_allclose(found.low, truth, rtol=1e-3)
    np.testing.assert_allclose(found.high, truth, rtol=1e-3)
    assert (found.low <= np.array(truth) + 1e-9).all()
    assert (found.high >= np.array(truth) - 1e-7).all()


def test_what_others_prove_and_what_attacks_find_lie_on_its_two_sides(small):
    model, x, y = small
    for norm in ("linf", "l1"):
        limit = 0.15 if norm == "linf" else 2.0
        found = distances(read(model, (1, 8, 8)), ball(x, norm, limit), y)
        assert found.decided.all()
        assert (found.low < limit).any()
        proved = ["ibp", "fast_lin", "crown", "alpha_crown", "envelope", "layer_norms"]
        for name in [*proved, *(["path_norm", "half_path_norm", "lipopt"] if norm == "linf" else [])]:
            assert (radii(name, model, x, y, norm, limit).radius <= found.low * 1.0005 + 1e-6).all(), name
        for attack in ("fmn", "fab" if norm == "linf" else "alma"):
            broken = run_attack(attack, model, x, Goal(y), Threat(norm, limit))
            assert (broken.distance[norm][broken.success] >= found.low[broken.success]).all()
        edge = run_attack("pgd", model, x, Goal(y), Threat(norm, float(found.low.min()) * 0.999))
        assert not edge.success.any()


@pytest.mark.parametrize("name", ["toy-standard", "toy-pgd"])
def test_on_toy_models_proof_exact_answer_and_attack_are_in_order(name):
    model, data = load_model(name), load_data("toy")
    chosen = [1, 3, 5, 8] if name == "toy-standard" else [0, 3, 6, 8]
    x, y = data.x[chosen], data.y[chosen]
    answer = radii("exact", model, x, y, "linf", 0.3)
    assert answer.says == "exact"
    for certificate in ("ibp", "crown", "envelope", "path_norm"):
        proved = radii(certificate, model, x, y, "linf", 0.3)
        assert (proved.radius <= answer.radius * 1.0005).all()
    for i, radius in enumerate(answer.radius):
        within = points(x[i], "linf", float(radius), 10_000, generator(i))
        assert (model(within).argmax(1) == y[i]).all()
        one = slice(i, i + 1)
        inside, outside = (
            run_attack("pgd", model, x[one], Goal(y[one]), Threat("linf", radius * share), knobs={"restarts": 5})
            for share in (0.9999, 1.05)
        )
        assert not inside.success.any()
        assert outside.success.all()


def test_the_counterexample_is_one_and_as_far_as_is_said(small):
    model, x, y = small
    found = distances(read(model, (1, 8, 8)), ball(x, "linf", 0.15), y)
    has = np.isfinite(found.high)
    assert has.any()
    x_adv = torch.tensor(found.x_adv)
    assert (model(x_adv).argmax(1) != y).numpy()[has].all()
    assert ((x_adv >= 0) & (x_adv <= 1)).all()
    np.testing.assert_allclose((x_adv - x).abs().flatten(1).amax(1).numpy()[has], found.high[has], atol=1e-7)
    assert (found.x_adv[~has] == x.numpy()[~has]).all()


def test_the_programme_finds_a_counterexample_where_no_attack_helps(monkeypatch):
    model, data = load_model("toy-standard"), load_data("toy")
    x, y = data.x[[3, 5]], data.y[[3, 5]]
    helped = distances(read(model, (2,)), ball(x, "linf", 0.1), y)

    class Nothing:
        x_adv = x.numpy()

    monkeypatch.setattr(module, "run_attack", lambda *_: Nothing)
    alone = distances(read(model, (2,)), ball(x, "linf", 0.1), y)
    assert alone.decided.all()
    np.testing.assert_allclose(alone.low, helped.low, rtol=1e-3)
    np.testing.assert_allclose(alone.high, helped.high, rtol=1e-3)


def test_a_ball_without_a_counterexample_is_proved_whole_and_a_wrong_picture_not_at_all():
    model, data = load_model("toy-standard"), load_data("toy").first(4)
    net = read(model, (2,))
    found = distances(net, ball(data.x, "linf", 0.02), data.y)
    eps = float(torch.tensor(0.02))
    assert found.low.tolist() == [eps] * 4
    assert np.isinf(found.high).all()
    assert found.decided.all()
    assert exact(net, ball(data.x, "linf", 0.02), data.y).tolist() == [eps] * 4
    wrong = distances(net, ball(data.x, "linf", 0.02), 1 - data.y)
    assert wrong.low.tolist() == wrong.high.tolist() == [0] * 4
    assert wrong.decided.all()


def test_without_time_it_says_that_it_is_not_decided_and_what_it_proved():
    model, data = load_model("toy-standard"), load_data("toy")
    found = distances(read(model, (2,)), ball(data.x[7:8], "linf", 0.3), data.y[7:8], seconds=0.1)
    truth = 0.10460  # by a programme of half a minute
    assert not found.decided.any()
    assert 0.05 < found.low[0] < truth
    assert found.high[0] > truth


def test_what_it_cannot_do_is_refused_in_a_sentence(monkeypatch):
    model, data = load_model("toy-standard"), load_data("toy").first(1)
    monkeypatch.setattr(module, "OPEN", 5)
    with pytest.raises(UserError, match=r"Within 0.06\d*, \d+ ReLUs may be on or off, and 5 is the most"):
        exact(read(model, (2,)), ball(data.x, "linf", 0.3), data.y)
    pooled = build("cnn", (1, 8, 8), 3, {"width": 4, "stages": 1, "hidden": 4, "down": "max"}, rng=generator(0)).eval()
    x = torch.rand((1, 1, 8, 8), generator=generator(0))
    monkeypatch.setattr(module, "OPEN", 5000)
    with pytest.raises(UserError, match="knows no maxima"):
        exact(read(pooled, (1, 8, 8)), ball(x, "linf", 0.01), pooled(x).argmax(1))


def test_what_c_code_prints_does_not_reach_standard_output(capfd):
    c = ctypes.CDLL(None)
    print("before")
    with aside(), aside():
        c.puts(b"from C")
    print("after")
    out, err = capfd.readouterr()
    assert "from C" in err
    assert out.split() == ["before", "after"]


def test_exact_answers_are_validated():
    one = np.ones(1)
    good = {"limit": one, "low": one / 2, "high": one, "x_adv": one, "open_units": one, "seconds": one}
    assert not Exact("linf", **good).decided.any()
    for bad in ({"low": 2 * one}, {"high": one / 4}, {"low": -one}, {"x_adv": np.ones(2)}):
        with pytest.raises(ValueError, match=r"proved|row"):
            Exact("linf", **(good | bad))
