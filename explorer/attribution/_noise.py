"""Gradients at noisy copies of a picture: what SmoothGrad and VarGrad sum up.

Captum's noise tunnel draws from the process-wide generator, which other jobs use too, so the copies are made here.
"""

import torch
from torch import Generator, Tensor

from explorer.attribution._score import Score
from explorer.core.device import normal
from explorer.core.knobs import Real, Whole

SAMPLES = Whole(2, 500, "noisy copies of the picture")
NOISE = Real(0.001, 1.0, "standard deviation of the noise, of the range from black to white")


def noisy_gradients(score: Score, x: Tensor, samples: int, noise: float, rng: Generator) -> Tensor:
    """Return the gradients (samples, N, ...) at x + noise·N(0, 1); every picture gets the same noise."""
    score.expect(samples)
    shifts = torch.stack([noise * normal(x.shape[1:], rng, x.device) for _ in range(samples)])
    return score.gradients(x.detach()[None] + shifts[:, None])
