"""Views made by hand: the logits are given, so every figure, sentence and table is known beforehand."""

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from explorer.core.results import AttackResult, AttackView, Control, Plane
from explorer.figures.setting import Setting

Rows = Sequence[Sequence[float]]
EPS = 8 / 255
LENGTHS = {"linf": np.inf, "l2": 2, "l1": 1}


def attacked(
    logits: Rows,
    *,
    goal: int = 0,
    targeted: bool = False,
    shape: tuple[int, ...] = (3, 8, 8),
    path: bool = True,
    seed: int = 0,
) -> AttackResult:
    """Return an attack whose clean logits are the first row and whose iterates say the others.

    The outcome is the iterate of smallest margin, or the last row where no path is kept.
    """
    rng = np.random.default_rng(seed)
    z = np.asarray(logits, np.float32)
    x = rng.random(shape, np.float32)
    moved = x + rng.uniform(-EPS, EPS, (len(z) - 1, *shape)).astype(np.float32)
    xs = moved.clip(0, 1)
    own = z[1:, goal] - np.delete(z[1:], goal, axis=1).max(1)
    margin = -own if targeted else own
    best = int(margin.argmin()) if path else -1
    size = {norm: np.linalg.norm((xs - x).reshape(len(xs), -1), order, axis=1) for norm, order in LENGTHS.items()}
    kept = {"x": xs[:, None], "logits": z[1:, None], "loss": -margin[:, None], "margin": margin[:, None]}
    kept["kept"] = np.arange(len(xs))
    return AttackResult(
        x=x[None],
        x_adv=xs[best][None],
        logits=z[:1],
        logits_adv=z[1:][best][None],
        labels=np.array([goal]),
        targeted=targeted,
        success=np.array([(z[1:][best].argmax() == goal) == targeted]),
        distance={norm: value[best : best + 1] if path else value[-1:] for norm, value in size.items()},
        images=len(xs),
        seconds=0.1,
        path=kept | {"distance": size["linf"][:, None]} if path else {},
    )


def noise(changed: int, like: AttackResult, copies: int = 100) -> Control:
    """Return noise that changes the answer in so many of its copies, to the second class."""
    logits = like.logits.repeat(copies, 0)
    logits[:changed, 1] = logits.max() + 1
    return Control(np.arange(copies) < changed, np.full(copies, EPS, np.float32), logits, like.x[0])


def flat(count: int, side: int = 11) -> Plane:
    """Return a plane whose first class wins on the left, the last on the right, equally likely at 0.5."""
    across = np.linspace(0, 1, side)
    p = np.full((side, side, count), 1e-3)
    p[..., 0], p[..., -1] = 1 - across[None, :], across[None, :]
    return Plane((p / p.sum(-1, keepdims=True)).astype(np.float32))


HELD: Rows = [[4, 1, 0], [3, 1, 0], [1, 0, 0.5]]
FELL: Rows = [[5, 0, 1], [4, 1, 1], [1, 2, 0], [-1, 6, 0], [0, 5, 1]]


@pytest.fixture(scope="session")
def hand() -> SimpleNamespace:
    """Return the pieces that views are made of."""
    return SimpleNamespace(attacked=attacked, noise=noise, flat=flat, eps=EPS, held=HELD, fell=FELL)


@pytest.fixture(scope="session")
def make() -> Callable[..., AttackView]:
    """Return the maker of views; as it is, model A falls at step 1 and model B holds."""

    def view(a: Rows = FELL, b: Rows = HELD, *, label: int = 0, changed: int = 0, **how: Any) -> AttackView:
        first, second = attacked(a, **how), attacked(b, **how)
        planes = (flat(len(a[0])), flat(len(a[0]))) if first.x.ndim == 2 else (None, None)
        transfer = np.asarray(a[-1], np.float32), np.asarray(b[0], np.float32)
        return AttackView(label, first, second, *transfer, noise(changed, first), noise(0, second), *planes)

    return view


@pytest.fixture(scope="session")
def setting() -> Setting:
    return Setting(("cat", "dog", "eel"), ("standard", "robust"), "linf", 8, 255)
