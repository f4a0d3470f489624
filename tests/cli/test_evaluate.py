"""Models under an attack from the command line: what it says of stages, and of attacks with limits of their own."""

import json

import pytest

CASCADE = ["--attack", "apgd_cascade", "--n", "30", "--set", "steps=3", "--set", "targets=1"]
QUERY = "data=toy&n=30&budgets=1&attack=apgd_cascade&apgd_cascade_steps=3&apgd_cascade_targets=1"


def test_a_cascade_is_told_stage_by_stage(call):
    status, out, err = call("evaluate", "toy-standard", "toy-pgd", *CASCADE)
    assert (status, err) == (0, "")
    accuracy, intro, stages, address = out.strip().split("\n\n")
    assert "ℓ∞ 60/1000" in accuracy
    assert intro.startswith("Stage by stage")
    head, _, *rows = stages.splitlines()
    assert head == "| Model | Stage | Pictures it broke | Passes a picture | Seconds |"
    assert [row.split(" | ")[:2] for row in rows] == [
        [f"| `{model}`", stage] for model in ("toy-standard", "toy-pgd") for stage in ("APGD-CE", "APGD-T")
    ]
    _, told, _ = call("run", address)
    assert stages in told


def test_a_cascade_s_stages_are_numbers_too(call):
    _, out, _ = call("evaluate", "toy-standard", "toy-pgd", *CASCADE, "--json")
    for model in json.loads(out)["models"]:
        clean, under = model["accuracy"]
        assert [stage["stage"] for stage in model["stages"]] == ["APGD-CE", "APGD-T"]
        assert sum(stage["broke"] for stage in model["stages"]) == clean["hits"] - under["hits"]
        assert sum(stage["passes"] for stage in model["stages"]) == model["images"]
    _, out, _ = call("evaluate", "toy-pgd", "--attack", "fgsm", "--n", "10", "--json")
    assert json.loads(out)["models"][0]["stages"] == []
    _, out, _ = call("run", f"/attack?{QUERY.replace('&n=30&budgets=1', '')}", "--json")
    assert [stage["stage"] for stage in json.loads(out)["models"][0]["stages"]] == ["APGD-CE", "APGD-T"]


@pytest.mark.parametrize("arguments", [[], ["--budgets", "8", "--eps", "0"]])
def test_limits_of_its_own_are_named_instead_of_a_budget(call, arguments):
    limited = ["evaluate", "digits-pgd", "--attack", "spatial", "--n", "10", "--set", "rotation=10", *arguments]
    _, out, _ = call(*limited)
    assert out.splitlines()[0] == "| Model | clean | its own limits (rotation 10, shift 3, tries 100) | n |"
    _, out, _ = call(*limited, "--json")
    clean, under = json.loads(out)["models"][0]["accuracy"]
    assert (clean["eps"], under["eps"]) == (0, None)
    assert under["hits"] < clean["hits"]
    assert (
        call("run", "/attack?data=digits&attack=spatial")[1]
        .splitlines()[0]
        .endswith("class 7, within its own limits (rotation 30, shift 3, tries 100)")
    )


@pytest.mark.parametrize(
    ("given", "option"),
    [
        (["--seed", "1", "--eps", "1"], "--seed"),
        (["--eps", "1"], "--eps"),
        (["--eps", "0"], "--eps"),
        (["--seed", "0"], "--seed"),
        (["--budgets", "1"], "--budgets"),
        (["--set", "steps=1"], "--set"),
        (["--norm", "l2"], "--norm"),
    ],
)
def test_what_goes_with_an_attack_is_not_dropped_without_one(call, given, option):
    status, out, err = call("evaluate", "toy-pgd", "--n", "10", *given)
    assert (status, out) == (2, "")
    assert err.startswith(f"{option} goes with --attack: give one (--attack pgd), or name")


def test_a_name_and_a_model_are_the_same(call):
    cards = {call("evaluate", *named, "--cards") for named in (["toy-pgd"], ["--model", "toy-pgd"])}
    assert len(cards) == 1
