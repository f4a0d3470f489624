"""One uploaded picture, brought to a model's input."""

import struct
import warnings
from io import BytesIO

import numpy as np
import torch
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from explorer.core.errors import UserError

FORMATS = ("PNG", "JPEG", "WEBP")
MEGABYTES, MEGAPIXELS = 32, 40
MODES = {1: "L", 3: "RGB"}
DAMAGE = (OSError, EOFError, SyntaxError, ValueError, TypeError, IndexError, struct.error)  # what Pillow raises
TURNS = {  # what undoes each EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def picture(raw: bytes, shape: tuple[int, ...]) -> Tensor:
    """Turn an uploaded PNG, JPEG or WebP file into a model's input of `shape` (C, H, W).

    Upright after its EXIF orientation, cut to the middle, resized (Lanczos), on white where it is
    transparent; grey is ITU-R 601 luma. Of an animation the first frame. Neither colour profiles nor
    polarity are touched: a dark digit on white paper stays dark on white.

    Returns (C, H, W) float32, multiples of 1/255. Raises `UserError` for everything else.
    """
    if len(shape) != 3 or shape[0] not in MODES:
        raise UserError(f"A picture does not fit inputs of shape {shape}: choose data that are pictures.")
    if len(raw) > MEGABYTES << 20:
        raise UserError(f"The file has {len(raw) / (1 << 20):.1f} MB: choose one of at most {MEGABYTES} MB.")
    channels, height, width = shape
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # of metadata that it can do without
        try:
            whole = _decode(raw, 4 * max(height, width))
        except UnidentifiedImageError as error:
            raise UserError("The file is not a PNG, JPEG or WebP picture: choose one that is.") from error
        except Image.DecompressionBombError as error:
            raise UserError(f"The picture has more than {MEGAPIXELS} megapixels: choose a smaller one.") from error
        except DAMAGE as error:
            raise UserError("The picture is damaged and cannot be decoded: save it anew or choose another.") from error
    small = ImageOps.fit(whole, (width, height), Image.Resampling.LANCZOS)
    flat = Image.alpha_composite(Image.new("RGBA", small.size, "white"), small).convert(MODES[channels])
    values = np.asarray(flat, dtype=np.float32) / 255
    return torch.from_numpy(values).reshape(height, width, channels).permute(2, 0, 1).contiguous()


def _decode(raw: bytes, side: int) -> Image.Image:
    """Return the picture upright, as RGBA; a large JPEG is decoded no finer than `side` needs."""
    with Image.open(BytesIO(raw), formats=FORMATS) as image:
        if image.width * image.height > MEGAPIXELS * 1_000_000:
            raise Image.DecompressionBombError
        image.draft(None, (side, side))
        image.load()
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation, 1))
        whole = (_eight_bit(image) if image.mode.startswith("I") else image).convert("RGBA")
    return whole if turn is None else whole.transpose(turn)


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return 16-bit grey as 8-bit grey with alpha; Pillow's own conversion would clip."""
    deep = np.asarray(image).astype(np.uint32)
    grey = ((deep * 255 + 32767) // 65535).astype(np.uint8)
    alpha = np.where(deep == image.info.get("transparency"), 0, 255).astype(np.uint8)
    return Image.merge("LA", [Image.fromarray(grey), Image.fromarray(alpha)])
