"""The Saliency page: what each model looks at."""

from explorer.ui import controls, loading, shell, state
from explorer.ui.saliency import VIEWS
from explorer.work.saliency import view_of, views_of

request = state.current()
data = controls.sidebar(request)
controls.view(request, {name: VIEWS[name].TITLE for name in views_of(request.data)}, "choices")
if data is not None:
    VIEWS[view_of(request)].draw(request, data)
    shell.cards(request)
else:
    loading.absent(request)
shell.explain("saliency")
