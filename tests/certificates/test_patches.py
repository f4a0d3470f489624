"""Receptive fields give what full rows give."""

import pytest
import torch
from proving import residual, small_cnn
from torch import nn

from explorer.certificates import _trace
from explorer.certificates._lines import by_intervals
from explorer.certificates._relax import adaptive
from explorer.certificates.ball import Ball
from explorer.certificates.network import Network, read
from explorer.core.device import generator
from explorer.core.norms import CONVEX
from explorer.models.build import initialise


def odd() -> nn.Sequential:
    """Return convolutions and poolings that overlap, skip, overhang, and leave values over."""
    return nn.Sequential(
        nn.Conv2d(2, 4, 3, 1, (0, 1), groups=2), nn.ReLU(), nn.MaxPool2d(3, 2, 1), nn.AvgPool2d(2, 1),
        nn.Conv2d(4, 9, 2, (2, 1), 1, (1, 2), bias=False), nn.BatchNorm2d(9), nn.ReLU(),
        nn.Conv2d(9, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(72, 3),
    )  # fmt: skip


def odd_net(shape: tuple[int, ...]) -> Network:
    net = odd().eval()
    initialise(net, generator(1))
    return read(net, shape)


NETS = {
    **{down: lambda down=down: small_cnn(down, (2, 16, 15)).net for down in ("stride", "max")},
    "average": lambda: small_cnn("average", (2, 16, 16)).net,
    "odd": lambda: odd_net((2, 17, 19)),
    "residual": lambda: residual().net,
}


@pytest.mark.parametrize("name", NETS)
@pytest.mark.parametrize("norm", CONVEX)
def test_patches_equal_full_rows(name, norm, monkeypatch):
    net = NETS[name]()
    x = torch.rand(3, *net.shape, generator=generator(0))
    ball = Ball(x, norm, torch.tensor([0.02, 0.05, 0.3]))
    with torch.no_grad():
        lines = by_intervals(net, ball, adaptive)
        chains = [index for index in net.inner if _trace.windows(net, index) and net.steps[index].affine]
        assert len(chains) >= (1 if name == "residual" else 2)
        for index in chains:
            full = _trace._dense(net, ball, index, lines)
            for size in (_trace.BYTES, 10_000):  # at once, and in many chunks
                monkeypatch.setattr(_trace, "BYTES", size)
                seen = _trace.traced(net, ball, index, lines)
                for a, b in zip(seen, full, strict=True):
                    assert a.shape == b.shape == (3, *net.steps[index].shape)
                    assert (a - b).abs().max() <= 1e-5 * b.abs().max()


def test_full_rows_in_chunks_are_the_same(monkeypatch):
    net = small_cnn("stride").net
    ball = Ball(torch.rand(3, *net.shape, generator=generator(0)), "linf", torch.full((3,), 0.02))
    with torch.no_grad():
        lines = by_intervals(net, ball, adaptive)
        whole = _trace._dense(net, ball, net.inner[-1], lines)
        monkeypatch.setattr(_trace, "BYTES", 5_000)
        for a, b in zip(_trace._dense(net, ball, net.inner[-1], lines), whole, strict=True):
            assert torch.allclose(a, b, atol=1e-6)
