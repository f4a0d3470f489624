"""`explorer ship`: the first views, computed ahead, so that a page opens finished."""

from typing import TYPE_CHECKING

import click

from explorer.core.errors import UserError

if TYPE_CHECKING:
    from explorer.work.piece import Asked

EMBEDDED = ("shapes", "digits", "toy")


def first_views(name: str) -> list["Asked"]:
    """Return what the pages of an embedded data set show first: a picture under attack, pieces of the others.

    With what these are made of, from which UMAP and the ways of other pictures come soon.
    """
    from explorer.work import maps, robustness
    from explorer.work.order import unfolded
    from explorer.work.request import default
    from explorer.work.viewed import VIEWED

    found: list[Asked] = [default(name), *robustness.pieces(default(name, page="robustness"))]
    for page, views in VIEWED.items():
        found += [] if views.waits else views.pieces(default(name, page=page))
    map_ = default(name, page="embedding")
    asked = dict(map_.choices) | {"projection": "umap"}
    found += VIEWED["embedding"].pieces(map_.with_(choices=tuple(sorted(asked.items()))))
    return unfolded([*found, *maps.pieces(default(name, page="saliency"))])


@click.command()
@click.argument("names", nargs=-1, type=click.Choice(EMBEDDED), metavar="[DATA]...")
@click.option("--new", is_flag=True, help="Only those that are not there yet.")
def ship(names: tuple[str, ...], new: bool) -> None:
    """Compute the first views of each embedded data set (or of those named) into assets/results.

    For developers, after weights or methods have changed. Shipped results that are no data set's
    first view any more are removed.
    """
    from explorer.core.assets import assets, installed
    from explorer.work.compute import compute
    from explorer.work.pack import to_bytes

    if installed():
        raise UserError("The first views of an installed copy stay as they are: ship from a source checkout.")
    folder = assets() / "results"
    folder.mkdir(exist_ok=True)
    for view in (view for name in names or EMBEDDED for view in first_views(name)):
        path = folder / f"{view.key}.safetensors"
        if new and path.exists():
            continue
        blob = to_bytes(compute(view))
        path.write_bytes(blob)
        click.echo(f"{view.address()}: {len(blob):,} bytes", err=True)
    current = {view.key for name in EMBEDDED for view in first_views(name)}
    for old in folder.glob("*.safetensors"):
        if old.stem not in current:
            old.unlink()
