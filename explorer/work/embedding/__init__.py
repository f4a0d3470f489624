"""The Embedding page: pictures in a model's feature space, clean and attacked, mapped and measured."""

from explorer.work.embedding import measured, places
from explorer.work.embedding.attacked import features
from explorer.work.embedding.spaces import mapped, spaced
from explorer.work.embedding.ways import trace
from explorer.work.views import Views

VIEWS = Views(
    modules={"map": places, "numbers": measured},
    requests={"map": trace},
    samples={"features": features, "space": spaced, "umap": mapped},
)
