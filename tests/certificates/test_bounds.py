"""Intervals, Fast-Lin, CROWN, CROWN-IBP, alpha-CROWN: where their answers are known, and in which order they lie."""

import copy

import pytest
import torch
from proving import SUBJECTS, Subject, small_cnn
from torch import nn

from explorer.certificates import CERTIFICATES, _affine, _intervals, _patches, ball
from explorer.certificates._back import back
from explorer.certificates._intervals import intervals
from explorer.certificates._relax import adaptive, chord, largest, windows
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network, read
from explorer.certificates.run import margins
from explorer.core.device import generator
from explorer.core.norms import CONVEX
from explorer.models.build import initialise

BOUNDS = ("ibp", "fast_lin", "crown", "crown_ibp", "alpha_crown")
FEW = {"alpha_crown": {"steps": 3}}


def bound(name: str, subject: Subject, norm: str, share: float = 1.0) -> torch.Tensor:
    eps = torch.full((len(subject.x),), subject.radius(norm) * share)
    return margins(name, subject.net, Ball(subject.x, norm, eps), subject.y, FEW.get(name))


def clean(subject: Subject) -> torch.Tensor:
    logits = subject.model(subject.x).detach()
    found = logits.gather(1, subject.y[:, None]) - logits
    return found.scatter(1, subject.y[:, None], torch.inf)


def linear(shape: tuple[int, ...]) -> Network:
    return read(nn.Sequential(nn.Flatten(), nn.Linear(12, 5), nn.Linear(5, 3)).eval().requires_grad_(False), shape)


@pytest.mark.parametrize("name", BOUNDS)
@pytest.mark.parametrize("norm", CONVEX)
def test_a_linear_model_s_margins_are_exact(name, norm):
    net, x = linear((3, 2, 2)), torch.rand(5, 3, 2, 2, generator=generator(0))
    labels, eps = torch.tensor([0, 1, 2, 0, 1]), torch.full((5,), 0.3)
    rows = net.steps[1].affine.back(net.steps[2].affine.back(torch.eye(3)))
    bias = net.model(torch.zeros(1, 3, 2, 2))[0]
    truth = Ball(x, norm, eps).least((rows[labels][:, None] - rows).view(5, 3, 3, 2, 2)) + bias[labels][:, None] - bias
    found = margins(name, net, Ball(x, norm, eps), labels)
    others = found.isfinite()
    assert others.sum() == 10
    assert torch.allclose(found[others], truth[others], atol=2e-5)


@pytest.mark.parametrize("box", [True, False])
def test_intervals_of_one_affine_layer_are_exact(box):
    """The corner whose signs are those of the weights is in the ball, and reaches the bound."""
    layer = nn.Linear(6, 4).requires_grad_(False)
    net, x = (
        read(nn.Sequential(layer, nn.ReLU(), nn.Linear(4, 2)).eval(), (6,)),
        torch.rand(3, 6, generator=generator(1)),
    )
    around = Ball(x, "linf", torch.full((3,), 0.4), box)
    low, high = intervals(net, around)[0]
    least, most = around.limits
    up = layer.weight > 0
    corners = torch.where(up, least[:, None], most[:, None]), torch.where(up, most[:, None], least[:, None])
    for corner, side in zip(corners, (low, high), strict=True):
        reached = (corner * layer.weight).sum(2) + layer.bias
        assert torch.allclose(side, reached, atol=1e-5)


