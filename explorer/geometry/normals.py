"""Which way the decision boundary faces, at the points of it that are nearest to pictures."""

import numpy as np
import torch
from torch import Tensor, nn

from explorer.attacks.run import run_attack
from explorer.core.device import in_batches
from explorer.core.goals import Goal
from explorer.core.norms import steepest
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Normals
from explorer.core.types import Threat
from explorer.models.prepare import prepare

BATCH = 128  # pictures at once on a CPU


def normals(
    model: nn.Module, x: Tensor, *, attack: str = "superdeepfool", seed: int = 0, tick: Tick = silent
) -> tuple[Normals, Tensor]:
    """Return what is to be said of the boundary's normals near pictures x (N, ...), and the normals, (N, ...).

    The nearest point is the one that `attack` finds in l2 inside the box [0, 1], away from the class that the model
    gives the picture: an upper bound on the distance. The normal there is the unit vector along the gradient of
    z_k - z_y, k the class beyond, so it points away from the picture's class y; zeros where nothing was found.

    The singular values of the normals say how many directions the boundary turns through between the pictures: few
    large ones where a low-dimensional subspace holds them all (Moosavi-Dezfooli et al. 2017, arXiv:1610.08401).

    attack : one that searches the shortest change in l2; see `explorer.attacks`
    """
    fast, device = prepare(model), next(model.parameters()).device
    x, size = x.to(device), BATCH if device.type == "cpu" else 8 * BATCH

    def answers(rows: slice) -> Tensor:
        with torch.no_grad():
            labels: Tensor = fast(x[rows]).argmax(1)
        return labels

    labels = torch.cat(in_batches(len(x), size, answers))
    nearest = run_attack(attack, model, x, Goal(labels), Threat("l2", 0.0), seed=seed, tick=tick)
    x_adv = torch.from_numpy(nearest.x_adv).to(device)
    reached = torch.from_numpy(nearest.logits_adv.argmax(1)).to(device)
    away = torch.cat(in_batches(len(x), size, lambda rows: _slope(fast, x_adv[rows], labels[rows], reached[rows])))
    found = torch.from_numpy(nearest.success).to(device) & away.flatten(1).any(1)
    away[~found] = 0.0
    flat = away.flatten(1).cpu().numpy()
    known = found.cpu().numpy()
    cosines = np.where(known[:, None] & known, flat @ flat.T, np.nan).astype(np.float32)
    spectrum = np.linalg.svd(flat[known], compute_uv=False) if known.any() else np.empty(0, np.float32)
    distance = np.where(known, nearest.distance["l2"], np.nan).astype(np.float32)
    return Normals(labels.cpu().numpy(), reached.cpu().numpy(), known, distance, cosines, spectrum), away


def between(a: Tensor, b: Tensor) -> Array:
    """Return the cosines (N,) of the normals of two models near the same pictures, NaN where one has none."""
    a, b = a.flatten(1), b.flatten(1)
    known = a.any(1) & b.any(1)
    cosines: Array = (a * b).sum(1).where(known, float("nan")).cpu().numpy()
    return cosines


def _slope(model: nn.Module, x: Tensor, labels: Tensor, reached: Tensor) -> Tensor:
    """Return the unit vectors along the gradient of z_reached - z_label, (n, ...)."""
    with torch.enable_grad():
        x = x.detach().requires_grad_(True)
        logits = model(x)
        gap = logits.gather(1, reached[:, None]) - logits.gather(1, labels[:, None])
        (gradient,) = torch.autograd.grad(gap.sum(), x)
    return steepest(gradient, "l2")
