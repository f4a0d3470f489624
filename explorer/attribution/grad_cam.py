"""Grad-CAM."""

from captum.attr import LayerAttribution, LayerGradCam
from torch import Tensor

from explorer.attribution import Attributed, method
from explorer.attribution._cam import last_maps
from explorer.attribution._score import Score


@method("Grad-CAM", signed=False, paper="arXiv:1610.02391", needs=("pictures", "convolution"), channels=False)
def grad_cam(score: Score, x: Tensor) -> Attributed:
    """Weigh the last convolutional maps by their mean gradients, and keep what speaks for the target.

    ReLU(Σ_k a_k A^k), a_k the mean over the map of the gradient in A^k; the maps as the last layer with rows and
    columns gives them, after its batch norm and ReLU. Coarse, and enlarged bilinearly to the picture's size.

    References
    ----------
    Selvaraju et al. 2017, arXiv:1610.02391, eq. (1) and (2).
    """
    layer = last_maps(score.model, x)
    maps = LayerGradCam(score, layer).attribute(x, additional_forward_args=score.args, relu_attributions=True)
    return LayerAttribution.interpolate(maps, tuple(x.shape[2:]), "bilinear"), None
