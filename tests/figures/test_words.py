from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.results import AttackView
from explorer.core.words import amount, number
from explorer.figures.setting import Setting, percent
from explorer.figures.sides import sides
from explorer.figures.words import alt, control, status, story, why

THREE = Setting(("cat", "dog", "eel"), ("standard", "robust"), "linf", 8, 255)


def test_fell_and_held(make, setting) -> None:
    assert story(make(), setting) == [
        "The standard model fell at step 1: 'cat' (sure at 98 %) became 'dog' (sure at over 99 %).",
        "The robust model held: still 'cat' (sure at 51 %); before the attack sure at 94 %.",
    ]


def test_a_fall_at_the_start_and_one_without_a_path(make, setting) -> None:
    at_start = [[5, 0, 1], [0, 3, 1], [0, 4, 1]]
    assert "fell at step 0, where the attack started:" in story(make(at_start), setting)[0]
    assert story(make(path=False), setting)[0].startswith("The standard model fell: 'cat'")


def test_wrong_before_the_attack(make, setting) -> None:
    wrong = [[0, 2, 0], [0, 3, 1]]
    assert story(make(wrong), setting)[0] == (
        "The standard model was wrong before the attack: 'dog' (sure at 79 %) where 'cat' is true; "
        "under attack it says 'dog' (sure at 84 %)."
    )
    healed = [[0, 2, 0], [3, 0, 0]]
    assert story(make(healed), setting)[0].endswith("it says 'cat' (sure at 91 %), which is right.")
    assert status(sides(make(healed), setting)[0]) == "wrong from the start, right at the end"


def test_a_target_reached_missed_and_there_from_the_start(make, hand, setting) -> None:
    reached, held = story(make(goal=1, targeted=True), setting)
    assert reached.startswith("The standard model reached the attack's goal 'dog' at step 1: 'cat'")
    assert held.startswith("The robust model held: the attack wants 'dog', it still says 'cat'")
    changed, there = story(make(hand.fell, [[0, 0, 3], [1, 0, 0.5]], goal=2, targeted=True), setting)
    assert changed == (
        "The standard model was not led to 'eel', but its answer changed: 'cat' (sure at 98 %) became "
        "'dog' (sure at 67 %)."
    )
    assert there.startswith("The robust model said what the attack wants before it began: 'eel'")


def test_nobody_said_what_it_is(make, setting) -> None:
    fell, held = story(make(label=-1), setting)
    assert fell.endswith("became 'dog' (sure at over 99 %); which of them is true is not known.")
    assert held.endswith("before the attack sure at 94 %; whether that is true is not known.")


def test_transfer(make, setting) -> None:
    assert story(make(), setting, transfer=True) == [
        "Shown the picture made on the robust model, the standard model changes its answer: 'cat' (sure at 98 %) "
        "becomes 'dog' (sure at 98 %).",
        "Shown the picture made on the standard model, the robust model still says 'cat' (sure at 94 %); "
        "of the clean picture it is sure at 94 %.",
    ]
    assert "the point made on" in story(make(shape=(2,)), setting, transfer=True)[0]


def test_why_compares_how_far_the_margins_moved(make, hand, setting) -> None:
    assert why(make(), setting) == (
        "Along the attack the standard model's margin fell from 4.0 to −7.0, the robust model's fell from 3.0 to "
        "0.50: the same budget moved the standard model's margin 4.4 times as far as the robust model's, each in "
        "its own logits."
    )
    assert why(make(hand.fell, hand.fell), setting).endswith("moved both margins about as far.")
    assert why(make(hand.fell, [[1, 0, 0], [3, 0, 0]]), setting).endswith("robust model's rose from 1.0 to 3.0.")
    assert why(make(hand.fell, [[1, 0, 0], [1, 0, 0]]), setting).endswith("robust model's stayed at 1.0.")
    view = make()
    own = replace(view, a=replace(view.a, bound="smallest"), b=replace(view.b, bound="smallest"))
    assert why(own, setting).endswith("from 3.0 to 0.50.")  # each by a length of its own: not the same budget


def test_control_counts_changed_answers_with_their_interval(make, setting) -> None:
    first, second = control(make(changed=7), setting)
    assert first == (
        "Noise of length ℓ∞ 8/255: of 100 random perturbations 7 changed the standard model's answer: "
        "7.0% (n = 100, 95 % interval 3.4% to 13.7%)."
    )
    assert "perturbations 0 changed the robust model's answer: 0.0% (n = 100, 95 % interval 0.0% to 3.7%)" in second


