import io
import struct
import warnings
import zlib

import numpy as np
import pytest
import torch
from PIL import ExifTags, Image

from explorer.core.errors import UserError
from explorer.data.upload import picture

COLOUR, GREY = (3, 32, 32), (1, 28, 28)


def encoded(image, kind="PNG", **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def noise(mode="RGB", size=(24, 20), seed=0):
    rng = np.random.default_rng(seed)
    return Image.fromarray(rng.integers(0, 256, (*size[::-1], 4), dtype=np.uint8), "RGBA").convert(mode)


def valid(x, shape):
    """Whether x is float32 of the shape, in [0, 1], of whole steps of 1/255."""
    steps = (x * 255).round()
    return (
        x.shape == shape and x.dtype == torch.float32 and torch.equal(x, steps / 255) and 0 <= x.min() <= x.max() <= 1
    )


@pytest.mark.parametrize("kind", ["GIF", "TIFF", "BMP", "ICO", "PPM"])
def test_other_formats_are_refused(kind):
    with pytest.raises(UserError, match=r"not a PNG, JPEG or WebP picture.*\.$"):
        picture(encoded(noise(), kind), COLOUR)


@pytest.mark.parametrize(
    "raw", [b"", b"\0", b"hello", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7", b"\xff\xd8"]
)
def test_what_is_no_picture_is_refused(raw):
    with pytest.raises(UserError, match=r"^The (file|picture) .*\.$"):
        picture(raw, COLOUR)


def chunk(name, content):
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width, height, data=b""):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    "size", [(8000, 5001), (12_000, 8000), (30_000, 30_000), (2**31 - 1, 2**31 - 1), (40_000_001, 1)]
)
def test_a_decompression_bomb_is_refused_before_it_is_decoded(size):
    with pytest.raises(UserError, match=r"more than 40 megapixels.*\.$"):
        picture(png(*size), COLOUR)


def test_forty_megapixels_that_are_not_there_are_damage():
    with pytest.raises(UserError, match="damaged"):
        picture(png(8000, 5000), COLOUR)


def test_a_file_above_32_megabytes_is_refused_unread():
    with pytest.raises(UserError, match=r"has 32\.1 MB.*at most 32 MB"):
        picture(bytes((321 << 20) // 10), COLOUR)


@pytest.mark.parametrize("shape", [(2,), (2, 8, 8), (4, 32, 32), (3, 32)])
def test_inputs_that_are_no_pictures_are_refused(shape):
    with pytest.raises(UserError, match="choose data that are pictures"):
        picture(encoded(noise()), shape)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_truncated_file_is_refused_at_every_length(kind):
    raw = encoded(noise(), kind)
    for length in range(0, len(raw) - 16, 1 + len(raw) // 40):
        with pytest.raises(UserError, match=r"^The (file|picture) .*\.$"):
            picture(raw[:length], COLOUR)


def samples():
    """Return whole pictures of every kind that is read, with metadata to damage."""
    rgb, rgba, exif = noise(), noise("RGBA"), Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    exif[ExifTags.Base.XResolution] = 72.0
    exif[ExifTags.Base.Make] = "maker"
    deep = Image.fromarray(np.random.default_rng(1).integers(0, 65536, (20, 24), dtype=np.uint16))
    frames = {"save_all": True, "append_images": [rgba.rotate(180)]}
    return [
        encoded(rgb, exif=exif, icc_profile=b"p" * 40),
        encoded(noise("L"), transparency=5),
        encoded(rgb.quantize(16), transparency=bytes(range(0, 160, 10))),
        encoded(noise("1")),
        encoded(deep),
        encoded(rgba, **frames),
        encoded(rgb, "JPEG", exif=exif, icc_profile=b"p" * 40),
        encoded(rgb, "JPEG", progressive=True, comment="hello"),
        encoded(noise("CMYK"), "JPEG"),
        encoded(rgb, "MPO", save_all=True, append_images=[rgb]),
        encoded(rgb, "WEBP"),
        encoded(rgba, "WEBP", lossless=True, exif=exif, xmp=b"<x/>"),
        encoded(rgba, "WEBP", **frames),
    ]


def sealed(raw):
    """Return a PNG with every chunk's checksum made right again, so that the damage is read."""
    out, at = raw[:8], 8
    while at + 12 <= len(raw) and at + 12 + (size := int.from_bytes(raw[at : at + 4])) <= len(raw):
        out, at = out + chunk(raw[at + 4 : at + 8], raw[at + 8 : at + 8 + size]), at + 12 + size
    return out + raw[at:]


def damaged(raw, others, rng):
    """Return the file cut, spliced, or with flipped bits, lying lengths or a lying header."""
    raw, way = bytearray(raw), rng.integers(6)
    places = rng.integers(0, len(raw), rng.integers(1, 9))
    if way == 0:
        return bytes(raw[: places[0]])
    if way == 1:
        for place in places:
            raw[place] ^= 1 << rng.integers(8)
    elif way == 2:
        other = others[rng.integers(len(others))]
        start, stop = sorted(rng.integers(0, len(other), 2))
        raw[places[0] : places[0]] = other[start:stop]
    elif way == 3:
        start, stop = sorted(rng.integers(0, len(raw), 2))
        del raw[start:stop]
    elif way == 4:
        raw[places[0] : places[0] + 4] = rng.choice([b"\xff" * 4, b"\0" * 4, b"\x7f\xff\xff\xff"])
    else:
        for place in places % 160:
            raw[place % len(raw)] = rng.choice([0, 1, 2, 5, 128, 255])
    return sealed(bytes(raw)) if raw.startswith(b"\x89PNG") and rng.random() < 0.7 else bytes(raw)


@pytest.mark.parametrize("seed", range(4))
def test_damaged_pictures_are_shown_or_refused_and_nothing_else(seed):
    rng, whole = np.random.default_rng(seed), samples()
    shown, refused = 0, []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for raw in whole:
            assert valid(picture(raw, COLOUR), COLOUR)
        for _ in range(250):
            raw = damaged(whole[rng.integers(len(whole))], whole, rng)
            shape = COLOUR if rng.random() < 0.5 else GREY
            try:
                x = picture(raw, shape)
            except UserError as error:
                refused.append(str(error))
            else:
                assert valid(x, shape)
                shown += 1
    assert all(message.startswith(("The file ", "The picture ")) and message.endswith(".") for message in refused)
    assert shown > 20
    assert len(refused) > 100
