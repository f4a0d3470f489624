"""The name of a request's computation."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from explorer.attacks.run import takes as attack_takes
from explorer.attribution.run import takes as method_takes
from explorer.core.digest import of_json
from explorer.data import data_digest
from explorer.models.zoo import weights_digest
from explorer.work.pages import PAGES

if TYPE_CHECKING:
    from explorer.work.request import Request

FORMAT = 4  # of results: raised when their meaning changes, so that old ones are not found


def key_of(request: Request) -> str:
    """Return a text that is equal for two requests exactly when their results are."""
    unused = PAGES[request.page].unused
    chosen: dict[str, Any] = {f.name: getattr(request, f.name) for f in fields(request) if f.name not in unused}
    sent = bool(chosen.get("upload"))  # takes the picture's place, so that little hangs on the data set's own
    if sent:
        del chosen["index"]
    if sent and not _company(request):
        del chosen["data_knobs"]
    else:
        chosen["data_digest"] = data_digest(request.data, "test", request.data_knobs)
    if dict(request.choices).get("view") == "measures":  # which asks by what other views only draw by
        chosen["show"] = request.show
    models = (request.a, request.b) if "more" in unused else request.models
    return of_json(chosen | {"weights": [weights_digest(name) for name in models], "format": FORMAT})


def _company(request: Request) -> bool:
    """Return whether the result hangs on other pictures of the data set too."""
    view = dict(request.choices).get("view")
    learns = request.page == "attack" or view == "attacked"
    compares = request.page == "saliency" and method_takes(request.method, "crowd")
    others = request.page in ("boundary", "embedding", "landscape") or view == "drawn"
    return others or compares or (learns and attack_takes(request.attack, "crowd"))
