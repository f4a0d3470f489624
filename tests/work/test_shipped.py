"""The shipped first views are what a computation gives today."""

import numpy as np
import pytest

from explorer.cli.ship import EMBEDDED
from explorer.core.assets import assets
from explorer.work.compute import compute
from explorer.work.pack import from_bytes
from explorer.work.request import default


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_shipped_view_is_the_computed_one(name):
    request = default(name)
    shipped = from_bytes((assets() / "results" / f"{request.key}.safetensors").read_bytes())
    found = compute(request)
    assert shipped.label == found.label
    for side in ("a", "b"):
        old, new = getattr(shipped, side), getattr(found, side)
        np.testing.assert_array_equal(old.x, new.x)
        np.testing.assert_allclose(old.logits, new.logits, atol=1e-3)
        np.testing.assert_allclose(old.path["margin"], new.path["margin"], atol=0.1)
        np.testing.assert_array_equal(old.success, new.success)


def test_nothing_else_is_shipped():
    files = {path.stem for path in (assets() / "results").glob("*")}
    assert files == {default(name).key for name in EMBEDDED}
