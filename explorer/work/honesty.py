"""Is an evaluation to be believed? The questions that the field asks, each answered by a measurement.

Carlini et al. 2019 (arXiv:1902.06705), Tramèr et al. 2020 (arXiv:2002.08347), and the warnings of AutoAttack's
authors (Croce & Hein 2020, arXiv:2003.01690).
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

from explorer.attacks import ATTACKS
from explorer.core.knobs import fill
from explorer.core.results import Check, Judged, Probed, Transferred
from explorer.core.stats import Rate
from explorer.data import DATA
from explorer.work.piece import SIZE, Piece, cut
from explorer.work.request import Request, norms_of, unit_of

SLACK = 0.05  # share of the pictures by which two accuracies may differ without saying anything
STEPS, MORE_STEPS, RESTARTS, QUERIES = 40, 200, 3, 1000


def questions(request: Request, model: str) -> list[Piece]:
    """Return the pieces that answer the questions about one model."""
    return list(_pieces(request, model).values())


def check(request: Request, model: str, found: Mapping[Piece, Any]) -> dict[str, Check]:
    """Return the answers that the pieces at hand give, by question."""
    have = {name: found[piece] for name, piece in _pieces(request, model).items() if piece in found}
    return {
        question: answer(*(have[name] for name in needs))
        for question, needs, answer in QUESTIONS
        if all(name in have for name in needs)
    }


def _pieces(request: Request, model: str) -> dict[str, Piece]:
    """Return what is to be measured of a model, by name: in the chosen norm where Square serves it, else in linf."""
    data, facts = request.data, DATA[request.data].facts
    norm = request.norm if request.norm in ("linf", "l2") else "linf"
    eps = request.eps if norm == request.norm else int(facts["eps"][norm])
    reach = 1 if norm == "linf" else math.sqrt(math.prod(facts["shape"]))
    n = min(SIZE, int(dict(request.choices)["n"]))

    def one(attack: str, page: str = "judge", budget: int = eps, source: str = model, **knobs: Any) -> Piece:
        chosen = {"attack": attack, "knobs": tuple(sorted(fill(ATTACKS[attack].knobs, knobs).items()))}
        others = (model,) if page == "transfer" else ()
        return cut(request, source, n, page, norm=norm, eps=budget, budgets=(budget,), others=others, **chosen)[0]

    found = {
        "attack": one("pgd", steps=STEPS),
        "everything": one("pgd", budget=math.ceil(reach * unit_of(data, norm)), steps=STEPS),
        "more": one("pgd", steps=MORE_STEPS, restarts=RESTARTS),
        "noise": one("noise"),
        "probe": one("pgd", "probe"),
    }
    if norm in norms_of(data, "square"):
        found["scores"] = one("square", queries=QUERIES)
    if others := [other for other in request.models if other != model]:
        found["transfer"] = one("pgd", "transfer", source=others[0], steps=STEPS)
    return found


def _right(found: Judged) -> Rate:
    return Rate(int((found.adversarial == found.labels).sum()), len(found.labels))


def _everything(found: Judged) -> Check:
    rate = _right(found)
    return Check(
        rate.value <= SLACK,
        f"With a budget that allows any picture at all the accuracy is {rate}.",
        "Above 0 the attack does not work: within that budget lies a picture of every other class.",
    )


def _more(attack: Judged, more: Judged) -> Check:
    few, many = _right(attack), _right(more)
    return Check(
        few.value - many.value <= SLACK,
        f"{STEPS} steps leave an accuracy of {few}, {MORE_STEPS} steps from {RESTARTS} random starts one of {many}.",
        "If more work lowers it much, the attack had not converged, and a longer one may lower it again.",
    )


def _scores(attack: Judged, scores: Judged) -> Check:
    white, black = _right(attack), _right(scores)
    return Check(
        white.value - black.value <= SLACK,
        f"With gradients the accuracy falls to {white}, with {QUERIES:,} queries for scores alone (Square) to {black}.",
        "An attacker who sees less should not do better: then the gradients mislead, and the robustness is masking.",
    )


def _transfer(attack: Judged, transfer: Transferred) -> Check:
    right = list(transfer.correct.values())[1]
    white, moved = _right(attack), Rate(int(right.sum()), len(right))
    return Check(
        white.value - moved.value <= SLACK,
        f"Attacked itself its accuracy is {white}; on pictures made on another model it is {moved}.",
        "Pictures made on another model should be the weaker ones: if not, this model's own gradients mislead.",
    )


def _noise(attack: Judged, noise: Judged) -> Check:
    white, blind = _right(attack), _right(noise)
    return Check(
        white.value - blind.value <= SLACK,
        f"Under random noise of the same budget the accuracy is {blind}, under attack {white}.",
        "If noise does more than the attack, the attack finds no direction.",
    )


def _rises(probe: Probed) -> Check:
    steps = probe.loss[1:] - probe.loss[:-1]
    share, start, end = float((steps > 0).mean()), float(probe.loss[0]), float(probe.loss[-1])
    return Check(
        end > start and share >= 0.5,
        f"Along {len(steps)} steps of PGD the mean of what it raises, the negative margin, goes from {start:.2f} to "
        f"{end:.2f}, rising at {share:.0%} of the steps.",
        "If it does not rise, the gradient does not point where the loss grows.",
    )


def _gradients(probe: Probed) -> Check:
    rate = Rate(int(probe.vanished.sum()), len(probe.vanished))
    return Check(
        rate.value <= SLACK,
        f"The cross-entropy's gradient is exactly zero at {rate} of the pictures.",
        "Where it is zero an attack along it stands still: quantised inputs do that, and logits so sure that 32 bits "
        "round the loss to 0 (which does not blunt the attacks here, as they follow the log odds).",
    )


def _steady(probe: Probed) -> Check:
    return Check(
        probe.unsteady == 0,
        f"Asked twice about the same pictures, its logits differ by {probe.unsteady:.2g} at most.",
        "A model that answers by chance needs attacks that average over it; one gradient understates the danger.",
    )


QUESTIONS: tuple[tuple[str, tuple[str, ...], Callable[..., Check]], ...] = (
    ("Does a boundless attack reach everything?", ("everything",), _everything),
    ("Would more steps and restarts change it?", ("attack", "more"), _more),
    ("Do gradients beat scores?", ("attack", "scores"), _scores),
    ("Do its own gradients beat another model's?", ("attack", "transfer"), _transfer),
    ("Is noise weaker?", ("attack", "noise"), _noise),
    ("Does the loss rise along the attack?", ("probe",), _rises),
    ("Are there gradients?", ("probe",), _gradients),
    ("Does it answer the same twice?", ("probe",), _steady),
)
