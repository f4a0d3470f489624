"""The Landscape page: how each model's loss changes with its weights and with its input."""

from explorer.work.landscape import inputs, sharpness, slopes, surface, tiles
from explorer.work.views import Views

VIEWS = Views(
    modules={"surface": surface, "inputs": inputs, "slopes": slopes, "sharpness": sharpness},
    requests={"inputs": inputs.around},
    samples={
        tiles.TILE: tiles.tile,
        tiles.PERTURBED: tiles.perturbed,
        slopes.SLOPES: slopes.sloping,
        sharpness.CURVED: sharpness.curved,
        sharpness.DENSITY: sharpness.spectrum,
        sharpness.SCATTERED: sharpness.scattered,
    },
)
