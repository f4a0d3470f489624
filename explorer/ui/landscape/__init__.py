"""The views of the Landscape page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.landscape import inputs, planes, sharpness, slopes, study, surface

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.landscape`
    "surface": surface,
    "planes": planes,
    "inputs": inputs,
    "slopes": slopes,
    "sharpness": sharpness,
    "study": study,
}
