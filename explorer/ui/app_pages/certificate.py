"""The Certificate page: what can be proved of each model, and what only an attack has not found."""

from explorer.ui import viewed
from explorer.ui.certificate import VIEWS

viewed.page(VIEWS)
