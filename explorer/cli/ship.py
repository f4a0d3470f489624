"""`explorer ship`: the first views, computed ahead, so that a page opens finished."""

import click

from explorer.core.errors import UserError

EMBEDDED = ("shapes", "digits", "toy")


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(EMBEDDED), metavar="[DATA]...")
def ship(names: tuple[str, ...]) -> None:
    """Compute the first view of each embedded data set (or of those named) into assets/results.

    For developers, after weights or methods have changed. Shipped results that are no data set's
    first view any more are removed.
    """
    from explorer.core.assets import assets, installed
    from explorer.work.compute import compute
    from explorer.work.pack import to_bytes
    from explorer.work.request import default

    if installed():
        raise UserError("The first views of an installed copy stay as they are: ship from a source checkout.")
    folder = assets() / "results"
    folder.mkdir(exist_ok=True)
    for name in names or EMBEDDED:
        blob, file = to_bytes(compute(default(name))), f"{default(name).key}.safetensors"
        (folder / file).write_bytes(blob)
        click.echo(f"{file}: {len(blob):,} bytes", err=True)
    current = {default(name).key for name in EMBEDDED}
    for old in folder.glob("*.safetensors"):
        if old.stem not in current:
            old.unlink()
