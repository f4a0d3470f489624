import pytest
import torch

from explorer.attacks._track import FRAMES, Track
from explorer.core.goals import Goal


def shown(track: Track, values: list[float], margins: list[float]) -> list[bool]:
    """Show iterates of one pixel, with two-class logits of the given margins."""
    x_t = torch.tensor(values)[:, None]
    logits = torch.tensor([[m, 0.0] for m in margins])
    return track.see(x_t, logits).tolist()


def track_of(count: int, **settings) -> Track:
    return Track(torch.zeros(count, 1), Goal(torch.zeros(count, dtype=torch.long)), "linf", **settings)


def test_the_smallest_margin_is_kept_and_the_broken_leave():
    track = track_of(3)
    assert shown(track, [0.1, 0.2, 0.3], [3.0, -1.0, 0.0]) == [True, False, True]
    assert track.open.tolist() == [0, 2]
    assert shown(track, [0.4, 0.5], [4.0, -2.0]) == [True, False]
    assert track.best[:, 0].tolist() == torch.tensor([0.1, 0.2, 0.5]).tolist()
    assert track.margin.tolist() == [3.0, -1.0, -2.0]
    assert track.restart().tolist() == [0]


def test_without_stop_everyone_stays_and_the_strongest_is_kept():
    track = track_of(2, stop=False)
    assert shown(track, [0.1, 0.2], [-1.0, 3.0]) == [True, True]
    assert shown(track, [0.3, 0.4], [-0.5, 2.0]) == [True, True]
    assert track.best[:, 0].tolist() == torch.tensor([0.1, 0.4]).tolist()
    assert track.restart().tolist() == [0, 1]


def test_a_model_that_says_nothing_is_no_success():
    track = track_of(1)
    track.see(torch.ones(1, 1), torch.full((1, 2), float("nan")))
    assert track.best.tolist() == [[0.0]]


def test_the_path_rests_for_those_who_left():
    track = track_of(2, keep=True)
    shown(track, [0.1, 0.2], [1.0, -1.0])
    shown(track, [0.3], [-2.0])
    rest = {"x": torch.full((3, 1), 9.0), "logits": torch.zeros(3, 2), "loss": torch.zeros(3)}
    rest |= {"margin": torch.full((3,), -7.0), "distance": torch.zeros(3)}
    path = track.replay(rest, torch.tensor([0, 2]))
    torch.testing.assert_close(path["x"][:, :, 0], torch.tensor([[0.1, 9.0, 0.2], [0.3, 9.0, 0.2]]))
    assert path["margin"].tolist() == [[1.0, -7.0, -1.0], [-2.0, -7.0, -1.0]]
    torch.testing.assert_close(path["distance"], torch.tensor([[0.1, 0.0, 0.2], [0.3, 0.0, 0.2]]))


def test_a_long_path_keeps_all_numbers_some_pictures_and_the_first_success():
    track, count = track_of(1, keep=True, stop=False), 5 * FRAMES
    for step in range(count):
        shown(track, [step / count], [-1.0 if step == 777 else 1.0])
    rest = {"x": torch.zeros(1, 1), "margin": torch.zeros(1)}
    path = track.replay(rest, torch.tensor([0]))
    kept = path["kept"].tolist()
    assert path["margin"].shape == (count, 1)
    assert kept == sorted({*range(0, count, 4), 777, count - 1})
    assert path["x"].flatten().tolist() == pytest.approx([step / count for step in kept])


def test_a_path_of_nothing_is_empty():
    assert track_of(2, keep=True).replay({"x": torch.zeros(2, 1)}, torch.tensor([0, 1])) == {}
    track = track_of(1)
    shown(track, [0.1], [1.0])
    assert track.path == []


def test_an_iterate_changed_later_stays_as_it_was_shown():
    track, x_t = track_of(1, keep=True, stop=False), torch.full((1, 1), 0.5)
    track.see(x_t, torch.tensor([[1.0, 0.0]]))
    x_t.fill_(0.9)
    assert track.best.item() == track.pictures[0].item() == 0.5


def test_a_search_for_the_smallest_keeps_the_shortest_that_reaches_the_goal():
    track = track_of(3, smallest=True)
    assert shown(track, [0.5, 0.4, 0.3], [-1.0, 2.0, 1.0]) == [True, True, True]
    assert shown(track, [0.6, 0.3, 0.2], [-9.0, 1.0, 3.0]) == [True, True, True]
    assert track.best[:, 0].tolist() == torch.tensor([0.5, 0.3, 0.3]).tolist()
    shown(track, [0.2, 0.9, 0.1], [-0.1, -1.0, 4.0])
    assert track.best[:, 0].tolist() == torch.tensor([0.2, 0.9, 0.3]).tolist()
    assert track.size.tolist() == [*torch.tensor([0.2, 0.9]).tolist(), float("inf")]
    track.leave(torch.tensor([True, False, False]))
    shown(track, [0.1, 0.1], [-1.0, -1.0])
    assert track.best[:, 0].tolist() == torch.tensor([0.2, 0.1, 0.1]).tolist()


def test_the_shortest_success_is_kept_but_not_within_rounding_of_the_boundary():
    track = track_of(2, smallest=True)
    assert shown(track, [0.5, 0.5], [1.0, 2.0]) == [True, True]
    assert shown(track, [0.4, 0.4], [-1.0, 1e-7]) == [True, True]
    track.see(torch.tensor([[0.3], [0.3]]), torch.tensor([[5.0, 6.0], [5.0, 5.0 + 1e-6]]))
    assert track.size.tolist() == [pytest.approx(0.3), float("inf")]
    track.play(torch.tensor([1]))
    assert shown(track, [0.9], [-1.0]) == [True]
    assert track.best[:, 0].tolist() == [pytest.approx(0.3), pytest.approx(0.9)]


def test_stages_tell_who_broke_what_at_which_cost():
    images = 0
    track = track_of(4, spent=lambda: images)
    assert track.stages() == {}
    track = track_of(4, spent=lambda: images)
    track.stage("first")
    images += 7
    shown(track, [0.1, 0.2, 0.3, 0.4], [1.0, -1.0, 2.0, -1.0])
    track.stage("second")
    assert track.open.tolist() == [0, 2]
    images += 2
    shown(track, [0.1, 0.2], [1.0, -1.0])
    track.stage("third")
    assert track.open.tolist() == [0]
    found = track.stages()
    assert {name: value[:2] for name, value in found.items()} == {"first": (2, 7), "second": (1, 2), "third": (0, 0)}
    assert all(seconds >= 0 for _, _, seconds in found.values())


def test_a_stage_leaves_the_broken_out_also_where_an_attack_does_not():
    track = track_of(3, stop=False)
    track.stage("first")
    assert shown(track, [0.1, 0.2, 0.3], [1.0, -1.0, 2.0]) == [True, True, True]
    assert track.restart().tolist() == [0, 1, 2]
    track.stage("second")
    assert track.restart().tolist() == [0, 2]
    shown(track, [0.4, 0.5], [-1.0, 3.0])
    assert track.restart().tolist() == [0, 2]
    assert track.best[:, 0].tolist() == torch.tensor([0.4, 0.2, 0.3]).tolist()
