"""Training with the 1-path-norm, by its exact proximal step."""

from typing import Annotated

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Real
from explorer.training import recipe
from explorer.training._shrunk import shrunk
from explorer.training.batch import Batch


@recipe("1-path-norm, by its proximal step", paper="arXiv:2007.01003")
def path_norm(
    batch: Batch,
    *,
    weight: Annotated[float, Real(0.0, 1.0, "weight of the path norm in the loss")] = 0.001,
    by: Annotated[
        str, Choice(("prox", "subgradient"), "a proximal step after each step, or a term of the loss")
    ] = "prox",
) -> Tensor:
    """Mean clean cross-entropy + weight · sum over paths |V_ij|·|W_jk| (Latorre et al. 2020, eq. 5).

    The path norm of a network with one hidden layer bounds its Lipschitz constant from l_inf to l_1, in pixels as the
    network has them: divided by their spread. A plan's weight decay comes on top, which the paper has not. "prox":
    after each step of the optimiser on the cross-entropy alone the weights move to the minimiser of the path norm near
    them, which makes entries exactly 0; it is that of plain gradient descent ("plain" as the plan's optimizer), and no
    other.
    "subgradient" has the norm in the loss, for comparison: as small a norm, and no zeros. Biases are left alone.

    Raises `UserError` for a network with another number of hidden layers.
    """
    layers = [layer for layer in batch.model.modules() if isinstance(layer, nn.Linear | nn.Conv2d)]
    if len(layers) != 2 or not all(isinstance(layer, nn.Linear) for layer in layers):
        raise UserError("The path norm is that of one hidden layer: choose the architecture mlp with depth = 1.")
    into, out = (layer.weight for layer in layers)  # (H, d), (K, H)
    value = (out.abs().sum(0) * into.abs().sum(1)).sum()
    batch.notes.update(eps=0.0, path_norm=float(value.detach()))
    loss = cross_entropy(batch.model(batch.x), batch.y)
    if by == "subgradient":
        return loss + weight * value

    def shrink(rate: float) -> None:
        with torch.no_grad():
            x, y = shrunk(out.t(), into, rate * weight)
            out.copy_(x.t())
            into.copy_(y)

    batch.after.append(shrink)
    return loss
