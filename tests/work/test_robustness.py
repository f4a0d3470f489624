"""Evaluations in pieces: the same numbers as in one go, coarse first, and nothing computed twice."""

import numpy as np
import pytest
import torch

from explorer.attacks.run import run_attack
from explorer.core.goals import Goal
from explorer.core.progress import Cancelled
from explorer.core.types import Threat
from explorer.data import load_data
from explorer.models.zoo import load_model
from explorer.work import local
from explorer.work.compute import compute
from explorer.work.piece import SIZE
from explorer.work.request import default
from explorer.work.robustness import budgets, gather, pieces
from explorer.work.store import Store


def request_of(view: str = "curve", n: int = 150, count: int = 4, **changes):
    base = default("toy", page="robustness").with_(choices=(("budgets", count), ("n", n)), show=(("view", view),))
    return base.with_(**{"knobs": (*[(k, 5 if k == "steps" else v) for k, v in base.knobs],)} | changes)


@pytest.fixture(scope="module")
def whole():
    request = request_of()
    return request, {piece: compute(piece) for piece in pieces(request)}


def test_the_pieces_cover_the_pictures_the_first_of_all_models_first():
    request = request_of(n=SIZE + 50)
    found = [(piece.model, piece.start, piece.stop) for piece in pieces(request)]
    assert found == [
        ("toy-standard", 0, SIZE),
        ("toy-pgd", 0, SIZE),
        ("toy-standard", SIZE, SIZE + 50),
        ("toy-pgd", SIZE, SIZE + 50),
    ]
    assert len({piece.key for piece in pieces(request)}) == 4
    assert max(piece.stop for piece in pieces(request_of(n=10_000))) == 500  # of the whole test set


def test_the_budgets_rise_and_hold_the_chosen_one():
    assert budgets(request_of(count=1)) == (60,)
    assert budgets(request_of(count=4)) == (30, 60, 90, 120)
    assert budgets(request_of(count=8, eps=1)) == (1, 2)
    assert budgets(request_of(count=8, eps=0)) == (0,)
    assert max(budgets(request_of(count=8, eps=240))) == 240  # no larger than the page offers


def test_the_chosen_budget_is_judged_as_the_judge_does(whole):
    request, found = whole
    one = gather(request.with_(choices=(("budgets", 1), ("n", 150))), found).models["toy-pgd"]
    data = load_data("toy")
    x, y = data.x[:SIZE], data.y[:SIZE]
    plain = run_attack(
        "pgd", load_model("toy-pgd"), x, Goal(y), Threat("linf", 0.06), knobs=dict(request.knobs), seed=request.seed
    )
    alone = compute(pieces(request_of(count=1))[1])
    assert np.array_equal(alone.standing(0.06), plain.correct)
    assert np.array_equal(alone.adversarial, plain.logits_adv.argmax(1))
    assert np.array_equal(alone.clean, plain.logits.argmax(1))
    assert (one.standing(0.06)[:SIZE] <= alone.standing(0.06)).mean() > 0.97  # the ladder may find more


def test_more_budget_never_leaves_more_standing(whole):
    request, found = whole
    evaluation = gather(request, found)
    for judged in evaluation.models.values():
        shares = [judged.standing(eps).mean() for eps in (0, *evaluation.budgets)]
        assert shares == sorted(shares, reverse=True)
        assert shares[0] == (judged.clean == judged.labels).mean()
        assert shares[0] > shares[-1]
        chosen = judged.standing(0.06)
        assert np.array_equal(judged.adversarial == judged.labels, chosen)
    assert len(evaluation.models["toy-pgd"].labels) == 150
    assert np.array_equal(evaluation.models["toy-pgd"].labels, load_data("toy").y[:150].numpy())


def test_an_evaluation_is_shown_from_what_is_there(whole):
    request, found = whole
    some = dict(list(found.items())[:2])
    assert len(gather(request, some).models["toy-pgd"].labels) == SIZE
    uneven = dict(list(found.items())[:3])
    assert {len(one.labels) for one in gather(request, uneven).models.values()} == {SIZE}
    assert gather(request, {}) is None
    assert gather(request, dict(list(found.items())[:1])) is None


def test_a_picture_that_is_wrong_by_itself_falls_at_zero():
    piece = pieces(request_of(n=10, data_knobs=(("kind", "spirals"), ("noise", 0.2))))[0]
    judged = compute(piece)
    wrong = judged.clean != judged.labels
    assert wrong.any()
    assert np.array_equal(judged.radius == 0, wrong)
    assert not judged.standing(0)[wrong].any()
    assert np.array_equal(judged.adversarial[wrong], judged.clean[wrong])


