"""Files as other programs write them."""

import io
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn


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
