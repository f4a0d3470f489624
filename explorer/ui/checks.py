"""The honesty panel: each question to an evaluation, what was measured, and what failing would mean."""

from collections.abc import Mapping, Sequence

import streamlit as st

from explorer.core.results import Check, Honesty
from explorer.figures.lineup import lineup
from explorer.ui import state
from explorer.work.honesty import number
from explorer.work.request import Request

ASKED = (
    "Robust accuracy is only as good as the attack that measured it. These questions are those the field asks of an "
    "evaluation (Carlini et al. 2019, Tramèr et al. 2020, Croce & Hein 2020). A model that fails one is not proved "
    "weak, and one that passes all is not proved strong: that takes a certificate."
)


def draw(request: Request, honesty: Honesty, models: Sequence[str]) -> None:
    """Draw the checks of each model that are there, the failed ones first and open.

    models : the models by their names, whatever they are called in what is drawn
    """
    st.markdown(ASKED)
    st.markdown(state.markdown_free(honesty.asked))
    marks = lineup(list(honesty.models), False)
    for column, mark, model in zip(st.columns(len(marks)), marks, models, strict=True):
        with column:
            answers = honesty.models[mark.name]
            st.markdown(f"#### {mark.sign} {state.markdown_free(mark.name)}: {_verdict(request, model, answers)}")
            for question, check in sorted(answers.items(), key=lambda item: item[1].passed):
                _one(question, check)


def _verdict(request: Request, model: str, answers: Mapping[str, Check]) -> str:
    """Return how many fail, of those that are answered."""
    asked = number(request, model)
    failed = sum(not check.passed for check in answers.values())
    if len(answers) < asked:
        fared = f"{failed} fail" if failed else "all pass" if answers else "more to come"
        return f"{len(answers)} of {asked} answered, {fared}"
    return f"{failed} of {asked} fail" if failed else f"all {asked} pass"


def _one(question: str, check: Check) -> None:
    with st.container(border=True):
        st.markdown(f"{':material/check_circle:' if check.passed else ':material/error:'} **{question}** "
                    f"{'Yes.' if check.passed else 'No.'}")  # fmt: skip
        st.markdown(state.markdown_free(check.found))
        st.caption(check.meaning)
