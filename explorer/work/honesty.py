"""Is an evaluation to be believed? The questions that the field asks, each answered by a measurement.

Carlini et al. 2019 (arXiv:1902.06705), Tramèr et al. 2020 (arXiv:2002.08347), and the warnings of AutoAttack's
authors (Croce & Hein 2020, arXiv:2003.01690).
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from explorer.attacks import ATTACKS
from explorer.core.knobs import Whole, fill
from explorer.core.norms import CONVEX, SYMBOLS, Norm
from explorer.core.results import Check, Judged, Probed, Transferred
from explorer.core.stats import Rate
from explorer.core.words import number as in_words
from explorer.data import DATA
from explorer.work.piece import SIZE, Piece, cut
from explorer.work.request import Request, norms_of, unit_of

SLACK = 0.05  # share of the pictures by which two accuracies may differ without saying anything
MORE_STEPS, TIMES, RESTARTS, QUERIES = 200, 2, 3, 1000  # more steps: so many, or so many times those of the attack

Pieces = Mapping[str, Piece]


def questions(request: Request, model: str) -> list[Piece]:
    """Return the pieces that answer the questions about one model."""
    return list(_pieces(request, model).values())


def check(request: Request, model: str, found: Mapping[Piece, Any]) -> dict[str, Check]:
    """Return the answers that the pieces at hand give, by question."""
    pieces = _pieces(request, model)
    have = {name: found[piece] for name, piece in pieces.items() if piece in found}
    return {
        question: answer(pieces, *(have[name] for name in needs))
        for question, needs, answer in QUESTIONS
        if all(name in have for name in needs)
    }


def number(request: Request, model: str) -> int:
    """Return how many questions about one model there are."""
    measured = set(_pieces(request, model))
    return sum(measured.issuperset(needs) for _, needs, _ in QUESTIONS)


def asked(request: Request) -> str:
    """Return of which attack, norm, budget and how many pictures the questions are asked, and why not of others."""
    piece = _pieces(request, request.a)["attack"]
    words = f"Asked of {_how(piece)}, on the first {piece.stop} test pictures."
    if piece.norm != request.norm:
        words += f" Not in {SYMBOLS[request.norm]}: Square, which gradients are held against, does not serve it."
    if piece.attack != request.attack:
        title = ATTACKS[request.attack].title
        words += f" Not of {title}: that is no attack by gradients, with a number of steps, within a budget in "
        words += f"{SYMBOLS[piece.norm]}."
    return words


def _attack(request: Request) -> tuple[Norm, str, dict[str, Any]]:
    """Return the norm, the attack and its knobs that the questions are asked of, as near to the request as may be.

    The norm is the request's where Square (on points, where there is no Square, PGD) serves it, else linf. The
    attack is the request's, with its knobs, where it goes by gradients, within a budget in that norm, in a number of
    steps: then it can be asked whether more of them change anything. Else it is PGD as it is.
    """
    norm = request.norm if request.norm in (norms_of(request.data, "square") or CONVEX) else "linf"
    entry = ATTACKS[request.attack]
    climbs = entry.facts["knows"] == "gradients" and entry.facts["bound"] == "budget" and "steps" in entry.knobs
    if climbs and norm in entry.facts["norms"]:
        return norm, request.attack, dict(request.knobs)
    return norm, "pgd", fill(ATTACKS["pgd"].knobs, {})


def _pieces(request: Request, model: str) -> dict[str, Piece]:
    """Return what is to be measured of a model, by name; of at most `SIZE` pictures."""
    data, facts = request.data, DATA[request.data].facts
    norm, attack, knobs = _attack(request)
    eps = request.eps if norm == request.norm else int(facts["eps"][norm])
    size = math.prod(facts["shape"])
    reach = {"linf": 1, "l2": math.sqrt(size), "l1": size}[norm]
    n = min(SIZE, int(dict(request.choices)["n"]))

    def one(name: str, knobs: Mapping[str, Any], page: str = "judge", budget: int = eps, source: str = model) -> Piece:
        chosen = {"attack": name, "knobs": tuple(sorted(fill(ATTACKS[name].knobs, knobs).items()))}
        others = (model,) if page == "transfer" else ()
        return cut(request, source, n, page, norm=norm, eps=budget, budgets=(budget,), others=others, **chosen)[0]

    kind = ATTACKS[attack].knobs["steps"].kind
    most = kind.high if isinstance(kind, Whole) else MORE_STEPS
    more = knobs | {"steps": min(most, max(MORE_STEPS, TIMES * knobs["steps"]))}
    if "restarts" in knobs:
        more["restarts"] = max(RESTARTS, knobs["restarts"])
    found = {
        "attack": one(attack, knobs),
        "everything": one(attack, knobs, budget=math.ceil(reach * unit_of(data, norm))),
        "noise": one("noise", {}),
        "probe": one("pgd", {}, "probe"),
    }
    if more != knobs:
        found["more"] = one(attack, more)
    if norm in norms_of(data, "square"):
        found["scores"] = one("square", {"queries": QUERIES})
    if others := [other for other in request.models if other != model]:
        found["transfer"] = one(attack, knobs, "transfer", source=others[0])
    return found


def _how(piece: Piece) -> str:
    """Return the attack and its budget in words."""
    return f"{ATTACKS[piece.attack].title} ({_steps(piece)}) in {_budget(piece)}"


def _steps(piece: Piece) -> str:
    knobs = dict(piece.knobs)
    starts = f" from {knobs['restarts']} starts" if knobs.get("restarts", 1) != 1 else ""
    return f"{knobs['steps']} step{'s' if knobs['steps'] != 1 else ''}{starts}"


def _budget(piece: Piece) -> str:
    return f"{SYMBOLS[piece.norm]} {piece.eps}/{unit_of(piece.data, piece.norm)}"


def _right(found: Judged) -> Rate:
    return Rate(int((found.adversarial == found.labels).sum()), len(found.labels))


def _everything(pieces: Pieces, found: Judged) -> Check:
    rate = _right(found)
    return Check(
        rate.value <= SLACK,
        f"Under {_how(pieces['everything'])}, which allows any picture at all, the accuracy is {rate}.",
        "Above 0 the attack does not work: within that budget lies a picture of every other class.",
    )


def _more(pieces: Pieces, attack: Judged, more: Judged) -> Check:
    few, many = _right(attack), _right(more)
    return Check(
        few.value - many.value <= SLACK,
        f"{_how(pieces['attack'])} leaves an accuracy of {few}, {_steps(pieces['more'])} one of {many}.",
        "If more work lowers it much, the attack had not converged, and a longer one may lower it again.",
    )


def _scores(pieces: Pieces, attack: Judged, scores: Judged) -> Check:
    white, black = _right(attack), _right(scores)
    return Check(
        white.value - black.value <= SLACK,
        f"Under {_how(pieces['attack'])}, which sees gradients, the accuracy falls to {white}, under {QUERIES:,} "
        f"queries for scores alone (Square) to {black}.",
        "An attacker who sees less should not do better: then the gradients mislead, and the robustness is masking.",
    )


def _transfer(pieces: Pieces, attack: Judged, transfer: Transferred) -> Check:
    right = list(transfer.correct.values())[1]
    white, moved = _right(attack), Rate(int(right.sum()), len(right))
    return Check(
        white.value - moved.value <= SLACK,
        f"Attacked itself by {_how(pieces['attack'])} its accuracy is {white}; on pictures made so on "
        f"{pieces['transfer'].model} it is {moved}.",
        "Pictures made on another model should be the weaker ones: if not, this model's own gradients mislead.",
    )


def _noise(pieces: Pieces, attack: Judged, noise: Judged) -> Check:
    white, blind = _right(attack), _right(noise)
    return Check(
        white.value - blind.value <= SLACK,
        f"Under random noise of the same budget the accuracy is {blind}, under {_how(pieces['attack'])} {white}.",
        "If noise does more than the attack, the attack finds no direction.",
    )


def _rises(pieces: Pieces, probe: Probed) -> Check:
    steps = probe.loss[1:] - probe.loss[:-1]
    share, start, end = float((steps > 0).mean()), float(probe.loss[0]), float(probe.loss[-1])
    return Check(
        end > start and share >= 0.5,
        f"Along {len(steps)} steps of plain PGD in {_budget(pieces['probe'])} the mean of what it raises, the negative "
        f"margin, over n = {len(probe.vanished)} pictures goes from {in_words(start)} to {in_words(end)}, rising at "
        f"{share:.0%} of the steps.",
        "If it does not rise, the gradient does not point where the loss grows.",
    )


def _gradients(_pieces: Pieces, probe: Probed) -> Check:
    rate = Rate(int(probe.vanished.sum()), len(probe.vanished))
    return Check(
        rate.value <= SLACK,
        f"The cross-entropy's gradient is exactly zero at {rate} of the pictures.",
        "Where it is zero an attack along it stands still: quantised inputs do that, and logits so sure that 32 bits "
        "round the loss to 0 (which does not blunt the attacks here, as they follow the log odds).",
    )


def _steady(_pieces: Pieces, probe: Probed) -> Check:
    return Check(
        probe.unsteady == 0,
        f"Asked twice about {len(probe.vanished)} pictures, its logits differ by {probe.unsteady:.2g} at most.",
        "A model that answers by chance needs attacks that average over it; one gradient understates the danger.",
    )


QUESTIONS: tuple[tuple[str, tuple[str, ...], Callable[..., Check]], ...] = (
    ("Does a boundless attack reach everything?", ("everything",), _everything),
    ("Would more steps and restarts leave it as it is?", ("attack", "more"), _more),
    ("Do gradients beat scores?", ("attack", "scores"), _scores),
    ("Do its own gradients beat another model's?", ("attack", "transfer"), _transfer),
    ("Is noise weaker?", ("attack", "noise"), _noise),
    ("Does the loss rise along the attack?", ("probe",), _rises),
    ("Are there gradients?", ("probe",), _gradients),
    ("Does it answer the same twice?", ("probe",), _steady),
)
