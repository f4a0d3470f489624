"""The local geometry in plain sentences, and what leaves its view: a table of the numbers, the code."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Any

import numpy as np

from explorer.core.results import Array, Locality
from explorer.figures.likeness import Quantity, bend, quantities
from explorer.figures.setting import Setting
from explorer.figures.thesis import claim

CLAIMING = ("summary", "cosines", "spectrum")  # facets that are about the thesis' claim
LOSSES = ("loss off its tangent (nats)", "gradient of the margin (logits / l2)", "cosine of gradients")
SHARE = 0.95  # of the normals' squared length, whose directions are counted
SNIPPET = '''"""The local geometry of two decision boundaries, computed again from its address."""

import numpy as np

from explorer import run
from explorer.core.stats import Mean, over_pairs

view = run({address})
for model, near in view.models.items():
    cosines = near.normals.among()
    pairs = np.isfinite(cosines) & ~np.eye(len(cosines), dtype=bool)
    print(f"{{model}}: mean squared cosine {{Mean.jackknifed(*over_pairs(cosines**2, pairs))}}")
    print(f"  distance {{Mean.of(near.normals.distance[near.normals.found])}}")
    print(f"  highest curvature {{Mean.of(near.curvature.highest[near.normals.found])}}")
for model, means in view.means.items():  # on the values that vary, less the mean of all normals
    for pairs, one in means["own_squares"].items():
        squares = Mean.jackknifed(one.value, one.without[one.paired])
        print(f"{{model}}: centred mean squared cosine, {{pairs}} pairs: {{squares}}")
for model, loss in view.linear.items():
    print(f"{{model}}: loss off its tangent {{Mean.of(loss.gap)}}, cosine of gradients {{Mean.of(loss.turned)}}")
'''


def told(result: Locality, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what a facet says, a sentence each: first what follows, where it is about that, then every number."""
    return [*follows(result, setting, show), *counted(result, setting, show)]


def follows(result: Locality, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return what follows of the thesis' claim, of how few directions there are, and near what nothing was found."""
    facet, names = str(show["facet"]), _names(result, setting)
    lines = claim(result, names) if facet in CLAIMING else []
    lines += [_directions(result, names)] if facet == "spectrum" and result.spectra else []
    return lines + _missing(result, names)


def counted(result: Locality, setting: Setting, show: Mapping[str, Any]) -> list[str]:
    """Return every number of a facet, a sentence each: model A's and model B's, and how they differ."""
    names = _names(result, setting)
    return [_line(one, names) for one in quantities(result, str(show["facet"])).values()]


def _names(result: Locality, setting: Setting) -> dict[str, str]:
    return dict(zip(result.models or result.linear, setting.names, strict=False))


def _line(one: Quantity, names: Mapping[str, str]) -> str:
    """Return a number of both models."""
    if "" in one.means:
        return f"{one.title}: {one.means[''] or 'too few pictures'}."
    parts = [f"{names[model]} {mean or 'too few pictures'}" for model, mean in one.means.items()]
    return f"{one.title}: {', '.join(parts)}{_differ(one, list(names.values()))}."


def _differ(one: Quantity, names: Sequence[str]) -> str:
    """Return how model B's number differs from model A's, where there are both: on the same pictures."""
    if one.beside is None:
        return ""
    (low, high), none = one.beside.interval, 1.0 if one.times else 0.0
    verdict = "more" if low > none else "less" if high < none else "too little to tell"
    how = "over" if one.times else "less"
    return f"; {names[1]} {how} {names[0]} {one.beside.value:.3g} ({low:.3g} to {high:.3g}): {verdict}"


def _directions(result: Locality, names: Mapping[str, str]) -> str:
    """Return how many directions hold nearly all of the normals, beside what would of random ones."""
    parts = [
        f"{result.spectra[model].dimension(SHARE)} directions hold {SHARE:.0%} of the {called} model's normals "
        f"({result.scattered[model].dimension(SHARE)} with the signs of all values drawn at random)"
        for model, called in names.items()
        if model in result.spectra
    ]
    d = next(iter(result.models.values())).normals.flat.shape[1]
    return f"{'; '.join(parts)}; {result.random.dimension(SHARE)} of as many random ones, of {d:,} dimensions."


def _missing(result: Locality, names: Mapping[str, str]) -> list[str]:
    """Return for how many pictures no boundary was found."""
    return [
        f"Near {int((~one.normals.found).sum())} of {len(one.normals.found)} pictures no boundary of the "
        f"{names[model]} model was found: they are left out."
        for model, one in result.models.items()
        if not one.normals.found.all()
    ]


def snippet(address: str) -> str:
    """Return Python that computes the local geometry of an address again by the public interface and prints means."""
    return SNIPPET.format(address=ascii(address))


def table(result: Locality, show: Mapping[str, Any]) -> bytes:
    """Return the facet's numbers as CSV (RFC 4180): of pairs, of singular values, or of pictures."""
    out = StringIO()
    rows = {"cosines": _pairs, "spectrum": _ranks}.get(str(show["facet"]), _pictures)
    csv.writer(out).writerows(rows(result))
    return out.getvalue().encode()


def _pairs(result: Locality) -> Iterator[tuple[Any, ...]]:
    yield "model", "picture", "other picture", "same class", "neighbours", "cosine"
    for model, values in result.cosines.items():
        for i, j in zip(*np.triu_indices(len(values), 1), strict=True):
            if np.isfinite(values[i, j]):
                same = int(result.y[i] == result.y[j])
                yield (
                    model,
                    int(result.places[i]),
                    int(result.places[j]),
                    same,
                    int(result.near[i, j]),
                    float(values[i, j]),
                )


def _ranks(result: Locality) -> Iterator[tuple[Any, ...]]:
    yield "of", "direction", "singular value", "share held so far"
    spectra = {**result.spectra, **{f"{model}, signs at random": one for model, one in result.scattered.items()}}
    for name, one in {**spectra, "random directions": result.random}.items():
        for k, (value, held) in enumerate(zip(one.values.tolist(), one.held.tolist(), strict=True), 1):
            yield name, k, value, held


def _pictures(result: Locality) -> Iterator[tuple[Any, ...]]:
    yield "model", "picture", "number", "value"
    for model, one in result.models.items():
        values = {"distance (l2, values 0 to 1)": one.normals.distance}
        bends = {"mean": one.curvature.mean, "highest": one.curvature.highest, "lowest": one.curvature.lowest}
        bends["largest"] = bend(result, model)
        values |= {f"{which} curvature (1 / l2)": column for which, column in bends.items()}
        yield from _numbers(model, values, result.places)
    for model, loss in result.linear.items():
        yield from _numbers(model, dict(zip(LOSSES, (loss.gap, loss.slope, loss.turned), strict=True)), result.lossy)


def _numbers(model: str, values: Mapping[str, Any], places: Array) -> Iterator[tuple[Any, ...]]:
    for name, column in values.items():
        for place, value in zip(places.tolist(), column.tolist(), strict=True):
            yield model, place, name, value
