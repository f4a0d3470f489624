"""`explorer app`: the browser application."""

import sys

import click


@click.command(context_settings={"ignore_unknown_options": True})
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help="Where to listen.")
@click.argument("extra", nargs=-1, type=click.UNPROCESSED)
def app(port: int, extra: tuple[str, ...]) -> None:
    """Open the application in the browser.

    EXTRA, behind --, goes to Streamlit, for instance `explorer app -- --server.address 0.0.0.0`.
    """
    import gc

    import torch
    from streamlit.web import cli as streamlit

    from explorer.attacks import ATTACKS
    from explorer.core.assets import entry_script
    from explorer.data import DATA, load_data
    from explorer.models import ARCHITECTURES
    from explorer.training import RECIPES
    from explorer.work.request import DEFAULT_DATA

    for registry in (ATTACKS, DATA, ARCHITECTURES, RECIPES):  # loaded now, the first page need not wait for them
        len(registry)
    torch.set_num_threads(1)  # the server only draws: the workers compute
    load_data(DEFAULT_DATA)  # drawn before the first visitor comes
    gc.freeze()  # what is loaded by now stays: no collection need look at it again
    sys.setswitchinterval(0.0005)  # of many pages that are drawn at once none waits 5 ms for every turn that it takes
    sys.argv = ["streamlit", "run", str(entry_script()), f"--server.port={port}", *extra]
    sys.exit(streamlit.main())
