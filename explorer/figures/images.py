"""Pictures as PNG bytes, exact: rounded, never truncated; enlarged by whole factors, never smoothed."""

from base64 import b64encode
from functools import lru_cache
from io import BytesIO
from typing import Literal
from urllib.parse import quote

import numpy as np
from PIL import Image, ImageDraw

from explorer.core.results import Array
from explorer.figures.style import palette, ramp

Map = Literal["signed", "size"]
SEQUENTIAL = "Viridis"  # dark: nothing


def pixels(x: Array) -> Array:
    """Return a picture (C, H, W) in [0, 1] as bytes: (H, W) grey or (H, W, 3).

    Raises `ValueError` for values that round to no byte and for other shapes.
    """
    levels = np.rint(np.asarray(x, np.float64) * 255)
    if not (levels.min() >= 0 and levels.max() <= 255):  # also refuses NaN
        raise ValueError("a picture's values must lie in [0, 1]")
    return _last(levels.astype(np.uint8))


def gain(reach: float) -> float:
    """Return the amplification at which a change of `reach` fills the range of 0.5 + gain·delta."""
    return 0.5 / reach


def change(delta: Array, reach: float, show_map: Map = "signed") -> Array:
    """Return a perturbation (C, H, W) as bytes, drawn on the scale of `reach`, its largest size.

    signed: 0.5 + gain·delta per channel, grey where nothing changed, (H, W) or (H, W, 3). size: max over
    channels of the absolute change, 0 to `reach`, on a sequential map, (H, W, 3).
    """
    if show_map == "signed":
        return _bytes(0.5 + gain(reach) * np.asarray(delta, np.float64))
    return _table(SEQUENTIAL)[_bytes(np.abs(delta).max(0, keepdims=True) / reach)]


def encode(levels: Array, side: int = 1) -> bytes:
    """Return bytes (H, W), (H, W, 3) or (H, W, 4) as PNG of at least `side` pixels, each a whole square."""
    factor = -(-side // max(levels.shape[:2]))
    large = levels.repeat(factor, 0).repeat(factor, 1)
    return _save(Image.fromarray(np.ascontiguousarray(large)))


def uri(data: bytes) -> str:
    """Return PNG bytes as a data URI."""
    return "data:image/png;base64," + b64encode(data).decode()


def sharp(levels: Array, over: str = "") -> str:
    """Return bytes as a data URI that a browser enlarges without smoothing, wherever it is drawn.

    over : SVG to be drawn over them, in units of a pixel
    """
    height, width = levels.shape[:2]
    drawn = f"<image width='{width}' height='{height}' style='image-rendering:pixelated' href='{uri(encode(levels))}'/>"
    whole = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'>{drawn}{over}</svg>"
    return "data:image/svg+xml," + quote(
        whole, safe="+=:;,' "
    )  # plotly's JSON spends six characters on "/", "<" or ">"


def thumbnail(x: Array, side: int = 64) -> bytes:
    """Return a picture (C, H, W) in [0, 1] as a small PNG for a picker, of at least `side` pixels."""
    return encode(pixels(x), side)


def point_thumbnail(x: Array, y: Array, chosen: int, side: int = 64, dark: bool = False) -> bytes:
    """Return points (N, 2) in [0, 1]² of classes `y` (N,) as a small PNG, the chosen one large and ringed."""
    colours, size = palette(dark), 4 * side  # drawn large, then reduced: smooth discs
    image = Image.new("RGB", (size, size), colours.page)
    draw = ImageDraw.Draw(image)
    for i in [*range(len(x)), chosen]:
        u, v = size * (0.04 + 0.92 * float(x[i, 0])), size * (0.96 - 0.92 * float(x[i, 1]))
        radius = size * (0.09 if i == chosen else 0.014)
        outline = colours.ink if i == chosen else None
        box = (u - radius, v - radius, u + radius, v + radius)
        draw.ellipse(box, fill=colours.classes[int(y[i]) % 10], outline=outline, width=size // 40)
    return _save(image.resize((side, side), Image.Resampling.LANCZOS))


def _save(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _bytes(share: Array) -> Array:
    return _last(np.rint(share.clip(0, 1) * 255).astype(np.uint8))


def _last(levels: Array) -> Array:
    """Return (C, H, W) as (H, W) or (H, W, 3)."""
    if levels.ndim != 3 or len(levels) not in (1, 3):
        raise ValueError(f"a picture is (1, H, W) or (3, H, W), not {levels.shape}")
    return levels[0] if len(levels) == 1 else levels.transpose(1, 2, 0)


@lru_cache(maxsize=4)
def _table(name: str) -> Array:
    return np.array(ramp(name), np.uint8)  # (256, 3)
