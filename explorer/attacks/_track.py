"""What an iterative attack has found so far, per image; and who still needs work."""

import time
from collections.abc import Callable

import torch
from torch import Tensor

from explorer.core.goals import Goal
from explorer.core.norms import Norm, length

FRAMES = 256  # a path keeps this many pictures, or up to twice as many
ROUNDING = 1e-5  # of the largest logit: by so much a prepared model may differ from the plain one that judges


class Track:
    """The strongest iterate of every image, the images still in play, and the path.

    An attack shows each iterate with its logits to `see`, which answers which of the shown images
    need more work; the attack then drops the others from its state. Strongest: smallest margin; of a
    search for the `smallest` change: the shortest that reaches the goal, until one does the smallest margin.

    x : (N, ...) the clean images
    stop : drop an image as soon as its goal is reached (a success stays a success); a search for the
        smallest change drops none, and may itself let some go by `leave`
    keep : note the numbers of every iterate for a replay, and its picture, of long paths every second,
        every fourth, ..., always with that at which a goal is first reached
    spent : tells how many images have passed through the model so far, for the cost of each `stage`
    """

    def __init__(
        self,
        x: Tensor,
        goal: Goal,
        norm: Norm,
        *,
        stop: bool = True,
        keep: bool = False,
        smallest: bool = False,
        spent: Callable[[], int] = lambda: 0,
    ) -> None:
        self.x, self.goal, self.norm, self.keep = x, goal, norm, keep
        self.stop, self.smallest = stop and not smallest, smallest
        self.best = x.clone()
        self.margin = torch.full((len(x),), float("inf"), device=x.device)
        self.size = torch.full((len(x),), float("inf"), device=x.device)  # of the shortest that reaches the goal
        self.open = torch.arange(len(x), device=x.device)  # the images in play
        self.path: list[dict[str, Tensor]] = []  # the numbers of every iterate
        self.pictures: dict[int, Tensor] = {}  # some of the iterates, by their place in the path
        self._last: dict[str, Tensor] = {}
        self._stride, self._first = 1, -1
        self._spent, self._marks = spent, list[tuple[str, int, int, float]]()

    def see(self, x_t: Tensor, logits: Tensor) -> Tensor:
        """Note the iterates (M, ...) of the M images in play; return who stays in play, (M,) bool."""
        margin = self.goal[self.open].margin(logits)
        better = margin < self.margin[self.open]
        if self.smallest:
            reached = surely(self.goal[self.open], logits)
            size = length(x_t - self.x[self.open], self.norm).where(reached, float("inf"))
            known = self.size[self.open]
            better = torch.where(known.isinf() & size.isinf(), better, size < known)
            self.size[self.open] = size.minimum(known)
        rows = better.nonzero()[:, 0]  # whole rows by their numbers: several times as fast as by a mask
        chosen = self.open[rows]
        self.best.index_copy_(0, chosen, x_t.index_select(0, rows))
        self.margin.index_copy_(0, chosen, margin.index_select(0, rows))
        if self.keep:
            frame = numbers(self.x[self.open], x_t, logits, self.goal[self.open], self.norm)
            self._note(_over(self._last, self.open, frame) if self._last else frame)
        if not self.stop:
            return torch.ones_like(better)
        stays = margin >= 0
        self.open = self.open[stays]
        return stays

    def leave(self, gone: Tensor) -> None:
        """Take some of the images in play, (M,) bool, out of it."""
        self.open = self.open[~gone]

    def play(self, rows: Tensor) -> None:
        """Put these images, and no others, in play; (M,) int64."""
        self.open = rows

    def stage(self, name: str) -> None:
        """Begin a stage of an attack that has several: those that stand, and no others, are in play (`stop` or not)."""
        self.open = (self.margin >= 0).nonzero()[:, 0]
        self._mark(name)

    def stages(self) -> dict[str, tuple[float, float, float]]:
        """Return of each stage how many images it broke, how many passed through the model, and its seconds."""
        self._mark("")
        pairs = zip(self._marks, self._marks[1:], strict=False)
        return {
            name: (then - broken, after - images, end - start)
            for (name, broken, images, start), (_, then, after, end) in pairs
        }

    def _mark(self, name: str) -> None:
        self._marks.append((name, int((self.margin < 0).sum()), self._spent(), time.perf_counter()))

    def restart(self) -> Tensor:
        """Put every image that is not yet broken (without `stop`: every image) in play; return them."""
        if self.stop:
            self.open = (self.margin >= 0).nonzero()[:, 0]
        return self.open

    def replay(self, rest: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """Return the path of a larger batch, of which `x` was `rows` and the others stay at `rest`.

        Numbers (T, ...) of every iterate; "x" (F, ...) of those named by "kept" (F,), the last among them.
        """
        if not self.path:
            return {}
        pictures = self.pictures | {len(self.path) - 1: self._last["x"]}
        names = [name for name in rest if name != "x"]
        found = {
            name: torch.stack([rest[name].index_copy(0, rows, frame[name]) for frame in self.path]) for name in names
        }
        found["x"] = torch.stack([rest["x"].index_copy(0, rows, x) for x in pictures.values()])
        return found | {"kept": torch.tensor(list(pictures))}

    def _note(self, frame: dict[str, Tensor]) -> None:
        step = len(self.path)
        first = self._first < 0 and bool((frame["margin"] < 0).any())
        if first:
            self._first = step
        if first or step % self._stride == 0:
            self.pictures[step] = frame["x"]
        if len(self.pictures) > 2 * FRAMES:
            self._stride *= 2
            self.pictures = {s: x for s, x in self.pictures.items() if s % self._stride == 0 or s == self._first}
        self.path.append({name: value for name, value in frame.items() if name != "x"})
        self._last = frame


def surely(goal: Goal, logits: Tensor) -> Tensor:
    """Return which images have reached the goal whatever the rounding, (N,) bool; a search ends near the boundary."""
    return ahead(goal, logits) < 0


def ahead(goal: Goal, logits: Tensor) -> Tensor:
    """Return how far the margin is above where the goal is surely reached, (N,)."""
    return goal.margin(logits) + ROUNDING * logits.abs().amax(1)


def numbers(x: Tensor, x_t: Tensor, logits: Tensor, goal: Goal, norm: Norm) -> dict[str, Tensor]:
    """Return one frame of a path: the iterates of `x` and what is measured of them, (N, ...) each."""
    return {
        "x": x_t.clone(),
        "logits": logits,
        "loss": goal.loss(logits),
        "margin": goal.margin(logits),
        "distance": length(x_t - x, norm),
    }


def _over(frame: dict[str, Tensor], rows: Tensor, part: dict[str, Tensor]) -> dict[str, Tensor]:
    """Return the frame with some rows replaced."""
    return {name: value.index_copy(0, rows, part[name]) for name, value in frame.items()}
