import sys
from pathlib import Path

import pytest
import torch

# worker processes unpickle the tests' own functions by name; last, so that the installed package comes first
sys.path.append(str(Path(__file__).parents[2]))


@pytest.fixture(scope="session", autouse=True)
def one_thread():
    """Tiny models on a busy machine: more threads would only wait for each other."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)
