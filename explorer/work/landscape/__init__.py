"""The Landscape page: how each model's loss changes with its weights and with its input."""

from explorer.work.landscape import descents, inputs, planes, sharpness, slopes, study, surface, tiles
from explorer.work.views import Views

VIEWS = Views(
    modules={
        "surface": surface,
        "planes": planes,
        "inputs": inputs,
        "slopes": slopes,
        "sharpness": sharpness,
        "study": study,
    },
    requests={"inputs": inputs.around},
    samples={
        descents.DESCENT: descents.descent,
        tiles.TILE: tiles.tile,
        tiles.PERTURBED: tiles.perturbed,
        tiles.SHARPEST: tiles.sharpest,
        slopes.SLOPES: slopes.sloping,
        sharpness.CURVED: sharpness.curved,
        sharpness.DENSITY: sharpness.spectrum,
        sharpness.SCATTERED: sharpness.scattered,
    },
)
