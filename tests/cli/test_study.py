"""The command that prints a study."""

import json

import pytest

from explorer.cli.study import HEAD
from explorer.models.zoo import studied


def test_the_cards_are_printed_as_a_table_with_the_claims(call):
    status, out, err = call("study", "--cards")
    assert (status, err) == (0, "")
    table, *claims = out.strip().split("\n\n")
    head, _, *rows = table.splitlines()
    assert head == f"| {' | '.join(HEAD)} |"
    assert len(rows) == len(studied("landscape")) / 3
    assert rows[0].startswith("| 0 | none | ")
    assert len(claims) == 5
    for claim in claims:
        first, second = claim.splitlines()
        assert "(Liu et al. 2020, abstract: " in first
        assert second.startswith(("Holds here. ", "Does not hold here. ", "Open here. "))


def test_the_figures_are_one_json_object(call):
    status, out, _ = call("study", "landscape", "--cards", "--json")
    found = json.loads(out)
    assert status == 0
    assert sorted(name for arm in found["arms"] for name in arm["models"]) == studied("landscape")
    assert all(len(figure) == 3 for arm in found["arms"] for figure in arm["figures"].values())
    assert {"says", "paper", "found", "holds"} == set(found["claims"][0])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (["weather", "--cards"], "There is no study 'weather'; known: landscape."),
        (["weather"], "There is no study 'weather'; known: landscape."),
        (["--cards", "--record"], "Cards are read, or models measured: leave out --cards, or --n and --record."),
    ],
)
def test_what_cannot_be_is_a_sentence(call, given, words):
    assert call("study", *given) == (2, "", words + "\n")


def test_a_study_of_trainings_is_printed_from_its_records(call):
    status, out, err = call("study", "overfitting")
    assert (status, err) == (0, "")
    table, *claims = out.strip().split("\n\n")
    assert len(table.splitlines()) == 2 + 6
    assert "| FGSM, no random start | " in table
    assert len(claims) == 5
    assert all(claim.splitlines()[1].startswith(("Holds here. ", "Does not", "Open here. ")) for claim in claims)
    status, out, _ = call("study", "overfitting", "--json")
    found = json.loads(out)
    assert [len(one["seeds"]) for one in found["trials"]] == [3] * 6
    assert found["claims"][0]["holds"] is True


def test_records_are_not_made_anew_and_kept_at_once(call):
    words = "Models are trained to compare them with what is recorded, or to record them: leave out one of the two.\n"
    assert call("study", "overfitting", "--train", "--record") == (2, "", words)
    words = "Its models are measured, not trained: leave out --train.\n"
    assert call("study", "landscape", "--train") == (2, "", words)
