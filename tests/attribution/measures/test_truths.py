"""What each measure must give where the answer is known in closed form."""

import numpy as np
import pytest
import torch
from captum.metrics import sensitivity_max
from scipy.stats import spearmanr
from torch import nn

from explorer.attribution.measures.case import Case
from explorer.attribution.measures.randomisation import redraw, stages_of
from explorer.attribution.measures.run import run_measure
from explorer.attribution.run import run_method
from explorer.attribution.similarity import rank_correlation, ssim
from explorer.attribution.target import Target
from explorer.core.device import generator, uniform
from explorer.core.errors import UserError
from explorer.models.build import build

LABELS = torch.tensor([0, 1, 2, 0])


def net_of(w, b=None):
    """Logits w_k·x + b_k, (K, C, H, W) weights."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(w[0].numel(), len(w), bias=b is not None))
    net[1].weight.data = w.flatten(1)
    if b is not None:
        net[1].bias.data = b
    return net.eval().requires_grad_(False)


def values(name, case, other=None, **knobs):
    return run_measure(name, case, other, knobs=knobs).values


@pytest.fixture
def case(linear):
    return Case(linear.model, linear.x, LABELS)


def test_alignment_is_the_distance_to_the_boundary_of_a_linear_model_of_two_classes():
    w = torch.randn((2, 1, 5, 5), generator=generator(0))
    x = torch.rand((6, 1, 5, 5), generator=generator(1))
    found = values("alignment", Case(net_of(w), x, torch.zeros(6, dtype=torch.long)), of="margin")
    normal = (w[0] - w[1]).flatten()
    distance = (x.flatten(1) @ normal).abs() / normal.norm()
    np.testing.assert_allclose(found["alpha"], distance, rtol=1e-5)
    np.testing.assert_allclose(found["cosine"], distance / x.flatten(1).norm(dim=1), rtol=1e-5)


def test_alignment_by_the_weights_of_the_winning_class_and_of_the_centred_picture(linear, case):
    winners = linear.model(linear.x).argmax(1)
    w, x = linear.w[winners].flatten(1), linear.x.flatten(1)
    found = values("alignment", case)
    np.testing.assert_allclose(found["alpha"], (w * x).sum(1).abs() / w.norm(dim=1), rtol=1e-4)
    bare = x - x.mean(1, keepdim=True)
    centred = values("alignment", case, centre="mean")
    np.testing.assert_allclose(centred["cosine"], torch.cosine_similarity(w, bare).abs(), rtol=1e-4)


def test_a_gradient_that_is_the_picture_is_aligned_and_one_that_is_zero_has_no_direction():
    x = torch.rand((1, 1, 4, 4), generator=generator(2))
    found = values("alignment", Case(net_of(torch.cat([3 * x, -x])), x, torch.zeros(1, dtype=torch.long)))
    assert found["cosine"] == pytest.approx(1)
    assert found["alpha"] == pytest.approx([float(x.norm())])
    nothing = values("alignment", Case(net_of(torch.zeros(2, 1, 4, 4)), x, torch.zeros(1, dtype=torch.long)))
    assert np.isnan(nothing["alpha"]).all()
    assert np.isnan(nothing["cosine"]).all()


def test_mass_on_a_mask_is_that_of_the_weights_and_a_flat_map_has_its_area():
    w = torch.zeros(2, 3, 4, 4)
    w[0, 0, 0, 0], w[0, 2, 0, 1], w[0, 1, 3, 3] = 2.0, -1.0, 1.0
    x = torch.full((2, 3, 4, 4), 0.5)
    mask = torch.zeros(2, 1, 4, 4)
    mask[:, :, 0, 0], mask[0, :, 0, 1] = 1.0, 0.5
    labels = torch.zeros(2, dtype=torch.long)
    found = values("inside", Case(net_of(w), x, labels, mask=mask))
    np.testing.assert_allclose(found["mass"], [2.5 / 4, 2 / 4], rtol=1e-6)
    np.testing.assert_allclose(found["area"], [1.5 / 16, 1 / 16], rtol=1e-6)
    flat = values(
        "inside", Case(net_of(torch.stack([torch.ones(3, 4, 4), torch.zeros(3, 4, 4)])), x, labels, mask=mask)
    )
    np.testing.assert_allclose(flat["mass"], flat["area"], rtol=1e-6)


def test_bright_pixels_are_the_object_where_nothing_else_says_so_and_none_is_no_object():
    w = torch.arange(1.0, 33).view(2, 1, 4, 4).flip(0)
    x = torch.zeros(2, 1, 4, 4)
    x[0, 0, 0, :2], x[0, 0, 1, 0] = 0.8, 0.4
    case = Case(net_of(w, torch.tensor([1.0, 0.0])), x, torch.zeros(2, dtype=torch.long), bright=True)
    assert case.winners.tolist() == [0, 0]
    found = values("inside", case)
    assert found["mass"][0] == pytest.approx((17 + 18) / sum(range(17, 33)))
    assert found["area"][0] == pytest.approx(2 / 16)
    assert np.isnan(found["mass"][1])
    assert values("inside", case, level=0.3)["area"][0] == pytest.approx(3 / 16)


def test_agreement_of_models_that_differ_in_scale_or_sign(linear):
    twice, against = (net_of(factor * linear.w, factor * linear.b) for factor in (2, -1))
    case = Case(linear.model, linear.x, LABELS)
    same, opposite = (values("agreement", case, Case(other, linear.x, LABELS)) for other in (twice, against))
    for name in ("rank", "rank_size", "ssim"):
        np.testing.assert_allclose(same[name], 1, atol=1e-5)
    np.testing.assert_allclose(opposite["rank"], -1, atol=1e-6)
    np.testing.assert_allclose(opposite["rank_size"], 1, atol=1e-6)
    assert (opposite["ssim"] < 0).all()


def test_rank_correlation_is_spearman_s_with_ties():
    a, b = (torch.randint(0, 6, (5, 3, 4, 4), generator=generator(seed)).float() for seed in (0, 1))
    want = [spearmanr(p.flatten(), q.flatten()).statistic for p, q in zip(a, b, strict=True)]
    np.testing.assert_allclose(rank_correlation(a, b), want, atol=1e-12)
    assert rank_correlation(torch.ones(1, 4), torch.rand(1, 4)).isnan().all()


def test_structural_similarity_of_one_window_is_the_formula_by_hand():
    a, b = (torch.rand((2, 1, 7, 7), generator=generator(seed)) * 2 - 1 for seed in (3, 4))
    for p, q, found in zip(a, b, ssim(a, b), strict=True):
        x, y = (v.double().flatten().numpy() / float(v.abs().max()) / 2 + 0.5 for v in (p, q))
        cov, mx, my = np.cov(x, y), x.mean(), y.mean()
        likeness = (2 * mx * my + 1e-4) * (2 * cov[0, 1] + 9e-4)
        likeness /= (mx**2 + my**2 + 1e-4) * (cov[0, 0] + cov[1, 1] + 9e-4)
        assert float(found) == pytest.approx(likeness, rel=1e-9)
    assert ssim(torch.zeros(1, 1, 8, 8), torch.rand(1, 1, 8, 8)).isnan().all()


@pytest.mark.parametrize(("v", "gini"), [([1, 1, 1, 1], 0), ([0, 0, 0, 1], 3 / 4), ([1, 2, -3, 4], 1 / 4)])
def test_gini_of_a_flat_a_single_and_a_rising_map(v, gini):
    w = torch.tensor([v, [0, 0, 0, 0]], dtype=torch.float32).view(2, 1, 2, 2)
    case = Case(net_of(w, torch.tensor([9.0, 0.0])), torch.rand((1, 1, 2, 2)), torch.tensor([0]))
    assert values("sparsity", case)["gini"] == pytest.approx([gini], abs=1e-6)


def test_a_linear_model_s_gradient_never_changes_and_its_gradient_times_input_as_the_noise_says(linear):
    assert values("sensitivity", Case(linear.model, linear.x, LABELS))["change"] == pytest.approx(0, abs=1e-6)
    case = Case(linear.model, linear.x, LABELS, method="gradient_input", seed=5)
    found = values("sensitivity", case, radius=0.1, samples=4)["change"]
    rng, w = generator(5), linear.w[case.winners]
    shifts = [(2 * uniform(linear.x.shape[1:], rng, linear.x.device) - 1) * 0.1 for _ in range(4)]
    want = torch.stack([(w * shift).flatten(1).norm(dim=1) for shift in shifts]).amax(0)
    np.testing.assert_allclose(found, want / (w * linear.x).flatten(1).norm(dim=1), rtol=1e-4)


def test_sensitivity_is_captum_s_for_the_same_pictures_nearby():
    x = torch.rand((4, 3, 8, 8), generator=generator(1))
    model = build("cnn", (3, 8, 8), 4, {"width": 4, "stages": 2, "hidden": 8}, rng=generator(0), pixels=x).eval()
    model.requires_grad_(False)
    case, rng = Case(model, x, LABELS, method="gradient_input", seed=3), generator(3)
    shifts = [(2 * uniform(x.shape[1:], rng, x.device) - 1) * 0.05 for _ in range(3)]

    def theirs(i, shift):
        def explain(inputs):
            (pictures,) = inputs if isinstance(inputs, tuple) else (inputs,)  # Captum gives now this, now that
            labels = case.winners[i].repeat(len(pictures))
            maps = torch.from_numpy(run_method("gradient_input", model, pictures, Target(labels)).maps)
            return (maps,) if isinstance(inputs, tuple) else maps

        found = sensitivity_max(explain, x[i : i + 1], perturb_func=lambda a: a + shift, n_perturb_samples=1)
        return float(found)

    want = [max(theirs(i, shift) for shift in shifts) for i in range(len(x))]
    found = values("sensitivity", case, radius=0.05, samples=3)["change"]
    np.testing.assert_allclose(found, want, rtol=1e-4)


def test_deletion_and_insertion_of_a_linear_model_follow_its_sorted_weights(linear):
    """By gradient times input on black, each pixel's value is what its removal costs the logit."""
    net = net_of(torch.stack([linear.w[0], -linear.w[0]]))
    case = Case(net, linear.x, LABELS, method="gradient_input")
    found = values("removal", case, steps=36)
    for i in range(len(linear.x)):
        sign = 1 if case.winners[i] == 0 else -1
        parts = (sign * linear.w[0] * linear.x[i]).flatten().sort(descending=True).values.double()
        left = parts.sum() - torch.cat([torch.zeros(1), parts.cumsum(0)])
        curve = torch.sigmoid(2 * left)
        np.testing.assert_allclose(found["deleted"][i], curve, atol=1e-4)
        assert found["deletion"][i] == pytest.approx(float((curve[1:] + curve[:-1]).mean() / 2), abs=1e-4)
    assert np.allclose(found["deleted"][:, -1], 0.5, atol=1e-6)  # nothing left: both classes alike
    assert np.allclose(found["inserted"][:, -1], found["deleted"][:, 0], atol=1e-6)
    assert found["deleted"].shape == (4, 37)


