"""Langevin dynamics: a cloud of perturbations instead of one."""

import math
from typing import Annotated

import torch
from torch import Generator, Tensor, nn

from explorer.attacks import attack
from explorer.attacks._track import Track
from explorer.core.device import normal
from explorer.core.goals import Goal, ascent
from explorer.core.knobs import Real, Whole
from explorer.core.norms import project, random_in_ball, steepest
from explorer.core.progress import Tick, silent
from explorer.core.types import Threat


@attack("Langevin cloud (adapted from MixedNE-LD)", norms=("linf", "l2"), paper="arXiv:2002.06063", knows="gradients")
def langevin(
    model: nn.Module,
    x: Tensor,
    goal: Goal,
    threat: Threat,
    *,
    steps: Annotated[int, Whole(1, 500, "gradient steps")] = 40,
    step: Annotated[float, Real(0.005, 1.0, "length of a step as a fraction of eps")] = 0.1,
    temperature: Annotated[float, Real(0.0, 2.0, "size of the noise; 0 is PGD from as many starts")] = 0.1,
    particles: Annotated[int, Whole(1, 50, "perturbations of one picture, moved at once")] = 10,
    rng: Generator,
    tick: Tick = silent,
    track: Track | None = None,
) -> Tensor:
    """Sample strong perturbations by noisy gradient steps, and show the strongest of the cloud.

    An adaptation of MixedNE-LD, which trains robust agents, to pictures: its adversary is a distribution,
    sampled by Langevin steps. In units of eps, each particle u takes PGD's step and noise,
    u_{t+1} = P(u_t + step·d(grad L(x + eps·u_t)) + sqrt(2·step)·temperature·xi), with xi standard normal
    (algorithm 1; in l2 divided by sqrt(d), so that its length is about 1) and P the projection on the
    unit ball and the box. The cloud is shown itself, where MixedNE-LD goes on with its running mean.

    Parameters
    ----------
    x : (N, ...) float32 in [0, 1]; all N·particles perturbations are moved together
    track : is shown each picture's strongest particle, keeps the best, and drops broken images

    Returns
    -------
    (N, ...): the best iterates.

    References
    ----------
    Kamalaruban et al. 2020, arXiv:2002.06063; the idea, for GANs: Hsieh et al. 2019, arXiv:1811.02002.
    """
    track = track or Track(x, goal, threat.norm, stop=False)
    heat = math.sqrt(2 * step) * temperature * threat.eps / (1 if threat.norm == "linf" else math.sqrt(x[0].numel()))
    x_0 = x.repeat_interleave(particles, 0)  # (N·particles, ...)
    wanted = Goal(goal.labels.repeat_interleave(particles), goal.targeted)
    x_t = (x_0 + random_in_ball(x_0, threat.norm, threat.eps, rng)).clamp(0, 1)
    for i in range(steps):
        tick(i, steps)
        if not len(x_t):
            break
        logits, gradient = ascent(model, x_t, wanted)
        stays = _show(track, x_t, logits, wanted, particles).repeat_interleave(particles)
        if not stays.all():
            x_0, x_t, gradient, wanted = x_0[stays], x_t[stays], gradient[stays], wanted[stays]
        move = step * threat.eps * steepest(gradient, threat.norm) + heat * normal(x_t.shape, rng, x.device)
        x_t = (x_0 + project(x_t + move - x_0, threat.norm, threat.eps)).clamp(0, 1)
    if len(x_t):
        _show(track, x_t, model(x_t), wanted, particles)
    return track.best


def _show(track: Track, x_t: Tensor, logits: Tensor, wanted: Goal, particles: int) -> Tensor:
    """Show the track each picture's strongest particle; return who stays in play, (N,) bool."""
    best = wanted.margin(logits).view(-1, particles).argmin(1)
    best = best + particles * torch.arange(len(best), device=best.device)  # their rows, (N,)
    return track.see(x_t[best], logits[best])
