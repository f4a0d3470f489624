"""Layer-wise relevance propagation."""

from typing import Annotated

from captum.attr import LRP
from captum.attr._utils.lrp_rules import Alpha1_Beta0_Rule, EpsilonRule, GammaRule, IdentityRule
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from explorer.attribution import Attributed, method
from explorer.attribution._layers import Heard, listen, refuse_strangers
from explorer.attribution._score import Score
from explorer.attribution.target import Target
from explorer.core.errors import Unsuited
from explorer.core.knobs import Choice
from explorer.models import _layers as ours
from explorer.models.build import Normalise

RULES = {"gamma": GammaRule, "epsilon": EpsilonRule, "positive": Alpha1_Beta0_Rule}
WEIGHTED = {nn.Conv2d, nn.Linear}
PASSED = {nn.Flatten, ours.Reshape, ours.Permute}
KNOWN = {*WEIGHTED, *PASSED, Normalise, nn.BatchNorm2d, nn.ReLU, nn.Tanh, nn.Dropout} | {
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
    which in a network of ReLUs is gradient times (normalised) input. Batch norm is folded into the convolution
    before it, and the normalisation passes relevance through. A map sums to the logit but for what biases take.
    For chains of layers: a sum of branches has no rule in Captum.

    References
    ----------
    Bach et al. 2015, doi:10.1371/journal.pone.0130140, eq. (58) epsilon, (60) positive; Montavon et al. 2019,
    doi:10.1007/978-3-030-28954-6_10, sec. 10.2 gamma.
    """
    heard = listen(score.model, x)
    refuse_strangers(TITLE, heard, KNOWN, ())
    score.expect(5)
    promised = score.at(x)

    def of_logit(labels: Tensor) -> Tensor:
        chain = Score(_chain(heard, rule), Target(labels), score.limit, score.tick)
        relevance: Tensor = LRP(chain).attribute(x, additional_forward_args=chain.args)
        return relevance.detach()

    maps = of_logit(score.target.labels)
    if score.target.against is not None:
        maps = maps - of_logit(score.target.against)
    return maps, promised


def _chain(heard: Heard, rule: str) -> nn.Sequential:
    """Return the layers in their order, batch norm folded, each with its rule."""
    layers: list[nn.Module] = []
    for layer in heard.layers:
        if isinstance(layer, nn.BatchNorm2d):
            if not layers or not isinstance(layers[-1], nn.Conv2d):
                raise Unsuited(f"{TITLE} has no rule for a batch norm that follows no convolution.")
            layers[-1] = fuse_conv_bn_eval(layers[-1], layer)
        else:
            layers.append(layer)
    for layer in layers:
        if type(layer) in WEIGHTED:
            layer.rule = RULES[rule]()
        elif type(layer) in PASSED:
            layer.rule = EpsilonRule()
        elif isinstance(layer, Normalise):
            layer.rule = IdentityRule()
    return nn.Sequential(*layers)
