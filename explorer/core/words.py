"""Numbers as people read them."""

import re


def number(value: float) -> str:
    """Return a number: one decimal, two below one, a true minus sign."""
    text = f"{value:.1f}" if abs(value) >= 1 else f"{value:.2f}"
    return text.replace("-", "" if float(text) == 0 else "−")


def minus(text: str) -> str:
    """Return a sentence with true minus signs before its numbers."""
    return re.sub(r"(?<![\w.)-])-(?=\d)", "−", text)


def amount(count: int, thing: str, things: str = "") -> str:
    """Return how many of something: "1 picture", "1,200 pictures"; things : the plural, where it is not `thing` + s."""
    return f"{count:,} {thing if count == 1 else things or f'{thing}s'}"
