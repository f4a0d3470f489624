"""Flips and crops, told apart by pictures whose pixels are numbered; and what follows them, and goes back."""

import pytest
import torch
from torch.nn.functional import pad

from explorer.core.device import generator
from explorer.training.augment import augmented

X = torch.arange(200 * 3 * 6 * 6, dtype=torch.float32).view(200, 3, 6, 6)


def test_none_is_none():
    assert augmented(X, 0, False, generator(0))[0] is X


def test_a_flip_mirrors_about_half_of_the_pictures():
    found, _ = augmented(X, 0, True, generator(0))
    mirrored = (found == X.flip(-1)).flatten(1).all(1)
    same = (found == X).flatten(1).all(1)
    assert (mirrored ^ same).all()
    assert 70 < mirrored.sum() < 130


def test_a_crop_shifts_each_picture_as_a_whole():
    found, _ = augmented(X, 2, False, generator(0))
    padded = pad(X, [2] * 4, mode="reflect")
    seen = set()
    for picture, source in zip(found, padded, strict=True):
        places = [(i, j) for i in range(5) for j in range(5) if torch.equal(picture, source[:, i : i + 6, j : j + 6])]
        assert places
        seen.update(places)
    assert len(seen) == 25


@pytest.mark.parametrize("flip", [False, True])
@pytest.mark.parametrize("margin", [0, 2])
def test_what_is_pasted_lies_where_the_cut_was_taken(margin, flip):
    """A canvas follows its picture, and gets back exactly what is seen of it: the rest stays."""
    found, placement = augmented(X, margin, flip, generator(0))
    canvas = pad(X, [margin] * 4, mode="reflect") if margin else X
    assert torch.equal(placement.crop(canvas), found)
    pasted = placement.paste(canvas, -1 - found)
    assert torch.equal(placement.crop(pasted), -1 - found)
    assert int((pasted != canvas).sum()) == found.numel()
    assert torch.equal(pasted[pasted != canvas], (-1 - canvas)[pasted != canvas])
