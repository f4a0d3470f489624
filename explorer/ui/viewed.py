"""A page of several views of one picture, or of one data set, on model A and model B."""

from collections.abc import Mapping
from types import ModuleType

from explorer.ui import controls, loading, shell, sidebar, state
from explorer.work.viewed import VIEWED


def page(views: Mapping[str, ModuleType]) -> None:
    """Draw the page that the address names: the choice of its views, and the chosen one.

    views : a module each, with `TITLE` and `draw(request, data)`; the names are those of `explorer.work.viewed`. One
        that hangs on neither the data set nor the models has `ALONE`: it is drawn without them.
    """
    request = state.current()
    known = VIEWED[request.page]
    data = sidebar.sidebar(request)
    controls.view(request, {name: views[name].TITLE for name in known.of(request.data)}, "choices")
    view = views[known.shown(request)]
    if getattr(view, "ALONE", False):
        view.draw(request, data)
    elif data is not None:
        view.draw(request, data)
        shell.cards(request)
    else:
        loading.absent(request)
    shell.explain(request.page)
