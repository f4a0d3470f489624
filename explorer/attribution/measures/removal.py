"""What becomes of the answer as a map's first pixels leave the picture, or come into it."""

from typing import Annotated

import torch
from torch import Generator, Tensor

from explorer.attribution._baselines import CHOICE, baseline_of
from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.core.knobs import Whole
from explorer.core.progress import Tick, part, silent


@measure(
    "Deletion and insertion",
    values={"deletion": "area under the deletion curve", "insertion": "area under the insertion curve"},
    curves={"deleted": "probability as pixels leave", "inserted": "probability as pixels come"},
    paper="arXiv:1806.07421",
    needs=("pictures",),
)
def removal(
    case: Case,
    *,
    steps: Annotated[int, Whole(2, 200, "steps from the whole picture to none")] = 28,
    empty: Annotated[str, CHOICE] = "black",
    rng: Generator,
    tick: Tick = silent,
) -> dict[str, Tensor]:
    """Take away the pixels that the map names first, or put them into a blurred picture, and ask for the probability.

    The order is that of the map's values, summed over channels, from the largest: for a signed map first what speaks
    for the class that the model says. The curves are that class' softmax probability; their areas are from 0 to 1, low
    for a deletion and high for an insertion where the map names what the model uses. The pictures on the way are unlike
    any that the model was trained on, so the answer may change for that alone.

    References
    ----------
    Petsiuk et al. 2018, arXiv:1806.07421, sec. 3.2.
    """
    n, _, height, width = case.x.shape
    maps = case.maps(case.winners, part(tick, 0, 1, 3)).sum(1).flatten(1)  # (N, H·W)
    place = maps.argsort(dim=1, descending=True, stable=True).argsort(1).view(n, 1, height, width)
    nothing, blurred = (baseline_of(kind, case.x, rng) for kind in (empty, "blurred"))
    curves: dict[str, list[Tensor]] = {"deleted": [], "inserted": []}
    for step in range(steps + 1):
        part(tick, 1, 2, 3)(step, steps + 1)
        chosen = place < round(step * height * width / steps)
        for name, x in (
            ("deleted", nothing.where(chosen, case.x)),
            ("inserted", case.x.where(chosen, blurred)),
        ):
            p = case.logits(x).double().softmax(1)
            curves[name].append(p.gather(1, case.winners[:, None])[:, 0])
    found = {name: torch.stack(curve, 1) for name, curve in curves.items()}  # (N, steps + 1)
    areas = {name: torch.trapezoid(curve, dx=1 / steps, dim=1) for name, curve in found.items()}
    return {"deletion": areas["deleted"], "insertion": areas["inserted"]} | found
