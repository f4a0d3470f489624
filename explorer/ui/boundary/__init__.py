"""The views of the Boundary page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.boundary import anisotropy, bands, distances, inside, local, slices

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.boundary`
    "slices": slices,
    "distances": distances,
    "inside": inside,
    "bands": bands,
    "local": local,
    "anisotropy": anisotropy,
}
