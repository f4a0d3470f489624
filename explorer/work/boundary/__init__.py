"""The Boundary page: where each model's decision boundary runs in input space."""

from explorer.work.boundary import anisotropy, bands, distances, inside, local, slices
from explorer.work.views import Views

VIEWS = Views(
    modules={
        "slices": slices,
        "distances": distances,
        "inside": inside,
        "bands": bands,
        "local": local,
        "anisotropy": anisotropy,
    },
    requests={"slices": slices.sliced, "distances": distances.near, "inside": inside.around},
    samples={
        "reach": distances.reach,
        "balls": inside.balls,
        "bands": bands.band,
        "changes": bands.changed,
        local.NEARBY: local.nearby,
        local.LINEAR: local.linear,
        local.COMPARED: local.compared,
        "networks": anisotropy.networks,
    },
)
