"""What the views of the Boundary page share: the words and units around a result."""

from explorer.data import DATA
from explorer.figures.setting import Setting
from explorer.models.zoo import spoken
from explorer.work.request import Request


def setting(request: Request) -> Setting:
    """Return the words and units around a request's results."""
    facts = DATA[request.data].facts
    names = spoken(request.a, request.b)
    return Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)
