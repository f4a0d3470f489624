"""Whether a map hangs on what the network learnt."""

import copy
import math

import torch
from torch import Generator, Tensor, nn

from explorer.attribution._layers import listen
from explorer.attribution.measures import measure
from explorer.attribution.measures.case import Case
from explorer.attribution.similarity import rank_correlation, ssim
from explorer.core.errors import UserError
from explorer.core.progress import Tick, part, silent

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d)


def _places(case: Case) -> list[str]:
    """Return what is random at each place of a curve: the layer that was drawn last."""
    return ["none", *(name for name, _ in stages_of(copy.deepcopy(case.model), case.x))]


@measure(
    "Model-parameter randomisation",
    values={
        "half": "rank correlation of the magnitudes, half of the layers random",
        "all": "rank correlation of the magnitudes, all layers random",
    },
    curves={
        "rank_size": "rank correlation of the magnitudes",
        "rank": "rank correlation of the values",
        "ssim": "structural similarity (SSIM)",
    },
    paper="arXiv:1810.03292",
    needs=("pictures",),
    places=_places,
)
def randomisation(case: Case, *, rng: Generator, tick: Tick = silent) -> dict[str, Tensor]:
    """Draw the weights anew, layer by layer from the logits down, and compare each network's maps with the true ones.

    The class explained stays the one that the trained network says. Place k of a curve has the k layers nearest to the
    logits random, place 0 is the network itself. A map that stays alike all the way down does not tell what the network
    learnt; one that changes may still be a bad one. Each convolution and linear layer is drawn as torch draws new ones,
    and the batch norms behind it are set back with it.

    References
    ----------
    Adebayo et al. 2018, arXiv:1810.03292, sec. 3 and 4.1, cascading randomisation.
    """
    own = copy.deepcopy(case.model)
    stages = [layers for _, layers in stages_of(own, case.x)]
    labels, whole = case.winners, len(stages) + 1
    intact = case.maps(labels, part(tick, 0, 1, whole))
    found: dict[str, list[Tensor]] = {"rank_size": [], "rank": [], "ssim": []}
    for k in range(whole):
        maps = intact
        if k:
            for layer in stages[k - 1]:
                redraw(layer, rng)
            maps = case.maps(labels, part(tick, k, 1, whole), model=own)
        for name, alike in compared(intact, maps).items():
            found[name].append(alike)
    curves = {name: torch.stack(column, 1) for name, column in found.items()}  # (N, K)
    sizes = curves["rank_size"]
    return {"half": sizes[:, (len(stages) + 1) // 2], "all": sizes[:, -1]} | curves


def compared(a: Tensor, b: Tensor) -> dict[str, Tensor]:
    """Return how alike each pair of maps is, in three ways."""
    return {"rank_size": rank_correlation(a.abs(), b.abs()), "rank": rank_correlation(a, b), "ssim": ssim(a, b)}


def stages_of(model: nn.Module, x: Tensor) -> list[tuple[str, list[nn.Module]]]:
    """Return the layers that are drawn anew, those nearest to the logits first: names, and each with its batch norms.

    `model` must be the caller's own, as it is listened to.
    """
    names = {layer: name.removeprefix("net.") for name, layer in model.named_modules()}
    found: list[tuple[str, list[nn.Module]]] = []
    norms: list[nn.Module] = []
    for layer in reversed(list(dict.fromkeys(listen(model, x).layers))):
        if isinstance(layer, NORMS):
            norms.append(layer)
        elif isinstance(layer, nn.Linear | nn.Conv2d):
            found.append((names[layer], [*norms, layer]))
            norms = []
    if not found:
        raise UserError("This network has no layer whose weights could be drawn anew.")
    return found


def redraw(layer: nn.Module, rng: Generator) -> None:
    """Give a layer the weights of a new one, in place."""
    if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
        layer.reset_parameters()  # no chance in it
        return
    weight = layer.get_parameter("weight")
    bound = 1 / math.sqrt(weight[0].numel())  # torch's kaiming_uniform_ with a = sqrt(5)
    for parameter in layer.parameters():
        drawn = torch.empty(parameter.shape, device=rng.device).uniform_(-bound, bound, generator=rng)
        parameter.data.copy_(drawn)
