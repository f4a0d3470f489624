import pytest
import torch

from explorer.core.device import best_device, generator, in_batches, own_seeds
from explorer.core.errors import UserError


def test_the_best_device_is_there():
    assert torch.zeros(1, device=best_device()).sum() == 0


def test_a_generator_is_seeded_and_leaves_the_global_one_alone():
    state = torch.get_rng_state()
    assert torch.equal(torch.rand(3, generator=generator(5)), torch.rand(3, generator=generator(5)))
    assert torch.equal(torch.get_rng_state(), state)


def test_batches_cover_every_row_in_order():
    assert in_batches(10, 4, lambda rows: (rows.start, rows.stop)) == [(0, 4), (4, 8), (8, 10)]
    assert in_batches(0, 4, lambda rows: rows) == []


def test_a_batch_that_does_not_fit_is_halved_from_there_on():
    tried = []

    def work(rows: slice) -> int:
        tried.append(size := rows.stop - rows.start)
        if size > 3:
            raise torch.OutOfMemoryError("too large")
        return size

    assert sum(in_batches(10, 8, work)) == 10
    assert tried == [8, 4, 2, 2, 2, 2, 2]


def test_memory_too_small_for_one_row_is_one_sentence():
    def work(rows: slice) -> int:
        raise torch.OutOfMemoryError("too large")

    with pytest.raises(UserError, match=r"^The device's memory does not hold .*\.$"):
        in_batches(10, 8, work)


def test_a_picture_s_seed_is_that_of_its_place():
    assert own_seeds(3, 0, 10)[4:7].equal(own_seeds(3, 4, 3))
    assert len(own_seeds(3, 0, 1000).unique()) == 1000
    assert not own_seeds(3, 0, 5).equal(own_seeds(4, 0, 5))
