"""`explorer run`: one request, computed here."""

import json
from pathlib import Path

import click

from explorer.cli.ticker import ticker

JSON_LIMIT = 1000  # numbers of one array; larger ones are in the .safetensors file of --out


@click.command()
@click.argument("address")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option("--out", type=click.Path(file_okay=False), help="Write the result into this folder.")
def run(address: str, as_json: bool, out: str | None) -> None:
    """Compute what the page at ADDRESS shows.

    ADDRESS is one copied from the browser, or its path and query: `explorer run '/attack?data=toy&eps=30'`.
    """
    from explorer.cli.telling import TELLING
    from explorer.data import load_data
    from explorer.work.address import strict
    from explorer.work.local import run as compute
    from explorer.work.pack import to_bytes, to_json

    request = strict(address)
    with ticker(request.data) as tick:
        if not request.upload:
            load_data(request.data, "test", tick=tick, **dict(request.data_knobs))
        result = compute(request, tick=tick)
        told, words = TELLING[request.page](request, result, tick)
    found = {"address": request.address(), "key": request.key, "result": to_json(result, JSON_LIMIT), **told}
    text = json.dumps(found, indent=2, ensure_ascii=False, allow_nan=False)
    if out is not None:
        folder = Path(out)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "result.safetensors").write_bytes(to_bytes(result))
        (folder / "result.json").write_text(text + "\n", encoding="utf-8")
    click.echo(text if as_json else words)
