"""Sparse binary networks: how many weights count where, which, and what learns."""

import pytest
import torch

from explorer.core.device import generator
from explorer.models._binary import BinaryLinear, counts
from explorer.models.build import build
from explorer.models.prepare import prepare

RESNET34 = [
    1728,
    *[36_864] * 6,
    73_728,
    *[147_456] * 7,
    8_192,
    294_912,
    *[589_824] * 11,
    32_768,
    1_179_648,
    *[2_359_296] * 5,
    131_072,
    5_120,
]


def test_counts_of_a_resnet34_are_the_papers():
    """21,265,088 weights, one in a hundred: conv1 whole, the last layer 77 %, a 3×3 of the first stage 13 %."""
    assert sum(RESNET34) == 21_265_088
    found = counts(RESNET34, 0.01, 0.1)
    assert abs(sum(found) - 212_650) <= len(RESNET34)
    assert found[0] == 1728
    assert found[-1] == pytest.approx(3965, abs=1)
    assert found[1] == pytest.approx(4831, abs=1)
    assert found[-4] == pytest.approx(7324, abs=1)
    assert counts(RESNET34, 0.01, 1.0)[0] == 17
    assert counts(RESNET34, 0.01, 1.0)[-1] == 51


@pytest.mark.parametrize("keep", [0.01, 0.1, 0.5, 1.0])
@pytest.mark.parametrize("p", [0.0, 0.1, 0.5, 1.0])
def test_counts_add_up_and_grow_with_the_layer(p, keep):
    sizes = [144, 4608, 18_432, 31_360]
    found = counts(sizes, keep, p)
    assert abs(sum(found) - keep * sum(sizes)) <= len(sizes)
    assert all(0 < n <= size for n, size in zip(found, sizes, strict=True))
    assert found == sorted(found)
    if p == 1:
        assert all(n == pytest.approx(keep * size, abs=0.5) for n, size in zip(found, sizes, strict=True))


def layer(kept=3) -> BinaryLinear:
    found = BinaryLinear(4, 2, kept)
    found.draw(generator(0))
    return found


def test_the_largest_scores_of_either_sign_count():
    found = layer()
    with torch.no_grad():
        found.scores.copy_(torch.tensor([[0.1, -0.9, 0.2, 0.0], [0.5, -0.3, 0.6, -0.1]]))
    assert torch.equal(found.chosen(), torch.tensor([[0.0, 1, 0, 0], [1, 0, 1, 0]]))
    assert torch.equal(found.weight().detach(), found.signs * found.chosen())
    assert set(found.signs.flatten().tolist()) == {-1.0, 1.0}


def test_ties_are_broken_and_no_more_than_asked_for_count():
    found = layer()
    with torch.no_grad():
        found.scores.fill_(0.5)
    assert int(found.chosen().sum()) == 3


def test_the_gradient_of_a_score_is_the_weights_times_both_signs():
    found, x = layer(), torch.randn(5, 4, generator=generator(1))
    weight = found.weight().detach().requires_grad_(True)
    (expected,) = torch.autograd.grad((x @ weight.t()).square().sum(), weight)
    found(x).square().sum().backward()
    assert torch.allclose(found.scores.grad, expected * found.signs * found.scores.detach().sign())


@pytest.mark.parametrize("last_norm", [True, False])
def test_scores_alone_learn_and_a_prepared_network_is_the_same(last_norm):
    model = build("binary", (1, 8, 8), 10, {"width": 4, "last_norm": last_norm}, rng=generator(0))
    assert {name.rsplit(".", 1)[1] for name, _ in model.named_parameters()} == {"scores"}
    x = torch.rand(6, 1, 8, 8, generator=generator(2))
    model.train()(x)
    model.eval()
    with torch.no_grad():
        assert torch.allclose(prepare(model)(x), model(x), atol=1e-4)
    assert not any("scores" in name for name, _ in prepare(model).named_parameters())


def test_equal_seeds_equal_networks():
    one, other, third = (build("binary", (1, 8, 8), 10, {}, rng=generator(seed)) for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))
    assert not torch.equal(one.net.conv0.signs, third.net.conv0.signs)
