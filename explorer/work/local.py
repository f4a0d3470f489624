"""Requests computed in this process: what a snippet and the command line use."""

from collections.abc import Sequence
from types import ModuleType
from typing import Any

from explorer.core.errors import UserError
from explorer.core.progress import Tick, part, silent
from explorer.work import robustness
from explorer.work.address import strict
from explorer.work.compute import compute
from explorer.work.piece import Asked
from explorer.work.request import Request
from explorer.work.store import shared_store
from explorer.work.viewed import VIEWED
from explorer.work.views import Views

PAGES: dict[str, ModuleType | Views] = {"robustness": robustness, **VIEWED}  # put together from pieces


def run(request: str | Request, *, tick: Tick = silent) -> Any:
    """Return the result of a request, or of an address as copied from the browser.

    Looked up in the store first, computed here otherwise, and kept, an evaluation piece by piece. Its arrays
    are read-only.

    Raises `UserError` for the first thing that is wrong with the address, and for an uploaded
    picture that this machine does not have.
    """
    if isinstance(request, str):
        request = strict(request)
    if request.page in PAGES:
        page = PAGES[request.page]
        parts: Sequence[Asked] = page.pieces(request)
        return page.gather(request, {one: _run(one, part(tick, i, 1, len(parts))) for i, one in enumerate(parts)})
    return _run(request, tick)


def _run(request: Asked, tick: Tick) -> Any:
    store, key = shared_store(), request.key
    found = store.get(key)
    if found is not None:
        return found
    uploaded = store.get_upload(request.upload) if request.upload else None
    if request.upload and uploaded is None:
        raise UserError(
            f"The uploaded picture {request.upload[:12]}… is not on this machine: upload it in the app first."
        )
    return store.put(key, compute(request, uploaded=uploaded, tick=tick))
