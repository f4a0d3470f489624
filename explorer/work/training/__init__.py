"""The Training page: models that are trained while one looks on."""

from explorer.work.training import live
from explorer.work.training.stretches import STRETCH, stretch
from explorer.work.views import Views

VIEWS = Views(modules={"live": live}, requests={}, samples={STRETCH: stretch}, waits=True)
