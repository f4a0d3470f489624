"""The Boundary page: where each model's decision boundary runs in input space."""

from explorer.work.boundary import slices
from explorer.work.views import Views

VIEWS = Views(
    modules={"slices": slices},
    requests={"slices": slices.sliced},
    samples={},
)
