from typing import Annotated, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.core.errors import UserError
from explorer.core.knobs import Choice, Knob, Real, Switch, Whole, fill, knobs_of


def example(
    x: int,
    *,
    steps: Annotated[int, Whole(1, 500, "gradient steps")] = 40,
    step: Annotated[float, Real(0.005, 1.0, "step length")] = 0.1,
    kind: Annotated[str, Choice(("sign", "uniform"), "how it is drawn")] = "sign",
    best: Annotated[bool, Switch("keep the best")] = True,
    plain: int = 3,
    noted: Annotated[int, "not a knob"] = 4,
) -> None:
    """Show what a knob is."""


KNOBS = knobs_of(example)
BAD = {
    "steps": [0, 501, 1.5, "1.5", "", "ten", None, True, float("nan"), float("inf"), "nan", "-inf", "1e999", [], {}],
    "step": [0.004, 1.01, "nan", float("nan"), float("inf"), "-inf", "", "0,5", None, False, b"x", [0.1], 10**400],
    "kind": ["", "Sign", "gaussian", None, 0, ["sign"], ("sign",)],
    "best": ["", "yes", "2", None, 1.5, "nan", []],
}


def test_knobs_are_the_annotated_keywords_with_their_defaults():
    assert {name: knob.default for name, knob in KNOBS.items()} == {
        "steps": 40,
        "step": 0.1,
        "kind": "sign",
        "best": True,
    }
    assert KNOBS["steps"] == Knob("steps", Whole(1, 500, "gradient steps"), 40)


def test_a_default_out_of_range_is_refused_when_read():
    def wrong(*, steps: Annotated[int, Whole(1, 5, "steps")] = 6) -> None: ...

    with pytest.raises(ValueError):  # noqa: PT011 - the message is the kind's own
        knobs_of(wrong)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("steps", "7", 7),
        ("steps", 7.0, 7),
        ("steps", "500", 500),
        ("step", "0.5", 0.5),
        ("step", 1, 1.0),
        ("kind", "uniform", "uniform"),
        ("best", "off", False),
        ("best", "True", True),
        ("best", 0, False),
    ],
)
def test_values_are_read_as_their_type(name, given, read):
    found = KNOBS[name].read(given)
    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in BAD.items() for value in values])
def test_bad_values_give_one_sentence(name, value):
    with pytest.raises(UserError) as caught:
        KNOBS[name].read(value)
    sentence = str(caught.value)
    assert sentence.startswith(f"{name} = ")
    assert sentence.endswith(KNOBS[name].kind.allowed + ".")
    assert "\n" not in sentence
    assert len(sentence) < 200


def test_fill_adds_defaults_and_refuses_strangers():
    assert fill(KNOBS, {"steps": "3"}) == {"steps": 3, "step": 0.1, "kind": "sign", "best": True}
    with pytest.raises(UserError, match=r"no parameter 'stepz' here; known: steps, step, kind, best\."):
        fill(KNOBS, {"stepz": 3})
    with pytest.raises(UserError, match="known: none"):
        fill({}, {"steps": 3})


anything = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.binary(), st.lists(st.integers(), max_size=2)
)


@given(name=st.sampled_from(sorted(KNOBS)), value=anything)
@settings(max_examples=150)
def test_whatever_comes_is_read_into_range_or_refused(name: str, value: Any):
    try:
        found = KNOBS[name].read(value)
    except UserError:
        return
    assert KNOBS[name].read(found) == found
    assert KNOBS[name].read(str(found)) == found


@given(st.dictionaries(st.text(max_size=8), anything, max_size=3))
@settings(max_examples=100)
def test_whatever_is_filled_has_every_knob(values: dict[str, Any]):
    try:
        found = fill(KNOBS, values)
    except UserError:
        return
    assert set(found) == set(KNOBS)
