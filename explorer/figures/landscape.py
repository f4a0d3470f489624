"""What the views of the Landscape page say, whichever it is."""

from collections.abc import Callable, Mapping
from typing import Any

from explorer.core.results import Bends, Curvatures, Planes, Study, Surfaces, Valleys
from explorer.figures import claims, climbed, curved, planes, terrain, valley
from explorer.figures.setting import Setting

TOLD: dict[type, Callable[[Any, Setting, Mapping[str, Any]], list[str]]] = {
    Surfaces: terrain.told,
    Valleys: valley.told,
    Bends: climbed.told,
    Curvatures: curved.told,
    Planes: planes.told,
    Study: claims.told,
}


def told(result: Any, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what a view's result says, a sentence each."""
    return TOLD[type(result)](result, setting, show)
