"""Turned and shifted pictures: no perturbation of values at all."""

import math
from typing import Annotated

import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import grid_sample

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.core.device import uniform
from explorer.core.goals import Goal
from explorer.core.knobs import Real, Whole
from explorer.core.norms import NORMS
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat

AT_ONCE, TOGETHER = 128, 10  # pictures in one pass of the model; tries of one picture among them, at most


@attack(
    "Rotation and translation", norms=NORMS, paper="arXiv:1712.02779", knows="scores", bound="own", pictures_only=True
)
def spatial(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    rotation: Annotated[float, Real(0.0, 180.0, "largest angle, in degrees")] = 30.0,
    shift: Annotated[float, Real(0.0, 20.0, "largest shift along each side, in pixels")] = 3.0,
    tries: Annotated[int, Whole(1, 2000, "turns and shifts drawn for each picture")] = 100,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Turn and shift the picture by lot, and keep what brings the goal nearest.

    The paper's worst-of-k, with k = `tries`: angle and shifts are drawn evenly from their ranges, and that of
    least margin counts (sec. 3). A picture is turned about its centre, then shifted, read out bilinearly;
    what comes in from outside is black. The limits are the attack's own: whatever the norm, it only measures
    how far the values moved, which is far. The milder tries come first, so that a search that ends with the
    first success ends with a mild one.

    Parameters
    ----------
    x : (N, C, H, W) float32 in [0, 1]
    track : is shown the best of every few tries, and drops broken images

    Returns
    -------
    (N, C, H, W): the best of the tries.

    References
    ----------
    Engstrom et al. 2019, arXiv:1712.02779.
    """
    track = track or Track(x, goal, threat.norm, stop=False)
    poses = uniform((len(x), tries, 3), rng, x.device) * 2 - 1  # in shares of the limits
    poses = poses.gather(1, poses.abs().amax(2, keepdim=True).argsort(1).expand_as(poses))
    poses = poses * torch.tensor([math.radians(rotation), shift, shift], device=x.device)
    done = 0
    while done < tries and len(x):
        tick(done, tries)
        some = poses[:, done : done + max(1, min(TOGETHER, AT_ONCE // len(x)))]  # (N, some, 3)
        count = some.shape[1]
        moved = posed(x.repeat_interleave(count, 0), some.flatten(0, 1))
        logits = model(moved)
        margin = Goal(goal.labels.repeat_interleave(count), goal.targeted).margin(logits).view(-1, count)
        best = margin.argmin(1) + count * torch.arange(len(x), device=x.device)
        stays = track.see(moved[best], logits[best])
        x, goal, poses, done = x[stays], goal[stays], poses[stays], done + count
    return track.best


def posed(x: Tensor, poses: Tensor) -> Tensor:
    """Return pictures (N, C, H, W) turned by an angle in radians, then shifted right and down by pixels.

    poses : (N, 3), each an angle (from right to down, as seen clockwise) and two shifts
    """
    height, width = x.shape[2:]
    angle, right, down = poses[:, :, None, None].unbind(1)  # (N, 1, 1) each
    v = torch.arange(height, device=x.device)[:, None] - (height - 1) / 2 - down
    u = torch.arange(width, device=x.device) - (width - 1) / 2 - right  # where each pixel comes from
    across, along = angle.cos() * u + angle.sin() * v, angle.cos() * v - angle.sin() * u
    grid = torch.stack([across * 2 / width, along * 2 / height], 3)  # (N, H, W, 2)
    return grid_sample(x, grid, mode="bilinear", padding_mode="zeros", align_corners=False).clamp(0, 1)
