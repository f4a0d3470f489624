"""Directions in weight space: ways to leave a trained model by, and how long a step of each is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from explorer.core.device import generator, normal
from explorer.core.digest import of_json
from explorer.core.errors import UserError
from explorer.core.results import Array
from explorer.landscapes._weights import Direction as Direction
from explorer.landscapes._weights import Loss


def weights(model: nn.Module) -> Direction:
    """Return a copy of a model's parameters: a point of weight space, and so a direction from its origin."""
    return {name: p.detach().clone() for name, p in model.named_parameters()}


def filter_normalised(direction: Direction, model: nn.Module) -> Direction:
    """Return a direction whose every filter is as long as the model's own, in l2 (Li et al. 2018, arXiv:1712.09913).

    A filter is what one output of a convolution or a linear layer is made by, w[i]; d[i] is scaled by |w[i]| / |d[i]|.
    Parameters of one axis, which are biases and those of batch norm, are left alone: their direction is 0.
    """
    scaled = {}
    for name, w in model.named_parameters():
        d = direction[name]
        if w.ndim < 2:
            scaled[name] = torch.zeros_like(d)
            continue
        own, drawn = (torch.linalg.vector_norm(v.detach().flatten(1), dim=1) for v in (w, d))
        scaled[name] = d * (own / drawn.clamp_min(1e-10)).view(-1, *[1] * (d.ndim - 1))
    return scaled


def direction_rng(seed: int) -> torch.Generator:
    """Return the generator that random directions of a seed are drawn by, unlike `generator(seed)` itself.

    Training draws a model's first weights by the latter, of which the trained ones keep much: with one seed for both, a
    direction drawn in the same order leads along the trained weights.
    """
    return generator(int(of_json(["directions", seed])[:8], 16))


def random(model: nn.Module, rng: torch.Generator) -> Direction:
    """Return a random filter-normalised direction. Models of one architecture get the same but for its lengths.

    rng : of `direction_rng`, so that a direction has nothing to do with the weights that a model was first given
    """
    drawn = {
        name: torch.zeros_like(p) if p.ndim < 2 else normal(p.shape, rng, p.device)
        for name, p in model.named_parameters()
    }
    return filter_normalised(drawn, model)


def gradient(model: nn.Module, x: Tensor, labels: Tensor) -> Direction:
    """Return the gradient of the mean cross-entropy in all parameters, as long as a random direction is.

    x : (N, ...); labels : (N,) int64. Give adversarial pictures for the gradient of the adversarial loss (which is the
    gradient there, by Danskin's theorem, if they maximise the loss). The loss rises along it, at first. It moves biases
    and the parameters of batch norm too, whose statistics stay as they are.

    Raises `UserError` for a label that the model does not have.
    """
    loss = Loss(model, x, labels)
    _, slope = loss(loss.weights.zeros())
    return sized(loss.weights.shaped(slope), model)


def sized(direction: Direction, model: nn.Module) -> Direction:
    """Return a direction as long as a filter-normalised one of this model, as a whole, so that both share one scale."""
    own = length({name: p.detach() for name, p in model.named_parameters() if p.ndim > 1})
    size = length(direction)
    return {name: d * (own / size if size > 0 else 0.0) for name, d in direction.items()}


def between(a: nn.Module, b: nn.Module) -> Direction:
    """Return the direction from model A's weights to model B's, biases and batch norm's parameters included.

    At 0 the weights are A's, at 1 they are B's. Batch norm's statistics are no weights: on the way they are A's, unless
    they are measured again, and only then is the model at 1 the model B.

    Raises `UserError` where the models are not of one architecture or scale their pixels differently.
    """
    own, other = dict(a.named_parameters()), dict(b.named_parameters())
    if {n: p.shape for n, p in own.items()} != {n: p.shape for n, p in other.items()}:
        raise UserError("There is no straight line between these models' weights: they are not of one architecture.")
    fixed, theirs = _fixed(a), _fixed(b)
    same = fixed.keys() == theirs.keys() and all(
        v.shape == theirs[n].shape and torch.allclose(v, theirs[n].to(v)) for n, v in fixed.items()
    )
    if not same:
        raise UserError("There is no straight line between these models: they do not scale their pixels alike.")
    return {name: other[name].detach().to(p) - p.detach() for name, p in own.items()}


def _fixed(model: nn.Module) -> dict[str, Tensor]:
    """Return what a model holds besides its parameters and batch norm's statistics, such as its pixels' mean."""
    norms = tuple(name for name, module in model.named_modules() if isinstance(module, _BatchNorm))
    return {name: b for name, b in model.named_buffers() if not name.startswith(norms or ("\n",))}


@dataclass(frozen=True, eq=False, slots=True)
class Course:
    """A path of weights seen from the plane of its principal components through its last point.

    axes : two orthogonal directions of length 1 in l2; places : (T, 2) float64, the path on the plane, (0, 0) its end
    shares : (2,) float64, of the path's variance that each axis explains
    off : (T,) float64, how far off the plane each point is, in l2; far : (T,) float64, how far it is from the end
    """

    axes: tuple[Direction, Direction]
    places: Array
    shares: Array
    off: Array
    far: Array


def principal(path: Sequence[Direction]) -> Course:
    """Return the plane of a path's two principal components, as Li et al. 2018 (sec. 7) draw training.

    path : at least three points of weight space, such as `weights` of recorded checkpoints, the last one the trained
        model. The components are those of the points' differences to it. All parameters count, biases as well.

    Raises `UserError` for a path that does not leave a line.
    """
    if len(path) < 3:
        raise UserError(f"A path of {len(path)} points has no plane of its own: record three checkpoints or more.")
    steps = [{name: p[name].double() - end.double() for name, end in path[-1].items()} for p in path]
    inner = np.array([[dot(one, other) for other in steps] for one in steps])  # (T, T)
    centre = np.eye(len(path)) - 1 / len(path)
    variance, mixes = np.linalg.eigh(centre @ inner @ centre)
    if variance[-2] <= 1e-10 * max(variance[-1], 1e-300):
        raise UserError("These weights lie on one line: a path needs a plane to be drawn on.")
    axes, places = [], np.zeros((len(path), 2))
    for k in range(2):
        mix = centre @ mixes[:, -1 - k]
        along = inner @ mix / np.sqrt(mix @ inner @ mix)  # (T,) places on this axis
        mix = mix * (-1 if along[np.abs(along).argmax()] < 0 else 1) / np.sqrt(mix @ inner @ mix)
        axes.append(_mixed(steps, mix, path[-1]))
        places[:, k] = inner @ mix
    far = np.sqrt(np.diag(inner))
    off = np.sqrt(np.maximum(far**2 - (places**2).sum(1), 0))
    return Course((axes[0], axes[1]), places, variance[[-1, -2]] / variance.clip(0).sum(), off, far)


def _mixed(steps: Sequence[Direction], mix: Array, like: Direction) -> Direction:
    """Return the sum of some directions, each times its number, of the type of another."""
    parts = torch.from_numpy(mix)
    return {
        n: torch.tensordot(parts.to(v.device), torch.stack([s[n] for s in steps]), 1).to(v) for n, v in like.items()
    }


def dot(a: Direction, b: Direction) -> float:
    """Return the inner product of two directions over all parameters."""
    return float(sum((d.double() * b[name].double()).sum().item() for name, d in a.items()))


def length(direction: Direction) -> float:
    """Return a direction's length in l2, over all parameters."""
    return float(np.sqrt(dot(direction, direction)))
