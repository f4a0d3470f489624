"""The Certificate page: what is asked, what it hangs on, and that no method contradicts another."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from explorer.certificates import CERTIFICATES
from explorer.core.digest import of_bytes
from explorer.core.errors import UserError
from explorer.core.results import Bracket
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.certificate import VIEWS, curve, methods, picture
from explorer.work.certificate.effort import too_large
from explorer.work.compute import compute
from explorer.work.local import run
from explorer.work.request import Request


def request_of(query: str, view: str = "picture") -> Request:
    request, problems = read(f"/certificate?view={view}&{query}")
    assert not problems
    return request


def asked_of(query: str, view: str = "picture") -> set[str]:
    return {one.key for one in VIEWS.pieces(request_of(query, view))}


def test_one_picture_asks_each_method_of_each_model_once():
    asked = picture.pieces(request_of("data=toy"))
    names = methods.known(request_of("data=toy"))
    assert names[0] == "attack"
    assert set(names) == {"attack", *(n for n in CERTIFICATES if "linf" in CERTIFICATES[n].facts["norms"])}
    assert [(dict(one.choices)["proof"], one.a) for one in asked] == [
        (name, model) for name in names for model in ("toy-standard", "toy-pgd")
    ]
    assert all(one.a == one.b for one in asked)
    (alone,) = picture.pieces(request_of("data=toy&a=toy-pgd&proof=ibp"))
    assert alone in asked


def test_a_piece_is_named_by_nothing_but_what_it_hangs_on():
    same = asked_of("data=digits&proof=ibp")
    for query in ("n=50", "sigma=0.5", "attack=fgsm", "target=4", "bound=crown", "seed=3", "eps=151", "lines=fast_lin"):
        assert asked_of(f"data=digits&proof=ibp&{query}") == same, query
    for query in ("index=9", "norm=l2", "eps=300"):
        assert not asked_of(f"data=digits&proof=ibp&{query}") & same, query
    assert not asked_of("data=digits&proof=attack&seed=3") & asked_of("data=digits&proof=attack")


def test_the_ruler_reaches_about_twice_the_budget_in_few_lengths():
    reach = {eps: methods.base(request_of(f"data=digits&eps={eps}")) for eps in range(1, 601)}
    assert all(2 * base >= 1.5 * eps for eps, base in reach.items())
    assert all(2 * base <= 3 * eps for eps, base in reach.items() if eps >= 20)
    assert set(reach.values()) == {19, 38, 75, 150, 300, 600}
    assert methods.top(request_of("data=digits&eps=600")) == 1.0  # no change in linf is longer


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_no_method_contradicts_another(norm):
    found = run(f"/certificate?data=toy&norm={norm}&index=3")
    for some in found.models.values():
        sure = {name: one for name, one in some.items() if name != "attack" and methods_says(name) != "probable"}
        broken = some["attack"].high[0]
        assert np.isfinite(broken)
        for name, one in sure.items():
            assert 0 <= one.low[0] <= broken, name
            assert one.low[0] <= found.top * 1.0001
        assert some["crown"].low[0] > some["ibp"].low[0] > 0
    assert found.missing == 0


def methods_says(name: str) -> str:
    return str(CERTIFICATES[name].facts["says"])


def test_a_picture_that_the_model_gets_wrong_has_nothing_to_prove():
    data, model = load_data("digits"), load_model("digits-pgd")
    with torch.no_grad():
        wrong = int((model(data.x).argmax(1) != data.y).nonzero()[0, 0])
    found = run(f"/certificate?data=digits&index={wrong}&proof=ibp&b=digits-pgd").models["digits-pgd"]["ibp"]
    assert not found.right[0]
    assert found.low[0] == 0
    attacked = run(f"/certificate?data=digits&index={wrong}&proof=attack").models["digits-pgd"]["attack"]
    assert attacked.high[0] == 0
    around = run(f"/certificate?view=plane&data=digits&index={wrong}").models["digits-pgd"]
    assert "wrong about it by itself" in around.sentence


def test_what_no_bound_knows_is_said_in_a_sentence_and_the_attack_still_runs():
    found = run("/certificate?b=shapes-standard-masked&a=shapes-standard-masked&proof=ibp")
    (only,) = found.models["shapes-standard-masked"].values()
    assert "Nothing can be proved of this model" in only.sentence
    assert only.low[0] == 0
    assert too_large("crown", load_model("shapes-standard-masked"), (3, 32, 32)) == ""


def test_a_network_too_large_for_full_back_substitution_is_not_asked():
    model = load_model("mnist-standard")
    assert "Not asked" in too_large("crown", model, (1, 28, 28), count=25)
    assert "one alone" in too_large("crown", model, (1, 28, 28), count=25)
    assert too_large("ibp", model, (1, 28, 28), count=25) == ""
    assert too_large("crown", load_model("toy-pgd"), (2,), count=25) == ""


@pytest.mark.parametrize("view", ["picture", "curve", "plane", "ladder"])
def test_a_norm_that_no_certificate_knows_is_refused(view):
    with pytest.raises(UserError, match="choose one of these"):
        VIEWS.pieces(request_of("data=digits&norm=l0&attack=pixel_search", view))


def test_a_method_of_another_norm_is_refused_by_name():
    with pytest.raises(UserError, match="proves nothing in ℓ1"):
        picture.pieces(request_of("data=toy&norm=l1&proof=lipopt"))


def test_many_pictures_are_cut_in_samples_and_shown_as_they_arrive():
    request = request_of("data=toy&n=40&proof=ibp", "curve")
    asked = curve.pieces(request)
    assert [(one.model, one.start, one.stop) for one in asked] == [
        ("toy-standard", 0, 25),
        ("toy-pgd", 0, 25),
        ("toy-standard", 25, 40),
        ("toy-pgd", 25, 40),
    ]
    found = {one: compute(one) for one in asked}
    assert curve.gather(request, {}) is None
    assert curve.gather(request, {asked[0]: found[asked[0]]}) is None
    half = curve.gather(request, {one: found[one] for one in asked[:3]})
    assert [len(some["ibp"].labels) for some in half.models.values()] == [25, 25]
    assert half.missing == 2
    whole = curve.gather(request, found)
    assert [len(some["ibp"].labels) for some in whole.models.values()] == [40, 40]
    one = run("/certificate?data=toy&index=30&proof=ibp").models["toy-pgd"]["ibp"]
    assert whole.models["toy-pgd"]["ibp"].low[30] == pytest.approx(one.low[0], abs=1e-6)


def test_slow_methods_are_asked_of_many_only_where_wanted():
    quick = set(curve.methods(request_of("data=toy", "curve")))
    slow = set(curve.methods(request_of("data=toy&slow=true", "curve")))
    assert "alpha_crown" in slow - quick
    assert curve.methods(request_of("data=toy&proof=alpha_crown", "curve")) == ("alpha_crown",)


def test_certified_attacked_and_clean_errors_are_in_order_at_every_budget():
    found = run("/certificate?data=toy&view=curve&n=25")
    for some in found.models.values():
        clean = (~some["attack"].right).sum()
        for eps in np.linspace(0, found.top, 17):
            attacked = (~some["attack"].standing(eps)).sum()
            for name, one in some.items():
                if name != "attack":
                    assert (~one.certified(eps)).sum() >= attacked >= clean, (name, eps)
        assert (some["crown"].certified(0) == some["crown"].right).all()


def test_a_bracket_that_contradicts_itself_is_refused():
    one = np.ones(1, np.int64)
    with pytest.raises(ValueError, match="cannot hold beyond"):
        Bracket(one, one, np.array([0.2], np.float32), np.array([0.1], np.float32), 0.0)


def test_of_an_own_picture_the_models_own_answer_is_to_hold(tmp_path):
    out = io.BytesIO()
    Image.fromarray((np.random.default_rng(0).random((32, 32, 3)) * 255).astype(np.uint8)).save(out, "PNG")
    sent = request_of("data=shapes&proof=ibp").with_(upload=of_bytes(out.getvalue()))
    for one in picture.pieces(sent):
        found = compute(one, uploaded=out.getvalue())
        assert found.labels == found.said
        assert one.key == one.with_(index=one.index + 1).key
