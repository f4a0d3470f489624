"""Where the files that ship with the product lie: in the wheel, or in a checkout."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]


def installed() -> bool:
    """Whether this is an installed copy, whose assets are nobody's to change, and not a source checkout."""
    return (_PACKAGE / "_app").exists()


def entry_script() -> Path:
    """Return `app.py` as installed, or as it lies in a checkout."""
    return (_PACKAGE / "_app" if installed() else _PACKAGE.parent) / "app.py"


def assets() -> Path:
    """Return the assets folder."""
    return entry_script().parent / "assets"
