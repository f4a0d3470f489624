"""A training cut into stretches of epochs, each a task that goes on where the one before it ended."""

import math
import tempfile
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from explorer.attacks.pgd import pgd
from explorer.core.device import best_device, generator
from explorer.core.digest import of_json
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.knobs import fill
from explorer.core.norms import CONVEX, SYMBOLS, Norm
from explorer.core.progress import Tick, silent
from explorer.core.results import Stretched, Struck
from explorer.core.types import Data, Threat
from explorer.data import DATA, data_digest, load_data
from explorer.models import ARCHITECTURES
from explorer.models.build import build
from explorer.training import RECIPES
from explorer.training.loop import Plan, fit
from explorer.work.key import FORMAT
from explorer.work.planes import plane_of
from explorer.work.request import Pairs, Request, unit_of
from explorer.work.sample import Sample, kept
from explorer.work.training.usual import DEPTH, USUAL, Usual

STRETCH = "stretch"
PARTS = 12  # of a training, each drawn when it is there
SIDE = 81  # points of the plane each way
WATCHED = 500  # training and test pictures that each epoch is measured on
STRUCK = 6  # test pictures that are shown
ROOM = 32 * 2**20  # bytes of a checkpoint at most: every stretch leaves one in the cache that all share
KEEPING = ("atta", "atas", "constant_step", "adaptive_target", "reweighted")  # a perturbation of each picture


@dataclass(frozen=True, slots=True)
class Stretch(Sample):
    """Epochs `start` to `stop` of a training; the fields beside a sample's decide it, as the plans of the zoo do."""

    architecture: str = ""
    network: Pairs = ()
    recipe: str = ""
    recipe_knobs: Pairs = ()
    norm: Norm = "linf"
    eps: int = 0
    epochs: int = 1
    rate: float = 0.01
    batch: int = 64
    optimizer: str = "adam"
    pictures: int = 0

    @property
    def training(self) -> dict[str, Any]:
        """What decides the training as a whole, with the digest of its pictures."""
        chosen = {key: value for key, value in asdict(self).items() if key not in ("start", "stop")}
        return chosen | {"train": data_digest(self.data, "train", self.data_knobs)}

    @property
    def key(self) -> str:
        """The name of the computation, which hangs on the training pictures and on the test pictures."""
        test = data_digest(self.data, "test", self.data_knobs)
        return of_json({"stretch": self.training, "epochs": [self.start, self.stop], "test": test, "format": FORMAT})

    @property
    def needs(self) -> tuple["Stretch", ...]:
        """The stretch before."""
        if not self.start:
            return ()
        ends = _ends(self.epochs)
        before = ends.index(self.start)
        return (replace(self, start=ends[before - 1] if before else 0, stop=self.start),)

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.recipe} on {self.data}: epochs {self.start + 1} to {self.stop} of {self.epochs}"


def trainings(request: Request) -> tuple[list[Stretch], list[Stretch]]:
    """Return the stretches of the two trainings that a request asks for.

    Raises `UserError` for a data set that has no usual training, and for what does not go together.
    """
    if request.data not in USUAL:
        raise UserError(f"Training on {request.data} takes a GPU and its time: `explorer train` does it.")
    if request.norm not in CONVEX:
        raise UserError(
            f"A training attacks by gradient steps, which {SYMBOLS[request.norm]} has not: choose another norm."
        )
    asked, usual = dict(request.choices), USUAL[request.data]
    architecture = usual.architecture if asked["architecture"] == "usual" else str(asked["architecture"])
    if len(DATA[request.data].facts["shape"]) != 3 and architecture != "mlp":
        raise UserError(f"{ARCHITECTURES[architecture].title} needs pictures: on points choose the mlp.")
    shared: dict[str, Any] = {
        "data": request.data,
        "data_knobs": request.data_knobs,
        "architecture": architecture,
        "network": _network(architecture, usual, asked),
        "norm": request.norm,
        "eps": request.eps,
        "epochs": int(asked["epochs"]) or usual.epochs,
        "rate": float(asked["rate"]) or usual.rate,
        "batch": usual.batch,
        "optimizer": asked["optimizer"],
        "pictures": int(asked["train_pictures"]) or usual.pictures,
        "seed": request.seed,
    }
    found = []
    for recipe in (str(asked["recipe"]), str(asked["recipe_b"])):
        knobs = {name: asked[f"train_{recipe}_{name}"] for name in RECIPES[recipe].knobs}
        own = shared | {"recipe": recipe, "recipe_knobs": tuple(sorted(knobs.items()))}
        count = shared["pictures"] or DATA[request.data].facts["sizes"]["train"]
        pixels = count * math.prod(DATA[request.data].facts["shape"]) if recipe in KEEPING else 0
        if 4 * pixels + 12 * _parameters(request.data, architecture, shared["network"]) > ROOM:
            raise UserError(
                "This training is too large to be looked on: choose a narrower network or fewer training pictures, or "
                "train by `explorer train`."
            )
        ends = _ends(shared["epochs"])
        found.append(
            [Stretch(STRETCH, model="", start=a, stop=b, **own) for a, b in zip([0, *ends], ends, strict=False)]
        )
    return found[0], found[1]


