"""Why a network, a picture or a target is nothing for a method."""

from torch import Tensor, nn

from explorer.attribution._layers import listen
from explorer.attribution.target import Target
from explorer.core.errors import Unsuited
from explorer.core.registry import Entry

RECTIFIERS = {"relu", "relu_", "clamp", "clamp_min", "clamp_"}


def refuse(entry: Entry, model: nn.Module, x: Tensor, target: Target) -> None:
    """Raise `Unsuited` with the reason where the method does not apply; `model` must be the caller's own."""
    needs, title = entry.facts["needs"], entry.title
    if "pictures" in needs and x.ndim != 4:
        raise Unsuited(f"{title} needs the rows and columns of a picture, and these are points.")
    if "logits" in needs and target.kind == "loss":
        raise Unsuited(f"{title} has no rule for the loss: choose a class, or the difference of two.")
    if "convolution" in needs and not any(isinstance(layer, nn.Conv2d) for layer in model.modules()):
        raise Unsuited(f"{title} needs a convolution, and this network has none.")
    if "relu" in needs:
        heard = listen(model, x)
        if RECTIFIERS & set(heard.functions):
            raise Unsuited(f"{title} changes ReLU layers, and this network calls ReLU as a function.")
        if not any(isinstance(layer, nn.ReLU) for layer in heard.layers):
            raise Unsuited(f"{title} changes the gradient of ReLU layers, and this network has none.")
