"""Layer-wise relevance propagation."""

import copy
from typing import Annotated

from captum.attr import LRP
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule, IdentityRule
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from explorer.attribution import Attributed, method
from explorer.attribution._layers import Heard, listen, refuse_strangers
from explorer.attribution._score import Score
from explorer.attribution.target import Target
from explorer.core.knobs import Choice
from explorer.models import _layers as ours
from explorer.models.build import Normalise

RULES = {"gamma": GammaRule, "epsilon": EpsilonRule, "positive": Alpha1_Beta0_Rule}
WEIGHTED = {nn.Conv2d, nn.Linear}
PLAIN = {nn.Flatten, nn.Identity, nn.BatchNorm2d, ours.Reshape, ours.Permute, ours.Sum}
SIGNED = {nn.BatchNorm2d, nn.Identity, nn.Dropout, nn.AvgPool2d, nn.AdaptiveAvgPool2d, nn.MaxPool2d}  # keep signs
KNOWN = {*WEIGHTED, *PLAIN, Normalise, nn.ReLU, nn.Tanh, nn.Dropout} | {
    *(nn.MaxPool2d, nn.AvgPool2d, nn.AdaptiveAvgPool2d)
}
TITLE = "Layer-wise relevance propagation"


@method(TITLE, signed=True, paper="doi:10.1371/journal.pone.0130140", needs=("logits",), sums=True)
def lrp(
    score: Score,
    x: Tensor,
    *,
    rule: Annotated[str, Choice(tuple(RULES), "how a layer's relevance is shared among its inputs")] = "gamma",
) -> Attributed:
    """Share the logit out among the inputs of each layer, from the last to the first.

    gamma : positive weights count a quarter more; positive : they alone count (α1β0); epsilon : plain shares,
    which in a network of ReLUs is gradient times (normalised) input. Branches that are added get plain shares of the
    sum, and so do the inputs of the layers that give them, whose sign is not known: a rule for positive outputs would
    divide by nearly nothing. Batch norm is folded into the convolution whose output it alone takes, and gives plain
    shares elsewhere; the normalisation passes relevance through. A map sums to the logit but for what biases take, and
    the shifts of batch norms.

    References
    ----------
    Bach et al. 2015, doi:10.1371/journal.pone.0130140, eq. (58) epsilon, (60) positive; Montavon et al. 2019,
    doi:10.1007/978-3-030-28954-6_10, sec. 10.2 gamma.
    """
    refuse_strangers(TITLE, listen(score.model, x), KNOWN, ())
    score.expect(5)
    promised = score.at(x)

    def of_logit(labels: Tensor) -> Tensor:
        ruled = Score(_ruled(score.model, x, rule), Target(labels), score.limit, score.tick)
        relevance: Tensor = LRP(ruled).attribute(x, additional_forward_args=ruled.args)
        return relevance.detach()

    maps = of_logit(score.target.labels)
    if score.target.against is not None:
        maps = maps - of_logit(score.target.against)
    return maps, promised


def _ruled(model: nn.Module, x: Tensor, rule: str) -> nn.Module:
    """Return a copy of the network, batch norm folded, each layer with its rule; without one where Captum knows it."""
    own = copy.deepcopy(model)
    heard = listen(own, x)
    branches = _branches(heard)
    for layer in heard.layers:
        if type(layer) in WEIGHTED:
            layer.rule = EpsilonRule() if layer in branches else RULES[rule]()
        elif type(layer) in PLAIN:
            layer.rule = EpsilonRule()
        elif isinstance(layer, Normalise):
            layer.rule = IdentityRule()
    names = {layer: name for name, layer in own.named_modules()}
    for layer, taken in zip(heard.layers, heard.taken, strict=True):
        source = heard.giver(taken[0])
        if isinstance(layer, nn.BatchNorm2d) and isinstance(source, nn.Conv2d) and heard.takers(taken[0]) == 1:
            own.set_submodule(names[source], fuse_conv_bn_eval(source, layer))
            own.set_submodule(names[layer], passed := nn.Identity())
            passed.rule = EpsilonRule()
    return own


def _branches(heard: Heard) -> set[nn.Module]:
    """Return the layers with weights whose output comes to a sum with its sign, through no activation."""
    found = set()
    taken = dict(zip(heard.layers, heard.taken, strict=True))
    behind = [tensor for layer in heard.layers if type(layer) is ours.Sum for tensor in taken[layer]]
    while behind:
        layer = heard.giver(behind.pop())
        if layer is not None and type(layer) in WEIGHTED:
            found.add(layer)
        elif layer is not None and type(layer) in SIGNED:
            behind += taken[layer]
    return found
