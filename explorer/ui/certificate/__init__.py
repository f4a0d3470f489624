"""The views of the Certificate page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.certificate import curve, ladder, picture, plane, votes

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.certificate`
    "picture": picture,
    "curve": curve,
    "plane": plane,
    "votes": votes,
    "ladder": ladder,
}
