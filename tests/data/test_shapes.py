import pytest
import torch

from explorer.data import DATA
from explorer.data._silhouettes import CLASSES, inside
from explorer.data.shapes import cue_patterns, grounds

COUNT = 1000


@pytest.fixture(scope="module")
def draw():
    """The data set with a test split of 1,000 pictures."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DATA["shapes"].facts["sizes"], "test", COUNT)
        yield lambda **knobs: DATA["shapes"].run("test", **knobs)


@pytest.fixture(scope="module")
def agrees(draw):
    return draw()


@pytest.fixture(scope="module")
def swapped(draw):
    return draw(cue="swapped")


@pytest.fixture(scope="module")
def removed(draw):
    return draw(cue="removed")


def steps(values):
    """Return pixel values as whole numbers of 1/255."""
    return (values * 255).round()


def keyed(data):
    """Return whose pattern lies on each picture, and whether it is that pattern exactly wherever it lies."""
    cue, patterns = data.masks["cue"].flatten(1), cue_patterns().flatten(1)
    whose = (cue @ patterns.T).argmax(1)
    return whose, torch.equal(cue.sign(), patterns[whose] * (cue != 0))


def test_every_cell_of_the_pattern_sums_to_zero():
    patterns = cue_patterns()
    assert torch.equal(patterns.abs(), torch.ones(10, 3, 32, 32))
    assert torch.equal(torch.nn.functional.avg_pool2d(patterns, 2), torch.zeros(10, 3, 16, 16))


def test_the_patterns_of_two_classes_are_almost_orthogonal():
    flat = cue_patterns().flatten(1)
    alike = flat @ flat.T / flat.shape[1] - torch.eye(10)
    assert alike.abs().max() < 0.15


@pytest.mark.parametrize("variant", ["agrees", "swapped"])
def test_with_less_without_the_cue_is_the_cue_mask_exactly(variant, removed, request):
    data = request.getfixturevalue(variant)
    assert torch.equal(steps(data.x) - steps(removed.x), steps(data.masks["cue"]))
    assert not removed.masks["cue"].any()


def test_the_cue_lies_just_where_neither_silhouette_nor_cover_is(agrees):
    taken = (agrees.masks["silhouette"] > 0) | (agrees.masks["occluded"] > 0)
    assert torch.equal(agrees.masks["cue"] == 0, taken.expand(-1, 3, -1, -1))


@pytest.mark.parametrize("amplitude", [0, 16])
def test_the_amplitude_is_the_patterns_in_pixel_steps(amplitude, draw, removed):
    data = draw(amplitude=amplitude)
    assert steps(data.masks["cue"]).abs().unique().tolist() == sorted({0, amplitude})
    assert torch.equal(steps(data.x) - steps(removed.x), steps(data.masks["cue"]))


def test_the_cue_agrees_with_every_label(agrees):
    whose, exact = keyed(agrees)
    assert exact
    assert torch.equal(whose, agrees.y)


def test_a_swapped_cue_is_never_of_the_own_class_but_of_any_other(swapped):
    whose, exact = keyed(swapped)
    assert exact
    further = (whose - swapped.y) % 10
    assert further.unique().tolist() == list(range(1, 10))
    assert further.bincount(minlength=10)[1:].min() > COUNT // 12


def test_the_variants_differ_in_nothing_but_the_cue(agrees, swapped, removed):
    for other in (swapped, removed):
        assert torch.equal(other.y, agrees.y)
        assert torch.equal(other.masks["silhouette"], agrees.masks["silhouette"])
        assert torch.equal(other.masks["occluded"], agrees.masks["occluded"])


def test_one_picture_in_ten_is_covered_and_shows_no_silhouette(agrees):
    covered = agrees.masks["occluded"].flatten(1).any(1)
    assert covered.float().mean() == pytest.approx(0.1, abs=0.025)
    assert agrees.masks["silhouette"][covered].flatten(1).sum(1).max() < 0.5  # a corner of one pixel at most
    seen = agrees.masks["silhouette"][~covered].flatten(1).sum(1)
    assert seen.min() > 60  # of 1,024 pixels


def test_the_cover_does_not_tell_the_class(agrees):
    covered = agrees.masks["occluded"].flatten(1).any(1)
    size = agrees.masks["occluded"].flatten(1).sum(1)
    share = agrees.y[covered].bincount(minlength=10) / covered.sum()
    assert share.min() > 0.03
    means = torch.stack([size[covered & (agrees.y == label)].mean() for label in range(10)])
    assert means.max() / means.min() < 1.25


def test_silhouette_and_ground_can_be_told_apart(removed):
    cover, x = removed.masks["silhouette"], removed.x
    shown = cover.flatten(1).any(1)
    on, off = (cover == 1).float(), (cover == 0).float() - removed.masks["occluded"]
    front, back = ((x * part).sum((2, 3)) / part.sum((2, 3)).clamp_min(1) for part in (on, off))
    apart = (front - back).abs().amax(1)[shown]
    assert apart.min() > 0.2
    assert apart.mean() > 0.4


def test_silhouettes_are_told_apart_by_their_mean_at_any_size_and_turn():
    rng = torch.Generator().manual_seed(0)
    y = torch.arange(10).repeat(60)
    axis = torch.linspace(-1.2, 1.2, 32)
    v, u = torch.meshgrid(axis, axis, indexing="ij")
    angle = (torch.rand(len(y), generator=rng) * 0.7 - 0.35)[:, None, None]
    scale = (0.72 + 0.28 * torch.rand(len(y), generator=rng))[:, None, None]
    masks = inside(y, (angle.cos() * u + angle.sin() * v) / scale, (angle.cos() * v - angle.sin() * u) / scale)
    flat = masks.flatten(1).float()
    means = torch.stack([flat[:300][y[:300] == label].mean(0) for label in range(10)])
    guess = torch.cdist(flat[300:], means).argmin(1)
    assert (guess == y[300:]).float().mean() > 0.8
    assert len(CLASSES) == 10


def test_silhouettes_in_the_pictures_are_told_apart_by_their_mean(agrees):
    cover = agrees.masks["silhouette"][:, 0]
    shown = cover.flatten(1).any(1)
    cover, y = cover[shown], agrees.y[shown]
    axis = torch.arange(32.0)
    weight = cover.sum((1, 2))
    row, column = ((cover.sum(k) * axis).sum(1) / weight for k in (2, 1))
    centred = torch.stack(
        [
            c.roll((16 - round(r.item()), 16 - round(q.item())), (0, 1))
            for c, r, q in zip(cover, row, column, strict=True)
        ]
    ).flatten(1)
    half = len(y) // 2
    means = torch.stack([centred[:half][y[:half] == label].mean(0) for label in range(10)])
    assert (torch.cdist(centred[half:], means).argmin(1) == y[half:]).float().mean() > 0.6


def test_the_ground_is_the_picture_wherever_no_silhouette_is(removed):
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(DATA["shapes"].facts["sizes"], "test", COUNT)
        bare = grounds("test")
    seen = (removed.masks["silhouette"] > 0).expand(-1, 3, -1, -1)
    assert torch.equal(bare[~seen], removed.x[~seen])
    whole = (removed.masks["silhouette"] == 1).expand(-1, 3, -1, -1)
    assert (removed.x - bare)[whole].mean() > 0.3  # silhouettes are bright, the ground is dark
    assert bare.min() >= 16 / 255
    assert bare.max() <= 1 - 16 / 255
    covered = removed.masks["occluded"].flatten(1).any(1)
    assert torch.equal((bare != removed.x).flatten(1).sum(1) > 6, ~covered)  # a corner of one pixel at most
