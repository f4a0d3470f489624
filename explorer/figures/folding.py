"""Where networks of ReLUs are linear on a slice, in words."""

from explorer.core.results import Refused, Regions, SliceView
from explorer.figures.setting import Setting

FULL = 0.9  # of the grid's places: with more patterns it meets nearly a new one at each


def legend(view: SliceView) -> list[str]:
    """Return what the layer's lines and shades mean, as far as there are any."""
    known = [one for one in _both(view) if isinstance(one, Regions)]
    words = ["thin: units switch"] if any(one.exact for one in known) else []
    return words + (["shaded: many units switch"] if any(not one.exact for one in known) else [])


def folded(view: SliceView, setting: Setting) -> list[str]:
    """Return how many regions each model has on the plane, and how many lines a way crosses: of this plane alone."""
    return [_line(name, one, setting) for name, one in zip(setting.names, _both(view), strict=False)]


def _both(view: SliceView) -> list[Regions | Refused]:
    return [] if view.folds is None else [view.folds.a, view.folds.b]


def _line(name: str, found: Regions | Refused, setting: Setting) -> str:
    if isinstance(found, Refused):
        return f"The {name} model: {found.sentence}"
    counted = f"{found.count:,} regions, all of them found" if found.exact else f"at least {found.count:,} regions"
    if not found.exact and found.count > FULL * found.switched.size:
        counted += f", nearly one at each of the {found.switched.size:,} places asked"
    left, right, *_ = found.section.window
    way = float(right - left)
    crossed = f"a way across it along an axis, {setting.length(way, found.section.norm)} long, crosses "
    crossed += f"{found.crossed * way:,.1f} {'lines' if found.exact else 'switches'}"
    return f"On this plane the {name} model is linear in {counted}; {crossed} of its {found.units:,} units."
