"""Products of the loss's Hessian in the weights with vectors."""

import torch
from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

from explorer.core.progress import Tick, silent
from explorer.landscapes._weights import Loss, Weights, join

MEMORY = {"cpu": 1 << 30, "cuda": 8 << 30}  # bytes that graphs may hold between two products


class Products:
    """Products Hv, H the Hessian of the mean cross-entropy over pictures x (N, ...) in the n weights.

    Pearlmutter's (1994): the gradient of v·grad L. The gradient's graph is built once for each chunk of pictures and
    kept, as far as memory allows; that of the other chunks is built at every product. The network is in eval mode:
    batch norm counts with its kept statistics. ReLUs count as linear pieces: that the loss bends where units switch
    is not in H, whose entries are then those of the softmax's curvature seen through the network's derivative
    and of the network's own mixed derivatives.

    Give adversarial pictures as `x` for the curvature of the adversarial loss: they were made once, at these
    weights, and H takes them as fixed (as in Liu et al. 2020, arXiv:2006.08403). The maximum over perturbations
    itself is not smooth in the weights and has no Hessian everywhere.

    labels : (N,) int64
    memory : bytes for what is kept, by default what suits the device

    Raises `UserError` for a label that the model does not have.
    """

    def __init__(
        self, model: nn.Module, x: Tensor, labels: Tensor, *, memory: int | None = None, tick: Tick = silent
    ) -> None:
        self._loss = Loss(model, x, labels)
        self.count, self.loss, self.gradient = 0, 0.0, self.weights.zeros()
        room = MEMORY.get(self.gradient.device.type, MEMORY["cpu"]) if memory is None else memory
        fits = room // max(self._bytes(), 1)
        self._kept: list[tuple[Tensor, ...]] = []
        self._rest: list[slice] = []
        chunks = self._loss.chunks()
        for i, rows in enumerate(chunks):
            tick(i, len(chunks), "gradients")
            slopes, share = self._graph(rows)
            self.loss += float(share)
            self.gradient += join(slopes).detach()
            if rows.stop <= fits:
                self._kept.append(slopes)
            else:
                self._rest.append(rows)

    @property
    def weights(self) -> Weights:
        """The weights as one vector."""
        return self._loss.weights

    def __call__(self, v: Tensor) -> Tensor:
        """Return Hv for v (n,)."""
        self.count += 1
        total, pieces = torch.zeros_like(v), self.weights.split(v)
        for slopes in self._kept:
            total += self._back(slopes, pieces, keep=True)
        for rows in self._rest:
            total += self._back(self._graph(rows)[0], pieces, keep=False)
        return total

    def _graph(self, rows: slice) -> tuple[tuple[Tensor, ...], Tensor]:
        """Return the gradient that some pictures add, with its graph, and the loss that they add."""
        with torch.enable_grad():
            share = self._loss.share(rows)
            return self._loss.slopes(share, keep=True), share.detach()

    def _back(self, slopes: tuple[Tensor, ...], v: list[Tensor], keep: bool) -> Tensor:
        bent = [(slope, piece) for slope, piece in zip(slopes, v, strict=True) if slope.requires_grad]
        if not bent:  # a loss that is linear in the weights
            return torch.zeros_like(self.gradient)
        outputs, along = zip(*bent, strict=True)
        parts = self.weights.parts
        found = torch.autograd.grad(outputs, parts, along, retain_graph=keep, materialize_grads=True)
        return join(found)

    def _bytes(self) -> int:
        """Return what the graph of one picture's gradient holds, in bytes, the weights themselves aside."""
        own = {part.untyped_storage().data_ptr() for part in self.weights.parts}
        held: dict[int, Tensor] = {}

        def note(tensor: Tensor) -> Tensor:
            held.setdefault(tensor.untyped_storage().data_ptr(), tensor)
            return tensor

        with saved_tensors_hooks(note, lambda tensor: tensor):
            self._graph(slice(0, 1))
        return sum(t.untyped_storage().nbytes() for key, t in held.items() if key not in own)
