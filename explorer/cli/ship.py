"""`explorer ship`: the first views, computed ahead, so that a page opens finished."""

import click

EMBEDDED = ("shapes", "digits", "toy")


@click.command()
@click.argument("names", nargs=-1, metavar="[DATA]...")
def ship(names: tuple[str, ...]) -> None:
    """Compute the first view of each embedded data set (or of those named) into assets/results.

    For developers, after weights or methods have changed. Older shipped results are removed.
    """
    from explorer.core.assets import assets
    from explorer.work.compute import compute
    from explorer.work.pack import to_bytes
    from explorer.work.request import default

    folder = assets() / "results"
    folder.mkdir(exist_ok=True)
    fresh = {default(name).key: to_bytes(compute(default(name))) for name in names or EMBEDDED}
    for old in folder.glob("*.safetensors"):
        old.unlink()
    for key, blob in fresh.items():
        (folder / f"{key}.safetensors").write_bytes(blob)
        click.echo(f"{key}.safetensors: {len(blob):,} bytes", err=True)
