import copy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy

from explorer.core.assets import assets
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.landscapes.directions import (
    between,
    direction_rng,
    dot,
    filter_normalised,
    gradient,
    length,
    principal,
    random,
    sized,
    weights,
)
from explorer.models.zoo import load_model

# what `normalize_directions_for_weights(d, w, norm="filter", ignore="biasbn")` of tomgoldstein/loss-landscape (commit
# 64ef4d5) makes of `waved` with 1.3, of the weights `waved` with 0.7: the first six values of each, and the sums
PUBLISHED = {
    "0.weight": ([0.9871096611, 0.5281013846, -0.7045766711, -0.9050482512, 0.2203779966, 1.0229499340], -0.0813893080),
    "4.weight": (
        [-0.8061454296, -0.8938127160, -0.1848682016, 0.6888402700, 0.9486190081, 0.3629397154],
        -0.4017639756,
    ),
}


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(2, 3, 2), nn.BatchNorm2d(3), nn.ReLU(), nn.Flatten(), nn.Linear(12, 2)).eval()


def waved(model: nn.Module, start: float) -> dict[str, torch.Tensor]:
    found = {}
    for k, (name, p) in enumerate(model.named_parameters()):
        found[name] = (torch.arange(1, p.numel() + 1, dtype=torch.float64) * (start + k)).sin().view(p.shape).float()
    return found


def test_filters_are_normalised_as_published():
    model = network()
    model.load_state_dict(waved(model, 0.7), strict=False)
    found = filter_normalised(waved(model, 1.3), model)
    for name, (first, total) in PUBLISHED.items():
        assert found[name].flatten()[:6].tolist() == pytest.approx(first, abs=1e-6)
        assert float(found[name].sum()) == pytest.approx(total, abs=1e-5)
    assert not any(found[name].any() for name in ("0.bias", "1.weight", "1.bias", "4.bias"))


def test_every_filter_of_a_random_direction_is_as_long_as_the_models(normed):
    found = random(normed.model, generator(0))
    for name, p in normed.model.named_parameters():
        if p.ndim < 2:
            assert not found[name].any()
        else:
            torch.testing.assert_close(found[name].flatten(1).norm(dim=1), p.flatten(1).norm(dim=1))


def test_a_filter_of_zeros_stays_one(plain):
    plain.model.net.conv0.weight.data[0] = 0
    found = random(plain.model, generator(0))["net.conv0.weight"]
    assert not found[0].any()
    assert found[1:].any(dim=(1, 2, 3)).all()


