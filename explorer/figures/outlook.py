"""What a figure of the Embedding page must know besides the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.figures.setting import Setting

SPACES = {"features": "feature", "logits": "logit", "pixels": "pixel"}


@dataclass(frozen=True, slots=True)
class Outlook:
    """The words around what was embedded, and how it is to be drawn.

    setting : the names of classes and models, and the budget of the attack; attack : its title
    index : the chosen picture, -1 for an uploaded one
    choices, show : the page's own
    points : whether the pictures are points of the plane
    """

    setting: Setting
    attack: str
    index: int
    choices: Mapping[str, Any]
    show: Mapping[str, Any]
    points: bool = False

    @property
    def space(self) -> str:
        """What a picture is in this space, for one of it: "feature", "logit", "pixel" or "coordinate"."""
        found = SPACES[self.choices["space"]]
        return "coordinate" if found == "pixel" and self.points else found

    @property
    def tuned(self) -> str:
        """The knobs of UMAP, in words."""
        asked = self.choices
        return f"n_neighbors {asked['n_neighbors']}, min_dist {asked['min_dist']:g}, seed {asked['map_seed']}"

    @property
    def thing(self) -> str:
        """What to call one of those that were embedded: "picture" or "point"."""
        return "point" if self.points else "picture"

    @property
    def picture(self) -> str:
        """What to call the chosen picture or point."""
        return f"the uploaded {self.thing}" if self.index < 0 else f"{self.thing} {self.index}"
