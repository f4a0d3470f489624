"""The words and units around results that keep to the request's own budget."""

from explorer.data import DATA
from explorer.figures.setting import Setting
from explorer.models.zoo import spoken
from explorer.work.request import Request


def own_setting(request: Request) -> Setting:
    """Return the words and units around a request's results, with the request's own budget.

    For pages where no attack's own limits stand in its place. An attack on one picture that has such may end beyond
    that, which `figures.valley` says.
    """
    facts = DATA[request.data].facts
    return Setting(facts["classes"], spoken(request.a, request.b), request.norm, request.eps, facts["unit"])
