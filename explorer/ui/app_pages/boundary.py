"""The Boundary page: where each model's decision boundary runs."""

from explorer.ui import viewed
from explorer.ui.boundary import VIEWS

viewed.page(VIEWS)
