"""One model's feature space: what is measured in it, and maps of it."""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache

import numpy as np
from distributed import get_worker

from explorer.core.errors import Unsuited
from explorer.core.progress import Tick, silent
from explorer.core.results import Array, Featured, Placed, Refused, Space
from explorer.features import compiled, projection
from explorer.features.neighbours import agreement, between_classes, moved, nearest, shared
from explorer.work.embedding.attacked import SHARED, Attacked, chosen, cut, joined
from explorer.work.request import Request
from explorer.work.sample import Sample

UMAP = ("n_neighbors", "min_dist", "map_seed")  # its knobs


@dataclass(frozen=True, slots=True)
class Spaced(Attacked):
    """The first `stop` test pictures in a model's space; k : of how many neighbours is spoken."""

    k: int = 10

    @property
    def needs(self) -> tuple[Attacked, ...]:
        """The pieces that it is made of."""
        return cut(self.stop, self.model, self.space, **{name: getattr(self, name) for name in SHARED})


@dataclass(frozen=True, slots=True)
class Mapped(Spaced):
    """The same, mapped by UMAP, whose knobs these are."""

    n_neighbors: int = 15
    min_dist: float = 0.1
    map_seed: int = 0


def space_of(request: Request, model: str, n: int) -> Spaced:
    """Return what is to be measured of the first `n` pictures, as the request says."""
    asked = dict(request.choices)
    space, k = str(asked["space"]), int(asked["k"])
    return Spaced("space", model=model, start=0, stop=n, space=space, k=k, **chosen(request))


def map_of(request: Request, model: str, n: int) -> Mapped:
    """Return the UMAP of the first `n` pictures, as the request says."""
    asked, shared = dict(request.choices), space_of(request, model, n)
    return Mapped(**asdict(shared) | {"page": "umap"} | {name: asked[name] for name in UMAP})


def spaced(sample: Sample, tick: Tick = silent) -> Space | Refused:
    """Return what is measured in a space, with its principal axes; or why the model has no such space."""
    if not isinstance(sample, Spaced):
        raise TypeError("a space is that of the pictures of a `Spaced`")
    try:
        found = joined(sample.needs, sample.space, tick)
        space = _measured(found, sample.k)
    except Unsuited as error:
        return Refused(str(error))
    _warm_up()
    return space


def mapped(sample: Sample, tick: Tick = silent) -> Placed | Refused:
    """Return the UMAP of a space; or why the model has no such space."""
    if not isinstance(sample, Mapped):
        raise TypeError("a map is that of a `Mapped`")
    try:
        found = joined(sample.needs, sample.space, tick)
        return projection.placed(fitted(sample, tick), found.clean, found.attacked, sample.k)
    except Unsuited as error:
        return Refused(str(error))


def fitted(sample: Spaced, tick: Tick) -> projection.Projection:
    """Return the map that was fitted on the clean pictures: by UMAP where the sample says so, else by PCA."""
    joined(sample.needs, sample.space, tick)  # the long part, which can be cancelled
    if isinstance(sample, Mapped):
        with compiled.alone(tick):  # as can the wait for the compiler
            tick(0, 1, "fitting the map")
    return _fitted(replace(sample, k=0))  # a map hangs on no number of neighbours


@lru_cache(4)  # who looks at one picture's way through a map looks at another's next
def _fitted(sample: Spaced) -> projection.Projection:
    clean = joined(sample.needs, sample.space, silent).clean
    if isinstance(sample, Mapped):
        return projection.umap(clean, sample.n_neighbors, sample.min_dist, sample.map_seed)
    return projection.pca(clean)


def _measured(found: Featured, k: int) -> Space:
    clean, attacked, labels = found.clean, found.attacked, found.labels
    before, after = nearest(clean, clean, k), nearest(attacked, clean, k)
    return Space(
        size=clean.shape[1],
        neighbours=before.shape[1],
        labels=labels,
        said=found.logits.argmax(1),
        said_adv=found.logits_adv.argmax(1),
        margin=_margin(found.logits, labels),
        margin_adv=_margin(found.logits_adv, labels),
        moved=moved(clean, attacked),
        between=between_classes(clean, labels),
        agree=agreement(before, labels),
        agree_adv=agreement(after, labels),
        kept=shared(before, after),
        pca=projection.placed(projection.pca(clean), clean, attacked, k),
    )


def _margin(logits: Array, labels: Array) -> Array:
    """Return the probability of the true class less the largest other, (N,)."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(1, keepdims=True))
    p = shifted / shifted.sum(1, keepdims=True)
    rows = np.arange(len(p))
    own = p[rows, labels]
    p[rows, labels] = -np.inf
    return np.asarray(own - p.max(1), np.float32)


def _warm_up() -> None:
    """Make a worker ready for UMAP, which who sees principal axes may ask for next."""
    try:
        get_worker()
    except ValueError:  # no worker of a cluster: whoever asks waits for it anyway
        return
    compiled.warm_up()
