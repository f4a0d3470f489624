"""The command that prints a study."""

import json

import pytest

from explorer.cli.study import HEAD
from explorer.figures.claims import VERDICTS
from explorer.models.zoo import studied


def test_the_cards_are_printed_as_a_table_with_the_claims(call):
    status, out, err = call("study", "--cards")
    assert (status, err) == (0, "")
    table, *claims = out.strip().split("\n\n")
    head, _, *rows = table.splitlines()
    assert head == f"| {' | '.join(HEAD)} |"
    assert sum(int(row.rstrip("| ").split()[-1]) for row in rows) == len(studied("landscape"))
    assert rows[0].startswith("| mnist | 0 | none | 0.001 | ")
    assert any(row.startswith("| cifar10 | 8/255 | PAS | 0.001 | ") for row in rows)
    assert len(claims) == 6 + 5
    for claim in claims:
        first, second = claim.splitlines()
        assert "(Liu et al. 2020, abstract: " in first
        verdict, _, data = second.partition(".")[0].partition(", on ")
        assert verdict in VERDICTS.values()
        assert data in ("mnist", "cifar10")


def test_the_figures_are_one_json_object(call):
    status, out, _ = call("study", "landscape", "--cards", "--json")
    found = json.loads(out)
    assert status == 0
    assert sorted(name for arm in found["arms"] for name in arm["models"]) == studied("landscape")
    assert all(len(figure) == len(arm["models"]) for arm in found["arms"] for figure in arm["figures"].values())
    assert {"says", "paper", "found", "holds", "on"} == set(found["claims"][0])


def test_new_models_alone_are_measured(call, monkeypatch):
    monkeypatch.setattr("explorer.work.study.measure.figures", lambda *_: pytest.fail("a model was measured again"))
    assert call("study", "--new")[1] == call("study", "--cards")[1]


def test_a_model_that_ends_its_training_meanwhile_is_left_out(call, monkeypatch):
    early = [name for name in studied("landscape") if not name.endswith("-2")]
    monkeypatch.setattr("explorer.models.zoo.studied", lambda _: early)
    status, out, err = call("study", "--new")
    assert (status, err) == (0, "")
    _, _, *rows = out.partition("\n\n")[0].splitlines()
    assert {int(row.rstrip("| ").split()[-1]) for row in rows} == {2}


def test_a_training_that_is_made_anew_is_compared(call, monkeypatch):
    """With what is recorded of it: the figure is named that is furthest."""
    from explorer.work.study import experiments

    known = experiments.recorded("path_norm")

    def again(_study, kind, seed, _tick, *, keep):
        found = known[kind, seed]
        zeros = found["looked"]["zeros"] + (0.25 if kind == "prox_large" else 0)
        return found | {"looked": found["looked"] | {"zeros": zeros}}

    monkeypatch.setattr(experiments, "again", again)
    status, _, err = call("study", "path_norm", "--train")
    assert status == 0
    assert "prox_large, seed 0: differs by 25% at most, in looked.zeros.\n" in err
    assert "plain, seed 2: is as recorded.\n" in err
    assert "Of 28 means over seeds 27 lie within the 95 % intervals of what is recorded, and 4 of 4 claims" in err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (
            ["weather", "--cards"],
            "There is no study 'weather'; known: landscape, slow, hard, overfitting, path_norm, sparse, recipes.",
        ),
        (
            ["weather"],
            "There is no study 'weather'; known: landscape, slow, hard, overfitting, path_norm, sparse, recipes.",
        ),
        (["--cards", "--record"], "Cards are read, or models measured: leave out --cards, or --n, --record and --new."),
        (["--new", "--n", "5"], "Figures of some pictures do not fit beside the cards' own: leave out --n, or --new."),
        (
            ["overfitting", "--n", "5"],
            "This study is made of trainings, which are recorded whole: leave out --n and --new.",
        ),
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
