"""The views of the Saliency page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.saliency import accounts, attacked, drawn, maps, measures

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.saliency`
    "accounts": accounts,
    "maps": maps,
    "attacked": attacked,
    "drawn": drawn,
    "measures": measures,
}
