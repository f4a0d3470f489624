"""The views of the Certificate page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.certificate import boxes, curve, ladder, picture, plane, votes

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.certificate`
    "picture": picture,
    "curve": curve,
    "plane": plane,
    "boxes": boxes,
    "votes": votes,
    "ladder": ladder,
}
