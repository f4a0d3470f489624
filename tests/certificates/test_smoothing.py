"""Smoothing: the truth of a linear classifier, how often the bound holds, and that the same votes come again."""

import numpy as np
import pytest
import torch
from scipy.stats import norm
from torch import nn

from explorer.certificates.ball import Ball
from explorer.certificates.network import read
from explorer.certificates.smoothing import BLOCK, least_share, smoothing, votes
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.results import Votes

SETTINGS = {"sigma": 0.25, "n0": 100, "n": 2000, "alpha": 0.001}


def linear(w: list[float], b: float) -> nn.Module:
    """Two classes, logits (w·x + b, 0)."""
    model = nn.Sequential(nn.Linear(len(w), 2))
    model[0].weight.data = torch.tensor([w, [0.0] * len(w)])
    model[0].bias.data = torch.tensor([b, 0.0])
    return model.eval().requires_grad_(False)


W, B = [3.0, -4.0], 0.4  # |w| = 5
X = torch.tensor([[0.5, 0.5], [0.7, 0.4], [0.1, 0.9], [0.48, 0.46], [0.9, 0.1]])
AWAY = (X @ torch.tensor(W) + B) / 5  # signed distances: -0.02, 0.18, -0.58, ..., 0.54


def test_the_radius_of_a_linear_classifier_is_its_distance_less_what_sampling_costs():
    """The smoothed classifier is the classifier itself, and its radius sigma·Phi^-1(p) the distance from the plane."""
    found = votes(linear(W, B), X, **SETTINGS, rng=generator(0))
    truth, share = AWAY.abs().numpy(), norm.cdf(AWAY.abs().numpy() / 0.25)
    assert (found.top == (AWAY < 0).numpy()).all()
    assert (found.radius <= truth).all()
    expected = [0.25 * max(0.0, norm.ppf(least_share(round(p * 2000), 2000, 0.001))) for p in share]
    spread = 4 * np.sqrt(share * (1 - share) / 2000) / norm.pdf(norm.ppf(share)) * 0.25
    assert (np.abs(found.radius - expected) <= spread).all()
    assert found.radius[1] > 0.1


def test_a_picture_on_the_boundary_is_abstained_from():
    on = torch.tensor([[0.4, 0.4]])  # w·x + b = 0
    found = votes(linear(W, B), on, **SETTINGS, rng=generator(0))
    assert found.abstained.all()
    assert found.radius.tolist() == [0]
    assert found.predicted.tolist() == [-1]


def test_the_radius_where_all_votes_agree_is_the_closed_form():
    found = votes(linear([0.0, 0.0], 1.0), X, **SETTINGS, rng=generator(0))
    assert found.counts.tolist() == [[2000, 0]] * 5
    np.testing.assert_allclose(found.share, 0.001 ** (1 / 2000))
    np.testing.assert_allclose(found.radius, 0.25 * norm.ppf(0.001 ** (1 / 2000)))


@pytest.mark.parametrize("share", [0.55, 0.9, 0.99])
def test_the_bound_of_a_share_holds_as_often_as_it_says(share):
    hits = np.random.default_rng(1).binomial(300, share, size=4000)
    bound = {int(k): least_share(int(k), 300, 0.05) for k in np.unique(hits)}
    held = sum(bound[int(k)] <= share for k in hits)
    assert held >= 4000 * 0.95 - 4 * np.sqrt(4000 * 0.05 * 0.95)
    assert held <= 4000 * 0.985  # and it is no trivial one


def test_the_bound_of_a_share_is_the_least_whose_tail_is_alpha():
    from scipy.stats import binom

    p = least_share(280, 300, 0.01)
    assert binom.sf(279, 300, p) == pytest.approx(0.01)
    assert least_share(0, 300, 0.01) == 0


def test_noise_is_gaussian_of_the_given_spread_and_not_cut_off_at_black_and_white():
    """A threshold far outside of [0, 1] is passed by as many copies as Gaussian noise takes there."""
    found = votes(linear([1.0], -1.5), torch.tensor([[1.0]]), sigma=0.5, n0=10, n=20_000, alpha=0.001, rng=generator(0))
    share = found.counts[0, 0] / 20_000
    assert share == pytest.approx(norm.sf(1.0), abs=4 * np.sqrt(0.16 * 0.84 / 20_000))


def test_votes_come_again_and_do_not_hang_on_other_pictures_or_the_batch(monkeypatch):
    model = linear(W, B)
    first = votes(model, X, **SETTINGS, rng=generator(7))
    monkeypatch.setitem(__import__("explorer.certificates.smoothing", fromlist=["BATCH"]).BATCH, "cpu", 3 * BLOCK)
    again = votes(model, X, **SETTINGS, rng=generator(7))
    alone = votes(model, X[:1], **SETTINGS, rng=generator(7))
    other = votes(model, X, **SETTINGS, rng=generator(8))
    assert (first.counts == again.counts).all()
    assert (first.first == again.first).all()
    assert (first.counts[0] == alone.counts[0]).all()
    assert (first.counts != other.counts).any()


def test_the_certificate_is_the_radius_of_the_label_up_to_the_balls():
    model = linear(W, B)
    net, ball = read(model, (2,)), Ball(X, "l2", torch.full((5,), 0.2))
    labels = (AWAY < 0).long()
    seen: list[tuple[int, int]] = []
    settings = SETTINGS | {"tick": lambda done, total, note="": seen.append((done, total))}
    found = smoothing(net, ball, labels, **settings, rng=generator(0))
    truth = votes(model, X, **SETTINGS, rng=generator(0)).radius
    np.testing.assert_allclose(found.numpy(), np.minimum(truth, 0.2), rtol=1e-6)
    assert (found == 0.2).any()
    assert (smoothing(net, ball, 1 - labels, **SETTINGS, rng=generator(0)) == 0).all()
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert max(done for done, _ in seen) < seen[0][1]
    with pytest.raises(UserError, match="label = 2"):
        smoothing(net, ball, labels + 1, **SETTINGS, rng=generator(0))


def test_votes_are_validated():
    one, votes_ = np.zeros(1), np.ones((1, 2), np.int64)
    good = {"first": votes_, "counts": votes_, "top": one, "share": one, "radius": one, "predicted": one}
    Votes(0.1, 0.01, **good)
    for bad in ({"counts": 0 * votes_}, {"radius": one - 1}, {"top": np.zeros(2)}, {"first": np.ones((1, 3))}):
        with pytest.raises(ValueError, match=r"votes|row|negative"):
            Votes(0.1, 0.01, **(good | bad))
    with pytest.raises(ValueError, match="doubt"):
        Votes(0.1, 1.0, **good)
