"""The Embedding page: pictures in each model's feature space, clean and attacked."""

from explorer.ui import viewed
from explorer.ui.embedding import VIEWS

viewed.page(VIEWS)
