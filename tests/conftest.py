"""One thread for every test, and files as other programs write them."""

import io
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from hypothesis import settings
from torch import nn

settings.register_profile("explorer", deadline=None)  # no test is timed: on a busy machine any is slow
settings.load_profile("explorer")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """On busy cores the threads of small tensors wait for each other longer than they work."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def export() -> Callable[..., bytes]:
    """Write a network as ONNX with torch's TorchScript exporter: quick, and what most files come from."""

    def export(net: nn.Module, x: torch.Tensor, **settings: Any) -> bytes:
        file = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the exporter speaks of its age
            torch.onnx.export(net.eval(), (x,), file, dynamo=False, **settings)
        return file.getvalue()

    return export
