"""A piece of an evaluation: some test pictures, one model, one attack, a ladder of budgets. A task of its own."""

from dataclasses import asdict, dataclass

from explorer.core.digest import of_json
from explorer.core.norms import Norm
from explorer.data import DATA, data_digest
from explorer.models.zoo import weights_digest
from explorer.work.key import FORMAT
from explorer.work.request import Pairs, Request
from explorer.work.sample import Sample

SIZE = 100  # pictures in a piece
SHARED = ("data", "data_knobs", "attack", "knobs", "norm", "eps", "seed")  # with the request


@dataclass(frozen=True, slots=True)
class Piece:
    """Pictures `start` to `stop` of the test set under an attack on one model. Cut by `cut`, from checked choices.

    page : what is to be found: "judge", "transfer" or "probe", each a file of its own
    budgets : rising, in units of the data set (in l0 pixels); `eps` is the chosen one
    others : the models that are shown what was made on this one
    """

    page: str
    data: str
    data_knobs: Pairs
    model: str
    attack: str
    knobs: Pairs
    norm: Norm
    eps: int
    budgets: tuple[int, ...]
    seed: int
    start: int
    stop: int
    others: tuple[str, ...] = ()
    upload: str = ""

    @property
    def key(self) -> str:
        """The name of the computation: equal for two pieces exactly when their results are."""
        digests = [weights_digest(name) for name in (self.model, *self.others)]
        digests.append(data_digest(self.data, "test", self.data_knobs))
        return of_json(asdict(self) | {"digests": digests, "format": FORMAT})

    def address(self) -> str:
        """Return words for the log."""
        return f"{self.page}: pictures {self.start} to {self.stop} of {self.data}, {self.attack} on {self.model}"


Asked = Request | Piece | Sample  # what the engine runs


def cut(request: Request, model: str, n: int, page: str = "judge", **changes: object) -> list[Piece]:
    """Return the pieces of the first `n` test pictures on one model, as the request says but for some changes."""
    n = min(n, DATA[request.data].facts["sizes"]["test"])
    chosen: dict[str, object] = {name: getattr(request, name) for name in SHARED} | {"budgets": (request.eps,)}
    chosen |= changes
    return [
        Piece(page=page, model=model, start=start, stop=min(start + SIZE, n), **chosen)  # type: ignore[arg-type]
        for start in range(0, n, SIZE)
    ]
