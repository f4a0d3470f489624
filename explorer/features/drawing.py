"""What is drawn: classes, units, and a picture from its representation."""

import time
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.linalg import vector_norm

from explorer.core.device import in_batches
from explorer.core.errors import Unsuited
from explorer.core.goals import Goal, ascent, known_labels
from explorer.core.norms import length
from explorer.core.progress import Tick, part, silent
from explorer.core.results import Array, Drawn
from explorer.features.climb import Slope, climb
from explorer.features.representation import Represented, refuse_points
from explorer.models.prepare import prepare

BATCH = 128  # pictures at once on a CPU: a cache holds no more; a GPU takes eight times as many
Measure = Callable[[Tensor], Tensor]  # pictures (K, ...) -> what is sought of each, (K,)


def draw_classes(
    model: nn.Module, start: Tensor, labels: Tensor, *, eps: float, step: float, steps: int, tick: Tick = silent
) -> Drawn:
    """Draw a class into each picture: large steps of targeted PGD in l2.

    The height is the class's log odds, z_y - log sum_{j != y} exp z_j, which rise as the cross-entropy falls, and
    do not stop where the model is sure (`core.goals.ascent`): by the cross-entropy a standard model, sure at once,
    would draw next to nothing. A model whose gradients go as people see draws what they call by that name:
    "perceptually aligned gradients". With a small `eps` it is an attack; a picture that it makes on a standard
    model, labelled y, is one of the non-robust data sets D_rand and D_det of Ilyas et al. 2019 (arXiv:1905.02175,
    sec. 3.2).

    start : (K, C, H, W) in [0, 1]; labels : (K,) int64; eps, step : l2 lengths in pixel units

    Returns pictures, with the class's log odds before and after.

    References
    ----------
    Santurkar et al. 2019, arXiv:1906.09453, sec. 3; Kaur et al. 2019, arXiv:1910.08640.
    """
    refuse_points(start)
    fast = prepare(model)
    start, labels = _on(model, start), _on(model, labels)
    with torch.no_grad():
        known_labels(labels, model(start[:1]).shape[1])

    def slope(rows: slice) -> Slope:
        goal = Goal(labels[rows], targeted=True)

        def odds(x: Tensor) -> tuple[Tensor, Tensor]:
            logits, gradient = ascent(fast, x, goal)
            return goal.height(logits), gradient

        return odds

    def measure(x: Tensor) -> Tensor:
        return Goal(labels, targeted=True).height(model(x))

    return _drawn(model, slope, measure, start, labels, eps, step, steps, False, tick)


def draw_units(
    model: nn.Module, start: Tensor, units: Tensor, *, eps: float, step: float, steps: int, tick: Tick = silent
) -> Drawn:
    """Draw what excites a unit of the representation most, into each picture.

    units : (K,) int64, from 0

    Returns pictures, with the unit's activation before and after.

    References
    ----------
    Engstrom et al. 2019, arXiv:1906.00945, sec. 4: max over delta of R(x_0 + delta)_i.
    """
    read = Represented(model, start)
    start, units = _on(model, start), _on(model, units)

    def slope(rows: slice) -> Slope:
        return _of(lambda x: _pick(read(x)[0], units[rows]))

    return _drawn(model, slope, lambda x: _pick(read(x)[0], units), start, units, eps, step, steps, False, tick)


def invert(
    model: nn.Module, start: Tensor, picture: Tensor, *, eps: float, step: float, steps: int, tick: Tick = silent
) -> Drawn:
    """Move each picture until the model's representation of it is that of another picture.

    x_0 + argmin over |delta|_2 <= eps of |R(x_0 + delta) - R(x)|_2, by steps that shrink, R what the last linear
    layer is given. What R does not tell stays as it was: a robust model's R tells what people see, a standard
    one's little of it. The robust version of a picture is this, on a robust model, from an unrelated picture
    (Ilyas et al. 2019, arXiv:1905.02175, sec. 3.1).

    picture : (1, C, H, W) whose representation is wanted

    Returns pictures, with |R(.) - R(x)|_2 / |R(x)|_2 before and after; `sought` is the class that the model sees
    in `picture`.

    References
    ----------
    Engstrom et al. 2019, arXiv:1906.00945, sec. 4.
    """
    read = Represented(model, picture)
    start, picture = _on(model, start), _on(model, picture)
    with torch.no_grad():
        wanted, logits = read(picture)
    scale = vector_norm(wanted).clamp_min(1e-30)

    def away(x: Tensor) -> Tensor:
        apart: Tensor = vector_norm(read(x)[0] - wanted, dim=1) / scale
        return apart

    sought = logits.argmax(1).expand(len(start))
    return _drawn(model, lambda _rows: _of(lambda x: -away(x)), away, start, sought, eps, step, steps, True, tick)


def top_units(model: nn.Module, picture: Tensor, count: int) -> Tensor:
    """Return the units that speak most for the class that a model sees in a picture, (count,) int64.

    A unit speaks by its share w_cj·R(x)_j of the class's logit z_c = sum_j w_cj R(x)_j + b_c; w is read off as the
    logit's gradient in R, whatever follows the last linear layer.

    picture : (1, C, H, W)
    """
    read = Represented(model, picture)
    with torch.enable_grad():
        given, logits = read(_on(model, picture).detach().requires_grad_())
        (weight,) = torch.autograd.grad(logits.amax(), given)
    share = (weight * given)[0].detach()
    return share.topk(min(count, len(share))).indices


def units_from(model: nn.Module, picture: Tensor, first: int, count: int) -> Tensor:
    """Return units in their own order, (count,) int64, fewer at the end; raise `Unsuited` where the first is none."""
    size = Represented(model, picture).size
    if not 0 <= first < size:
        raise Unsuited(f"unit = {first} is not one of this model's, 0 to {size - 1}.")
    return torch.arange(first, min(first + count, size))


def _drawn(
    model: nn.Module,
    slope: Callable[[slice], Slope],
    measure: Measure,
    start: Tensor,
    sought: Tensor,
    eps: float,
    step: float,
    steps: int,
    settle: bool,
    tick: Tick,
) -> Drawn:
    """Climb, and tell what was reached on the plain model."""
    begun, size = time.perf_counter(), BATCH if start.device.type == "cpu" else 8 * BATCH

    def draw(rows: slice) -> Tensor:
        some = start[rows]
        inner = part(tick, rows.start, len(some), len(start))
        return climb(slope(rows), some, eps=eps, step=step, steps=steps, settle=settle, tick=inner)

    x = torch.cat(in_batches(len(start), size, draw))
    with torch.no_grad():
        found = {
            "logits": model(x),
            "logits_start": model(start),
            "before": measure(start),
            "after": measure(x),
            "distance": length(x - start, "l2"),
        }
    arrays = {name: _array(value) for name, value in found.items()}
    return Drawn(x=_array(x), sought=_array(sought), seconds=time.perf_counter() - begun, **arrays)


def _of(height: Measure) -> Slope:
    """Return a height with its gradient in the pictures."""

    def slope(x: Tensor) -> tuple[Tensor, Tensor]:
        with torch.enable_grad():
            x = x.detach().requires_grad_(True)
            value = height(x)
            (gradient,) = torch.autograd.grad(value.sum(), x)
        return value.detach(), gradient

    return slope


def _pick(given: Tensor, units: Tensor) -> Tensor:
    return given.gather(1, units[:, None])[:, 0]


def _on(model: nn.Module, x: Tensor) -> Tensor:
    return x.to(next(model.parameters()).device)


def _array(value: Tensor) -> Array:
    array: Array = value.detach().cpu().contiguous().numpy()
    return array
