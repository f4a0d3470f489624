"""What a smoothed model says of one picture, in words, as a table, as code."""

import csv
from io import StringIO
from statistics import NormalDist

from explorer.core.results import Voted, Votes
from explorer.figures.setting import Setting, percent

SNIPPET = '''"""What noisy copies of one picture are called by two models, computed again from an address."""

from explorer import run

found = run({address})
for model, votes in found.models.items():
    print(f"{{model}}: votes {{votes.counts[0].tolist()}}, class {{votes.top[0]}} has at least {{votes.share[0]:.4f}}, "
          f"probably up to {{votes.radius[0]:.4g}} in l2, wrong with probability at most {{votes.alpha:g}}")
'''


def told(view: Voted, setting: Setting) -> list[str]:
    """Return what each smoothed model says and how sure that is, a sentence each; the last says what was drawn."""
    lines = [_one(votes, view.label, setting, i) for i, votes in enumerate(view.models.values())]
    first = next(iter(view.models.values()))
    return [
        *lines,
        f"Noise of standard deviation {first.sigma:g}, that is {setting.counted(first.sigma)}; "
        f"{int(first.first.sum()):,} copies choose the class, {int(first.counts.sum()):,} others are counted. Were all "
        f"of them of one class, the radius would be {setting.counted(_most(first))} and no longer.",
    ]


def _most(votes: Votes) -> float:
    return votes.sigma * NormalDist().inv_cdf(votes.alpha ** (1 / int(votes.counts[0].sum())))


def _one(votes: Votes, label: int, setting: Setting, i: int) -> str:
    name, top, n = setting.names[i], int(votes.top[0]), int(votes.counts[0].sum())
    hits = int(votes.counts[0, top])
    counted = f"{hits:,} of {n:,} noisy copies are called “{setting.classes[top]}” by the {name} model"
    if votes.abstained[0]:
        return f"{counted}. That is not surely more than half: the smoothed model abstains, and nothing is certified."
    wrong = ", which is not what the picture shows" if label not in (-1, top) else ""
    return (
        f"{counted}{wrong}. With a confidence of {_sure(votes.alpha)} that is at least "
        f"{percent(float(votes.share[0]))} of all copies, so the smoothed model, not the model itself, gives that "
        f"answer to everything within {setting.counted(float(votes.radius[0]))} in ℓ2."
    )


def _sure(alpha: float) -> str:
    return f"{100 * (1 - alpha):.6g} %"


def snippet(address: str) -> str:
    """Return Python that draws the votes of an address again by the public interface and prints them."""
    return SNIPPET.format(address=ascii(address))


def table(view: Voted, setting: Setting) -> bytes:
    """Return each class's votes as CSV (RFC 4180), and what follows from them; the radius in pixel units."""
    out = StringIO()
    writer = csv.writer(out)
    writer.writerow(("model", "class", "first votes", "votes", "at least", "radius in l2", "sigma", "alpha"))
    for letter, name, votes in zip("AB", setting.names, view.models.values(), strict=False):
        for c, label in enumerate(setting.classes):
            top = c == int(votes.top[0])
            rest = (float(votes.share[0]), float(votes.radius[0])) if top else ("", "")
            numbers = (int(votes.first[0, c]), int(votes.counts[0, c]))
            writer.writerow((f"{letter} {name}", label, *numbers, *rest, votes.sigma, votes.alpha))
    return out.getvalue().encode()
