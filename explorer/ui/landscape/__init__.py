"""The views of the Landscape page: a module each, with `TITLE` and `draw(request, data)`."""

from types import ModuleType

from explorer.ui.landscape import inputs, sharpness, slopes, surface

VIEWS: dict[str, ModuleType] = {  # the names are those of `explorer.work.landscape`
    "surface": surface,
    "inputs": inputs,
    "slopes": slopes,
    "sharpness": sharpness,
}
