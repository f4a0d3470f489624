"""The questions to an evaluation: a sound model passes, a masked one is seen through."""

import pytest

from explorer.work.compute import compute
from explorer.work.honesty import QUESTIONS, check, questions
from explorer.work.request import default
from explorer.work.robustness import gather, pieces

N = 40


def asked(data: str, **changes):
    base = default(data, page="robustness")
    return base.with_(choices=(("budgets", 1), ("n", N)), show=(("view", "honesty"),), **changes)


@pytest.fixture(scope="module")
def masked():
    request = asked("shapes", a="shapes-standard-masked", b="shapes-standard")
    return request, {piece: compute(piece) for piece in questions(request, request.a)}


def test_a_masked_model_is_seen_through(masked):
    request, found = masked
    answers = check(request, request.a, found)
    assert set(answers) == {question for question, _, _ in QUESTIONS}
    failed = {question for question, answer in answers.items() if not answer.passed}
    assert failed >= {
        "Does a boundless attack reach everything?",
        "Do gradients beat scores?",
        "Does the loss rise along the attack?",
        "Are there gradients?",
    }
    assert answers["Does it answer the same twice?"].passed
    assert f"n = {N}" in answers["Do gradients beat scores?"].found


def test_a_sound_model_passes():
    request = asked("toy")
    found = {piece: compute(piece) for piece in pieces(request)}
    honesty = gather(request, found)
    for model in request.models:
        failed = [question for question, answer in honesty.models[model].items() if not answer.passed]
        assert failed == [], model
        assert len(honesty.models[model]) == len(QUESTIONS) - 1  # points have no rows and columns for Square


def test_answers_come_one_by_one(masked):
    request, found = masked
    assert gather(request, {}) is None
    first = questions(request, request.a)[0]
    assert check(request, request.a, {first: found[first]}) == {}
    probe = next(piece for piece in found if piece.page == "probe")
    some = gather(request, {probe: found[probe]})
    assert len(some.models[request.a]) == 3
    assert some.models[request.b] == {}
