"""Where the files that ship with the product lie: in the wheel, or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def entry_script() -> Path:
    """Return `app.py` as installed, or as it lies in a checkout."""
    bundled = _PACKAGE / "_app" / "app.py"
    return bundled if bundled.exists() else _PACKAGE.parent / "app.py"


def assets() -> Path:
    """Return the assets folder."""
    return entry_script().parent / "assets"
