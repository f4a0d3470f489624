"""An evaluation in plain sentences, each with its n and interval."""

from explorer.core.results import Evaluation, Honesty, TransferMatrix
from explorer.core.stats import Rate
from explorer.core.words import amount
from explorer.figures.setting import Setting


def told(result: Evaluation | TransferMatrix | Honesty, setting: Setting) -> list[str]:
    """Return what a view of the Robustness page says, a line each."""
    if isinstance(result, Evaluation):
        return [line for line in (*verdicts(result, setting), compared(result, setting)) if line]
    return moved(result) if isinstance(result, TransferMatrix) else answered(result)


def verdicts(evaluation: Evaluation, setting: Setting) -> list[str]:
    """Return one sentence a model: what share stands at the chosen budget, and how many it costs to find out."""
    found = []
    for name, judged in evaluation.models.items():
        n = len(judged.labels)
        clean, under = (Rate(int(judged.standing(eps).sum()), n) for eps in (0.0, setting.budget))
        cost = judged.images / n
        found.append(
            f"{name}: right on {clean} clean pictures; within {setting.allowed} {under} stand. "
            f"{amount(round(cost), 'forward pass', 'forward passes')} a picture."
        )
    return found


def compared(evaluation: Evaluation, setting: Setting) -> str:
    """Return one sentence that compares model A with model B picture by picture at the chosen budget."""
    if len(evaluation.models) < 2:
        return ""
    (a, first), (b, second) = list(evaluation.models.items())[:2]
    one, two = first.standing(setting.budget), second.standing(setting.budget)
    both, neither = int((one & two).sum()), int((~one & ~two).sum())
    only_a, only_b = int((one & ~two).sum()), int((two & ~one).sum())
    return (
        f"Of {len(one):,} pictures {both:,} stand on both models, {neither:,} on neither, {only_a:,} on {a} alone, "
        f"{only_b:,} on {b} alone."
    )


def moved(matrix: TransferMatrix) -> list[str]:
    """Return one sentence for each pair: who is right about the pictures made on whom."""
    return [
        f"Made on {i}, shown to {j}: right about {Rate(hits, matrix.n)}."
        for i, row in matrix.models.items()
        for j, hits in row.items()
        if i != j
    ]


def answered(honesty: Honesty) -> list[str]:
    """Return the answer to each question, a line each."""
    return [
        f"{name}: {question} {'Yes' if check.passed else 'NO'}. {check.found}"
        for name, answers in honesty.models.items()
        for question, check in answers.items()
    ]
