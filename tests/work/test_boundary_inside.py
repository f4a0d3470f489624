"""The view "inside" in pieces: the radii, what is cut, and what is made of those that are there."""

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.geometry.inside import inside
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.boundary.inside import SIZE, Balls, gather, pieces, radii
from explorer.work.compute import compute
from explorer.work.piece import Piece
from explorer.work.request import Request

MODELS = ("toy-standard", "toy-pgd")
SMALL = "pgd_steps=3"


def request_of(query: str, data: str = "toy") -> Request:
    request, problems = read(f"/boundary?view=inside&data={data}&{query}")
    assert not problems
    return request


@pytest.mark.parametrize(("norm", "whole"), [("linf", 1000), ("l2", 8000), ("l1", 64_000)])
def test_the_radii_rise_from_below_the_budget_to_the_whole_box(norm, whole):
    request = request_of(f"norm={norm}", "digits")
    found = radii(request)
    assert list(found) == sorted(set(found))
    assert request.eps in found
    assert found[0] == pytest.approx(request.eps / 8, abs=1)
    assert found[-1] == whole
    assert radii(request.with_(eps=0)) == found
    assert radii(request_of("eps=1", "shapes"))[0] == 1


def test_what_has_no_ball_is_said():
    with pytest.raises(UserError, match="choose another norm"):
        pieces(request_of("norm=l0&attack=sigma_zero", "digits"))


def test_one_picture_is_a_request_and_many_are_samples_and_the_attack_s_pieces():
    (asked,) = pieces(request_of("index=3&points=100"))
    assert isinstance(asked, Request)
    assert pieces(request_of("index=3&points=100&each=20&draws=9&lines=50&length=linf")) == [asked]
    for change in ("eps=30", "seed=1", "pgd_steps=3", "attack=fgsm", "norm=l2"):
        assert pieces(request_of(f"index=3&points=100&{change}"))[0].key != asked.key
    found = pieces(request_of(f"over=many&pictures={SIZE + 5}"))
    assert [type(one) for one in found] == [Balls] * 4 + [Piece] * 2
    assert [(one.model, one.start) for one in found[:4]] == [(m, start) for start in (0, SIZE) for m in MODELS]
    assert {one.budgets for one in found[4:]} == {one.radii for one in found[:4]} == {radii(request_of(""))}
    assert len({one.key for one in found}) == 6
    own = pieces(request_of("over=many&pictures=10&attack=spatial", "digits"))
    assert [type(one) for one in own] == [Balls] * 2


def test_the_attack_breaks_a_picture_alone_as_it_does_among_many():
    attack = "attack=fmn&fmn_steps=20"
    request = request_of(f"index=2&points=100&{attack}")
    (asked,) = pieces(request)
    alone = gather(request, {asked: compute(asked)})
    assert alone.one
    several = request_of(f"over=many&pictures=10&each=10&{attack}")
    found = {one: compute(one) for one in pieces(several)}
    whole = gather(several, found)
    assert whole.places.tolist() == list(range(10))
    data = load_data("toy")
    for model in MODELS:
        assert alone.models[model].changed.shape == (1, len(radii(request)))
        assert alone.judged[model].radius[0] == pytest.approx(whole.judged[model].radius[2], rel=0.05)
        eps = [r / 1000 for r in radii(request)]
        truth = inside(load_model(model), data.x[:10], data.y[:10], "linf", eps, count=10)
        assert np.array_equal(whole.models[model].changed, truth.changed)
        there = whole.judged[model]
        assert there.labels.tolist() == data.y[:10].tolist()
        assert there.radius[np.isfinite(there.radius)].max() <= 1


def test_the_attack_is_shown_once_it_is_there_for_the_same_pictures():
    request = request_of(f"over=many&pictures={SIZE + 5}&each=10&{SMALL}")
    asked = pieces(request)
    found = {one: compute(one) for one in asked}
    assert gather(request, {}) is None
    assert gather(request, {asked[0]: found[asked[0]]}) is None
    early = gather(request, {one: found[one] for one in asked[:4]})
    assert not early.judged
    half = gather(request, {one: found[one] for one in (asked[0], asked[1], *asked[4:])})
    whole = gather(request, found)
    assert len(half.places) == SIZE
    assert len(whole.places) == SIZE + 5
    for model in MODELS:
        assert np.array_equal(half.judged[model].radius, whole.judged[model].radius[:SIZE])
        assert len(half.judged[model].labels) == SIZE
    later = gather(request, {one: found[one] for one in (*asked[2:],)})
    assert later.places.tolist() == list(range(SIZE, SIZE + 5))
    assert np.array_equal(later.judged[MODELS[0]].radius, whole.judged[MODELS[0]].radius[SIZE:])


def test_of_an_upload_nobody_named_each_model_s_own_answer_is_right():
    import io

    from PIL import Image

    from explorer.work.boundary.inside import around

    out = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (8, 8), dtype=np.uint8)).save(out, "PNG")
    (asked,) = pieces(request_of(f"points=100&{SMALL}", "digits").with_(upload="0" * 64))
    found = around(asked, out.getvalue(), lambda *_: None)
    assert found.places.tolist() == [-1]
    for model, one in found.models.items():
        assert (one.changed[0, 0], found.judged[model].radius[0] > 0) == (0, True)
