"""The Saliency page: what each model looks at."""

from explorer.work import accounts, attacked, drawn, maps, measures
from explorer.work.gauge import gauge
from explorer.work.views import Views

VIEWS = Views(
    modules={"accounts": accounts, "maps": maps, "attacked": attacked, "drawn": drawn, "measures": measures},
    requests={"maps": maps.look, "attacked": attacked.attacked, "drawn": drawn.drawn},
    samples={"accounts": accounts.account, "shares": accounts.share, "measure": gauge},
)
