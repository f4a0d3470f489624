"""The Training page: models that are trained while one looks on, and studies of such as were."""

from explorer.work.study.experiments import STUDIES
from explorer.work.training import live
from explorer.work.training.stretches import STRETCH, stretch
from explorer.work.training.studies import Shown
from explorer.work.views import Views

VIEWS = Views(
    modules={"live": live, **{name: Shown(name) for name in STUDIES}},
    requests={},
    samples={STRETCH: stretch},
    waits=True,
)
