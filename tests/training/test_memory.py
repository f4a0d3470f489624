"""What a recipe keeps of its pictures."""

import torch

from explorer.training.memory import Memory


def test_rows_are_zero_at_first_and_then_what_was_put():
    memory, index = Memory(5), torch.tensor([3, 1])
    like = torch.ones(2, 4)
    assert torch.equal(memory.rows("a", index, like), torch.zeros(2, 4))
    memory.put("a", index, torch.tensor([[1.0] * 4, [2.0] * 4]))
    assert torch.equal(memory.rows("a", torch.arange(5), like)[:, 0], torch.tensor([0.0, 2.0, 0.0, 1.0, 0.0]))


def test_what_is_asked_for_is_a_copy():
    memory, index = Memory(3), torch.arange(3)
    memory.rows("a", index, torch.ones(3)).add_(1)
    assert torch.equal(memory.rows("a", index, torch.ones(3)), torch.zeros(3))
