"""The Landscape page: how each model's loss changes with its weights."""

from explorer.work.landscape import surface, tiles
from explorer.work.views import Views

VIEWS = Views(
    modules={"surface": surface},
    requests={},
    samples={tiles.TILE: tiles.tile, tiles.PERTURBED: tiles.perturbed},
)
