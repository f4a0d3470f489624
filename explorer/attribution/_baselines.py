"""What a picture without its content may be taken to be."""

import torch
from scipy.ndimage import gaussian_filter
from torch import Generator, Tensor

from explorer.core.device import uniform
from explorer.core.errors import Unsuited
from explorer.core.knobs import Choice

BASELINES = ("black", "mean", "blurred", "noise")
BLUR = 1 / 8  # standard deviation as a share of the side
CHOICE = Choice(BASELINES, "what stands for an empty picture")


def baseline_of(kind: str, x: Tensor, rng: Generator) -> Tensor:
    """Return an empty picture for each, of the shape of `x`, in [0, 1].

    black : 0; mean : the picture's own mean per channel; blurred : the picture after a Gaussian of an eighth
    of its side; noise : uniform on [0, 1] from `rng`, one picture for all. Each biases the maps: where a picture
    equals its baseline, they are 0 (Sturmfels et al. 2020, doi:10.23915/distill.00022).
    """
    x = x.detach()
    if kind == "noise":
        return uniform((1, *x.shape[1:]), rng, x.device).expand_as(x)
    if kind == "black":
        return torch.zeros_like(x)
    if x.ndim != 4:
        raise Unsuited(f"A {kind} baseline needs pictures, and these are points: choose black or noise.")
    if kind == "mean":
        return x.mean((2, 3), keepdim=True).expand_as(x)
    sigma = (0, 0, x.shape[2] * BLUR, x.shape[3] * BLUR)
    return torch.from_numpy(gaussian_filter(x.cpu().numpy(), sigma, mode="nearest")).to(x.device)
