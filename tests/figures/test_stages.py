"""What is said of attacks in stages, from costs made by hand."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.figures.sides import sides
from explorer.figures.stages import by_stage, cells, rows
from explorer.figures.words import story

NAMES = ("APGD-CE", "APGD-T", "FAB-T")


def stages(*costs: tuple[int, int]) -> dict[str, np.ndarray]:
    return {name: np.array([broke, images, 0.25]) for name, (broke, images) in zip(NAMES, costs, strict=False)}


@pytest.mark.parametrize(
    ("costs", "sentence"),
    [
        ([(1, 101), (0, 0), (0, 0)], "APGD-CE broke it with 101 forward passes; APGD-T and FAB-T were not needed."),
        ([(1, 101), (0, 0)], "APGD-CE broke it with 101 forward passes; APGD-T was not needed."),
        (
            [(0, 101), (0, 909), (1, 990)],
            "FAB-T broke it with 2,000 forward passes, where APGD-CE and APGD-T had failed.",
        ),
        ([(0, 101), (0, 909), (0, 990)], ""),  # the judge has it broken: what the attack believes is not said
        ([], ""),
    ],
)
def test_a_fall_names_its_stage(make, setting, costs, sentence):
    assert by_stage(stages(*costs), sides(make(), setting)[0]) == sentence


def test_a_failure_names_all_and_a_target_is_reached(make, setting):
    _, held = sides(make(), setting)
    costs = stages((0, 101), (0, 909), (0, 990))
    assert by_stage(costs, held) == "APGD-CE, APGD-T and FAB-T did not break it in 2,000 forward passes."
    assert by_stage(stages((1, 101), (0, 0)), held) == ""
    wanted, missed = sides(make(goal=1, targeted=True), setting)
    assert by_stage(stages((0, 10), (1, 10)), wanted).startswith("APGD-T reached the goal with 20 forward passes,")
    assert by_stage(stages((0, 10), (0, 10)), missed).endswith("did not reach the goal in 20 forward passes.")


def test_a_model_wrong_by_itself_needed_no_stage(make, setting):
    wrong = sides(make([[0, 2, 0], [0, 3, 1]]), setting)[0]
    assert by_stage(stages((1, 101), (0, 0)), wrong) == ""


def test_the_story_ends_with_it(make, setting):
    view = make()
    view = replace(view, a=replace(view.a, stages=stages((1, 101), (0, 0))))
    broken, held = story(view, setting)
    assert broken.endswith(
        "'dog' (sure at over 99 %). APGD-CE broke it with 101 forward passes; APGD-T was not needed."
    )
    assert "forward passes" not in held
    assert "forward passes" not in " ".join(story(view, setting, transfer=True))


def test_rows_share_the_passes_by_all_pictures():
    found = stages((3, 500), (1, 1000))
    assert rows(found, 10)[1] == {"stage": "APGD-T", "broke": 1, "passes": 1000, "each": 100.0, "seconds": 0.25}
    assert cells(found, 10)[0] == ["APGD-CE", "3", "50", "0.2"]
    assert rows({}, 10) == []
