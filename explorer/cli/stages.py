"""The stages of an attack that has several, for a terminal."""

from explorer.cli.table import markdown
from explorer.core.results import Evaluation
from explorer.figures.stages import HEAD, INTRO, cells


def staged(evaluation: Evaluation, left_out: str) -> str:
    """Return what each stage added on each model as sentences and a Markdown table; "" where there are none.

    left_out : a sentence of which stage is missing, or ""
    """
    rows = [
        [f"`{name}`", *row]
        for name, judged in evaluation.models.items()
        for row in cells(judged.stages, len(judged.labels))
    ]
    return f"{f'{left_out} {INTRO}'.strip()}\n\n{markdown(('Model', *HEAD), rows)}" if rows else ""
