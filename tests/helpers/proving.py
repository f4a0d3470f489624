"""What the tests of certificates share: networks to prove things of, and points of a ball."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from explorer.certificates.network import Network, read
from explorer.core.device import generator
from explorer.core.norms import length, random_in_ball, steepest
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.zoo import card, load_model


@dataclass(frozen=True)
class Subject:
    """A model, pictures that it classifies as `y`, and a radius at which some of them are certified."""

    name: str
    model: nn.Module
    x: Tensor
    y: Tensor
    eps: float

    @property
    def net(self) -> Network:
        return read(self.model, self.x.shape[1:])

    def radius(self, norm: str) -> float:
        """Return a radius of like reach in a norm."""
        return self.eps * {"linf": 1.0, "l2": 1.5, "l1": 2.0}[norm]


def trained(name: str, count: int, eps: float) -> Subject:
    model, data = load_model(name), load_data(card(name)["data"])
    right = (model(data.x[:100]).argmax(1) == data.y[:100]).nonzero()[:count, 0]
    return Subject(name, model, data.x[right], data.y[right], eps)


def untrained(name: str, shape: tuple[int, ...], knobs: dict[str, object], eps: float) -> Subject:
    model = build(
        name, shape, 4, knobs, rng=generator(0), pixels=torch.rand((9, *shape), generator=generator(2))
    ).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):  # as if it had seen something
            module.running_mean.uniform_(-0.5, 0.5, generator=generator(3))
            module.running_var.uniform_(0.5, 2.0, generator=generator(4))
    x = torch.rand((3, *shape), generator=generator(1))
    return Subject(f"{name}-{knobs.get('down', '')}", model, x, model(x).argmax(1), eps)


def small_cnn(down: str, shape: tuple[int, ...] = (2, 9, 8), eps: float = 0.01) -> Subject:
    """Return an untrained network with batch norm that halves planes in one of three ways, with edges that overhang."""
    return untrained("cnn", shape, {"width": 3, "stages": 2, "hidden": 7, "down": down, "batchnorm": True}, eps)


def residual() -> Subject:
    return untrained("resnet", (2, 8, 8), {"width": 2, "depth": 1}, 0.002)


SUBJECTS = {
    "toy": lambda: trained("toy-pgd", 6, 0.06),
    "digits": lambda: trained("digits-pgd", 4, 0.04),
    "stride": lambda: small_cnn("stride"),
    "average": lambda: small_cnn("average"),
    "max": lambda: small_cnn("max"),
    "residual": residual,
}


def points(x: Tensor, norm: str, eps: float, count: int, rng: torch.Generator) -> Tensor:
    """Return points (count, ...) of the ball around x in the box: half of them inside, half at corners and edges."""
    wide = x.expand(count // 2, *x.shape)
    inside = random_in_ball(wide, norm, eps, rng)
    far = {
        "linf": lambda: inside.sign() * eps,
        "l2": lambda: inside * (eps / length(inside, "l2").clamp_min(1e-12)).view(-1, *[1] * x.ndim),
        "l1": lambda: steepest(inside * torch.rand(inside.shape, generator=rng), "l1") * eps,
    }[norm]()
    return (torch.cat([wide, wide]) + torch.cat([inside, far])).clamp(0, 1)
