"""Guided Grad-CAM."""

from captum.attr import GuidedGradCam
from torch import Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._cam import last_maps
from explorer.attribution._score import Score


@method("Guided Grad-CAM", signed=True, paper="arXiv:1610.02391", needs=("pictures", "convolution", "relu"))
def guided_grad_cam(score: Score, x: Tensor) -> Attributed:
    """Multiply guided backpropagation by Grad-CAM: its fine lines, where Grad-CAM looks.

    References
    ----------
    Selvaraju et al. 2017, arXiv:1610.02391, sec. 3.2.
    """
    score.expect(2)
    cam = GuidedGradCam(score, last_maps(score.model, x))
    return cam.attribute(x, additional_forward_args=score.args, interpolate_mode="bilinear"), None
