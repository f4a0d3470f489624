"""How a model divides the plane that its points lie in."""

import torch
from torch import nn

from explorer.core.results import Plane


def plane_of(model: nn.Module, device: torch.device, side: int) -> Plane:
    """Return the probabilities at side × side points of [0, 1]², rows from below."""
    axis = torch.linspace(0, 1, side, device=device)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    with torch.no_grad():
        p = model(torch.stack([u, v], dim=-1).view(-1, 2)).softmax(1)
    return Plane(p.view(side, side, -1).cpu().numpy())
