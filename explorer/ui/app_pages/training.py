"""The Training page: how robust models come to be, as one looks on."""

from explorer.ui import loading, shell, sidebar, state
from explorer.ui.training import live

request = state.current()
data = sidebar.sidebar(request, pictures=False, models=False)
if data is not None:
    live.draw(request, data)
else:
    loading.absent(request)
shell.explain("training")
