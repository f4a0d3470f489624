"""A contact sheet: many small pictures as one PNG in a figure, any of which a page can show without asking for it."""

from typing import Any

import numpy as np

from explorer.core.results import Array
from explorer.figures.images import encode, pixels, uri

MOST = 800_000  # values in a sheet: about so many bytes go to the browser with the figure


def sheet(x: Array) -> dict[str, Any]:
    """Return the first of pictures x (N, C, H, W) in [0, 1], as many as there is room for, side by side in rows.

    sheet : the PNG as a data URI; shape : (H, W); columns : pictures of a row; count : how many pictures
    Nothing of what are no pictures.
    """
    if x.ndim != 4:
        return {}
    n, channels, height, width = x[: max(1, MOST // x[0].size)].shape
    columns = int(np.ceil(n**0.5))
    rows = -(-n // columns)
    page = np.zeros((rows * columns, channels, height, width), x.dtype)
    page[:n] = x[:n]
    page = page.reshape(rows, columns, channels, height, width).transpose(2, 0, 3, 1, 4)
    whole = page.reshape(channels, rows * height, columns * width)
    return {"sheet": uri(encode(pixels(whole))), "shape": [height, width], "columns": columns, "count": n}
