"""What a network's last linear layer is given: its representation of a picture."""

import copy
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn
from torch.autograd import Function

from explorer.core.device import in_batches
from explorer.core.errors import Unsuited
from explorer.models.prepare import prepare

LAYERS = (nn.Conv1d, nn.Conv2d, nn.Linear)  # those that mix values by learnt weights


class Represented:
    """A network's quick copy that tells its representation (N, D) beside its logits (N, K).

    A ReLU that gives the representation passes gradients as if it were the identity, as otherwise no step could
    wake a unit that is silent at the start; its values stay as they are (Engstrom et al. 2019, arXiv:1906.00945,
    in their code `fake_relu`).

    size : D, the number of units

    Raises `Unsuited` where the last layer with weights is not a linear one of one vector per picture.
    """

    def __init__(self, model: nn.Module, x: Tensor) -> None:
        refuse_points(x)
        end = _end(model, x)
        self.net = prepare(model)
        for name in end.rectifiers:
            self.net.set_submodule(name, _Through())
        self.size = end.size
        self._given = torch.empty(0)
        self.net.get_submodule(end.name).register_forward_pre_hook(self._keep)

    def __call__(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return representation (N, D) and logits (N, K)."""
        logits = self.net(x)
        return self._given, logits

    def _keep(self, _layer: nn.Module, inputs: tuple[Tensor, ...]) -> Tensor:
        self._given = inputs[0].flatten(1)
        return self._given  # so that the logits are differentiable in it


def refuse_points(x: Tensor) -> None:
    """Raise `Unsuited` for points of the plane, in which nothing can be seen drawn."""
    if x.ndim != 4:
        raise Unsuited("Drawings need pictures, and these are points of the plane: choose another data set.")


def represent(model: nn.Module, x: Tensor, batch: int = 128) -> Tensor:
    """Return the representation (N, D) of pictures `x` (N, ...), or of points of the plane, as the plain model has it.

    Raises `Unsuited` as `Represented` does.
    """
    own, given = copy.deepcopy(model).eval(), list[Tensor]()
    own.get_submodule(_end(model, x).name).register_forward_pre_hook(lambda _layer, inputs: given.append(inputs[0]))

    def read(rows: slice) -> Tensor:
        given.clear()  # of a batch that was too large
        own(x[rows])
        return given.pop().flatten(1)

    with torch.no_grad():
        return torch.cat(in_batches(len(x), batch, read))


@dataclass(eq=False)
class _End:
    """The last linear layer, the size of what it is given, and the ReLUs since the layer with weights before it."""

    name: str
    size: int
    rectifiers: list[str] = field(default_factory=list)


def _end(model: nn.Module, x: Tensor) -> _End:
    """Return how a network ends, as one pass shows it."""
    own, called, wide = copy.deepcopy(model).eval(), [], set()

    def hear(name: str) -> None:
        def hook(_layer: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            called.append(name)
            if inputs[0].ndim != 2:
                wide.add(name)

        own.get_submodule(name).register_forward_pre_hook(hook)

    for name, layer in own.named_modules():
        if isinstance(layer, (*LAYERS, nn.ReLU)):
            hear(name)
    with torch.no_grad():
        own(x[:1])
    layers = [name for name in called if isinstance(own.get_submodule(name), LAYERS)]
    last = own.get_submodule(layers[-1]) if layers else None
    if not isinstance(last, nn.Linear) or layers[-1] in wide or layers.count(layers[-1]) > 1:
        raise Unsuited(
            "This network does not end in a linear layer over one vector per picture, so that it has no "
            "representation to be read there: choose another model, or what does not ask for one."
        )
    end = len(called) - 1 - called[::-1].index(layers[-1])
    before = max((i for i in range(end) if called[i] in layers), default=-1)
    between = [name for name in called[before + 1 : end] if called.count(name) == 1]
    return _End(layers[-1], last.in_features, between)


class _Through(nn.Module):
    """ReLU whose gradient is that of the identity."""

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = _Straight.apply(x)  # type: ignore[no-untyped-call]
        return out


class _Straight(Function):
    @staticmethod
    def forward(_ctx: object, x: Tensor) -> Tensor:
        return x.clamp_min(0)

    @staticmethod
    def backward(_ctx: object, gradient: Tensor) -> Tensor:
        return gradient
