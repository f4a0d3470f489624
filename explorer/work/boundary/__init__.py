"""The Boundary page: where each model's decision boundary runs in input space."""

from explorer.work.boundary import anisotropy, bands, local, slices
from explorer.work.views import Views

VIEWS = Views(
    modules={"slices": slices, "bands": bands, "local": local, "anisotropy": anisotropy},
    requests={"slices": slices.sliced},
    samples={
        "bands": bands.band,
        local.NEARBY: local.nearby,
        local.LINEAR: local.linear,
        "networks": anisotropy.networks,
    },
)
