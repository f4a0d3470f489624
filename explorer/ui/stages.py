"""The stages of an attack that has several: what each added to the evaluation, and what it cost."""

import streamlit as st

from explorer.core.results import Evaluation, Honesty, TransferMatrix
from explorer.figures.lineup import lineup
from explorer.figures.stages import HEAD, INTRO, cells
from explorer.ui import state


def draw(result: Evaluation | TransferMatrix | Honesty, left_out: str) -> None:
    """Draw a table for each model of an evaluation whose attack has stages, else nothing.

    left_out : a sentence of which stage is missing, or ""
    """
    if not isinstance(result, Evaluation) or not any(judged.stages for judged in result.models.values()):
        return
    st.markdown(f"{left_out} {INTRO}".strip())
    marks = lineup(list(result.models), False)
    for column, mark, judged in zip(st.columns(len(marks)), marks, result.models.values(), strict=True):
        rows = cells(judged.stages, len(judged.labels))
        column.markdown(f"**{mark.sign} {state.markdown_free(mark.name)}**")
        column.table([dict(zip(HEAD, row, strict=True)) for row in rows], hide_index=True)