@pytest.mark.parametrize("name", ["fast_lin", "crown", "crown_ibp", "alpha_crown"])
@pytest.mark.parametrize("norm", CONVEX)
def test_where_all_relus_are_stable_the_margins_are_exact(name, norm):
    """The network is affine in the ball then: its gradient and value at the centre say all."""
    rng = generator(2)
    model = nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 3)).eval()
    initialise(model, rng)
    for layer, far in ((model[0], 9.0), (model[2], 99.0)):
        layer.bias.data = torch.tensor([far, -far] * 4)  # from 0, on either side
    x, labels, eps = torch.rand(4, 5, generator=rng), torch.tensor([0, 1, 2, 0]), torch.full((4,), 0.3)
    rows = torch.func.vmap(torch.func.jacrev(model))(x).detach()
    value = model(x).detach() - (rows * x[:, None]).sum(2)
    pick = torch.arange(4), labels
    truth = Ball(x, norm, eps).least(rows[pick][:, None] - rows) + value[pick][:, None] - value
    found = margins(name, read(model, (5,)), Ball(x, norm, eps), labels)
    assert found.isinf().sum() == 4
    assert torch.allclose(found[found.isfinite()], truth[found.isfinite()], atol=1e-4)


@pytest.mark.parametrize("norm", CONVEX)
def test_in_a_ball_of_radius_0_the_margins_are_the_clean_ones(subject, norm):
    for name in BOUNDS:
        found, truth = bound(name, subject, norm, share=0.0), clean(subject)
        others = truth.isfinite()
        assert torch.equal(found.isfinite(), others)
        assert (found[others] <= truth[others]).all()
        near = 3e-2 if name == "ibp" else 1e-4  # intervals carry each layer's allowance for rounding through all others
        assert torch.allclose(found[others], truth[others], rtol=near, atol=near), name


@pytest.mark.parametrize("norm", CONVEX)
def test_which_bound_is_tighter(subject, norm):
    """alpha-CROWN never loses to CROWN; back-substitution beats intervals, where these know more than one layer."""
    found = {name: bound(name, subject, norm) for name in BOUNDS}
    for better, worse in (("alpha_crown", "crown"), ("crown", "crown_ibp"), ("crown_ibp", "ibp")):
        gain = (found[better] - found[worse])[found["crown"].isfinite()]
        if better == "alpha_crown":
            assert (gain >= 0).all()
        else:
            assert gain.mean() > 0, (better, worse)


def test_more_steps_of_alpha_crown_are_no_worse_and_none_is_crown(learned):
    ball = Ball(learned.x, "linf", torch.full((len(learned.x),), learned.eps))
    asked = [margins("alpha_crown", learned.net, ball, learned.y, {"steps": steps}) for steps in (0, 5, 20)]
    plain = margins("crown", learned.net, ball, learned.y)
    others = plain.isfinite()
    assert torch.equal(asked[0], plain)
    assert (asked[1][others] >= asked[0][others]).all()
    assert (asked[2][others] >= asked[1][others]).all()
    assert (asked[2] - plain)[others].mean() > 1e-3


@pytest.mark.parametrize("norm", CONVEX)
def test_float32_claims_no_more_than_float64_without_allowance(subject, norm, monkeypatch):
    single = {name: bound(name, subject, norm) for name in BOUNDS if name != "alpha_crown"}
    for module in (_affine, _intervals, _patches, ball):
        monkeypatch.setattr(module, "ROUNDING", 0.0)
    double = read(copy.deepcopy(subject.model).double(), subject.x.shape[1:])
    around = Ball(subject.x.double(), norm, torch.full((len(subject.x),), subject.radius(norm)).double())
    for name, found in single.items():
        truth = margins(name, double, around, subject.y)
        others = truth.isfinite()
        assert (found.double()[others] <= truth[others]).all(), name
        assert (truth - found.double())[others].max() <= 1e-2 * (1 + truth[others].abs().max()), name


@pytest.mark.parametrize("relax", [chord, adaptive])
def test_lines_hold_a_relu_between_them(relax):
    low = torch.tensor([[-2.0, -1.0, -3.0, 0.5, -0.5, 0.0, -1.0, 0.0]])
    high = torch.tensor([[1.0, 2.0, -1.0, 2.0, 0.5, 0.0, 0.0, 1.0]])
    lines = relax(low, high)
    for share in torch.linspace(0, 1, 21):
        z = low + share * (high - low)
        relu = z.clamp_min(0)
        assert (lines.low_slope[:, 0] * z <= relu + 1e-6).all()
        assert (lines.slope[:, 0] * z + lines.shift[:, 0] >= relu - 1e-6).all()
    stable = (low >= 0) | (high <= 0)
    assert torch.equal(lines.low_slope[:, 0][stable], lines.slope[:, 0][stable])


