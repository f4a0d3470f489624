"""`explorer import`: a model made elsewhere."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from explorer.cli.table import table
from explorer.cli.ticker import ticker
from explorer.core.errors import UserError

if TYPE_CHECKING:
    from explorer.work.wizard import Candidate, Examination


@click.command("import")
@click.argument("path", metavar="FILE", type=click.Path())
@click.option("--data", required=True, help="The data set that the model is for.")
@click.option("--norm", default="auto", show_default=True, help="The normalisation to import it with, by its name.")
@click.option("--name", "title", metavar="TITLE", help="What to call the model; by default as its file is called.")
@click.option("--architecture", metavar="NAME", help="Of a safetensors file; by default what fits.")
@click.option("--n", "count", type=click.IntRange(1), default=1000, show_default=True, help="Pictures to try it on.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def import_(
    path: str, data: str, norm: str, title: str | None, architecture: str | None, count: int, as_json: bool
) -> None:
    """Import the model in FILE, and show how often it is right before anything is attacked.

    FILE is ONNX, or safetensors of one of our architectures, or a folder that `explorer train --out` wrote.
    The usual normalisations are tried on the first test pictures; "auto" takes the best, if it is clearly
    better than chance. Reading happens in a process with limits. Files that can run programs are refused.
    """
    from explorer.work.request import default
    from explorer.work.wizard import choose, examine, keep, title_of

    file, known = _file(Path(path), architecture)
    usual = default(data)  # an unknown data set is refused before the file is read
    with ticker(file.name) as tick:
        found = examine(_bytes(file), data, count=count, tick=tick, **known)
    chosen = choose(found, norm)
    name = keep(found, chosen, title_of(path) if title is None else title)
    address = usual.with_(b=name).address()
    click.echo(_json(found, chosen, name, address) if as_json else _words(found, chosen, name, address))


def _file(path: Path, architecture: str | None) -> tuple[Path, dict[str, Any]]:
    """Return the model's file, and what is known of its architecture."""
    if not path.is_dir():
        return path, {"architecture": architecture}
    if architecture is not None:
        raise UserError("A folder's card names its architecture: leave out --architecture.")
    if (path / "checkpoint.safetensors").exists():
        raise UserError(
            f"{path} holds no finished model: the `explorer train NAME --out {path}` that began there goes on with it."
        )
    try:
        card = json.loads((path / "card.json").read_text(encoding="utf-8"))
        known = {"architecture": str(card["architecture"]), "knobs": dict(card["network"])}
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}/card.json is not a card as `explorer train --out` writes it.") from error
    return path / "weights.safetensors", known


def _bytes(file: Path) -> bytes:
    from explorer.work.wizard import MEGABYTES

    with file.open("rb") as stream:
        return stream.read((MEGABYTES << 20) + 1)


def _json(found: "Examination", chosen: "Candidate", name: str, address: str) -> str:
    rows = [asdict(one) | {"name": one.name, "interval": one.clean.interval} for one in found.candidates]
    facts = {
        key: getattr(found, key)
        for key in ("sha256", "kind", "shape", "output", "parameters", "chance", "notes", "clear")
    }
    said = {"name": name, "address": address, "data": found.data, "chosen": chosen.name, **facts, "candidates": rows}
    return json.dumps(said, indent=2, ensure_ascii=False)


def _words(found: "Examination", chosen: "Candidate", name: str, address: str) -> str:
    shape = "×".join(map(str, found.shape))
    head = f"{found.kind}: input {shape}, gives {found.output}, {found.parameters:,} parameters"
    rows = [("  normalisation", "mean", "std", "clean accuracy")]
    for one in found.candidates:
        mean, std = (", ".join(f"{number:.4g}" for number in numbers) for numbers in (one.mean, one.std))
        rows.append((("→ " if one is chosen else "  ") + one.name, mean, std, str(one.clean)))
    use = [f"Imported as {name}.", f"Attack it: explorer run '{address}', or that address in the browser."]
    return "\n".join([head, "", table(rows), "", *found.notes, *use])
