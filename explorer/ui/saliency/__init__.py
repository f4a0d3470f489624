"""The views of the Saliency page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.saliency import drawn, maps

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.saliency.VIEWS`
    "maps": maps,
    "drawn": drawn,
}
