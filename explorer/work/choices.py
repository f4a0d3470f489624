"""What the pages' own choices can be, and the knobs of many entries at once."""

from dataclasses import replace

from explorer.attribution.measures import MEASURES
from explorer.core.knobs import Knob, Whole
from explorer.training import RECIPES

NUMBER = Whole(20, 10_000, "test pictures, the first ones")
LOOKS = ("accounts", "maps", "attacked", "drawn", "measures")
DRAWINGS = ("classes", "units", "inversion", "versions")
LOOKING = ("method", "method_knobs", "second", "second_knobs", "explained", "against")
LAYERS = {
    "regions": "classes in their colours, the stronger the surer the model is",
    "contours": "lines of equal margin",
    "neighbours": "training pictures near the plane",
    "outlines": "the budget, dashed, and the box of all pictures",
    "trail": "the attack's steps, each at the nearest place of the plane",
    "marks": "the picture, and what the plane is laid through",
}
GRIDS = ("adaptive", "dense", "coarse", "folds")
PLANES = ("attacks", "random", "gradients", "frequencies", "pictures")
BOUNDARY = ("slices", "distances", "inside", "bands", "local", "anisotropy")
BAND_MARKS = ("swarm", "box", "changes")
LANDSCAPE = ("surface", "planes", "inputs", "slopes", "sharpness", "study")
SHARP = ("numbers", "eigenvalues", "density", "scattering")
WAYS = ("random", "gradient", "hessian", "models", "path")
LOSSES = ("clean", "kept", "anew")
MESHES = ("11", "26", "51", "101")
FACETS = ("summary", "cosines", "spectrum", "curvature", "linearity")
CERTIFICATE = ("picture", "curve", "plane", "boxes", "votes", "ladder")
TRAINING = ("live", "slow", "hard", "overfitting", "path_norm", "sparse", "recipes")
VIEWS = ("curve", "distances", "classes", "confusion", "transfer", "honesty")


def recipe_knobs() -> list[Knob]:
    """Return the knobs of all recipes, each named after its recipe; an attack's of the same name is another."""
    return [
        replace(knob, name=f"train_{entry.name}_{knob.name}")
        for entry in RECIPES.values()
        for knob in entry.knobs.values()
    ]


def measure_knobs() -> list[Knob]:
    """Return the knobs of all measures, each named after its measure."""
    return [
        replace(knob, name=f"{entry.name}_{knob.name}") for entry in MEASURES.values() for knob in entry.knobs.values()
    ]
