"""The views of the Landscape page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.landscape import surface

VIEWS: dict[str, ModuleType] = {"surface": surface}  # the names are those of `explorer.work.landscape`
