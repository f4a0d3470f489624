"""Where the product keeps what it can get or compute again."""

import os
from pathlib import Path

import pooch


def cache_folder() -> Path:
    """Return where downloads, results, uploads, imports go: EXPLORER_CACHE, or in the user's cache directory."""
    chosen = os.environ.get("EXPLORER_CACHE")
    return Path(chosen).expanduser() if chosen else Path(pooch.os_cache("robustness-explorer"))
