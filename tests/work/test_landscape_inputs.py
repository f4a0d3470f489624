"""The views "inputs" and "slopes": what is asked, and what is found of models whose gradients are known."""

import numpy as np
import pytest
import torch
from torch.nn.functional import cross_entropy

from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.landscapes.inputs import along_sign
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.compute import compute
from explorer.work.landscape import inputs, slopes
from explorer.work.local import run
from explorer.work.request import Request


def request_of(query: str, view: str = "inputs") -> Request:
    request, problems = read(f"/landscape?view={view}&{query}")
    assert not problems
    return request


def test_one_picture_is_a_request_that_only_what_it_hangs_on_names():
    (asked,) = inputs.pieces(request_of("data=digits&index=3"))
    for same in ("n=50", "mesh=11", "climbs=3", "reach=2.0", "relief=true", "target=4", "ceiling=9.0"):
        assert inputs.pieces(request_of(f"data=digits&index=3&{same}")) == [asked], same
    for other in ("beyond=2.0", "eps=9", "norm=l2", "attack=fgsm", "pgd_steps=3", "seed=1", "a=digits-pgd"):
        assert inputs.pieces(request_of(f"data=digits&index=3&{other}"))[0].key != asked.key, other


@pytest.mark.parametrize("data", ["toy", "digits"])
def test_the_planes_go_through_the_picture_and_where_the_attack_ended(data):
    found = run(f"/landscape?view=inputs&data={data}&index=5")
    x, y = load_data(data).x[5:6], int(load_data(data).y[5])
    for valley, name in ((found.a, f"{data}-standard"), (found.b, f"{data}-pgd")):
        model = load_model(name)
        with torch.no_grad():
            here = float(cross_entropy(model(x), torch.tensor([y])))
        middle = len(valley.losses.loss) // 2
        assert valley.losses.points[middle] == pytest.approx([0, 0])
        assert valley.losses.loss[middle] == pytest.approx(here, rel=1e-3, abs=1e-6)
        ((end, place),) = ((k, v) for k, v in valley.section.marks.items() if k != "picture")
        assert end.startswith("attack on")
        assert abs(place[1]) < 1e-4 * abs(place[0])
        assert valley.outlines.eps == pytest.approx(place[0], rel=0.02)
        assert valley.label == y


def test_both_planes_have_one_window_however_far_an_attack_went():
    found = run("/landscape?view=inputs&data=digits&attack=deepfool&norm=l2&beyond=0.5")
    assert (found.a.losses.points == found.b.losses.points).all()
    ends = [np.abs(list(one.section.marks.values())).max() for one in (found.a, found.b)]
    assert found.a.losses.points.max() > max(ends)


def test_slopes_are_cut_in_samples_of_both_models_each_led_by_the_other():
    request = request_of("data=toy&n=150", "slopes")
    asked = slopes.pieces(request)
    assert [(one.model, one.other, one.start, one.stop) for one in asked] == [
        ("toy-standard", "toy-pgd", 0, 100),
        ("toy-pgd", "toy-standard", 0, 100),
        ("toy-standard", "toy-pgd", 100, 150),
        ("toy-pgd", "toy-standard", 100, 150),
    ]
    for same in ("mesh=11", "index=3", "attack=fgsm"):
        assert slopes.pieces(request_of(f"data=toy&n=150&{same}", "slopes")) == asked
    assert slopes.pieces(request_of("data=toy&n=150&norm=l2", "slopes")) == asked  # a sign is a way in linf
    (alone,) = slopes.pieces(request_of("data=toy&n=50&a=toy-pgd", "slopes"))
    assert alone.other == ""


def test_there_is_no_slope_within_a_budget_of_nothing():
    with pytest.raises(UserError, match="choose one above 0"):
        slopes.pieces(request_of("data=toy&eps=0", "slopes"))
    assert slopes.pieces(request_of("data=toy&eps=0&norm=l2", "slopes"))  # the usual one in linf


def test_samples_make_the_whole_and_what_is_there_of_both_is_shown():
    request = request_of("data=toy&n=150&climbs=2", "slopes")
    asked = slopes.pieces(request)
    found = {one: compute(one) for one in asked}
    whole = slopes.gather(request, found)
    assert slopes.gather(request, {}) is None
    assert slopes.gather(request, {one: found[one] for one in asked if one.model == "toy-pgd"}) is None
    half = slopes.gather(request, {one: found[one] for one in asked[:3]})
    assert [len(one.flat) for one in half.models.values()] == [100, 100]
    data, model = load_data("toy"), load_model("toy-pgd")
    steps = np.linspace(0, 0.12, 21)
    truth = along_sign(model, data.x[:150], data.y[:150], steps)
    mine = whole.models["toy-pgd"]
    assert mine.own.steps == pytest.approx(steps)
    assert mine.own.loss == pytest.approx(truth.loss, rel=1e-4, abs=1e-7)
    assert mine.turns.first[:, 0] == pytest.approx(np.ones(150), abs=1e-5)
    assert whole.eps == pytest.approx(0.06)


def test_a_masked_gradient_is_seen_by_its_zeros_and_by_anothers():
    found = run("/landscape?view=slopes&n=20&climbs=2&b=shapes-standard-masked")
    masked, plain = found.models["shapes-standard-masked"], found.models["shapes-standard"]
    at = int(np.abs(masked.own.steps - found.eps).argmin())
    assert masked.flat.all()
    assert not plain.flat.any()
    assert masked.own.right[:, at].all()
    assert not masked.other.right[:, at].any()
    assert (masked.own.rise == 0).all()


def test_one_model_beside_itself_has_its_own_gradient_alone():
    found = run("/landscape?view=slopes&data=toy&a=toy-pgd&n=20&climbs=2")
    assert list(found.models) == ["toy-pgd"]
    slope = found.models["toy-pgd"]
    assert (slope.own.loss == slope.other.loss).all()
