"""Saliency methods: one file each, a plain function over Captum; `run.py` gives it a model of its own.

Signature: `(score, x, *, knobs..., rng, crowd) -> (maps, promised)`, the last two parameters only where the
method uses them. `promised` (N,) is what each map is to sum to, None where the method promises no sum.
"""

from collections.abc import Callable
from typing import Literal

from torch import Tensor

from explorer.core.registry import F, Registry

SALIENCY = Registry("explorer.attribution", "saliency method")
Need = Literal["pictures", "convolution", "relu", "logits"]
Attributed = tuple[Tensor, Tensor | None]


def method(
    title: str,
    *,
    signed: bool,
    paper: str = "",
    needs: tuple[Need, ...] = (),
    channels: bool = True,
    sums: bool = False,
) -> Callable[[F], F]:
    """Return the decorator that registers a saliency method under its function's name.

    signed : whether a map's sign says for or against the target; else it is a magnitude
    paper : "arXiv:..." or another name that leads to it
    needs : "pictures": rows and columns; "convolution", "relu": such layers; "logits": a target that is a
        logit or a difference of two, not the loss
    sums : its maps are to sum to something, which it promises
    channels : it tells the channels apart, (N, C, H, W); else (N, 1, H, W)
    """
    return SALIENCY.register(title, paper=paper, signed=signed, needs=needs, channels=channels, sums=sums)
