"""Whole networks, as verifiers exchange them and as exporters write them."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
import torch
from torch import nn

from explorer.attacks.run import run_attack
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.types import Threat
from explorer.models.graph import Draft, assemble
from explorer.models.importers.onnx import OnnxFile
from explorer.models.importers.variants import Pictures, Reading, read_model
from explorer.models.prepare import prepare

MNIST = Pictures("mnist", 10, torch.rand((20, 1, 28, 28), generator=generator(0)))
CIFAR = Pictures("cifar10", 10, torch.rand((20, 3, 32, 32), generator=generator(0)))


class Normalised(nn.Module):
    """A network that normalises by itself, with Sub and Div in the graph."""

    def __init__(self, net: nn.Module, shape: tuple[int, ...] = (1, 1, 1)) -> None:
        super().__init__()
        self.mean, self.std = nn.Parameter(torch.full(shape, 0.13)), nn.Parameter(torch.full(shape, 0.31))
        self.net = net

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.net((x - self.mean) / self.std)


class Residual(nn.Module):
    """Batch norm everywhere, an addition, a mean over the picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(channels, 8, 3, padding=1), nn.BatchNorm2d(8), nn.ReLU())
        self.inner = nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8))
        self.last = nn.Linear(8, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.first(x)
        return self.last(torch.relu(x + self.inner(x)).mean((2, 3)))


def dense(*sizes: int) -> list[nn.Module]:
    layers = [layer for a, b in pairwise(sizes) for layer in (nn.Linear(a, b), nn.ReLU())]
    return layers[:-1]


def worn(net: nn.Module) -> nn.Module:
    """The network with weights of its own, and batch norm that has seen data."""
    rng = generator(3)
    for module in net.modules():
        if isinstance(module, nn.Linear | nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, generator=rng)
            if module.bias is not None:
                module.bias.data.normal_(generator=rng)
        if isinstance(module, nn.BatchNorm2d):
            module.weight.data.uniform_(0.5, 2, generator=rng)
            module.running_mean.normal_(generator=rng)
            module.running_var.uniform_(0.5, 2, generator=rng)
    return net.eval().requires_grad_(False)


def conv(channels: int, side: int) -> nn.Module:
    half = side // 2
    return nn.Sequential(
        nn.Conv2d(channels, 4, 4, 2, padding=1),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        *dense(4 * (half // 2) ** 2, 20, 10),
    )


def same(reading: Reading, pictures: Pictures, expected: torch.Tensor, variant: int = 0) -> None:
    with torch.no_grad():
        torch.testing.assert_close(reading.variants[variant].net(pictures.x), expected, atol=1e-5, rtol=1e-5)


FLAT = {(1, 784): (0, 784), (1, 784, 1): (0, 784, 1), (1, 28, 28): (0, 28, 28), (1, 28, 28, 1): (0, 28, 28, 1)}


@pytest.mark.parametrize("shape", FLAT)
def test_flattened_inputs_are_understood(export, shape):
    net = worn(nn.Sequential(nn.Flatten(), *dense(784, 20, 10)))
    reading = read_model(export(net, torch.rand(shape)), MNIST)
    assert (reading.shape, reading.output, len(reading.variants)) == (shape[1:], "logits", 1)
    same(reading, MNIST, net(MNIST.x))


@pytest.mark.parametrize("flat", [False, True])
def test_normalisation_inside_the_graph(export, flat):
    net = worn(Normalised(nn.Sequential(nn.Flatten(), *dense(784, 20, 10)), () if flat else (1, 1, 1)))
    same(read_model(export(net, torch.rand(1, 784) if flat else torch.rand(1, 1, 28, 28)), MNIST), MNIST, net(MNIST.x))


@pytest.mark.parametrize("pictures", [MNIST, CIFAR], ids=["grey", "colour"])
def test_convolutions(export, pictures):
    channels, side, _ = pictures.shape
    net = worn(Normalised(conv(channels, side), (channels, 1, 1)))
    same(read_model(export(net, pictures.x[:1]), pictures), pictures, net(pictures.x))


def test_a_control_network_with_four_axes(export):
    """ACAS Xu: five numbers as 1×1×1×5, Sub first, Flatten in the middle; no pictures, so only read."""
    net = worn(Normalised(nn.Sequential(nn.Flatten(), *dense(5, 50, 50, 5))))
    file = OnnxFile(export(net, torch.rand(1, 1, 1, 5)))
    draft = Draft(file.shape)
    file.build(draft, draft.input)
    found, x = assemble(draft.steps), torch.rand(4, 1, 1, 5)
    found.load_state_dict(draft.state())
    assert file.shape == (1, 1, 5)
    torch.testing.assert_close(found.eval()(x), net(x), atol=1e-5, rtol=1e-5)


def test_channels_last_as_tensorflow_has_them(export):
    net = worn(conv(3, 32))

    class Last(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return net(x.permute(0, 3, 1, 2))

    reading = read_model(export(Last(), torch.rand(1, 32, 32, 3)), CIFAR)
    assert [variant.name for variant in reading.variants] == ["channels last"]
    same(reading, CIFAR, net(CIFAR.x))


def test_a_flat_colour_picture_may_have_its_channels_first_or_last(export):
    net = worn(nn.Sequential(*dense(3072, 10)))
    reading = read_model(export(net, torch.rand(1, 3072)), CIFAR)
    assert [variant.name for variant in reading.variants] == ["", "channels last"]
    same(reading, CIFAR, net(CIFAR.x.flatten(1)))
    same(reading, CIFAR, net(CIFAR.x.permute(0, 2, 3, 1).flatten(1)), variant=1)


@pytest.fixture(scope="module")
def residual() -> nn.Module:
    return worn(Residual(3))


def kept_norms(export, net: nn.Module) -> bytes:
    return export(net, CIFAR.x[:1], training=torch.onnx.TrainingMode.PRESERVE, do_constant_folding=False)


def test_a_residual_network_keeps_its_batch_norm_until_it_is_prepared(export, residual):
    reading = read_model(kept_norms(export, residual), CIFAR)
    net = reading.variants[0].net
    same(reading, CIFAR, residual(CIFAR.x))
    fast = prepare(net)
    count = [sum(isinstance(m, nn.BatchNorm2d) for m in each.modules()) for each in (net, fast)]
    assert count == [2, 0]
    torch.testing.assert_close(fast(CIFAR.x), residual(CIFAR.x), atol=1e-4, rtol=1e-5)


def test_torch_s_newer_exporter(residual, tmp_path):
    net = Normalised(residual)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(net.eval(), (CIFAR.x[:1],), tmp_path / "a.onnx", external_data=False, verbose=False)
    same(read_model((tmp_path / "a.onnx").read_bytes(), CIFAR), CIFAR, net(CIFAR.x).detach())


def test_an_imported_network_is_attacked_like_its_original(export):
    net = worn(conv(1, 28))
    found = read_model(export(net, MNIST.x[:1]), MNIST).variants[0].net
    goal, threat = Goal(net(MNIST.x).argmax(1)), Threat("linf", 0.1)
    a, b = (run_attack("pgd", model, MNIST.x, goal, threat, knobs={"steps": 10}) for model in (net, found))
    assert b.success.mean() > 0.5
    assert (a.success == b.success).mean() > 0.9


class Ending(nn.Module):
    def __init__(self, net: nn.Module, end) -> None:
        super().__init__()
        self.net, self.end = net, end

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.end(self.net(x))


ENDINGS = {
    "softmax": (lambda z: z.softmax(1), "probabilities", "a softmax, is left out"),
    "softmax by hand": (
        lambda z: z.sigmoid() / z.sigmoid().mean(1, keepdim=True) / 10,
        "probabilities",
        "their logarithm",
    ),
    "log-softmax": (lambda z: z.log_softmax(1), "log-probabilities", "serve as logits"),
    "sigmoids": (torch.sigmoid, "logits", "do not sum to 1"),
    "logits": (lambda z: z * 2, "logits", ""),
}


@pytest.mark.parametrize("name", ENDINGS)
def test_what_comes_out_becomes_logits(export, name):
    end, output, words = ENDINGS[name]
    net = Ending(worn(nn.Sequential(nn.Flatten(), *dense(784, 10))), end).eval()
    reading = read_model(export(net, MNIST.x[:1]), MNIST)
    assert reading.output == output
    assert words in " ".join(reading.notes)
    logits, expected = reading.variants[0].net(MNIST.x), net(MNIST.x)
    found = {"probabilities": logits.softmax(1), "log-probabilities": logits.log_softmax(1), "logits": logits}[output]
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)


def test_scikit_learn_s_exporter():
    """Label first, probabilities as a list of dictionaries behind them, and a scaler before."""
    from skl2onnx import to_onnx
    from sklearn.neural_network import MLPClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    rng = np.random.default_rng(0)
    x, y = rng.random((100, 64), np.float32), np.arange(100) % 10
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it stops before it has converged
        model = make_pipeline(StandardScaler(), MLPClassifier((20,), max_iter=20, random_state=0)).fit(x, y)
        raw = to_onnx(model, x[:1]).SerializeToString()
    pictures = Pictures("digits", 10, torch.from_numpy(x).view(-1, 1, 8, 8))
    reading = read_model(raw, pictures)
    assert (reading.output, reading.shape) == ("probabilities", (64,))
    p = reading.variants[0].net(pictures.x).softmax(1).detach().numpy()
    np.testing.assert_allclose(p, model.predict_proba(x), atol=1e-5)


def test_a_network_that_mixes_pictures_is_refused(export):
    class Mixing(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.flatten(1)[:, :10] - x.mean()

    with pytest.raises(UserError, match=r"mixes the pictures of a batch|hangs on its batch"):
        read_model(export(Mixing(), MNIST.x[:1]), MNIST)
