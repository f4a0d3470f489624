"""What people call a page's knobs, whose names in the address are short."""

from collections.abc import Mapping

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
