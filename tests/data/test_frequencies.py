"""Pictures with other frequencies: a rotation and a projection, shrunk to fit."""

import numpy as np
import pytest
import torch
from scipy.fft import dctn

from explorer.data import DATA, load_data
from explorer.data._frequencies import KINDS, SCALES, varied


@pytest.fixture
def x():
    return load_data("digits").x[:50]


def coefficients(x):
    return dctn(x.double().numpy(), axes=(2, 3), norm="ortho")


def test_as_they_are_nothing_changes(x):
    assert varied(x, "all") is x


def test_flipped_the_coefficients_stand_the_other_way_round(x):
    back = (varied(x, "flipped") - 0.5) / SCALES["flipped"]
    np.testing.assert_allclose(coefficients(back), coefficients(x)[..., ::-1, ::-1], atol=1e-5)


def test_flipped_all_distances_are_the_same_but_for_the_scale(x):
    far, turned = (torch.pdist(some.double().flatten(1)) for some in (x, varied(x, "flipped")))
    torch.testing.assert_close(turned, SCALES["flipped"] * far, rtol=1e-5, atol=0)


def test_flipped_twice_is_the_picture_again(x):
    once = (varied(x, "flipped") - 0.5) / SCALES["flipped"]
    waves = coefficients(once)[..., ::-1, ::-1]
    np.testing.assert_allclose(waves, coefficients(x), atol=1e-5)


def test_lowpass_leaves_the_low_half_and_nothing_else(x):
    back = (varied(x, "lowpass") - 0.5) / SCALES["lowpass"] + 0.5
    found, before = coefficients(back), coefficients(x)
    np.testing.assert_allclose(found[..., :4, :4], before[..., :4, :4], atol=1e-5)
    found[..., :4, :4] = 0
    np.testing.assert_allclose(found, 0, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("split", ["train", "test"])
def test_every_variant_lies_within_the_box(kind, split):
    data = load_data("digits", split, frequencies=kind)
    assert 0 <= data.x.min() < data.x.max() <= 1
    assert data.x.dtype == torch.float32
    assert data.x.is_contiguous()
    assert torch.equal(data.y, load_data("digits", split).y)


def test_what_does_not_fit_is_no_picture():
    with pytest.raises(ValueError, match="do not fit"):
        varied(torch.full((1, 1, 8, 8), 3.0), "flipped")


def test_data_sets_say_by_how_much_a_variant_shrinks_changes():
    for name in ("digits", "mnist"):
        assert DATA[name].facts["scales"] == {"frequencies": SCALES}
        assert set(SCALES) == set(DATA[name].knobs["frequencies"].kind.options)
