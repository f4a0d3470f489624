"""The judge: what it searches, what it refuses, and how certified error lies beside the errors of attacks."""

import numpy as np
import pytest
import torch
from proving import small_cnn
from torch import nn

from explorer.attacks.run import run_attack
from explorer.certificates import _trace, run
from explorer.certificates.ball import Ball
from explorer.certificates.boxes import boxes
from explorer.certificates.envelope import faces
from explorer.certificates.exact import distances
from explorer.certificates.ladder import ladder
from explorer.certificates.network import read
from explorer.certificates.run import certified, margins, radii
from explorer.core.device import generator
from explorer.core.errors import UserError
from explorer.core.goals import Goal
from explorer.core.results.certificates import Radii
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.build import build
from explorer.models.importers.variants import Pictures, read_model
from explorer.models.zoo import load_model


def slope(w: float, points: list[float]) -> tuple[nn.Module, torch.Tensor, torch.Tensor]:
    """Return a model whose label 0 ends at 1/2: logits (w·(1/2 - x), 0)."""
    model = nn.Sequential(nn.Linear(1, 2)).eval().requires_grad_(False)
    model[0].weight.data, model[0].bias.data = torch.tensor([[-w], [0.0]]), torch.tensor([w / 2, 0.0])
    x = torch.tensor(points)[:, None]
    return model, x, torch.zeros(len(x), dtype=torch.int64)


@pytest.mark.parametrize("name", ["ibp", "crown", "envelope"])
def test_the_search_ends_at_the_truth(name):
    model, x, y = slope(3.0, [0.0, 0.2, 0.45, 0.7])
    found = radii(name, model, x, y, "linf", 0.4)
    truth = np.array([0.4, 0.3, 0.05, 0.0])
    assert (found.radius <= truth + 1e-7).all()
    assert (found.radius >= truth - 0.4 / 256 - 1e-6).all()
    assert found.radius[0] == 0.4
    assert found.correct.tolist() == [True, True, True, False]
    assert found.trials[0] == 1
    assert found.trials[3] == 0
    assert found.trials.max() <= 9
    for eps in (0.0, 0.04, 0.25, 0.35):
        assert certified(name, model, x, y, "linf", eps).tolist() == (truth > eps).tolist()


def test_each_picture_is_searched_for_itself(learned):
    limit = 3 * learned.eps
    together = radii("crown", learned.model, learned.x, learned.y, "linf", limit)
    for i in range(len(learned.x)):
        alone = radii("crown", learned.model, learned.x[i : i + 1], learned.y[i : i + 1], "linf", limit)
        assert alone.radius[0] == pytest.approx(together.radius[i], abs=limit / 256)
    assert len(set(together.radius)) > 1


def test_batches_change_nothing(monkeypatch):
    subject = small_cnn("max")
    ball = Ball(subject.x, "linf", torch.full((3,), 0.01))
    whole = margins("crown", subject.net, ball, subject.y)
    monkeypatch.setattr(_trace, "BYTES", 20_000)
    monkeypatch.setattr(run, "BATCH", 10_000)  # one picture
    assert torch.allclose(margins("crown", subject.net, ball, subject.y), whole, atol=1e-4)


@pytest.mark.parametrize("name", ["toy-standard", "toy-pgd", "digits-standard", "digits-pgd"])
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_certified_error_is_above_the_attack_s_and_that_above_the_clean_one(name, norm):
    model, data = load_model(name), load_data(name.split("-")[0]).first(40)
    clean = model(data.x).argmax(1) == data.y
    for eps in (0.01, 0.05, 0.15):
        attacked = run_attack("pgd", model, data.x, Goal(data.y), Threat(norm, eps), knobs={"steps": 10}).correct
        for bound in ("ibp", "fast_lin", "crown_ibp", "crown", "envelope"):
            proved = certified(bound, model, data.x, data.y, norm, eps)
            assert (proved <= attacked).all()
        assert (attacked <= clean.numpy()).all()


def test_a_network_too_large_for_full_rows_is_refused_and_told_what_to_take():
    model = load_model("cifar10-standard")
    x, y = torch.rand(1, 3, 32, 32, generator=generator(0)), torch.tensor([0])
    for name in ("crown", "fast_lin", "alpha_crown", "envelope"):
        with pytest.raises(UserError, match=r"billion numbers.*crown_ibp"):
            margins(name, read(model, x.shape[1:]), Ball(x, "linf", torch.tensor([0.01])), y)
    for name in ("crown_ibp", "ibp"):
        found = margins(name, read(model, x.shape[1:]), Ball(x, "linf", torch.tensor([1e-5])), y)
        assert found.shape == (1, 10)


