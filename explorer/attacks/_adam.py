"""Adam's step, for attacks that descend a sum of two terms."""

import torch
from torch import Tensor

MEAN, SQUARE, LEAST = 0.9, 0.999, 1e-8  # beta_1, beta_2 and epsilon


class Adam:
    """The running means of a gradient and of its square, of images that may leave (Kingma & Ba 2015, alg. 1).

    like : (N, ...) what is optimised; only its shape counts
    """

    def __init__(self, like: Tensor) -> None:
        self.m, self.v, self.t = torch.zeros_like(like), torch.zeros_like(like), 0

    def step(self, gradient: Tensor) -> Tensor:
        """Return what is to be taken off for a rate of 1, (N, ...)."""
        self.t += 1
        self.m.lerp_(gradient, 1 - MEAN)
        self.v.mul_(SQUARE).addcmul_(gradient, gradient, value=1 - SQUARE)
        scale = (self.v / (1 - SQUARE**self.t)).sqrt_().add_(LEAST)
        return self.m / (1 - MEAN**self.t) / scale

    def keep(self, stays: Tensor) -> None:
        """Go on with some of the images, (N,) bool."""
        self.m, self.v = self.m[stays], self.v[stays]
