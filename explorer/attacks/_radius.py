"""The radius of a search for the smallest change: how it closes in on the decision boundary, image by image."""

import torch
from torch import Tensor

GROWTH = 1.3  # at every step until the goal is first reached
LEAST, MOST, FASTER, SLOWER = 0.001, 0.2, 1.5, 0.5  # gamma, and how it changes


class Radius:
    """A radius for each image, 1 - gamma times what it was inside the goal, 1 + gamma times outside.

    Until the goal is first reached it grows by 1.3. From then on gamma is half as large after a change
    of side, half again as large after none, from 0.001 to 0.2: the radius lingers where the goal is first
    reached, then shrinks fast, then settles.

    start, longest : (N,) the first radius, and the largest
    whole : it is a number, of pixels, and changes by one at least
    """

    def __init__(self, start: Tensor, longest: Tensor, *, whole: bool = False) -> None:
        self.eps, self.longest, self.least = start, longest, float(whole)
        self.gamma = torch.full_like(start, LEAST)
        self.found = self.inside = torch.zeros_like(start, dtype=torch.bool)

    def adapt(self, inside: Tensor) -> Tensor:
        """Return the next radius, (N,), given which images are inside the goal now, (N,) bool."""
        gamma = self.gamma * torch.where(inside == self.inside, FASTER, SLOWER)
        self.gamma = torch.where(self.found, gamma, self.gamma).clamp(LEAST, MOST)
        self.found, self.inside = self.found | inside, inside
        factor = torch.where(inside, 1 - self.gamma, torch.where(self.found, 1 + self.gamma, GROWTH))
        eps = self.eps * factor
        eps = torch.where(inside, eps.minimum(self.eps - self.least), eps.maximum(self.eps + self.least))
        self.eps = eps.clamp_min(self.least).minimum(self.longest)
        return self.eps
