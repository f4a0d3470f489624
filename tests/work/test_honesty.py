"""The questions to an evaluation: a sound model passes, a masked one is seen through."""

import pytest

from explorer.attacks import ATTACKS
from explorer.core.knobs import fill
from explorer.work.compute import compute
from explorer.work.honesty import QUESTIONS, check, questions
from explorer.work.honesty import asked as told
from explorer.work.request import default
from explorer.work.robustness import gather, pieces

N = 20


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


def knobs_of(attack: str, **changes):
    return tuple(sorted(fill(ATTACKS[attack].knobs, changes).items()))


@pytest.mark.parametrize("norm", ["linf", "l2", "l1"])
def test_the_chosen_attack_and_norm_are_what_is_asked(norm):
    base = default("shapes", norm, "apgd", "robustness")
    request = base.with_(knobs=knobs_of("apgd", steps=60))
    pieces = questions(request, request.a)
    assert {piece.norm for piece in pieces} == {norm}
    climbing = [dict(piece.knobs) for piece in pieces if piece.attack == "apgd"]
    assert [(k["steps"], k["restarts"]) for k in climbing] == [(60, 1), (60, 1), (200, 3), (60, 1)]
    budgets = {piece.eps for piece in pieces}
    assert budgets == {base.eps, *(piece.eps for piece in pieces if piece.eps > 2 * base.eps)}
    assert max(budgets) >= {"linf": 255, "l2": 255 * 55, "l1": 255 * 3072}[norm]
    assert told(request).startswith("Asked of Auto-PGD (60 steps) in ")
    assert "Not" not in told(request)


@pytest.mark.parametrize("attack", ["jsma", "fgsm", "square", "deepfool", "spatial", "noise", "universal"])
def test_an_attack_that_cannot_be_asked_gives_way_to_pgd_and_that_is_said(attack):
    norm = ATTACKS[attack].facts["norms"][0]
    request = default("shapes", norm, attack, "robustness")
    measured = "linf" if norm == "l0" else norm
    assert {piece.attack for piece in questions(request, request.a)} == {"pgd", "square", "noise"}
    assert {piece.norm for piece in questions(request, request.a)} == {measured}
    assert f"Not of {ATTACKS[attack].title}:" in told(request)
    assert ("Not in ℓ0:" in told(request)) == (norm == "l0")


def test_more_work_is_more_than_the_attack_s_own():
    def more(attack: str, **knobs):
        request = default("shapes", "linf", attack, "robustness").with_(knobs=knobs_of(attack, **knobs))
        return max(dict(p.knobs)["steps"] for p in questions(request, request.a) if p.attack == attack)

    assert more("pgd", steps=5) == 200
    assert more("pgd", steps=150) == 300
    assert more("mifgsm", steps=400) == 500
    request = asked("shapes", attack="mifgsm", knobs=knobs_of("mifgsm", steps=500))
    found = {piece: None for piece in questions(request, request.a)}
    assert len(found) == 6  # nothing is more than the most


def test_an_attack_of_one_step_is_not_believed():
    """It says so of itself: 200 steps lower the accuracy that one leaves."""
    request = asked("digits", attack="pgd", knobs=knobs_of("pgd", steps=1))
    attack, more = (
        piece
        for piece in questions(request, request.b)
        if piece.page == "judge" and piece.attack == "pgd" and piece.eps == request.eps
    )
    answers = check(request, request.b, {piece: compute(piece) for piece in (attack, more)})
    answer = answers["Would more steps and restarts leave it as it is?"]
    assert not answer.passed
    assert "Projected gradient descent (1 step) in ℓ∞ 150/1000" in answer.found
