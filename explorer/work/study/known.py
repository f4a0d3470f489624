"""What is said of a study that is none."""

from collections.abc import Iterable

from explorer.core.errors import UserError


def no_study(name: str, known: Iterable[str], made: str = "") -> UserError:
    """Return the error for a name that no study has; made : what the known ones are made of, as "of trainings"."""
    what = f"study {name[:40]!r} {made}".strip()
    return UserError(f"There is no {what}; known: {', '.join(known) or 'none'}.")