def test_completeness_holds_for_integrated_gradients_and_is_refused_where_nothing_is_promised(linear):
    found = values("completeness", Case(linear.model, linear.x, LABELS, method="integrated_gradients"))
    assert found["gap"] == pytest.approx(0, abs=1e-4)
    winners = linear.model(linear.x).argmax(1)
    np.testing.assert_allclose(found["promised"], (linear.w[winners] * linear.x).flatten(1).sum(1).abs(), rtol=1e-4)
    with pytest.raises(UserError, match="does not promise"):
        values("completeness", Case(linear.model, linear.x, LABELS))


def test_random_weights_of_a_linear_model_are_all_that_its_map_is(linear):
    case = Case(linear.model, linear.x, LABELS, seed=4)
    found = values("randomisation", case)
    drawn, rng = nn.Linear(36, 3), generator(4)
    redraw(drawn, rng)
    want = rank_correlation(linear.w[case.winners].abs(), drawn.weight.detach().view(3, 1, 6, 6)[case.winners].abs())
    np.testing.assert_allclose(found["rank_size"], np.stack([np.ones(4), want], 1), atol=1e-6)
    assert torch.equal(linear.model[1].weight.view(3, 1, 6, 6), linear.w)  # the model itself stays


def test_a_map_that_ignores_the_weights_is_flagged_and_guided_backpropagation_of_upper_layers():
    """With one hidden layer of positive weights above, its values change and its order of magnitudes does not."""
    x = torch.rand((4, 1, 6, 6), generator=generator(1)) + 0.1
    net = nn.Sequential(nn.Flatten(), nn.Linear(36, 1), nn.ReLU(), nn.Linear(1, 2)).eval().requires_grad_(False)
    net[1].weight.abs_()
    net[3].weight[:] = torch.tensor([[1.0], [-1.0]])
    for name in ("gradient", "guided_backprop"):
        found = values("randomisation", Case(net, x, torch.zeros(4, dtype=torch.long), method=name, seed=1))
        kept = found["rank_size"][:, 1]  # the upper layer random: the map is a multiple of the lower one's weights
        assert np.allclose(kept[np.isfinite(kept)], 1, atol=1e-6)
        assert np.abs(found["all"][np.isfinite(found["all"])]).max(initial=0) < 0.6


def test_layers_are_drawn_from_the_logits_down_each_with_its_batch_norm():
    x = torch.rand((2, 3, 8, 8))
    knobs = {"width": 3, "stages": 2, "hidden": 8, "batchnorm": True}
    model = build("cnn", (3, 8, 8), 4, knobs, rng=generator(0), pixels=x).eval()
    stages = stages_of(model, x)
    assert [name for name, _ in stages] == ["logits", "hidden", "conv1", "conv0"]
    assert [[type(layer).__name__ for layer in layers] for _, layers in stages[2:]] == 2 * [["BatchNorm2d", "Conv2d"]]
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    rng = generator(1)
    for _, layers in stages:
        for layer in layers:
            redraw(layer, rng)
    kept = [name for name, tensor in model.state_dict().items() if torch.equal(tensor, before[name])]
    assert not [name for name in kept if "weight" in name and "conv" in name]
    bound = 1 / np.sqrt(27)
    first = model.get_submodule("net.conv0").weight
    assert 0.8 * bound < float(first.detach().abs().max()) <= bound
