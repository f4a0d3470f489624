"""What `explorer run` says of a result: for each page, keys of the JSON object, and words for a terminal."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.attacks import ATTACKS, left_out
from explorer.attribution import SALIENCY
from explorer.cli.attacked import attacked
from explorer.cli.stages import staged
from explorer.core.progress import Tick
from explorer.core.registry import Registry
from explorer.core.results import Evaluation, Experiment
from explorer.data import DATA
from explorer.figures import embedded, experiments, geometry, landscape, proved, saliency, trained, verdicts
from explorer.figures.methods import named
from explorer.figures.outlook import Outlook
from explorer.figures.setting import Setting
from explorer.figures.sight import Sight
from explorer.models.zoo import spoken
from explorer.training import RECIPES
from explorer.work.certificate.methods import described
from explorer.work.request import Request

Told = tuple[Mapping[str, Any], str]


def setting_of(request: Request) -> Setting:
    """Return the words and units around a request's result."""
    facts = DATA[request.data].facts
    names = spoken(request.a, request.b)
    return Setting(facts["classes"], names, request.norm, request.eps, facts["unit"], request.limits)


def _attack(request: Request, view: Any, tick: Tick) -> Told:
    return attacked(request, view, setting_of(request), tick)


def _robustness(request: Request, evaluation: Any, _tick: Tick) -> Told:
    stages = ""
    if isinstance(evaluation, Evaluation):
        stages = staged(evaluation, left_out(request.attack, DATA[request.data].facts["shape"]))
    return _lines(request, verdicts.told(evaluation, setting_of(request)), stages)


def _saliency(request: Request, result: Any, _tick: Tick) -> Told:
    titles = _titles(SALIENCY)
    score = str(dict(request.choices)["score"])
    sight = Sight(setting_of(request), titles, request.method, request.second, score, dict(request.show))
    return _lines(request, saliency.told(result, sight))


def _titles(registry: Registry) -> dict[str, str]:
    return {entry.name: entry.title for entry in registry.values()}


def _boundary(request: Request, result: Any, _tick: Tick) -> Told:
    return _lines(request, geometry.told(result, setting_of(request), dict(request.show)))


def _embedding(request: Request, result: Any, _tick: Tick) -> Told:
    index = -1 if request.upload else request.index
    ways, points = (dict(request.choices), dict(request.show)), len(DATA[request.data].facts["shape"]) != 3
    outlook = Outlook(setting_of(request), ATTACKS[request.attack].title, index, *ways, points)
    return _lines(request, embedded.told(result, outlook))


def _landscape(request: Request, result: Any, _tick: Tick) -> Told:
    return _lines(request, landscape.told(result, setting_of(request), dict(request.show)))


def _certificate(request: Request, result: Any, _tick: Tick) -> Told:
    view = str(dict(request.choices)["view"])
    return _lines(request, proved.told(result, view, setting_of(request), named(described(request))))


def _training(request: Request, result: Any, _tick: Tick) -> Told:
    if isinstance(result, Experiment):
        return _lines(request, experiments.told(result))
    return _lines(request, trained.told(trained.lines(result, _titles(RECIPES)), setting_of(request)))


def _lines(request: Request, lines: Sequence[str], more: str = "") -> Told:
    """Return a page's lines under its address."""
    words = "\n".join([f"{request.address()}:", "", *lines])
    return {"words": lines}, f"{words}\n\n{more}" if more else words


TELLING: dict[str, Callable[[Request, Any, Tick], Told]] = {
    "attack": _attack,
    "robustness": _robustness,
    "saliency": _saliency,
    "boundary": _boundary,
    "embedding": _embedding,
    "landscape": _landscape,
    "certificate": _certificate,
    "training": _training,
}
