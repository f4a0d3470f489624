"""The Boundary page: where each model's decision boundary runs in input space."""

from explorer.work.boundary import bands, local, slices
from explorer.work.views import Views

VIEWS = Views(
    modules={"slices": slices, "bands": bands, "local": local},
    requests={"slices": slices.sliced},
    samples={"bands": bands.band, local.NEARBY: local.nearby, local.LINEAR: local.linear},
)
