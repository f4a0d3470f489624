"""The Saliency page: what each model looks at."""

from explorer.ui import viewed
from explorer.ui.saliency import VIEWS

viewed.page(VIEWS)
