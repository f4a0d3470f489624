"""The view "bands" put together from its pieces: each model on pictures of its own kind, lengths in one unit."""

from dataclasses import asdict

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.data import load_data
from explorer.geometry.bands import band_margins
from explorer.models.zoo import load_model
from explorer.work.boundary import VIEWS
from explorer.work.boundary.bands import Band, cut, gather, pieces, refusal, suits, variant_of
from explorer.work.compute import compute
from explorer.work.local import run
from explorer.work.request import Request, default

FLIPPED = "digits-standard-flipped"


def request_of(**show: object) -> Request:
    """Return the view of few digits."""
    request = default("digits", page="boundary")
    choices = dict(request.choices) | {"view": "bands"}
    shown = dict(request.show) | {"pictures": 20, "bands": 4} | show
    return request.with_(choices=tuple(sorted(choices.items())), show=tuple(sorted(shown.items())))


def test_points_have_no_frequencies():
    assert suits("digits")
    assert not suits("toy")
    assert "bands" not in VIEWS.of("toy")


def test_the_pieces_are_the_first_pictures_of_all_models_first():
    asked = pieces(request_of(pictures=120).with_(more=(FLIPPED,)))
    models = ["digits-standard", "digits-pgd", FLIPPED]
    assert [(one.model, one.start, one.stop) for one in asked[:3]] == [(model, 0, 50) for model in models]
    assert [(one.start, one.stop) for one in asked[::3]] == [(0, 50), (50, 100), (100, 120)]
    assert len({one.key for one in asked}) == len(asked)
    assert pieces(request_of(pictures=10_000))[-1].stop == 500


def test_a_band_is_as_wide_as_its_pictures_let_it_be():
    assert {one.width for one in pieces(request_of())} == {3}
    assert {one.width for one in pieces(request_of(band_width=32))} == {8}
    shapes = default("shapes", page="boundary")
    assert {one.width for one in pieces(shapes)} == {8}


def test_how_it_is_drawn_changes_no_key():
    assert pieces(request_of()) == pieces(request_of(band_marks="box"))
    assert {one.key for one in pieces(request_of())}.isdisjoint(one.key for one in pieces(request_of(bands=5)))


def test_each_model_is_measured_on_pictures_of_its_own_kind():
    request = request_of().with_(b=FLIPPED)
    assert [dict(one.data_knobs)["frequencies"] for one in pieces(request)] == ["all", "flipped"]
    found = run(request)
    assert found.kinds == {"digits-standard": "", FLIPPED: "frequencies flipped"}
    assert found.recipes == {"digits-standard": "standard", FLIPPED: "standard"}
    x = load_data("digits", frequencies="flipped").x[:20]
    there = band_margins(load_model(FLIPPED), x, size=3, count=4)
    np.testing.assert_allclose(found.models[FLIPPED].margins, 4 * there.margins, rtol=1e-5)
    np.testing.assert_array_equal(found.models[FLIPPED].labels, there.labels)


def test_or_all_on_the_chosen_kind():
    request = request_of(own_kind=False).with_(b=FLIPPED, data_knobs=(("frequencies", "lowpass"),))
    assert {dict(one.data_knobs)["frequencies"] for one in pieces(request)} == {"lowpass"}


def test_what_is_there_of_all_models_is_shown():
    request = request_of(pictures=70)
    asked = pieces(request)
    found = {asked[0]: compute(asked[0])}
    assert gather(request, found) is None
    found |= {one: compute(one) for one in asked[1:3]}
    assert {len(one.labels) for one in gather(request, found).models.values()} == {50}
    late = gather(request, {asked[2]: found[asked[2]], asked[3]: compute(asked[3])})
    np.testing.assert_array_equal(late.places, np.arange(50, 70))
    whole = gather(request, found | {asked[3]: compute(asked[3])})
    assert {len(one.labels) for one in whole.models.values()} == {70}
    assert len(cut(request, request.a)) == 2


def test_the_changes_of_the_chosen_picture_have_its_margins():
    request = request_of().with_(index=3)
    among = compute(pieces(request)[0])
    request = request_of(band_marks="changes").with_(index=3, b=FLIPPED)
    assert [one.model for one in pieces(request)] == [request.a, FLIPPED]
    result = run(request)
    assert result.kinds[FLIPPED] == "frequencies flipped"
    assert [one.scale for one in result.models.values()] == [1, 0.25]
    np.testing.assert_allclose(result.models[request.a].margins.margins[0], among.margins[3], rtol=0.02)
    for name, one in result.models.items():
        size = np.linalg.norm(one.delta.reshape(4, -1), axis=1)
        np.testing.assert_allclose(size / one.scale, one.margins.margins[0], rtol=1e-4)
        data = load_data("digits", frequencies=dict(variant_of(request, name))["frequencies"])
        np.testing.assert_array_equal(one.x, data.x[3])
        then = load_model(name)(torch.from_numpy(one.x + one.delta)).argmax(1)
        assert then.tolist() == one.margins.reached[0].tolist()
    first = pieces(request)[0]
    assert gather(request, {first: compute(first)}) is None


def test_one_s_own_picture_is_refused():
    sent = request_of(band_marks="changes").with_(upload="0" * 64)
    assert "not of one's own" in refusal(sent)
    assert refusal(request_of().with_(upload="0" * 64)) == ""
    with pytest.raises(UserError, match="of the test set"):
        pieces(sent)


def test_a_piece_is_sent_with_what_decides_it():
    one = pieces(request_of())[0]
    assert Band(**asdict(one)).key == one.key
    assert one.address().startswith("4 bands: bands: pictures 0 to 20 of digits")


@pytest.mark.parametrize("kind", ["all", "flipped"])
def test_the_flipped_model_hears_the_mirrored_frequencies(kind):
    """The paper's finding, on our own models: what flips the data flips the profile."""
    request = request_of(pictures=50, bands=6).with_(a="digits-standard", b=FLIPPED)
    found = run(request).models["digits-standard" if kind == "all" else FLIPPED]
    low, high = np.median(found.margins, 0)[[0, -1]]
    assert (low < high) == (kind == "all")
