"""The layer whose maps Grad-CAM weighs."""

from torch import Tensor, nn

from explorer.attribution._layers import listen

POOLS = (nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)


def last_maps(model: nn.Module, x: Tensor) -> nn.Module:
    """Return the last layer, no pooling, that gives maps of more than one pixel: what was made of the last convolution.

    Where the network has a convolution there is one, unless the picture is a single pixel; then the convolution.
    """
    heard = listen(model, x)
    found = [
        layer
        for layer, shape in zip(heard.layers, heard.shapes, strict=True)
        if len(shape) == 4 and shape[2] * shape[3] > 1 and not isinstance(layer, POOLS)
    ]
    return found[-1] if found else next(layer for layer in heard.layers if isinstance(layer, nn.Conv2d))