@pytest.mark.parametrize("settings", [(2, 2, 0), (3, 2, 1), (3, 1, 1), (2, 3, 0)])
def test_lines_hold_a_maximum_between_them(settings):
    rng = generator(3)
    pool = nn.MaxPool2d(*settings, ceil_mode=True)
    net = read(nn.Sequential(pool, nn.Flatten()).eval(), (2, 7, 6))
    step = net.steps[0]
    low = torch.randn(3, 2, 7, 6, generator=rng)
    high = low + torch.rand(3, 2, 7, 6, generator=rng) * torch.tensor([0.01, 0.5, 3.0]).view(3, 1, 1, 1)
    line = largest(step, low, high)
    assert windows(step, low, 0.0).shape[3] == step.shape[1] * step.shape[2]
    for _ in range(50):
        z = low + torch.rand(low.shape, generator=rng) * (high - low)
        entry = z.flatten(2).gather(2, line.source).view(3, *step.shape)
        assert (entry <= pool(z)).all()
        assert (line.slope[:, 0] * entry + line.shift[:, 0] >= pool(z) - 1e-6).all()
    assert 0 < line.slope.mean() < 1


def test_back_substitution_holds_at_every_point(subject):
    """Not the minimum alone: the planes lie below the margins wherever the ball is asked."""
    from explorer.certificates._lines import by_intervals, planes

    ball = Ball(subject.x, "linf", torch.full((len(subject.x),), subject.eps))
    with torch.no_grad():
        rows, shift = planes(subject.net, ball, subject.y, by_intervals(subject.net, ball, adaptive))
        low, high = ball.limits
        for seed in range(20):
            x = low + torch.rand(low.shape, generator=generator(seed)) * (high - low)
            logits = subject.model(x)
            true = logits.gather(1, subject.y[:, None]) - logits
            below = (rows * x[:, None]).flatten(2).sum(2) + shift
            assert (below <= true + 1e-4 * (1 + below.abs())).all()


def test_a_batch_equals_its_pictures(subject):
    for name in BOUNDS:
        whole = bound(name, subject, "l2")
        for i in range(len(subject.x)):
            alone = Subject(subject.name, subject.model, subject.x[i : i + 1], subject.y[i : i + 1], subject.eps)
            scale = 1 + whole[i][whole[i].isfinite()].abs().max()
            assert torch.allclose(bound(name, alone, "l2")[0], whole[i], atol=1e-4 * scale), name


@pytest.mark.parametrize("name", ["ibp", "crown_ibp", "crown", "fast_lin"])
def test_bounds_are_differentiable_in_the_weights(name):
    subject = small_cnn("stride")
    model = copy.deepcopy(subject.model).double().requires_grad_(True)
    net = read(model, subject.x.shape[1:])
    ball = Ball(subject.x.double(), "linf", torch.full((3,), 0.01, dtype=torch.float64))

    def worst() -> torch.Tensor:
        return CERTIFICATES[name].run(net, ball, subject.y).clamp_max(1e3).sum()

    worst().backward()
    weight = model.net.conv1.weight
    slope, step = weight.grad[0, 0, 1, 1].item(), 1e-6
    with torch.no_grad():
        ends = []
        for sign in (1, -1):
            weight[0, 0, 1, 1] += sign * step
            ends.append(worst().item())
            weight[0, 0, 1, 1] -= sign * step
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-3, abs=1e-4)


def test_rows_without_lines_end_where_they_are():
    net = SUBJECTS["residual"]().net
    rows, _ = back(net, len(net.steps) - 1, torch.eye(4)[None], {})
    assert {net.steps[index].kind for index in rows} == {"relu"}
