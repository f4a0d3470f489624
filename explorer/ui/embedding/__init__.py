"""The views of the Embedding page."""

from types import ModuleType

from explorer.ui.embedding import numbers, places

VIEWS: dict[str, ModuleType] = {"map": places, "numbers": numbers}
