"""The view "sharpness": what is asked for which numbers, and what is found of a small network."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.landscapes.directions import weights
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.landscape import sharpness
from explorer.work.landscape.sharpness import gather, pieces
from explorer.work.local import run
from explorer.work.order import unfolded
from explorer.work.request import Request

MODELS = ("toy-standard", "toy-pgd")


def request_of(query: str = "") -> Request:
    n = "" if "n=30" in query else "&n=20"
    request, problems = read(f"/landscape?view=sharpness&data=toy&climbs=2{n}&{query}")
    assert not problems
    return request


def kinds(request: Request) -> list[tuple[str, str]]:
    return list(dict.fromkeys((one.page, one.loss) for one in pieces(request)))


def test_only_what_is_shown_is_computed_clean_losses_first_and_models_beside_each_other():
    asked = pieces(request_of())
    assert [one.model for one in asked] == [*MODELS] * 3
    assert kinds(request_of()) == [("hessian", "clean"), ("hessian", "adversarial"), ("turned", "adversarial")]
    assert kinds(request_of("sharp=eigenvalues")) == kinds(request_of())[:2]
    assert kinds(request_of("sharp=scattering")) == [("turned", "adversarial")]
    assert ("spectrum", "clean") in kinds(request_of("sharp=density"))
    assert kinds(request_of("eps=0")) == [("hessian", "clean")]
    flat, _ = read("/landscape?view=sharpness&data=digits&norm=l0&attack=pixel_search")
    assert kinds(flat) == [("hessian", "clean")]


def test_there_is_nothing_that_turns_within_a_budget_of_nothing():
    with pytest.raises(UserError, match="What turns are perturbations"):
        pieces(request_of("sharp=scattering&eps=0"))


def test_where_a_gradient_is_masked_the_attack_stays_at_its_start():
    query = "view=sharpness&n=10&climbs=1&sharp=scattering&b=shapes-standard-masked"
    found = run(f"/landscape?{query}").scattered
    assert found["shapes-standard-masked"].still.all()
    assert not found["shapes-standard"].still.any()


def test_keys_hang_on_what_the_numbers_do():
    plain = {one.key for one in pieces(request_of())}
    for same in ("mesh=11", "index=3", "reach=2.0", "attack=fgsm", "loss=anew"):
        assert {one.key for one in pieces(request_of(same))} == plain, same
    for other in ("ball=0.05", "seed=1", "n=30"):
        assert not {one.key for one in pieces(request_of(other))} & plain, other
    clean = {one.key for one in pieces(request_of()) if one.loss == "clean"}
    assert {one.key for one in pieces(request_of("eps=9"))} & plain == clean


def test_the_pictures_under_attack_are_made_once_for_all_numbers():
    whole = unfolded(pieces(request_of()))
    made = [one for one in whole if one.page == "perturbed"]
    assert [one.model for one in made] == [*MODELS]
    assert whole.index(made[0]) < min(i for i, one in enumerate(whole) if getattr(one, "loss", "") == "adversarial")


@pytest.fixture(scope="module")
def found():
    """Return all numbers of 20 points."""
    return {one: compute(one) for query in ("", "sharp=density") for one in pieces(request_of(query))}


def test_the_largest_eigenvalue_is_the_dense_hessians(found):
    model, data = load_model("toy-standard"), load_data("toy")
    x, y, names = data.x[:20], data.y[:20], weights(model)

    def loss(*parts: torch.Tensor) -> torch.Tensor:
        logits = torch.func.functional_call(model, dict(zip(names, parts, strict=True)), (x,))
        return cross_entropy(logits, y)

    view = gather(request_of(), found)
    sharp = view.curved["clean"]["toy-standard"].sharp
    parts = tuple(names.values())
    top = sharp.values.values[0]
    slope = torch.autograd.functional.vhp
    v = tuple(torch.randn_like(p) for p in parts)
    for _ in range(200):  # power iteration
        _, hv = slope(loss, parts, v)
        size = torch.sqrt(sum(h.square().sum() for h in hv))
        v = tuple(h / size for h in hv)
    assert top == pytest.approx(float(size), rel=0.01)
    assert sharp.values.loss == pytest.approx(float(loss(*parts)), rel=1e-4)
    assert view.curved["clean"]["toy-standard"].ball.losses[0] == pytest.approx(sharp.values.loss, rel=1e-4)


def test_what_is_there_of_both_models_is_shown(found):
    request = request_of()
    asked = pieces(request)
    assert gather(request, {}) is None
    assert gather(request, {asked[0]: found[asked[0]]}) is None
    clean = gather(request, {one: found[one] for one in asked[:2]})
    assert (list(clean.curved), list(clean.scattered)) == (["clean"], [])
    whole = gather(request, found)
    assert (list(whole.curved), list(whole.scattered)) == (["clean", "adversarial"], [*MODELS])
    assert whole.n == 20
    for model in MODELS:
        clean, under = (whole.curved[loss][model].sharp.values.loss for loss in ("clean", "adversarial"))
        assert clean < under
        turned = whole.scattered[model].scattering
        assert turned.cosines.shape == (3, 2, 20)
        assert np.nanmean(turned.cosines[0]) > np.nanmean(turned.cosines[-1])


def test_a_density_is_shown_once_it_is_there(found):
    request = request_of("sharp=density")
    asked = pieces(request)
    early = {one: found[one] for one in asked if one.page == "hessian"}
    assert gather(request, early) is None
    view = gather(request, found)
    for loss in ("clean", "adversarial"):
        for one in view.curved[loss].values():
            assert one.sharp.density.shares.sum(1) == pytest.approx(np.ones(len(one.sharp.density.shares)))
            top = one.sharp.values.values[0]
            assert one.sharp.density.ends[1] == pytest.approx(top, rel=0.02)


def test_other_samples_are_refused():
    with pytest.raises(TypeError, match="around some weights"):
        sharpness.curved(None)