def test_transfer_counts_who_is_right_about_whose_pictures():
    request = request_of("transfer", n=60)
    found = {piece: compute(piece) for piece in pieces(request)}
    matrix = gather(request, found)
    assert matrix.n == 60
    x, y = (part[:60] for part in (load_data("toy").x, load_data("toy").y))
    standard, robust = load_model("toy-standard"), load_model("toy-pgd")
    made = run_attack(
        "pgd", standard, x, Goal(y), Threat("linf", 0.06), knobs=dict(request.knobs), seed=request.seed, stop=False
    )
    assert matrix.models["toy-standard"]["toy-standard"] == made.correct.sum()
    said = robust(torch.from_numpy(made.x_adv)).argmax(1)
    assert matrix.models["toy-standard"]["toy-pgd"] == (said == y).sum()
    assert matrix.models["toy-pgd"].keys() == {"toy-standard", "toy-pgd"}


def test_cancelled_half_way_it_goes_on_from_what_is_stored(tmp_path, monkeypatch):
    store = Store(tmp_path, shipped=tmp_path / "none")
    monkeypatch.setattr(local, "shared_store", lambda: store)
    request, computed = request_of(n=300), []
    inner = local.compute
    monkeypatch.setattr(local, "compute", lambda piece, **more: (computed.append(piece), inner(piece, **more))[1])

    def tick(done: int, total: int, note: str = "") -> None:
        if len(computed) == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        local.run(request, tick=tick)
    assert len(computed) == 4
    evaluation = local.run(request.address())
    assert len(computed) == 7  # three were stored
    assert len(evaluation.models["toy-pgd"].labels) == 300
    local.run(request)
    assert len(computed) == 7


def test_stages_are_stored_and_summed_over_the_pieces_and_the_budgets_up_to_the_chosen_one(tmp_path):
    cascade = {"attack": "apgd_cascade", "knobs": (("steps", 3), ("targets", 1)), "data": "toy"}
    request = request_of(n=SIZE + 20, **cascade)
    store = Store(tmp_path, shipped=tmp_path / "none")
    for piece in pieces(request):
        store.put(piece.key, compute(piece))
    again = Store(tmp_path, shipped=tmp_path / "none")
    found = {piece: again.get(piece.key) for piece in pieces(request)}
    for name, judged in gather(request, found).models.items():
        parts = [one for piece, one in found.items() if piece.model == name]
        assert [*judged.stages] == ["APGD-CE", "APGD-T"]
        for stage, cost in judged.stages.items():
            np.testing.assert_allclose(cost, sum(part.stages[stage] for part in parts))
        broke, images, _ = np.sum([*judged.stages.values()], axis=0)
        assert broke == judged.standing(0).sum() - judged.standing(0.06).sum()
        assert 0 < images < judged.images  # the budgets above the chosen one cost too
    plain = compute(pieces(request_of(n=10))[0])
    assert plain.stages == {}


def test_a_cascade_at_one_budget_is_all_that_was_spent():
    cascade = {"attack": "apgd_cascade", "knobs": (("steps", 3), ("targets", 1))}
    judged = compute(pieces(request_of(n=30, count=1, **cascade))[0])
    assert sum(cost[1] for cost in judged.stages.values()) == judged.images


def test_limits_of_its_own_are_the_same_request_whatever_the_budget():
    base = default("digits", attack="spatial", page="robustness").with_(choices=(("budgets", 8), ("n", 20)))
    assert budgets(base) == (1,)
    assert [one.key for one in pieces(base.with_(eps=0))] == [one.key for one in pieces(base.with_(eps=300))]
    honest = [pieces(base.with_(eps=eps, show=(("view", "honesty"),)))[0].eps for eps in (10, 300)]
    assert honest == [10, 300]  # the questions are asked of attacks that do look at the budget


def test_limits_of_its_own_break_at_any_budget_but_not_clean():
    base = default("digits", attack="spatial", page="robustness")
    piece = pieces(base.with_(choices=(("budgets", 1), ("n", 20))))[0]
    judged = compute(piece)
    assert judged.standing(0).mean() == (judged.clean == judged.labels).mean() > 0.9
    assert judged.standing(1e-3).mean() < judged.standing(0).mean()
    assert judged.standing(1e-3).tolist() == judged.standing(0.5).tolist()
