import io

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image, ImageDraw

from explorer.data.upload import picture

COLOUR, GREY = (3, 32, 32), (1, 28, 28)


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(mode="RGB", size=(24, 20), seed=0):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (*size[::-1], 4), dtype=np.uint8), "RGBA").convert(mode)


def turned(orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif


def valid(x, shape):
    """Whether x is float32 of the shape, in [0, 1], of whole steps of 1/255."""
    steps = (x * 255).round()
    return (
        x.shape == shape and x.dtype == torch.float32 and torch.equal(x, steps / 255) and 0 <= x.min() <= x.max() <= 1
    )


@pytest.mark.parametrize(("kind", "options"), [("PNG", {}), ("WEBP", {"lossless": True})])
def test_a_picture_of_the_models_size_comes_through_exactly(kind, options):
    image = noise(size=(32, 32))
    x = picture(encoded(image, kind, **options), COLOUR)
    assert torch.equal((x * 255).round().byte(), torch.from_numpy(np.array(image)).permute(2, 0, 1))
    assert valid(x, COLOUR)
    assert x.is_contiguous()


def test_a_jpeg_is_as_close_as_jpeg_is():
    image = Image.linear_gradient("L").resize((32, 32)).convert("RGB")
    x = picture(encoded(image, "JPEG", quality=95), COLOUR)
    assert (x - torch.from_numpy(np.array(image)).permute(2, 0, 1) / 255).abs().max() < 4 / 255


def test_grey_is_the_luma_of_itu_r_601():
    for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255), (40, 90, 200), (77, 77, 77)):
        x = picture(encoded(Image.new("RGB", (28, 28), colour)), GREY)
        luma = np.dot([0.299, 0.587, 0.114], colour)
        assert torch.allclose(x * 255, torch.full(GREY, luma, dtype=torch.float32), atol=0.51)


def test_a_dark_digit_on_white_paper_stays_dark_on_white():
    image = Image.new("L", (280, 280), 255)
    ImageDraw.Draw(image).rectangle((120, 40, 160, 240), fill=0)
    x = picture(encoded(image), GREY)
    assert x[0, 14, 14] == 0
    assert x[0, 0, 0] == 1


@pytest.mark.parametrize(("size", "box"), [((96, 32), (32, 0, 64, 32)), ((32, 96), (0, 32, 32, 64))])
def test_the_middle_is_cut_out(size, box):
    image = noise(size=size)
    assert torch.equal(picture(encoded(image), COLOUR), picture(encoded(image.crop(box)), COLOUR))


def test_the_cut_has_the_aspect_of_the_input():
    image = noise(size=(40, 40))
    assert torch.equal(picture(encoded(image), (3, 10, 40)), picture(encoded(image.crop((0, 15, 40, 25))), (3, 10, 40)))


def test_fine_stripes_are_averaged_not_sampled():
    stripes = np.zeros((320, 320), np.uint8)
    stripes[:, ::2] = 255
    x = picture(encoded(Image.fromarray(stripes)), COLOUR)
    assert (x[:, 2:-2, 2:-2] - 0.5).abs().max() < 0.02


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_exif_orientation_is_honoured(kind, orientation):
    """An F-like picture stored in each of the eight ways is shown in the one way."""
    shown = np.full((32, 32), 230, np.uint8)
    shown[4:28, 8:12] = shown[4:8, 8:24] = shown[14:18, 8:20] = 20
    stored = {
        1: shown,
        2: shown[:, ::-1],
        3: shown[::-1, ::-1],
        4: shown[::-1],
        5: shown.T,
        6: np.rot90(shown),
        7: shown[::-1, ::-1].T,
        8: np.rot90(shown, -1),
    }[orientation]
    image = Image.fromarray(np.ascontiguousarray(stored)).convert("RGB")
    x = picture(encoded(image, kind, exif=turned(orientation)), (1, 32, 32))
    assert torch.equal(x[0] > 0.5, torch.from_numpy(shown > 127))


