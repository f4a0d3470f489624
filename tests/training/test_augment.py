"""Flips and crops, told apart by pictures whose pixels are numbered."""

import torch

from explorer.core.device import generator
from explorer.training.loop import Plan, _augment

X = torch.arange(200 * 3 * 6 * 6, dtype=torch.float32).view(200, 3, 6, 6)


def plan(**settings) -> Plan:
    return Plan(epochs=1, rate=0.1, **settings)


def test_none_is_none():
    assert _augment(X, plan(), generator(0)) is X


def test_a_flip_mirrors_about_half_of_the_pictures():
    found = _augment(X, plan(flip=True), generator(0))
    mirrored = (found == X.flip(-1)).flatten(1).all(1)
    same = (found == X).flatten(1).all(1)
    assert (mirrored ^ same).all()
    assert 70 < mirrored.sum() < 130


def test_a_crop_shifts_each_picture_as_a_whole():
    found = _augment(X, plan(augment=2), generator(0))
    padded = torch.nn.functional.pad(X, [2] * 4, mode="reflect")
    seen = set()
    for picture, source in zip(found, padded, strict=True):
        places = [(i, j) for i in range(5) for j in range(5) if torch.equal(picture, source[:, i : i + 6, j : j + 6])]
        assert places
        seen.update(places)
    assert len(seen) == 25