def test_a_bound_that_is_not_0_does_not_read_so(make, hand, setting) -> None:
    view = make()
    view = replace(view, noise_a=hand.noise(1, view.a, copies=2000))
    assert "0.1% (n = 2,000, 95 % interval 0.01% to 0.3%)" in control(view, setting)[0]


def test_a_search_that_ends_beyond_the_budget_proves_nothing_within_it(make, setting) -> None:
    view = make()
    long = replace(view.a, bound="smallest", distance={name: 9 * size for name, size in view.a.distance.items()})
    view = replace(view, a=long)
    assert story(view, setting)[0].endswith("no change was found within the budget of 8/255 = 0.031.")
    assert status(sides(view, setting)[0]) == "falls beyond the budget"


def test_alt_tells_what_is_seen_and_what_happened(make, setting) -> None:
    text = alt(make(), setting)
    assert "class probabilities" in text
    assert "The standard model fell at step 1" in text
    assert "the plane of all points" in alt(make(shape=(2,)), setting)
    assert "made on the robust model" in alt(make(), setting, transfer=True)


@given(st.floats(0, 1))
def test_percent_never_claims_certainty(p: float) -> None:
    text = percent(p)
    assert text not in ("100 %", "0 %")
    if text[0] not in "<>":
        assert abs(float(text.removesuffix(" %")) - 100 * p) <= 0.5 + 1e-9


@given(st.floats(-1e4, 1e4))
def test_numbers_have_a_true_minus_and_no_minus_zero(value: float) -> None:
    text = number(value)
    assert "-" not in text
    assert text.lstrip("−") == text or float(text.replace("−", "-")) < 0
    assert abs(float(text.replace("−", "-")) - value) <= 0.0501


def test_one_of_a_thing_is_no_plural() -> None:
    assert [amount(n, "picture") for n in (0, 1, 1200)] == ["0 pictures", "1 picture", "1,200 pictures"]
    assert [amount(n, "pass", "passes") for n in (1, 2)] == ["1 pass", "2 passes"]


logit = st.integers(-30, 30).map(lambda n: n / 4)
row = st.lists(logit, min_size=3, max_size=3)
rows = st.lists(row, min_size=2, max_size=6)


@settings(max_examples=200)
@given(rows, rows, st.integers(0, 2), st.booleans(), st.integers(-1, 2), st.booleans())
def test_every_sentence_is_true(hand, a: list, b: list, goal: int, targeted: bool, label: int, path: bool) -> None:
    if not targeted and label >= 0:
        goal = label  # an untargeted attack leads away from the true class
    found = [hand.attacked(logits, goal=goal, targeted=targeted, path=path, shape=(1, 2, 2)) for logits in (a, b)]
    crowd = hand.attacked(a, shape=(1, 2, 2))
    view = AttackView(label, *found, np.array(a[-1]), np.array(b[-1]), crowd, crowd)
    for line, name, one in zip(story(view, THREE), THREE.names, found, strict=True):
        before, after = THREE.classes[one.logits[0].argmax()], THREE.classes[one.logits_adv[0].argmax()]
        assert line.startswith(f"The {name} model ")
        assert f"'{after}'" in line
        if "held" in line:
            assert not one.success[0]
            assert before == after
        if "before the attack: " in line or "before it began" in line:
            assert (before == THREE.classes[goal]) == targeted
        if "fell" in line or "reached" in line:
            assert one.success[0]
            assert before != after
        if "at step " in line:
            step = int(line.split("at step ")[1].split(":")[0].split(",")[0])
            hits = (one.path["logits"][:, 0].argmax(1) == goal) == targeted
            assert hits[step]
            assert not hits[:step].any()
        p = np.exp(one.logits_adv[0]) / np.exp(one.logits_adv[0]).sum()
        assert percent(float(p.max()), over="over ") in line
    sentence = why(view, THREE)
    drop_a, drop_b = (side.clean.margin - side.end.margin for side in sides(view, THREE))
    if "times as far" in sentence:
        assert f"moved the {'standard' if drop_a > drop_b else 'robust'} model's" in sentence


@pytest.mark.parametrize("name", ["held", "fell"])
def test_a_model_beside_itself_is_moved_as_far(make, hand, setting, name) -> None:
    logits = getattr(hand, name)
    assert "about as far" in why(make(logits, logits), setting)
