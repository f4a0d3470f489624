"""What a figure of the Saliency page must know besides the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from explorer.figures.setting import Setting


@dataclass(frozen=True, slots=True)
class Sight:
    """The words around what was looked at, and how it is to be drawn.

    setting : the names of classes and models, and the budget of an attack
    titles : the titles of the saliency methods, by name; method, second : those chosen, the second "" if none
    score : "logit", "difference" or "loss"; show : the page's ways of showing
    """

    setting: Setting
    titles: Mapping[str, str]
    method: str
    second: str
    score: str
    show: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The chosen method's title."""
        return self.titles[self.method]

    def scored(self, kind: str, label: int, against: int | None) -> str:
        """Return what a map explains, in words: "'ring'", "'ring' less 'moon'", "the loss of 'ring'"."""
        classes = self.setting.classes
        if kind == "loss":
            return f"the loss of '{classes[label]}'"
        return f"'{classes[label]}'" + ("" if against is None else f" less '{classes[against]}'")
