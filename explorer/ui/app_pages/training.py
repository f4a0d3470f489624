"""The Training page: how robust models come to be, as one looks on, and studies of such as were trained before."""

from explorer.ui import controls, loading, shell, sidebar, state
from explorer.ui.training import live, study
from explorer.work.training import VIEWS

request = state.current()
data = sidebar.sidebar(request, pictures=False, models=False)
controls.view(request, {"live": "Train", **{name: seen.title for name, seen in study.SEEN.items()}}, "choices")
shown = VIEWS.shown(request)
if shown in study.SEEN:
    study.draw(request, shown)
elif data is not None:
    live.draw(request, data)
else:
    loading.absent(request)
shell.explain("training")
