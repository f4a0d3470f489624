"""The Boundary page's planes: what is asked for, and what is found."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.errors import UserError
from explorer.core.progress import silent
from explorer.data import load_data
from explorer.figures.borders import borders
from explorer.geometry.plane import points
from explorer.models.zoo import load_model
from explorer.work.address import strict
from explorer.work.boundary import planes
from explorer.work.boundary.planes import companions
from explorer.work.boundary.slices import compact, gather, needs, pieces, sliced
from explorer.work.pack import from_bytes, to_bytes
from explorer.work.request import default
from explorer.work.store import shared_store


def view(query):
    return sliced(pieces(strict(f"/boundary?{query}"))[-1], None, silent)


@pytest.fixture(scope="module")
def toy():
    return view("data=toy")


def test_margins_beyond_half_precision_keep_their_bytes(toy):
    section, found = toy.section, toy.a
    far = replace(found, margin=found.margin.astype(np.float32) * 1e5)
    kept = compact(far)
    assert (kept.margin.dtype, kept.confidence.dtype) == (np.float32, np.float16)
    np.testing.assert_array_equal(kept.margin, far.margin)
    assert compact(found).margin.dtype == np.float16
    near, far = (borders(one.labels, one.margin, *section.ticks(201)) for one in (found, kept))
    np.testing.assert_allclose(far, near, atol=1e-6)  # of margins all so many times as large


def test_of_points_the_page_is_a_dense_evaluation(toy):
    axis = torch.linspace(0, 1, 201)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    for name, found in (("toy-standard", toy.a), ("toy-pgd", toy.b)):
        with torch.no_grad():
            logits = load_model(name)(torch.stack([u, v], dim=-1).view(-1, 2))
        top = logits.topk(2, dim=1)
        sure = (top.values[:, 0] - top.values[:, 1]).view(201, 201).numpy() > 1e-3  # nearer it is a matter of rounding
        labels = top.indices[:, 0].view(201, 201).numpy()
        assert (found.labels == labels)[sure].all()
        checked = found.checked
        margin = (top.values[:, 0] - top.values[:, 1]).view(201, 201).numpy()
        np.testing.assert_allclose(found.margin[checked], margin[checked], atol=0.01, rtol=2e-3)
        assert found.asked < 6000


def test_points_and_their_attacks_lie_in_their_plane(toy):
    assert toy.section.window.tolist() == pytest.approx(
        [-toy.section.origin[0], 1 - toy.section.origin[0], -toy.section.origin[1], 1 - toy.section.origin[1]]
    )
    for trail in (toy.trail_a, toy.trail_b):
        assert trail.off.max() < 1e-6
        assert np.abs(trail.places).max() <= 0.06 + 1e-6
        assert trail.steps.tolist() == [-1, *range(41), 41]
    assert toy.near.total == toy.near.inside == len(toy.near.off) == 1000
    assert toy.near.off.max() < 1e-6


def test_the_boundary_ahead_is_where_the_slice_has_it(toy):
    row = int(np.abs(toy.section.ticks(201)[1]).argmin())
    for found, ahead in ((toy.a, toy.ahead_a), (toy.b, toy.ahead_b)):
        across, _ = toy.section.ticks(201)
        left = across[(found.labels[row] != ahead.labels[0]) & (across < 0)].max(initial=-np.inf)
        assert ahead.l2[0, 1] == pytest.approx(-left, abs=0.012)


@pytest.mark.parametrize("plane", ["attacks", "random", "gradients", "frequencies", "pictures"])
def test_every_plane_holds_what_it_is_laid_through(plane):
    first = sliced(pieces(strict(f"/boundary?data=digits&plane={plane}"))[0], None, silent)
    section = first.section
    assert section.marks["picture"].tolist() == pytest.approx([0, 0], abs=1e-6)
    assert (first.near, first.a.checked.mean() < 0.02) == (None, True)
    x = load_data("digits", "test").x[default("digits").index]
    np.testing.assert_array_equal(section.origin, x)
    corner = np.array([section.window[[0, 2]]])
    with torch.no_grad():
        said = load_model("digits-standard")(points(section, corner))
    assert first.a.labels[0, 0] == int(said.argmax())
    if plane in ("attacks", "random"):
        assert first.trail_a.off[-1] < 1e-5  # the attack on A made the first axis
    else:
        assert first.trail_a is None


def test_a_fine_look_has_the_layers_that_a_first_one_waits_for(monkeypatch):
    asked = []
    monkeypatch.setattr(planes, "strike", lambda *args, **how: asked.append(1) or strike(*args, **how))
    found = view("data=digits&plane=random&of=b&grid=dense&seed=3")
    assert found.section.names["across"] == "the attack on B"
    assert found.a.checked.all()
    assert (found.near.total, len(found.near.off)) == (1297, min(1000, found.near.inside))
    view("data=digits&plane=gradients&seed=3")
    assert len(asked) == 2  # one on each model: the next plane has the same attacks
    blob = to_bytes(found)
    again = from_bytes(blob)
    np.testing.assert_array_equal(again.b.labels, found.b.labels)
    assert len(blob) < 700_000


strike = planes.strike


def test_a_fine_look_is_laid_on_the_plane_of_the_coarse_one(monkeypatch):
    first, fine = pieces(strict("/boundary?data=digits&index=5&seed=8"))
    assert (needs(first), needs(fine)) == ([], [first])
    coarse = shared_store().put(first.key, sliced(first, None, silent))
    planes._struck.clear()
    monkeypatch.setattr(planes, "strike", lambda *_args, **_how: pytest.fail("the attacks are known"))
    found = sliced(fine, None, silent)
    for name in ("origin", "across", "up", "window"):
        np.testing.assert_array_equal(getattr(found.section, name), getattr(coarse.section, name))
    assert found.ahead_a.l2.tolist() == coarse.ahead_a.l2.tolist()
    assert found.trail_b.places.tolist() == coarse.trail_b.places.tolist()
    assert (coarse.near, found.near is None) == (None, False)


def test_what_a_plane_does_not_hang_on_asks_for_nothing_new():
    def keys(query):
        return [one.key for one in pieces(strict(f"/boundary?{query}"))]

    assert keys("data=digits") == keys("data=digits&picture2=5&low=3&of=b&near=2&trail=false&reach=3&method=lrp")
    assert keys("data=digits") != keys("data=digits&reach=4")
    assert keys("data=digits&plane=pictures") == keys("data=digits&plane=pictures&reach=4&of=b")
    assert keys("data=toy") == keys("data=toy&plane=frequencies&reach=7")
    assert len(keys("data=toy&grid=coarse")) == 1
    assert keys("data=toy&grid=coarse")[0] == keys("data=toy")[0]


def test_the_finest_look_that_is_there_is_shown():
    request = default("digits", page="boundary")
    first, fine = pieces(request)
    assert gather(request, {}) is None
    assert gather(request, {first: "coarse"}) == "coarse"
    assert gather(request, {first: "coarse", fine: "fine"}) == "fine"


def test_the_other_pictures_are_the_next_of_other_classes_or_those_chosen():
    request = default("digits", page="boundary").with_(index=1)

    def chosen(**changes):
        choices = dict(request.choices) | changes
        return companions(request.with_(choices=tuple(sorted(choices.items()))), [4, 4, 4, 7, 7, 2], 4)

    assert chosen() == (3, 5)
    assert chosen(picture2=5) == (5, 3)
    assert chosen(picture2=0, picture3=2) == (0, 2)
    assert chosen(picture3=3) == (5, 3)  # what is chosen comes before what is not
    for wrong in ({"picture2": 6}, {"picture2": 1}, {"picture2": 3, "picture3": 3}):
        with pytest.raises(UserError):
            chosen(**wrong)


def test_down_the_margin_of_a_wrong_answer_is_away_from_that_answer():
    found = view("data=digits&plane=gradients&index=119&of=a&grid=coarse")
    assert found.label != int(found.ahead_a.labels[0])
    right, left = found.ahead_a.l2[0, :2]
    assert right < left


def test_frequencies_that_are_one_are_refused_in_a_sentence():
    with pytest.raises(UserError, match="not two rising ones"):
        view("data=digits&plane=frequencies&low=50&high=50")


def test_a_budget_of_pixels_has_no_outline():
    found = sliced(pieces(strict("/boundary?data=digits&norm=l0&attack=jsma"))[0], None, silent)
    assert found.outlines is None
    assert found.section.norm == "l2"


def test_where_units_switch_is_a_piece_of_its_own_that_changes_no_other():
    plain, more = (pieces(strict(f"/boundary?data=toy{query}")) for query in ("", "&folds=true"))
    assert [one.key for one in more[:-1]] == [one.key for one in plain]
    assert dict(more[-1].choices)["grid"] == "folds"
    found = {one: sliced(one, None, silent) for one in (more[0], more[-1])}
    request = strict("/boundary?data=toy&folds=true")
    view = gather(request, found)
    assert view.folds.a.exact
    assert view.folds.a.count == len(view.folds.a.cuts) + 1 > 1000
    assert view.folds.a.section.window.tolist() == view.section.window.tolist()
    assert from_bytes(to_bytes(view)).folds.b.count == view.folds.b.count
    assert gather(request, {more[-1]: found[more[-1]]}) is None
    assert gather(request, {more[0]: found[more[0]]}).folds is None
    assert [one.key for one in pieces(strict("/boundary?data=toy&grid=folds"))] == [more[0].key, more[-1].key]


def test_a_network_without_such_regions_says_so():
    (*_, last) = pieces(strict("/boundary?data=shapes&a=shapes-standard-masked&plane=frequencies&folds=true"))
    found = sliced(last, None, silent)
    assert "Quantise" in found.a.sentence
    assert found.b.count > 0
