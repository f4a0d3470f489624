"""What a network does with a picture, layer by layer, as one pass shows it.

Not by torch.fx: while it traces, it changes every module of the process, and other threads' jobs with them.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from explorer.core.errors import Unsuited

SHAPE = {"__get__", "dim", "size", "numel", "__len__"}  # asked of a tensor, computing nothing
MOVES = {"flatten", "reshape", "view", "permute", "transpose", "contiguous"}  # the values stay, elsewhere
SUMS = {"add", "__add__", "__radd__", "__iadd__", "add_", "sub", "__sub__", "__isub__", "sub_", "cat", "mean"}


@dataclass(eq=False)
class Heard:
    """One pass: layers (modules without parts) in order, the shapes they gave, the functions called outside them.

    taken, given : the tensors that each layer took, and the one that it gave
    """

    layers: list[nn.Module] = field(default_factory=list)
    shapes: list[torch.Size] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    taken: list[tuple[Tensor, ...]] = field(default_factory=list)
    given: list[Tensor] = field(default_factory=list)

    def giver(self, tensor: Tensor) -> nn.Module | None:
        """Return the layer that gave a tensor; None where that was the picture, or a function."""
        return next((layer for layer, given in zip(self.layers, self.given, strict=True) if given is tensor), None)

    def takers(self, tensor: Tensor) -> int:
        """Return how many layers took a tensor."""
        return sum(other is tensor for taken in self.taken for other in taken)


def listen(model: nn.Module, x: Tensor) -> Heard:
    """Return what happens to the first of the pictures; `model` must be the caller's own, as it gets hooks."""
    heard, inside, picture = Heard(), 0, x[:1].detach()

    def enter(_layer: nn.Module, _inputs: Any) -> None:
        nonlocal inside
        inside += 1

    def leave(layer: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
        nonlocal inside
        inside -= 1
        heard.layers.append(layer)
        heard.shapes.append(output.shape)
        heard.taken.append(inputs)
        heard.given.append(output)

    class Ear(TorchFunctionMode):
        def __torch_function__(
            self, function: Callable[..., Any], _types: Any, args: Any = (), kwargs: Any = None
        ) -> Any:
            if not inside and function.__name__ not in SHAPE:
                heard.functions.append(function.__name__)
            return function(*args, **(kwargs or {}))

    hooks = []
    for layer in model.modules():
        if not any(True for _ in layer.children()):
            hooks += [layer.register_forward_pre_hook(enter), layer.register_forward_hook(leave)]
    try:
        with torch.no_grad(), Ear():
            model(picture)
    finally:
        for hook in hooks:
            hook.remove()
    return heard


def refuse_strangers(title: str, heard: Heard, known: Collection[type], functions: Collection[str]) -> None:
    """Raise `Unsuited` where a network does what a method's rules do not cover.

    known : the types of layers that it has rules for; functions : names of those called outside of layers
    """
    layers = [type(layer).__name__ for layer in heard.layers if type(layer) not in known]
    strangers = layers + [f"the function {name}" for name in heard.functions if name not in functions]
    if strangers:
        raise Unsuited(f"{title} has no rule for {_listed(strangers)}, which this network contains.")
    if len(set(heard.layers)) < len(heard.layers):
        raise Unsuited(f"{title} cannot follow a network that uses one layer twice.")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(sorted(set(names)))