@lru_cache(maxsize=256)
def _parameters(data: str, architecture: str, network: Pairs) -> int:
    """Return how many numbers a network learns; an optimiser keeps up to two more of each."""
    facts = DATA[data].facts
    with torch.device("meta"):
        model = build(architecture, tuple(facts["shape"]), len(facts["classes"]), dict(network))
    return sum(p.numel() for p in model.parameters())


def _network(architecture: str, usual: Usual, asked: dict[str, Any]) -> Pairs:
    """Return the network's knobs, all of them: the usual ones where it is the usual network, but for what is asked."""
    chosen = dict(usual.network) if architecture == usual.architecture else {}
    for name, value in (("width", asked["width"]), (DEPTH.get(architecture), asked["depth"])):
        chosen |= {name: value} if name and value else {}
    return tuple(sorted(fill(ARCHITECTURES[architecture].knobs, chosen).items()))


def _ends(epochs: int) -> list[int]:
    """Return after which epochs a stretch ends."""
    return sorted({max(1, round(epochs * i / PARTS)) for i in range(1, PARTS + 1)})


def stretch(sample: Sample, tick: Tick = silent) -> Stretched:
    """Train over a stretch of epochs, from where the stretch before it ended."""
    if not isinstance(sample, Stretch):
        raise TypeError("a training is cut into stretches")
    entry, device = DATA[sample.data], best_device()
    train, test = (load_data(sample.data, split, tick=tick, **dict(sample.data_knobs)) for split in ("train", "test"))
    if sample.pictures:
        train = Data(train.x[: sample.pictures], train.y[: sample.pictures], train.classes)
    shape: tuple[int, ...] = entry.facts["shape"]
    model = build(
        sample.architecture, shape, len(train.classes), dict(sample.network), rng=generator(sample.seed), pixels=train.x
    ).to(device)
    model = model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    threat = Threat(sample.norm, sample.eps / unit_of(sample.data, sample.norm))
    plan = Plan(sample.epochs, sample.rate, sample.batch, sample.optimizer, watch=WATCHED)
    loss = partial(RECIPES[sample.recipe].run, **dict(sample.recipe_knobs))
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "checkpoint.safetensors"
        for before in sample.needs:
            checkpoint.write_bytes(kept(before, stretch, tick).checkpoint.tobytes())
        steps = -(-len(train) // sample.batch)
        trained = fit(
            model, train, test, loss, threat, plan, seed=sample.seed, tick=_within(tick, sample, steps),
            checkpoint=checkpoint, origin=of_json(sample.training), until=sample.stop,
        )  # fmt: skip
        blob = np.frombuffer(checkpoint.read_bytes(), np.uint8)
    model.eval()
    rows = trained.history
    history = {name: np.array([row[name] for row in rows], np.float64) for name in rows[0]}
    points = len(shape) != 3
    return Stretched(
        history=history,
        epochs=sample.epochs,
        watched=min(WATCHED, len(test)),
        checkpoint=blob,
        seconds=trained.seconds,
        plane=plane_of(model, device, SIDE) if points else None,
        struck=None if points else _struck(model, test, threat, sample.seed),
    )


def _within(tick: Tick, sample: Stretch, steps: int) -> Tick:
    """Return a tick that tells of the stretch alone how far it is, and of the training which epoch it is in."""

    def told(done: int, total: int, note: str = "") -> None:
        assert total == sample.epochs * steps
        tick(done - sample.start * steps, (sample.stop - sample.start) * steps, f"{sample.recipe}, {note}")

    return told


def _struck(model: nn.Module, test: Data, threat: Threat, seed: int) -> Struck:
    """Return the first test pictures of as many classes as are shown, under ten steps of PGD."""
    device = next(model.parameters()).device
    firsts = [int((test.y == c).nonzero()[0]) for c in range(len(test.classes))][:STRUCK]
    x, y = test.x[firsts].to(device), test.y[firsts].to(device)
    x_adv = pgd(model, x, Goal(y), threat, steps=10, step=0.25, rng=generator(seed, device))
    with torch.no_grad():
        said, said_adv = model(x).argmax(1), model(x_adv).argmax(1)
    arrays = (x, x_adv, y, said, said_adv)
    return Struck(*(value.detach().cpu().contiguous().numpy() for value in arrays))
