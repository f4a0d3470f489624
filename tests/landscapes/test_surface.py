import copy

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, softplus
from torch.optim.swa_utils import update_bn

from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.results import Losses
from explorer.core.types import Threat
from explorer.landscapes.directions import between, random
from explorer.landscapes.grids import grid
from explorer.landscapes.surface import Climb, attacked, surface

POINTS = np.array([[0.0, 0.0], [0.7, -0.4], [-1.0, 1.0]])
CLIMB = Climb(Threat("linf", 0.1), steps=8)


class Quadratic(nn.Module):
    """A network whose cross-entropy against class 0 is 1 + w'Hw / 2, whatever the picture."""

    h: Tensor

    def __init__(self, h: Tensor, w: Tensor) -> None:
        super().__init__()
        self.w = nn.Parameter(w)
        self.register_buffer("h", h)

    def forward(self, x: Tensor) -> Tensor:
        loss = 1 + self.w @ self.h @ self.w / 2
        odds = torch.expm1(loss).log() + 0 * x.flatten(1).sum(1)
        return torch.stack([torch.zeros_like(odds), odds], 1)


class Counting(nn.Module):
    """A linear model that no tracer understands, and how many pictures went through it and back."""

    there, back = 0, 0

    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        if len(x) > 1:  # the look at which labels there are is not of the surface
            Counting.there += len(x)
        if x.requires_grad:
            x.register_hook(self.count)
        return self.linear(x.flatten(1))

    @staticmethod
    def count(gradient: Tensor) -> None:
        Counting.back += len(gradient)


class Tied(nn.Module):
    """Two layers of one weight, called in another order than they are named in."""

    def __init__(self) -> None:
        super().__init__()
        self.late, self.early = nn.Linear(4, 4), nn.Linear(4, 4)
        self.early.weight = self.late.weight

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.late(self.early(x.flatten(1)).relu())
        return logits


def pair(model: nn.Module) -> tuple[dict[str, Tensor], dict[str, Tensor]]:
    return random(model, generator(5)), random(model, generator(6))


def moved(model: nn.Module, first: dict[str, Tensor], second: dict[str, Tensor], a: float, b: float) -> nn.Module:
    """The plain way: another state loaded into a copy."""
    other = copy.deepcopy(model)
    state = {n: p + a * first[n] + b * second[n] for n, p in model.named_parameters()}
    other.load_state_dict(state, strict=False)
    return other


def test_the_surface_of_a_quadratic_is_that_quadratic():
    factor = torch.randn(6, 6, generator=generator(0))
    h, w, u, v = factor @ factor.T, *torch.randn(3, 6, generator=generator(1)) * 0.3
    at = grid(5, 2.0)
    found = surface(Quadratic(h, w), torch.rand(3, 1, 2, 2), torch.zeros(3).long(), {"w": u}, {"w": v}, at)
    point = w.numpy() + at @ torch.stack([u, v]).numpy()
    assert found.loss == pytest.approx(1 + (point @ h.numpy() * point).sum(1) / 2, rel=1e-5)
    assert found.spread == pytest.approx(np.zeros(25), abs=1e-6)


def test_the_surface_of_logistic_regression_is_its_formula(line):
    first, second = pair(line.model)
    found = surface(line.model, line.x, line.y, first, second, POINTS)
    for (a, b), loss, right in zip(POINTS, found.loss, found.right, strict=True):
        w, bias = (line.model[1].state_dict()[n] for n in ("weight", "bias"))
        z = line.x.flatten(1) @ (w + a * first["1.weight"] + b * second["1.weight"]).T + bias
        margin = (z[:, 0] - z[:, 1]) * (1 - 2 * line.y)
        assert loss == pytest.approx(float(softplus(-margin).mean()), rel=1e-5)
        assert right == int((margin > 0).sum())


@pytest.mark.parametrize("name", ["plain", "normed"])
def test_every_point_is_that_of_a_copy_with_these_weights(name, request):
    case = request.getfixturevalue(name)
    first, second = pair(case.model)
    found = surface(case.model, case.x, case.y, first, second, POINTS)
    for (a, b), loss, spread, right in zip(POINTS, found.loss, found.spread, found.right, strict=True):
        with torch.no_grad():
            logits = moved(case.model, first, second, a, b)(case.x)
        losses = cross_entropy(logits, case.y, reduction="none")
        assert loss == pytest.approx(float(losses.mean()), rel=1e-5)
        assert spread == pytest.approx(float(losses.std(correction=0)), rel=1e-4)
        assert right == int((logits.argmax(1) == case.y).sum())
    assert found.accuracy == pytest.approx(found.right / len(case.x))


def test_the_centre_is_the_plain_loss(plain):
    found = surface(plain.model, plain.x, plain.y, *pair(plain.model), POINTS[:1])
    assert found.loss[0] == pytest.approx(float(cross_entropy(plain.model(plain.x), plain.y)), rel=1e-6)


def test_tiles_are_the_whole_and_no_point_leaves_a_trace(normed):
    first, second = pair(normed.model)
    at = np.concatenate([grid(3), 50 * POINTS, POINTS[:1]])
    whole = surface(normed.model, normed.x, normed.y, first, second, at)
    tiles = [surface(normed.model, normed.x, normed.y, first, second, part) for part in np.array_split(at, 4)]
    joined = Losses.joined(tiles)
    assert (joined.points == at).all()
    assert (joined.loss == whole.loss).all()
    assert whole.loss[4] == whole.loss[-1]