def test_the_seed_alone_decides(plain):
    one, same, other = (random(plain.model, generator(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert abs(dot(one, other)) < 0.3 * length(one) * length(other)


def deviation(own) -> float:
    """Return by how much the cosine with a direction normalised by filter deviates by chance.

    In a filter of d weights and length l the direction has that length too: its product with the weights is l² times a
    cosine whose mean square is 1/d. A few small filters may hold most of a network's length.
    """
    filters = [row for w in own.values() if w.any() for row in w.flatten(1)]
    squares = torch.stack([row.square().sum() for row in filters])
    sizes = torch.tensor([float(row.numel()) for row in filters])
    return float((squares.square() / sizes).sum().sqrt() / squares.sum())


EMBEDDED = [path.parent.name for path in sorted((assets() / "zoo").glob("*/card.json"))]


@pytest.mark.parametrize("name", [name for name in EMBEDDED if name.startswith(("toy", "digits", "shapes"))])
def test_a_random_direction_leads_neither_along_the_trained_weights_nor_along_another(name):
    model = load_model(name, "cpu")
    own = {n: w if w.ndim > 1 else torch.zeros_like(w) for n, w in weights(model).items()}  # directions leave biases
    chance = deviation(own)
    for seed in range(4):
        rng = direction_rng(seed)
        first, second = random(model, rng), random(model, rng)
        for one, other in ((first, own), (second, own), (first, second)):
            cosine = dot(one, other) / length(one) / length(other)
            assert abs(cosine) < 6 * chance, (seed, cosine)


def test_the_gradient_points_as_autograd_says(normed):
    found = gradient(normed.model, normed.x, normed.y)
    named = dict(copy.deepcopy(normed.model).requires_grad_(True).named_parameters())
    loss = cross_entropy(torch.func.functional_call(normed.model, named, (normed.x,)), normed.y)
    expected = torch.autograd.grad(loss, list(named.values()))
    raw = dict(zip(named, expected, strict=True))
    assert dot(found, raw) == pytest.approx(length(found) * length(raw), rel=1e-5)
    assert length(found) == pytest.approx(length(random(normed.model, generator(0))), rel=1e-5)


def test_the_gradient_is_that_of_all_batches(plain, monkeypatch):
    whole = gradient(plain.model, plain.x, plain.y)
    monkeypatch.setattr("explorer.landscapes._weights.BATCH", 7)
    for name, part in gradient(plain.model, plain.x, plain.y).items():
        torch.testing.assert_close(part, whole[name], atol=1e-5, rtol=1e-4)
    assert not any(p.requires_grad or p.grad is not None for p in plain.model.parameters())


def test_a_direction_of_zeros_has_no_other_size(plain):
    nothing = {name: torch.zeros_like(p) for name, p in plain.model.named_parameters()}
    assert length(sized(nothing, plain.model)) == 0


def test_the_way_from_a_model_to_another_ends_there(plain, normed):
    a, b = weights(plain.model), {n: w + 1 for n, w in weights(plain.model).items()}
    another = copy.deepcopy(plain.model)
    another.load_state_dict(b, strict=False)
    for name, step in between(plain.model, another).items():
        torch.testing.assert_close(a[name] + step, b[name])
    for stranger in (network(), normed.model):
        with pytest.raises(UserError, match="not of one architecture"):
            between(plain.model, stranger)
    another.normalise.mean += 0.5
    with pytest.raises(UserError, match="do not scale their pixels alike"):
        between(plain.model, another)


def test_batch_norms_statistics_do_not_part_models(normed):
    another = copy.deepcopy(normed.model)
    another.net.norm0.running_mean += 3
    assert length(between(normed.model, another)) == 0


def test_a_path_in_a_plane_is_found_again(plain):
    end, (u, v) = weights(plain.model), (random(plain.model, generator(s)) for s in (0, 1))
    turns = np.linspace(0, 2, 9)
    at = np.stack([3 * turns * np.cos(turns), turns * np.sin(turns)], 1)[::-1]  # ends at (0, 0)
    path = [{n: end[n] + float(a) * u[n] + float(b) * v[n] for n in end} for a, b in at]
    course = principal(path)
    assert [length(axis) for axis in course.axes] == pytest.approx([1, 1], abs=1e-5)
    assert dot(*course.axes) == pytest.approx(0, abs=1e-5)
    assert course.off == pytest.approx(np.zeros(9), abs=1e-3 * course.far.max())
    assert course.shares.sum() == pytest.approx(1, abs=1e-6)
    assert course.shares[0] > course.shares[1]
    assert course.places[-1] == pytest.approx([0, 0], abs=1e-9)
    for point, (a, b) in zip(path, course.places, strict=True):
        here = {n: end[n] + float(a) * course.axes[0][n] + float(b) * course.axes[1][n] for n in end}
        for name in end:
            torch.testing.assert_close(here[name], point[name], atol=1e-4, rtol=1e-4)


def test_principal_components_are_those_of_numpy(plain):
    path = [{n: w + 0.1 * k**1.5 * random(plain.model, generator(k))[n] for n, w in weights(plain.model).items()}
            for k in (4, 3, 2, 1, 0)]  # fmt: skip
    matrix = np.stack([torch.cat([v.flatten() for v in p.values()]).double().numpy() for p in path])
    _, values, vectors = np.linalg.svd(matrix - matrix.mean(0), full_matrices=False)
    course = principal(path)
    assert course.shares == pytest.approx((values**2 / (values**2).sum())[:2], rel=1e-5)
    for axis, vector in zip(course.axes, vectors, strict=False):
        flat = torch.cat([v.flatten() for v in axis.values()]).double().numpy()
        assert abs(flat @ vector) == pytest.approx(1, abs=1e-5)
    gone = matrix - matrix[-1]
    assert np.hypot(*course.places.T) ** 2 + course.off**2 == pytest.approx((gone**2).sum(1), rel=1e-6, abs=1e-9)


def test_a_line_is_no_plane(plain):
    one = weights(plain.model)
    path = [{n: (1 + k) * w for n, w in one.items()} for k in range(4)]
    with pytest.raises(UserError, match="one line"):
        principal(path)
    with pytest.raises(UserError, match="three checkpoints"):
        principal(path[:2])
