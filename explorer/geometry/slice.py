"""What a model says on a plane through input space: at every place of a grid, or where it may change."""

import numpy as np
import torch
from torch import Tensor, nn

from explorer.core.device import in_batches
from explorer.core.errors import UserError
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Section, Slice
from explorer.geometry.plane import points
from explorer.models.prepare import prepare

SIDE, STEP = 201, 8
BATCH = 256  # of pictures at once on a CPU, whose caches hold no more; a GPU takes sixteen times as many


def dense(model: nn.Module, section: Section, side: int = SIDE, *, tick: Tick = silent) -> Slice:
    """Return what `model` says at each of side x side places of a plane."""
    return adaptive(model, section, side, step=1, tick=tick)


def coarse(model: nn.Module, section: Section, side: int = SIDE, *, step: int = STEP, tick: Tick = silent) -> Slice:
    """Return what `model` says at every `step`-th place each way, and in between what that lets expect.

    The first look of `adaptive`: of 201 x 201 places it checks 1.7 %.
    """
    return adaptive(model, section, side, step=step, finest=step, tick=tick)


def adaptive(
    model: nn.Module, section: Section, side: int = SIDE, *, step: int = STEP, finest: int = 1, tick: Tick = silent
) -> Slice:
    """Return what `model` says on a plane, asked in detail only where its answer may change.

    A quadtree: of the squares of `step` places each way, those are halved both ways whose corners have different
    labels, those that touch one of these (a guard ring), and those where the margin falls so steeply that it may
    reach zero between the corners; and so on down to single places. At the end each boundary that was met is
    followed as far as it goes. So a label is exact where it was checked and, elsewhere, wrong only within an
    island that no corner of a square has met and no margin has announced: `dense` knows no such thing.

    model : in eval mode; a prepared copy is asked
    step : a power of two; 1: every place is checked
    finest : the size of squares at which it ends, `step` for a coarse first look

    Raises `UserError` for a grid of less than two places, and a step that is no power of two.
    """
    if side < 2 or step < 1 or step & (step - 1) or not 1 <= finest <= step:
        raise UserError(f"A grid of {side} places cannot be looked at in steps of {step}: these are 1, 2, 4, 8, ...")
    sketch = _Sketch(prepare(model), section, side, step, tick)
    sketch.ask(np.ones_like(sketch.known))
    while sketch.pace > finest:
        doubtful = _mixed(sketch.labels)
        if (
            sketch.pace > 2
        ):  # around the smallest squares only single places could hide, and most of the cost lies there
            doubtful = _ring(doubtful) | _steep(sketch.margin)
        sketch.halve()
        sketch.ask(_corners(np.kron(doubtful, np.ones((2, 2), bool))))
    while finest == 1 and step > 1 and sketch.ask(_corners(_mixed(sketch.labels))):
        pass
    for _ in range(finest.bit_length() - 1):
        sketch.halve()
    parts = (sketch.labels, sketch.margin, sketch.confidence, sketch.known)
    labels, margin, confidence, checked = (np.ascontiguousarray(part[:side, :side]) for part in parts)
    return Slice(section, labels, margin, confidence, checked, sketch.asked, step)


class _Sketch:
    """What is known and what is expected on the grid of every `pace`-th place, (n, n) each."""

    def __init__(self, model: nn.Module, section: Section, side: int, pace: int, tick: Tick) -> None:
        self.model, self.section, self.tick, self.asked = model, section, tick, 0
        self.device = next(model.parameters()).device
        n = -(-(side - 1) // pace) + 1  # whole squares, the last ones beyond the grid's edge
        places = np.arange((n - 1) * pace + 1) / (side - 1)
        self.axes = [low + (high - low) * places for low, high in section.window.reshape(2, 2)]
        self.pace, self.labels, self.known = pace, np.zeros((n, n), np.int64), np.zeros((n, n), bool)
        self.margin, self.confidence = np.zeros((n, n), np.float32), np.zeros((n, n), np.float32)

    def halve(self) -> None:
        """Go over to half the pace; what is between two places is expected to be between what they have."""
        known = np.zeros([2 * len(self.known) - 1] * 2, bool)
        known[::2, ::2] = self.known
        self.pace, self.known = self.pace // 2, known
        self.labels = self.labels.repeat(2, 0).repeat(2, 1)[:-1, :-1]
        self.margin, self.confidence = _between(self.margin), _between(self.confidence)

    def ask(self, wanted: Array) -> int:
        """Ask the model at those of the wanted places that are not known; return at how many."""
        rows, columns = np.nonzero(wanted & ~self.known)
        if len(rows):
            at = np.stack([self.axes[0][columns * self.pace], self.axes[1][rows * self.pace]], axis=1)
            said = self._answers(at)
            self.labels[rows, columns] = said[:, 0].astype(np.int64)
            self.margin[rows, columns], self.confidence[rows, columns] = said[:, 1], said[:, 2]
            self.known[rows, columns] = True
            self.asked += len(rows)
        return len(rows)

    def _answers(self, at: Array) -> Array:
        """Return label, margin and confidence at the places (M, 2), (M, 3) float32."""

        def work(rows: slice) -> Tensor:
            self.tick(rows.start, len(at))
            with torch.no_grad():
                logits = self.model(points(self.section, at[rows], self.device))
            top, labels = logits.topk(2, dim=1)
            sure = logits.softmax(1).amax(1)
            return torch.stack([labels[:, 0].to(logits.dtype), top[:, 0] - top[:, 1], sure], dim=1)

        size = BATCH if self.device.type == "cpu" else 16 * BATCH
        said: Array = torch.cat(in_batches(len(at), size, work)).float().cpu().numpy()
        return said


def _cells(values: Array) -> Array:
    """Return the four corners of each square of a grid (n, n), (4, n - 1, n - 1)."""
    return np.stack([values[:-1, :-1], values[:-1, 1:], values[1:, :-1], values[1:, 1:]])


def _corners(cells: Array) -> Array:
    """Return the places that are a corner of one of these squares, (n, n) from (n - 1, n - 1), bool."""
    wide = np.pad(cells, 1)
    return np.asarray(_cells(wide).any(0))


def _ring(cells: Array) -> Array:
    """Return these squares and the eight around each."""
    return np.asarray(_cells(_corners(cells)).any(0))


def _mixed(labels: Array) -> Array:
    """Return the squares whose corners have different labels."""
    corners = _cells(labels)
    return np.asarray((corners != corners[0]).any(0))


def _steep(margin: Array) -> Array:
    """Return the squares whose least margin is below what the margin changes by from corner to corner."""
    corners = _cells(margin)
    return np.asarray(corners.min(0) < np.ptp(corners, axis=0))


def _between(values: Array) -> Array:
    """Return a grid of half the distance, what is new interpolated linearly, (2n - 1, 2n - 1)."""
    for _ in range(2):
        finer = np.empty((2 * len(values) - 1, values.shape[1]), values.dtype)
        finer[::2], finer[1::2] = values, (values[1:] + values[:-1]) / 2
        values = finer.T
    return values
