"""What people call a page's knobs, whose names in the address are short."""

from collections.abc import Mapping

from explorer.training import RECIPES

TRAINED = {  # of recipes' knobs, which have their recipe's name before them
    "steps": "Steps of the attack",
    "step": "Length of a step, in budgets",
    "warmup": "Share of the training that warms up",
    "resets": "How often perturbations begin anew",
    "longest": "Step without a gradient, in budgets",
    "low": "Shortest step, in budgets",
    "high": "Longest step, in budgets",
    "c": "Gradient at which a step is halved",
    "rho": "Weight of earlier answers",
    "weight": "Weight of the path norm",
    "by": "How the path norm is lowered",
    "sigma": "Standard deviation of the noise",
    "periods": "How many periods",
    "shape": "How the budget grows",
    "peak": "Where a period would end, in budgets",
    "start": "Share of the training before the budget grows",
    "ramp": "Share of the training in which it grows",
    "kappa": "Weight of the clean loss at the end",
    "gamma": "Weight of the regulariser",
    "nearest": "Planes of a picture that count",
    "jumps": "How often the budget doubles",
    "whole": "Share of the training until it is whole",
    "part": "Share of a batch with planes",
    "closest": "Those of the smallest margins",
    "inner": "How inner layers are bounded",
}
BETA = {
    "trades": "Weight of the steady answer",
    "adaptive_target": "Share of the label in the target",
    "crown_ibp": "Weight of the lines at the end",
    "atas": "Weight of earlier gradients",
    "constant_step": "Weight of earlier gradients",
}
LABELS: Mapping[str, Mapping[str, str]] = {
    "landscape": {
        "n": "Test pictures",
        "planes": "How many planes",
        "reach": "How far the weights move",
        "climbs": "Steps of the attack",
        "statistics": "Batch norm's statistics",
        "ball": "Radius of the ball",
        "beyond": "How far from the picture, in budgets",
        "between": "A spline between the points",
        "ceiling": "Draw higher losses as",
    },
    "training": {
        "architecture": "Network",
        "depth": "Layers or stages",
        "rate": "Learning rate",
        "train_pictures": "Training pictures",
        **{
            f"train_{entry.name}_{knob}": TRAINED[knob]
            for entry in RECIPES.values()
            for knob in entry.knobs
            if knob in TRAINED
        },
        **{f"train_{recipe}_beta": label for recipe, label in BETA.items()},
    },
    "boundary": {
        "reach": "How far, in budgets",
        "near": "Training pictures nearer than",
        "lines": "Random lines",
        "points": "Points in each ball",
        "pictures": "Test pictures",
        "draws": "Random lines of each picture",
        "each": "Points in each ball",
        "bands": "How many bands",
        "band_width": "Frequencies of a band",
        "own_kind": "Pictures of each model's own kind",
        "architecture": "Network",
        "networks": "Networks drawn",
        "side": "Pixels of a side",
        "length": "Distances in",
        "taken": "Of a picture's ways count the",
    },
}


def label_of(page: str, name: str) -> str:
    """Return what to call a knob of a page; others are called by their names."""
    return LABELS.get(page, {}).get(name) or name.replace("_", " ").capitalize()
