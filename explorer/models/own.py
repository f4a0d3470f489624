"""Imported models, kept in the user's cache in the zoo's own form: `models/<name>/`.

A name is "own-" and twelve digits of what determines the model, so the same import has the same name
everywhere, and nobody finds another's by guessing.
"""

import contextlib
import json
import logging
import os
import re
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from safetensors.torch import save_file
from torch import Tensor

from explorer.core.cache import cache_folder
from explorer.core.digest import of_arrays, of_json
from explorer.core.errors import UserError

NAME = re.compile("own-[0-9a-f]{12}")
LIMIT = 4 * 2**30  # bytes of all of them; those used longest ago go first
IDENTITY = ("title", "data", "architecture", "network")  # what determines a model, with its weights
log = logging.getLogger(__name__)


def is_own(name: str) -> bool:
    """Return whether this is the name of an imported model, here or elsewhere."""
    return NAME.fullmatch(name) is not None


def folder(name: str) -> Path:
    """Return the folder of an imported model, which counts as used now; `UserError` where it is not here."""
    found = _home() / name
    try:
        os.utime(found)
    except OSError as error:
        raise UserError(
            f"The model {name} is not on this machine: import its file here first, with the same title."
        ) from error
    return found


def write(card: Mapping[str, Any], tensors: Mapping[str, Tensor], history: Sequence[Mapping[str, float]] = ()) -> str:
    """Keep an imported model; return its name. What is there already stays as it is.

    card : all but the name; tensors : the state of the model that `build` gives
    history : of its training, a row per epoch, where it was trained here
    """
    digest = of_arrays({name: tensor.numpy() for name, tensor in tensors.items()})
    name = "own-" + of_json({"weights": digest, **{key: card[key] for key in IDENTITY}})[:12]
    home = _home()
    home.mkdir(parents=True, exist_ok=True)
    part = Path(tempfile.mkdtemp(dir=home, prefix="part-"))
    try:
        save_file({key: tensor.contiguous() for key, tensor in tensors.items()}, part / "weights.safetensors")
        text = json.dumps({"name": name, **card}, indent=2, ensure_ascii=False, allow_nan=False)
        (part / "card.json").write_text(text + "\n", encoding="utf-8")
        if history:
            (part / "history.json").write_text(json.dumps([dict(row) for row in history]) + "\n", encoding="utf-8")
        part.replace(home / name)
    except OSError:
        if not (home / name).exists():  # it does where it was imported before: a folder with files is not replaced
            raise
    finally:
        shutil.rmtree(part, ignore_errors=True)
    _shrink(home)
    return name


def _home() -> Path:
    return cache_folder() / "models"


def _shrink(home: Path) -> None:
    """Remove what was used longest ago where all models together are too large; the newest stays."""
    found = []
    for path in filter(Path.is_dir, home.iterdir()):
        with contextlib.suppress(FileNotFoundError):  # another process removed it
            found.append((path.stat().st_mtime, path, sum(file.stat().st_size for file in path.iterdir())))
    total = 0
    for i, (time, path, size) in enumerate(sorted(found, reverse=True)):
        total += size
        if i and total > LIMIT:
            log.warning("%s, last used at %d, is removed: imported models take more than %d bytes", path, time, LIMIT)
            shutil.rmtree(path, ignore_errors=True)
