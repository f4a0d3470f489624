"""Models whose use of silhouette and cue is known, and maps whose place is."""

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attribution.accounting import accounts_of, shares_of
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.results import Accounts
from explorer.core.stats import Mean
from explorer.data import load_data
from explorer.data.shapes import cue_patterns
from explorer.models.zoo import load_model

N = 40


@pytest.fixture(scope="module")
def data():
    return load_data("shapes")


@pytest.fixture(scope="module")
def masks(data):
    return {name: mask[:N] for name, mask in data.masks.items()}


class Cued(nn.Module):
    """Each class's logit is the product with its pattern: the ideal reader of the cue, blind to what is smooth."""

    def __init__(self):
        super().__init__()
        self.patterns = nn.Parameter(cue_patterns().flatten(1))

    def forward(self, x):
        return x.flatten(1) @ self.patterns.T


class Smooth(nn.Module):
    """A random reader of 2×2 means, on which no pattern leaves a trace where it lies whole."""

    def __init__(self):
        super().__init__()
        self.weights = nn.Parameter(torch.randn((10, 3 * 16 * 16), generator=generator(0)) / 10)

    def forward(self, x):
        return nn.functional.avg_pool2d(x, 2).flatten(1) @ self.weights.T


def test_a_reader_of_the_cue_owes_it_its_margin():
    found = accounts_of(Cued(), N)
    assert np.allclose(found.owed_to_cue + found.owed_to_silhouette, found.whole, atol=1e-4)
    assert Mean.of_ratio(found.owed_to_cue, found.whole).interval[0] > 0.8
    assert found.both.mean() > 10 * abs(found.silhouette.mean())
    assert (found.swapped < 0).all()


def test_a_reader_of_means_owes_the_cue_next_to_nothing():
    found = accounts_of(Smooth(), N)
    seen = ~found.occluded
    assert np.abs(found.owed_to_cue).mean() < 0.05 * np.abs(found.owed_to_silhouette[seen]).mean()


def test_what_noise_covers_is_owed_nothing():
    found = accounts_of(Smooth(), 200)
    assert 5 < found.occluded.sum() < 40
    assert np.abs(found.owed_to_silhouette[found.occluded]).max() < 0.1 * np.abs(found.owed_to_silhouette).max()


def test_the_accounts_are_the_model_s_own_margins(data):
    model = Smooth()
    found = accounts_of(model, 5, start=3)
    logits = model(data.x[3:8]).detach()
    own = logits.gather(1, data.y[3:8, None])[:, 0]
    rest = logits.scatter(1, data.y[3:8, None], -torch.inf).amax(1)
    assert np.allclose(found.both, own - rest, atol=1e-5)
    assert found.labels.tolist() == data.y[3:8].tolist()
    assert found.start == 3


def test_shapley_values_of_a_game_that_is_known():
    both, silhouette, cue, neither = (np.array([value], np.float32) for value in (10, 4, 7, 1))
    zero = np.zeros(1)
    found = Accounts(0, zero, both, silhouette, cue, neither, zero, zero > 0)
    assert found.owed_to_cue == [6]  # alone it adds 6, to the silhouette 6
    assert found.owed_to_silhouette == [3]
    assert found.whole == [9]


def test_a_map_of_the_pattern_lies_on_the_cue(masks):
    pattern = masks["cue"].sign().numpy()
    found = shares_of(pattern, masks)
    assert found.cue == pytest.approx(1)
    assert found.field == pytest.approx(1)
    assert found.silhouette == pytest.approx(0)
    assert shares_of(-3 * pattern, masks).cue == pytest.approx(-1)


def test_a_map_of_the_silhouette_lies_there(masks):
    whole = (masks["silhouette"] == 1).float().expand(-1, 3, -1, -1).numpy()
    found, some = shares_of(whole, masks), masks["silhouette"].flatten(1).amax(1).numpy() == 1
    assert found.silhouette[some] == pytest.approx(1)
    assert found.cue[some] == pytest.approx(0)
    assert (found.mass[~some] == 0).all()
    assert not found.silhouette[~some].any()


def test_noise_and_flat_maps_have_the_shares_of_the_areas(masks):
    flat = shares_of(np.ones((N, 1, 32, 32), np.float32), masks)
    assert flat.silhouette == pytest.approx(flat.area, abs=1e-6)
    assert flat.field == pytest.approx(flat.field_area, abs=1e-6)
    assert flat.cue is None
    noise = shares_of(torch.randn((N, 3, 32, 32), generator=generator(1)).numpy(), masks)
    assert np.abs(noise.cue).max() < 0.1
    low, high = Mean.of(noise.cue).interval
    assert low < 0 < high
    assert np.abs(noise.silhouette - noise.area).max() < 0.05


def test_maps_of_something_else(masks):
    with pytest.raises(UserError, match="not of pictures of shapes"):
        shares_of(np.ones((N, 1, 28, 28), np.float32), masks)
    with pytest.raises(UserError, match="not of pictures of shapes"):
        shares_of(np.ones((3, 3, 32, 32), np.float32), masks)
    with pytest.raises(UserError, match="n = 3000 from 0 on"):
        accounts_of(Smooth(), 3000)


@pytest.mark.parametrize(("name", "low", "high"), [("shapes-standard", 0.9, 1.0), ("shapes-pgd", -0.01, 0.01)])
def test_the_standard_model_lives_on_the_cue_and_the_robust_one_does_not(name, low, high):
    found = accounts_of(load_model(name), 60)
    share = Mean.of_ratio(found.owed_to_cue, found.whole)
    assert low < share.interval[0] < share.interval[1] < high
