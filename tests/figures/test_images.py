from io import BytesIO

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explorer.figures import images


def decode(data: bytes) -> np.ndarray:
    image = Image.open(BytesIO(data))
    assert image.format == "PNG"
    return np.asarray(image)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_of_bytes_comes_back_exactly(channels: int) -> None:
    levels = np.random.default_rng(0).integers(0, 256, (channels, 7, 5))
    back = decode(images.thumbnail((levels / 255).astype(np.float32), side=1))
    assert (back == (levels[0] if channels == 1 else levels.transpose(1, 2, 0))).all()


def test_values_are_rounded_not_truncated() -> None:
    x = np.array([[[0.5, 3.6 / 255, 3.4 / 255, 254.51 / 255]]])
    assert decode(images.thumbnail(x, side=1)).tolist() == [[128, 4, 3, 255]]


def test_enlarging_repeats_every_pixel() -> None:
    x = np.random.default_rng(1).random((3, 4, 4)).astype(np.float32)
    large = decode(images.thumbnail(x, side=30))
    assert large.shape == (32, 32, 3)
    assert (large == np.kron(images.pixels(x), np.ones((8, 8, 1), np.uint8))).all()


@pytest.mark.parametrize("bad", [np.full((1, 2, 2), 1.01), np.full((1, 2, 2), -0.01), np.full((1, 2, 2), np.nan)])
def test_values_outside_the_unit_interval_are_refused(bad: np.ndarray) -> None:
    with pytest.raises(ValueError, match="must lie in"):
        images.thumbnail(bad)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="a picture is"):
        images.thumbnail(np.zeros((2, 4, 4)))


@given(st.floats(1e-4, 1.0), st.integers(0, 2**32 - 1))
def test_the_signed_change_is_grey_plus_gain_times_delta(reach: float, seed: int) -> None:
    delta = np.random.default_rng(seed).uniform(-reach, reach, (3, 4, 4))
    drawn = images.change(delta, reach)
    expected = 0.5 + images.gain(reach) * delta.transpose(1, 2, 0)
    assert np.abs(drawn / 255 - expected).max() <= 0.5 / 255 + 1e-9


def test_no_change_is_mid_grey_and_the_reach_fills_the_range() -> None:
    delta = np.array([0.0, 0.03, -0.03]).reshape(3, 1, 1)
    assert images.change(delta, 0.03).tolist() == [[[128, 255, 0]]]


def test_one_channel_is_grey_where_nothing_changed_lighter_where_raised() -> None:
    delta = np.array([[[-0.1, -0.05, 0.0, 0.05, 0.1]]])
    assert images.change(delta, 0.1).tolist() == [[0, 64, 128, 191, 255]]


def test_size_is_the_largest_channel_and_rises_in_lightness() -> None:
    delta = np.zeros((3, 1, 3))
    delta[1, 0, 1], delta[2, 0, 2] = -0.05, 0.1
    drawn = images.change(delta, 0.1, "size")[0].astype(float)
    lightness = drawn @ [0.21, 0.72, 0.07]
    assert lightness[0] < lightness[1] < lightness[2]
    assert (images.change(-delta, 0.1, "size")[0] == drawn).all()


def test_thumbnails_are_small_pngs() -> None:
    assert decode(images.thumbnail(np.zeros((1, 8, 8)))).shape == (64, 64)
    assert decode(images.thumbnail(np.zeros((3, 28, 28)))).shape == (84, 84, 3)


def test_a_point_thumbnail_shows_where_the_point_is() -> None:
    x, y = np.array([[0.2, 0.8], [0.9, 0.1]]), np.array([0, 1])
    first, second = (decode(images.point_thumbnail(x, y, chosen)).astype(int) for chosen in (0, 1))
    assert first.shape == (64, 64, 3)
    changed = np.argwhere(np.abs(first - second).sum(-1) > 100)
    top = changed[changed[:, 0] < 32]
    assert top[:, 1].max() < 32  # (0.2, 0.8): top left
    assert changed[changed[:, 0] >= 32][:, 1].min() > 32  # (0.9, 0.1): bottom right
