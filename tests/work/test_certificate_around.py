"""The Certificate page around one picture: envelopes, boxes, votes and ladders."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from explorer.core.results import Section
from explorer.data import load_data
from explorer.geometry.plane import points
from explorer.models.zoo import load_model
from explorer.work.address import read
from explorer.work.certificate import VIEWS, boxes, ladder, plane, votes
from explorer.work.local import run
from explorer.work.request import Request


def request_of(query: str, view: str) -> Request:
    request, problems = read(f"/certificate?view={view}&{query}")
    assert not problems
    return request


def asked_of(query: str, view: str) -> set[str]:
    return {one.key for one in VIEWS.pieces(request_of(query, view))}


def writable(section: Section) -> Section:
    """Return a plane whose arrays torch takes."""
    return replace(section, **{name: getattr(section, name).copy() for name in ("origin", "across", "up")})


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_envelopes_hold_the_answer_and_what_they_certify(norm):
    found = run(f"/certificate?data=toy&view=plane&norm={norm}")
    label, rng = int(load_data("toy").y[299]), np.random.default_rng(0)
    assert found.label == label
    for name, one in found.models.items():
        model, plane_of = load_model(name), writable(one.seen.section)
        assert (one.radius[one.whole] >= one.tried[one.whole] * 0.999).all()
        assert one.whole[0]
        assert not one.whole[-1]
        assert one.radius[-1] < one.radius.max()  # too large a ball loosens its planes
        for t in range(0, len(one.tried), 5):
            polygon = one.polygon(t)
            assert (one.seen.section.length(polygon) <= one.tried[t] * 1.001).all()
            mixed = rng.dirichlet(np.ones(len(polygon)), 200) @ polygon if len(polygon) else np.empty((0, 2))
            with torch.no_grad():
                assert (model(points(plane_of, mixed)).argmax(1) == label).all()
            held = found.held[name].get(str(t))
            if held is not None:
                with torch.no_grad():
                    assert (model(points(plane_of, held * 0.999)).argmax(1) == label).all()
        assert found.proofs.models[name]["envelope"].low[0] >= one.radius.max() - found.proofs.top / 128


def test_an_envelope_of_a_picture_is_cut_by_the_plane_of_both_attacks():
    found = run("/certificate?data=digits&view=plane&index=2&lines=fast_lin")
    first = next(iter(found.models.values()))
    assert set(first.seen.section.marks) == {"picture", "attack on A", "attack on B"}
    assert len(first.tried) == 24
    fast, crown = (plane.pieces(request_of(f"data=digits&lines={lines}", "plane")) for lines in ("fast_lin", "crown"))
    assert crown[0].key != fast[0].key
    assert {one.key for one in crown[1:]} == {one.key for one in fast[1:]}


def test_votes_hang_on_noise_and_seed_and_not_on_the_budget():
    same = asked_of("data=digits", "votes")
    assert len(same) == 2
    for query in ("eps=100", "norm=l2", "proof=ibp", "n=50"):
        assert asked_of(f"data=digits&{query}", "votes") == same, query
    for query in ("sigma=0.5", "copies=200", "doubt=0.01", "seed=2", "index=5"):
        assert not asked_of(f"data=digits&{query}", "votes") & same, query
    found = run("/certificate?view=votes&data=digits&copies=200")
    assert list(found.models) == ["digits-standard", "digits-pgd"]
    assert all(one.counts.sum() == 200 and one.radius[0] > 0 for one in found.models.values())
    assert votes.gather(request_of("data=digits&copies=200", "votes"), {}) is None


def test_ladders_go_down_to_what_was_met_and_refuse_what_they_do_not_know():
    found = run("/certificate?view=ladder&data=toy")
    for one in found.models.values():
        assert one.eps == pytest.approx(0.06)
        assert one.bounds["product"][one.rival] >= one.bounds["path"][one.rival] >= one.bounds["sampled"][one.rival] > 0
        assert "one hidden layer" in one.refused["lipopt 2"]
    wide = run("/certificate?view=ladder&data=toy&local=false")
    assert all(one.eps is None for one in wide.models.values())
    assert asked_of("data=toy&local=false&eps=9", "ladder") == asked_of("data=toy&local=false", "ladder")
    assert asked_of("data=toy&eps=0", "ladder") == asked_of("data=toy&local=false", "ladder")
    assert ladder.gather(request_of("data=toy", "ladder"), {}) is None
    masked = run("/certificate?view=ladder&a=shapes-standard-masked&b=shapes-standard-masked")
    assert not masked.models
    assert "Nothing can be proved" in masked.refused["shapes-standard-masked"]


def test_boxes_are_of_one_picture_or_of_many_and_hold_the_answer():
    found = run("/certificate?view=boxes&data=toy")
    point, rng = load_data("toy").x[299], np.random.default_rng(0)
    for name, one in found.models.items():
        assert one.gain[0] > 0
        moved = rng.uniform(-1, 1, (500, 2)).astype(np.float32) * one.eps[0]
        with torch.no_grad():
            said = load_model(name)((point + torch.from_numpy(moved)).clamp(0, 1)).argmax(1)
        assert (said == int(one.labels[0])).all()
    assert asked_of("data=toy&over=many", "boxes") == asked_of("data=toy", "boxes")  # two values are no map
    request = request_of("data=digits&over=many&pictures=15", "boxes")
    asked = boxes.pieces(request)
    assert [(one.model, one.start, one.stop) for one in asked] == [
        ("digits-standard", 0, 10),
        ("digits-pgd", 0, 10),
        ("digits-standard", 10, 15),
        ("digits-pgd", 10, 15),
    ]
    assert boxes.gather(request, {}) is None


def test_a_network_too_large_for_boxes_is_refused_on_its_side():
    found = run("/certificate?view=boxes&data=shapes&b=shapes-standard-masked")
    assert not found.models
    assert found.order == ("shapes-standard", "shapes-standard-masked")
    assert "too large" in found.refused["shapes-standard"]
    assert "Nothing can be proved" in found.refused["shapes-standard-masked"]
