"""The Landscape page: how each model's loss changes with its weights."""

from explorer.ui import viewed
from explorer.ui.landscape import VIEWS

viewed.page(VIEWS)