def test_a_radius_that_is_claimed_is_not_rounded_down():
    """The nearest float32 may be below: what is asked is the next one."""
    eps = torch.rand(1000, generator=generator(3), dtype=torch.float64)
    asked = run._upward(eps)
    assert asked.dtype == torch.float32
    assert (asked >= eps).all()
    assert (asked <= eps * (1 + 2e-7)).all()
    assert (eps.float() < eps).any()


PICTURES = Pictures("digits", 10, torch.rand((20, 1, 8, 8), generator=generator(7)))
EXPORTED = {
    "max": ("cnn", {"width": 3, "stages": 2, "hidden": 7, "down": "max", "batchnorm": True}),
    "average": ("cnn", {"width": 3, "stages": 2, "hidden": 7, "down": "average"}),
    "residual": ("resnet", {"width": 2, "depth": 1}),
    "dense": ("mlp", {"width": 12}),
}


@pytest.mark.parametrize("name", EXPORTED)
def test_an_imported_network_is_bounded_as_its_original(export, name):
    architecture, knobs = EXPORTED[name]
    model = build(architecture, (1, 8, 8), 10, knobs, rng=generator(0), pixels=PICTURES.x).eval().requires_grad_(False)
    again = read_model(export(model, PICTURES.x[:1]), PICTURES).variants[0].net
    x = PICTURES.x[:3]
    ball, labels = Ball(x, "linf", torch.full((3,), 0.001)), model(x).argmax(1)
    for name in ("ibp", "crown"):
        first, found = (margins(name, read(one, x.shape[1:]), ball, labels) for one in (model, again))
        others = first.isfinite()
        assert torch.allclose(found[others], first[others], rtol=1e-3, atol=1e-3)


def test_an_imported_network_with_an_unknown_operation_is_refused(export):
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 6), nn.ELU(), nn.Linear(6, 10)).eval()
    found = read_model(export(model, PICTURES.x[:1]), PICTURES).variants[0].net
    with pytest.raises(UserError, match=r"no bound here knows its layer \S+ \(ELU\)"):
        radii("crown", found, PICTURES.x[:1], torch.tensor([0]), "linf", 0.1)


def test_results_are_checked_when_made():
    good = {"radius": np.array([0.1, 0.0]), "correct": np.array([True, False]), "limit": 0.2, "seconds": 1.0}
    good |= {"trials": np.array([3, 0]), "says": "proved"}
    assert Radii(**good).limit == 0.2
    for wrong in (
        {"radius": np.array([0.1, 0.1])},
        {"radius": np.array([0.3, 0.0])},
        {"radius": np.array([-0.1, 0.0])},
        {"radius": np.array([0.1])},
        {"says": "hoped"},
    ):
        with pytest.raises(ValueError, match=r"certif"):
            Radii(**good | wrong)


def test_smoothing_answers_for_the_smoothed_model_where_the_model_itself_is_wrong():
    """A tent of height 0.01 around 1/2: the model is wrong there, and hardly any noisy copy is."""
    model = nn.Sequential(nn.Linear(1, 3), nn.ReLU(), nn.Linear(3, 2)).eval().requires_grad_(False)
    model[0].weight.data, model[0].bias.data = torch.ones(3, 1), torch.tensor([-0.49, -0.5, -0.51])
    model[2].weight.data = torch.tensor([[0.0, 0.0, 0.0], [1.0, -2.0, 1.0]])
    model[2].bias.data = torch.tensor([0.005, 0.0])
    x, y = torch.tensor([[0.5]]), torch.zeros(1, dtype=torch.int64)
    found = radii("smoothing", model, x, y, "l2", 1.0, knobs={"sigma": 0.25})
    assert not found.correct[0]
    assert found.radius[0] > 0.25
    assert certified("smoothing", model, x, y, "l2", 0.25, knobs={"sigma": 0.25}).all()
    assert (radii("ibp", model, x, y, "l2", 1.0).radius == 0).all()


def test_whatever_proves_computes_in_whole_float32():
    """On a GPU, convolutions would else be free to take TF32."""
    model, data, seen = load_model("toy-pgd"), load_data("toy").first(1), []

    def tick(done: int, total: int, note: str = "") -> None:
        seen.append(torch.backends.cudnn.allow_tf32)

    net, ball = read(model, (2,)), Ball(data.x, "linf", torch.tensor([0.01]))
    with torch.backends.cudnn.flags(enabled=True, allow_tf32=True):
        for prove in (
            lambda: margins("crown", net, ball, data.y, tick=tick),
            lambda: faces(net, ball, data.y, "crown", tick),
            lambda: boxes(net, data.x, data.y, steps=2, tick=tick),
            lambda: distances(net, ball, data.y, tick=tick),
            lambda: ladder(net, data.x, int(data.y), samples=10, rng=generator(0), tick=tick),
        ):
            seen.clear()
            prove()
            assert seen
            assert not any(seen)
        assert torch.backends.cudnn.allow_tf32