def test_an_upright_turn_comes_before_the_cut():
    image = noise(size=(64, 32))
    x = picture(encoded(image, exif=turned(6)), (3, 64, 32))
    assert torch.equal(x, picture(encoded(image.transpose(Image.Transpose.ROTATE_270)), (3, 64, 32)))


@pytest.mark.parametrize("alpha", [0, 51, 128, 255])
def test_transparency_lies_on_white(alpha):
    x = picture(encoded(Image.new("RGBA", (9, 9), (200, 100, 0, alpha))), COLOUR)
    expected = 255 - (255 - torch.tensor([200, 100, 0])) * alpha / 255
    assert ((x * 255).amax((1, 2)) - expected).abs().max() <= 1.5
    assert torch.equal(x.amax((1, 2)), x.amin((1, 2)))


def test_what_is_wholly_transparent_does_not_bleed():
    image = Image.new("RGBA", (64, 64), (255, 0, 0, 0))
    image.paste((0, 0, 255, 255), (0, 0, 32, 64))
    x = picture(encoded(image), COLOUR)
    assert x[0].sub(x[1]).abs().max() <= 2 / 255  # red nowhere more than green: blue on white alone


@pytest.mark.parametrize(
    ("mode", "fill", "transparent"), [("L", 5, 5), ("RGB", (1, 2, 3), (1, 2, 3)), ("1", 0, 0), ("I;16", 500, 500)]
)
def test_a_transparent_colour_is_white(mode, fill, transparent):
    x = picture(encoded(Image.new(mode, (8, 8), fill), transparency=transparent), COLOUR)
    assert torch.equal(x, torch.ones(COLOUR))


def test_a_palette_is_looked_up_and_its_transparency_honoured():
    image = Image.new("P", (32, 32))
    image.putpalette([250, 10, 20, 0, 0, 0])
    image.paste(1, (16, 0, 32, 32))
    red = torch.tensor([250, 10, 20])
    assert torch.equal((picture(encoded(image), COLOUR)[:, 16, 4] * 255).round(), red)
    x = picture(encoded(image, transparency=bytes([255, 0])), COLOUR)
    assert torch.equal((x[:, 16, 4] * 255).round(), red)
    assert torch.equal(x[:, 16, 28], torch.ones(3))


def test_cmyk_keeps_its_colours():
    image = Image.new("RGB", (32, 32), (200, 60, 30))
    x = picture(encoded(image.convert("CMYK"), "JPEG", quality=95), COLOUR)
    assert ((x * 255).mean((1, 2)) - torch.tensor([200, 60, 30])).abs().max() < 4


def test_sixteen_bit_grey_is_scaled_not_clipped():
    values = np.linspace(0, 65535, 32 * 32).astype(np.uint16).reshape(32, 32)
    x = picture(encoded(Image.fromarray(values)), COLOUR)
    expected = torch.from_numpy(np.round(values / 257).astype(np.float32))
    assert torch.equal((x * 255).round(), expected.expand(3, -1, -1))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_one_pixel_fills_the_input(kind):
    x = picture(encoded(Image.new("RGB", (1, 1), (120, 120, 120)), kind), COLOUR)
    assert valid(x, COLOUR)
    assert (x * 255 - 120).abs().max() < 3


@pytest.mark.parametrize("size", [(3000, 1), (1, 3000), (33, 31)])
def test_odd_sizes_are_handled(size):
    assert valid(picture(encoded(noise(size=size)), GREY), GREY)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_of_an_animation_the_first_frame(kind):
    frames = [Image.new("RGB", (32, 32), colour) for colour in ((255, 0, 0), (0, 0, 255))]
    raw = encoded(frames[0], kind, save_all=True, append_images=frames[1:], lossless=True)
    assert torch.equal(picture(raw, COLOUR)[:, 0, 0], torch.tensor([1.0, 0, 0]))


def test_a_large_jpeg_is_what_its_full_decoding_gives():
    image = noise(size=(8, 8)).resize((800, 800), Image.Resampling.BICUBIC)
    coarse, full = (picture(encoded(image, kind, **o), COLOUR) for kind, o in (("JPEG", {"quality": 95}), ("PNG", {})))
    assert (coarse - full).abs().max() < 4 / 255
