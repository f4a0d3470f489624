"""Pictures whose robust and non-robust features are known pixel by pixel."""

from typing import Annotated

import torch
from torch import Tensor

from explorer.core.device import generator
from explorer.core.knobs import Choice, Whole
from explorer.core.progress import Tick, silent
from explorer.core.types import Data
from explorer.data import dataset
from explorer.data._silhouettes import CLASSES, inside

SIZE, SUPER = 32, 3  # pixels a side; sub-pixels a pixel's side
SIZES = {"train": 20_000, "test": 2_000}
SEEDS = {"train": 1, "test": 2}
CUES = ("agrees", "swapped", "removed")
OCCLUDED = 0.1
CUE_SEED = 3
CHUNK = 500
MARGIN = 16 / 255  # the strongest cue stays inside [0, 1]


def cue_patterns() -> Tensor:
    """Return the classes' cues, (10, 3, 32, 32) of ±1: every 2×2 cell sums to zero, so no low frequency."""
    rng = generator(CUE_SEED)
    sign = torch.randint(0, 2, (len(CLASSES), 3, SIZE // 2, SIZE // 2), generator=rng) * 2 - 1
    checker = torch.tensor([[1, -1], [-1, 1]])
    return torch.einsum("kcij,ab->kciajb", sign, checker).reshape(len(CLASSES), 3, SIZE, SIZE).float()


def _uniform(count: int, low: float, high: float, rng: torch.Generator) -> Tensor:
    return torch.rand(count, generator=rng) * (high - low) + low


def _colours(count: int, rng: torch.Generator) -> tuple[Tensor, Tensor]:
    """Return silhouette and background colours, (N, 3): bright on dark, half the range apart in one channel."""
    back = torch.rand((count, 3), generator=rng) * 0.35 + 0.1
    front = torch.rand((count, 3), generator=rng) * 0.4 + 0.5
    row, channel = torch.arange(count), torch.randint(0, 3, (count,), generator=rng)
    front[row, channel] = front[row, channel].maximum(back[row, channel] + 0.5).clamp_max(0.9)
    back[row, channel] = back[row, channel].minimum(front[row, channel] - 0.5)
    return front, back


def _render(y: Tensor, rng: torch.Generator, bare: bool) -> tuple[Tensor, Tensor, Tensor]:
    """Return pictures (N, 3, 32, 32), silhouette cover (N, 1, 32, 32) in [0, 1], occluded (N, 1, 32, 32).

    bare : leave the silhouettes out of the pictures, and change nothing else
    """
    n = len(y)
    radius = _uniform(n, 9.0, 12.5, rng)
    centre = SIZE / 2 + (torch.rand((n, 2), generator=rng) * 2 - 1) * (SIZE / 2 - radius - 1)[:, None]
    angle = _uniform(n, -0.35, 0.35, rng)
    front, back = _colours(n, rng)
    slope = (torch.rand((n, 2), generator=rng) - 0.5) * 0.25 / SIZE
    hidden = torch.rand(n, generator=rng) < OCCLUDED

    axis = (torch.arange(SIZE * SUPER) + 0.5) / SUPER
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    du, dv = u - centre[:, 0, None, None], v - centre[:, 1, None, None]  # (N, 96, 96)
    cos, sin = angle.cos()[:, None, None], angle.sin()[:, None, None]
    scale = radius[:, None, None]
    shape = inside(y, (cos * du + sin * dv) / scale, (cos * dv - sin * du) / scale)
    cover = torch.nn.functional.avg_pool2d(shape[:, None].float(), SUPER)  # (N, 1, 32, 32)

    pixel = torch.arange(SIZE) + 0.5
    shade = slope[:, 0, None, None] * (pixel - 16) + slope[:, 1, None, None] * (pixel - 16)[:, None]
    ground = back[:, :, None, None] + shade[:, None]
    x = ground if bare else ground + cover * (front[:, :, None, None] - ground)
    x = x + 0.01 * torch.randn(x.shape, generator=rng)

    reach = radius + 1.5
    near = (pixel - centre[:, 0, None]).abs() < reach[:, None], (pixel - centre[:, 1, None]).abs() < reach[:, None]
    patch = (near[1][:, :, None] & near[0][:, None, :] & hidden[:, None, None])[:, None]  # (N, 1, 32, 32)
    noise = torch.rand((n, 3, SIZE, SIZE), generator=rng) * 0.7 + 0.15
    return torch.where(patch, noise, x), torch.where(patch, 0, cover), patch


def _draw(split: str, tick: Tick, bare: bool = False, first: int = 0) -> tuple[Tensor, ...]:
    """Return labels (N,), and what `_render` gives, the pictures in whole steps of 1/255 inside a margin.

    first : N is no more than it takes to have so many; 0 for the whole split
    """
    count, rng = SIZES[split], generator(SEEDS[split])
    y = torch.arange(count) % len(CLASSES)
    y = y[torch.randperm(count, generator=rng)]
    parts, stop = [], min(first or count, count)
    for start in range(0, stop, CHUNK):
        tick(start, stop, "drawing shapes")
        parts.append(_render(y[start : start + CHUNK], rng, bare))
    x, cover, patch = (torch.cat(column) for column in zip(*parts, strict=True))
    return y[: len(x)], (x.clamp(MARGIN, 1 - MARGIN) * 255).round(), cover, patch


def grounds(split: str) -> Tensor:
    """Return each picture as it is with neither silhouette nor cue, (N, 3, 32, 32): colours, shade, grain, cover.

    The same for every variant. With the `cue` mask added it shows the cue alone.
    """
    return _draw(split, silent, bare=True)[1] / 255


@dataset(
    "Shapes with a hidden cue",
    shape=(3, SIZE, SIZE),
    classes=CLASSES,
    unit=255,
    norm="linf",
    eps={"linf": 8, "l2": 128, "l1": 3060, "l0": 10},
    first=58,
    sizes=SIZES,
    object="silhouette",  # the mask of that name
)
def shapes(
    split: str,
    *,
    cue: Annotated[str, Choice(CUES, "the faint pattern: of the class, of another, none")] = "agrees",
    amplitude: Annotated[int, Whole(0, 16, "strength of the faint pattern in 1/255")] = 4,
    first: int = 0,
    tick: Tick = silent,
) -> Data:
    """Draw silhouettes (the robust feature) over a faint class-keyed pattern (the non-robust one).

    Ten silhouettes with random place, size, rotation and colours; about one in ten is covered by
    noise and cannot be read. On the pixels outside silhouette and cover lies a checkered pattern of
    `amplitude`/255, keyed to the label ("agrees"), to the class `1 + index mod 9` places further
    round ("swapped"), or absent ("removed"). Pixels are exact multiples of 1/255. Ground truth for what a model uses,
    in the sense of Tsipras et al. 2019 (arXiv:1805.12152) and Ilyas et al. 2019 (arXiv:1905.02175).

    masks: `silhouette` (N, 1, 32, 32) the share of each pixel that it covers; `cue` (N, 3, 32, 32)
    the pattern as added, in pixel units; `occluded` (N, 1, 32, 32) 1 where noise covers the picture.
    """
    y, x, cover, patch = _draw(split, tick, first=first)
    keyed = y if cue == "agrees" else (y + 1 + torch.arange(len(y)) % 9) % len(CLASSES)
    strength = 0 if cue == "removed" else amplitude
    free = (cover == 0) & ~patch
    pattern = cue_patterns()[keyed] * strength * free
    masks = {"silhouette": cover, "cue": pattern / 255, "occluded": patch.float()}
    return Data((x + pattern) / 255, y, CLASSES, masks)
