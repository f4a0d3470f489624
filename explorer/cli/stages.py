"""The stages of an attack that has several, for a terminal."""

from explorer.cli.table import markdown
from explorer.core.results import Evaluation
from explorer.figures.stages import HEAD, INTRO, cells


def staged(evaluation: Evaluation) -> str:
    """Return what each stage added on each model as a sentence and a Markdown table; "" where there are none."""
    rows = [
        [f"`{name}`", *row]
        for name, judged in evaluation.models.items()
        for row in cells(judged.stages, len(judged.labels))
    ]
    return f"{INTRO}\n\n{markdown(('Model', *HEAD), rows)}" if rows else ""