def test_a_weight_that_two_layers_share_moves_once():
    model, x, y = (
        Tied().eval().requires_grad_(False),
        torch.rand((9, 1, 2, 2), generator=generator(7)),
        torch.arange(9) % 4,
    )
    first, second = pair(model)
    found = surface(model, x, y, first, second, POINTS)
    for (a, b), loss in zip(POINTS, found.loss, strict=True):
        point = {n: p + a * first[n] + b * second[n] for n, p in model.named_parameters()}
        logits = torch.func.functional_call(model, point, (x,))
        assert loss == pytest.approx(float(cross_entropy(logits, y)), rel=1e-5)


@pytest.mark.parametrize("statistics", ["kept", "measured"])
def test_the_model_is_left_as_it_is(normed, statistics):
    before = copy.deepcopy(normed.model.state_dict())
    first, second = pair(normed.model)
    surface(normed.model, normed.x, normed.y, first, second, POINTS, climb=CLIMB, statistics=statistics)
    assert not normed.model.training
    assert not any(p.requires_grad for p in normed.model.parameters())
    assert all(torch.equal(value, before[name]) for name, value in normed.model.state_dict().items())


@pytest.mark.parametrize("statistics", ["kept", "measured"])
@pytest.mark.parametrize("name", ["plain", "normed"])
def test_at_the_centre_a_kept_perturbation_is_the_one_made_anew(name, statistics, request):
    case = request.getfixturevalue(name)
    first, second = pair(case.model)
    x_adv = attacked(case.model, case.x, case.y, CLIMB, statistics=statistics, crowd=case.x)
    assert float((x_adv - case.x).abs().max()) <= 0.1 + 1e-6
    more = {"statistics": statistics, "crowd": case.x}
    kept = surface(case.model, x_adv, case.y, first, second, POINTS, **more)
    anew = surface(case.model, case.x, case.y, first, second, POINTS, climb=CLIMB, **more)
    clean = surface(case.model, case.x, case.y, first, second, POINTS, **more)
    assert anew.loss[0] == pytest.approx(kept.loss[0], rel=1e-6)
    assert (anew.loss[1:] > kept.loss[1:]).all()
    assert (anew.loss > clean.loss).all()
    assert (anew.forwards, anew.backwards, kept.forwards, kept.backwards) == (9, 8, 1, 0)


def test_the_adversarial_surface_of_a_linear_model_is_its_formula(line):
    x = 0.3 + 0.4 * line.x  # no wall is near
    first, second = pair(line.model)
    found = surface(line.model, x, line.y, first, second, POINTS, climb=CLIMB)
    for (a, b), loss in zip(POINTS, found.loss, strict=True):
        with torch.no_grad():
            layer = moved(line.model, first, second, a, b)[1]
            z = layer(x.flatten(1))
        apart = (layer.weight[0] - layer.weight[1]).abs().sum()
        margin = (z[:, 0] - z[:, 1]) * (1 - 2 * line.y) - 0.1 * apart
        assert loss == pytest.approx(float(softplus(-margin).mean()), rel=1e-4)


def test_it_costs_the_passes_that_it_tells():
    model, x, y = Counting(), torch.rand(6, 1, 2, 2), torch.arange(6) % 2
    Counting.there = Counting.back = 0
    found = surface(model, x, y, *pair(model), POINTS, climb=CLIMB)
    assert Counting.there == found.forwards * 6 * len(POINTS)
    assert Counting.back == found.backwards * 6 * len(POINTS)


def test_batch_norm_is_measured_as_by_hand(normed):
    first, second = pair(normed.model)
    crowd = torch.rand((300, 1, 8, 8), generator=generator(9))
    found = surface(normed.model, normed.x, normed.y, first, second, POINTS, statistics="measured", crowd=crowd)
    kept = surface(normed.model, normed.x, normed.y, first, second, POINTS)
    for (a, b), loss, old in zip(POINTS, found.loss, kept.loss, strict=True):
        other = moved(normed.model, first, second, a, b)
        update_bn(crowd.split(100), other)  # three batches of one size
        with torch.no_grad():
            assert loss == pytest.approx(float(cross_entropy(other.eval()(normed.x), normed.y)), rel=1e-5)
        assert abs(loss - old) > 1e-3 * old


def test_the_way_from_a_to_b_ends_at_b(plain):
    other = moved(plain.model, *pair(plain.model), 0.5, 0.5)
    way = between(plain.model, other)
    found = surface(plain.model, plain.x, plain.y, way, pair(plain.model)[0], np.array([[1.0, 0.0]]))
    assert found.loss[0] == pytest.approx(float(cross_entropy(other(plain.x), plain.y)), rel=1e-5)


def test_it_tells_its_progress_and_what_it_cannot_do(plain):
    seen, first, second = [], *pair(plain.model)
    surface(plain.model, plain.x, plain.y, first, second, POINTS, climb=CLIMB, tick=lambda *one: seen.append(one[:2]))
    shares = [done / total for done, total in seen]
    assert shares == sorted(shares)
    assert len(seen) > 3 * 8
    with pytest.raises(UserError, match="0 to 3"):
        surface(plain.model, plain.x, plain.y + 4, first, second, POINTS)
    with pytest.raises(UserError, match="a picture or more"):
        surface(plain.model, plain.x[:0], plain.y[:0], first, second, POINTS)
    with pytest.raises(ValueError, match="for each parameter"):
        surface(plain.model, plain.x, plain.y, first, {}, POINTS)


def test_the_loss_of_a_sure_model_is_not_0(line):
    line.model[1].weight.data *= 20
    with torch.no_grad():
        logits = line.model(line.x)
    nothing = {name: torch.zeros_like(p) for name, p in line.model.named_parameters()}
    found = surface(line.model, line.x[:1], logits.argmax(1)[:1], nothing, nothing, POINTS[:1])
    assert found.loss[0] == pytest.approx(float(torch.exp(-(logits[0, 0] - logits[0, 1]).abs().double())), rel=1e-3)
    assert 0 < found.loss[0] < 1e-20
