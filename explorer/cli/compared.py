"""The comparison of attacks on a picture, for a terminal: the numbers of the Attack page's panel."""

from typing import TYPE_CHECKING, Any

from explorer.cli.table import markdown
from explorer.core.progress import Tick, part
from explorer.figures.comparison import cells, comparison, heads, told
from explorer.work.comparison import asked, controls, titles
from explorer.work.local import run

if TYPE_CHECKING:
    from explorer.figures.setting import Setting
    from explorer.work.request import Request


def compared(request: "Request", setting: "Setting", tick: Tick) -> tuple[list[dict[str, Any]], str]:
    """Return a row for every attack that serves the norm, and the same as a sentence above a table."""
    wanted = asked(request)
    views = {name: run(one, tick=part(tick, i, 1, len(wanted))) for i, (name, one) in enumerate(wanted.items())}
    rows = comparison(views, titles(request), setting)
    table = markdown(list(heads(setting).values()), [cells(row, setting) for row in rows])
    return rows, f"{told(views, titles(request), controls(), setting)}\n\n{table}"
