import json
import os
import re
import subprocess
import sys

import pytest

from explorer.attacks import ATTACKS
from explorer.cli import main
from explorer.cli.telling import TELLING
from explorer.core.assets import entry_script
from explorer.core.results import AttackView
from explorer.models.zoo import zoo_names
from explorer.work.local import run
from explorer.work.pack import from_bytes
from explorer.work.pages import PAGES
from explorer.work.request import default, defaults

COMPARED = tuple(sorted((dict(default("toy").show) | {"compare": True}).items()))


def test_run_prints_what_the_page_shows(call):
    request = default("toy").with_(index=3)
    status, out, err = call("run", "http://localhost:8501" + request.address())
    assert (status, err) == (0, "")
    found = run(request)
    assert f"class {'blue' if found.label == 0 else 'orange'}, budget 60/1000 = 0.06 in ℓ∞" in out
    for text in ("toy-standard", "toy-pgd", "under attack", "changed by noise", "of 100", "The standard model"):
        assert text in out


def test_run_json_is_one_object_with_the_numbers(call):
    request = default("toy").with_(index=3)
    status, out, err = call("run", request.address(), "--json")
    assert (status, err) == (0, "")
    found, view = json.loads(out), run(request)
    assert (found["address"], found["key"]) == (request.address(), request.key)
    a, b = found["models"]
    assert (a["model"], b["model"]) == ("toy-standard", "toy-pgd")
    assert a["distance"]["linf"] == pytest.approx(float(view.a.distance["linf"][0]))
    assert a["reached"] == bool(view.a.success[0])
    fell = view.a.path["margin"][:, 0] < 0
    assert a["fell"] == int(fell.argmax())
    assert a["margin"]["adversarial"] == pytest.approx(view.a.path["margin"][:, 0].min(), abs=1e-5)
    assert b["noise"] == {"changed": int(view.noise_b.changed.sum()), "n": 100}
    assert 0 < a["transfer"]["p"] <= 1
    assert found["result"]["a"]["logits"] == view.a.logits.tolist()
    assert found["result"]["plane_a"]["probabilities"] == {"shape": [151, 151, 2]}


def test_run_compares_the_attacks_where_the_page_does(call, monkeypatch):
    for name in set(ATTACKS) - {"pgd", "fgsm", "noise", "deepfool"}:
        monkeypatch.delitem(ATTACKS._entries, name)
    request = default("toy").with_(knobs=(*default("toy").knobs[:-1], ("steps", 7)), show=COMPARED)
    status, out, err = call("run", request.address(), "--json")
    assert (status, err) == (0, "")
    rows = {row["name"]: row for row in json.loads(out)["comparison"]}
    assert set(rows) == {"pgd", "fgsm", "noise", "deepfool"}
    assert rows["pgd"]["attack"].endswith("(your settings)")
    for name, row in rows.items():
        view = run(request.with_(attack=name, knobs=request.knobs if name == "pgd" else defaults(ATTACKS[name].knobs)))
        assert row["B passes"] == view.b.images
        assert row["A length"] == pytest.approx(1000 * float(view.a.distance["linf"][0]))
    assert "comparison" not in json.loads(call("run", default("toy").address(), "--json")[1])
    status, out, _ = call("run", request.address())
    assert status == 0
    assert "attacks fool" in out or "nothing tried fools" in out
    assert "| Attack | Keeps to | A fooled | A ℓ∞ (1/1000) | A passes | A: seconds | B fooled |" in out
    assert f"| {ATTACKS['deepfool'].title} | no budget | yes | {rows['deepfool']['A length']:.3g} |" in out


@pytest.mark.parametrize("query", ["attack=fgsm", "attack=noise", "target=3", "eps=0", "b=digits-standard&norm=l2"])
def test_run_tells_every_kind_of_result(call, query):
    status, out, err = call("run", f"/attack?data=digits&{query}")
    assert (status, err) == (0, "")
    assert "digits-standard" in out


def test_run_writes_the_result(call, tmp_path):
    status, out, _ = call("run", "?data=toy", "--json", "--out", str(tmp_path / "new" / "folder"))
    assert status == 0
    written = from_bytes((tmp_path / "new" / "folder" / "result.safetensors").read_bytes())
    assert isinstance(written, AttackView)
    assert json.loads((tmp_path / "new" / "folder" / "result.json").read_text()) == json.loads(out)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["run", "/attack?eps=x"], "eps = 'x' is not a whole number from 0 to 32."),
        (["run", "/attack?tint=red"], "There is no parameter 'tint'; known: data, "),
        (
            ["run", "/lesson"],
            "There is no page 'lesson'; known: attack, robustness, saliency, boundary, embedding, landscape, "
            "certificate, training, models.",
        ),
        (["run"], "Missing argument 'ADDRESS'."),
        (["run", "a", "b"], "Got unexpected extra argument (b)"),
        (["fly"], "No such command 'fly'."),
        (["run", "/attack", "--fast"], "No such option"),
        (["app", "--port", "0"], "Invalid value for '--port': 0 is not in the range 1<=x<=65535."),
        (["train"], "Which model? `explorer train --list` names the plans."),
        (["train", "zap"], "There is no plan 'zap' in zoo/plans.toml; known: toy-standard"),
        (["train", "toy-pgd", "--set", "plan.epochs=0"], "plan.epochs = '0' is not a whole number from 1 to 10000."),
        (["train", "toy-pgd", "--set", "knobs.steps=many"], "knobs.steps = 'many' is not a whole number from 1 to 50."),
        (["train", "toy-pgd", "--set", "plan.epoch=1"], "--set 'plan.epoch=1' is not KEY=VALUE with a KEY among eps,"),
        (["train", "toy-pgd", "--set", "eps"], "--set 'eps' is not KEY=VALUE"),
        (["train", "toy-pgd", "--set", "eps=4"], "Changed settings make another model: say where to write it"),
        (["train", "toy-pgd", "--set", "plan.flip=on", "--out", "."], "plan.augment and plan.flip are for pictures,"),
        (["evaluate", "zap"], "There is no model 'zap'; known: "),
        (["evaluate", "toy-pgd", "--attack", "pgd", "--set", "steps"], "--set 'steps' is not KNOB=VALUE."),
        (["evaluate", "--n", "0"], "Invalid value for '--n': 0 is not in the range x>=1."),
        (["evaluate", "--cards", "--n", "5"], "Cards speak of the whole test set: leave out --n or --cards."),
        (["ship", "mnist"], "Invalid value for '[DATA]...': 'mnist' is not one of 'shapes', 'digits', 'toy'."),
    ],
)
def test_bad_input_is_one_sentence_and_status_2(call, arguments, sentence):
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith(sentence)
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["run", "/atack"], "attack"),
        (["run", "/attack?atack=pgd"], "attack"),
        (["run", "/attack?attack=pdg"], "pgd"),
        (["run", "/attack?data=mnits"], "mnist"),
        (["run", "/attack?data=toy&a=toy-pdg"], "toy-pgd"),
        (["evaluate", "toy-pgd", "--attack", "pdg"], "pgd"),
        (["evaluate", "--data", "mnits", "--attack", "pgd"], "mnist"),
        (["train", "toy-pdg"], "toy-pgd"),
        (["certify", "toy-pgd", "--n", "1", "--method", "fast-lin"], "fast_lin"),
    ],
)
def test_a_mistyped_name_is_told_what_may_have_been_meant(call, arguments, meant):
    status, out, err = call(*arguments)
    assert (status, out) == (2, "")
    assert err.endswith(f". Did you mean {meant}?\n")


def test_a_folder_that_cannot_be_written_is_a_sentence(call, tmp_path):
    (tmp_path / "file").touch()
    status, _, err = call("run", "?data=toy", "--out", str(tmp_path / "file" / "x"))
    assert (status, err) == (2, f"Not a directory: {tmp_path}/file/x.\n")


def test_an_interrupt_is_silent(call, monkeypatch):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("explorer.work.local.compute", interrupt)
    status, out, err = call("run", "?data=toy&seed=9")
    assert (status, out, err.strip()) == (130, "", "")


def test_a_fault_is_one_sentence_unless_asked_for(call, monkeypatch):
    def fail(*_, **__):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("explorer.work.local.compute", fail)
    monkeypatch.delenv("EXPLORER_DEBUG", raising=False)
    status, out, err = call("run", "?data=toy&seed=9")
    assert (status, out) == (1, "")
    assert err == "Internal error (ZeroDivisionError: oops); with EXPLORER_DEBUG=1 it says where.\n"
    monkeypatch.setenv("EXPLORER_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        main(["run", "?data=toy&seed=9"])


def test_the_catalogue_names_everything(call):
    status, out, _ = call("catalogue", "--json")
    found = json.loads(out)
    assert status == 0
    kinds = {"attacks", "saliency", "certificates", "data", "architectures", "recipes", "models"}
    assert set(found) == kinds
    pgd = next(entry for entry in found["attacks"] if entry["name"] == "pgd")
    assert pgd["paper"] == "arXiv:1706.06083"
    assert pgd["knobs"][0] == {
        "name": "steps", "kind": "whole", "low": 1, "high": 500, "text": "gradient steps", "default": 40
    }  # fmt: skip
    assert [model["name"] for model in found["models"]] == zoo_names()
    _, text, _ = call("catalogue")
    assert all(entry["title"] in text for entries in found.values() for entry in entries)


def test_help_is_for_the_asking(call):
    for arguments in ([], ["--help"]):
        status, out, err = call(*arguments)
        assert (status, err) == (0, "")
        assert all(name in out for name in ("app", "run", "catalogue", "train", "evaluate"))


def test_app_starts_streamlit_on_the_entry_script(call, monkeypatch):
    seen = []
    monkeypatch.setattr("streamlit.web.cli.main", lambda: seen.append(sys.argv) or 0)
    status, _, _ = call("app", "--port", "9000", "--", "--server.headless", "true")
    assert status == 0
    assert seen == [["streamlit", "run", str(entry_script()), "--server.port=9000", "--server.headless", "true"]]


def test_the_module_runs_and_imports_torch_only_when_needed():
    code = "import sys; sys.argv = ['explorer', '--help']; import explorer.cli; print('torch' in sys.modules)"
    for arguments, expected in ((["-c", code], "False"), (["-m", "explorer", "run"], "")):
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, env=os.environ, check=False)
        assert done.stdout.strip() == expected
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "query", ["view=maps&second=smoothgrad", "view=attacked&attack=fgsm", "view=maps&method=lrp&score=loss"]
)
def test_run_tells_what_the_saliency_page_does(call, query):
    status, out, err = call("run", f"/saliency?data=digits&{query}")
    assert (status, err) == (0, "")
    status, found, _ = call("run", f"/saliency?data=digits&{query}", "--json")
    assert status == 0
    words = json.loads(found)["words"]
    assert len(words) >= 2
    assert all(line in out for line in words)


@pytest.mark.parametrize("query", ["grid=coarse", "view=distances&lines=10", "view=inside&points=100&pgd_steps=3"])
def test_run_tells_what_the_boundary_page_does(call, query):
    status, out, err = call("run", f"/boundary?data=toy&{query}")
    assert (status, err) == (0, "")
    status, found, _ = call("run", f"/boundary?data=toy&{query}", "--json")
    assert status == 0
    words = json.loads(found)["words"]
    assert len(words) >= 2
    assert all(line in out for line in words)


@pytest.mark.parametrize(
    "query",
    [
        "certificate?data=toy&proof=ibp",
        "certificate?data=toy&view=curve&proof=ibp&n=10",
        "certificate?data=toy&view=plane&proof=ibp",
        "certificate?data=toy&view=boxes",
        "certificate?data=toy&view=votes",
        "certificate?data=toy&view=ladder",
        "robustness?data=toy&n=10&budgets=1",
        "robustness?data=toy&n=10&view=transfer",
        "robustness?data=toy&n=10&view=honesty",
    ],
)
def test_run_tells_every_view_of_proofs_and_of_many_pictures(call, query):
    status, out, err = call("run", f"/{query}", "--json")
    assert (status, err) == (0, "")
    words = json.loads(out)["words"]
    assert len(words) >= 2
    assert all(words)


def test_run_tells_every_page_that_computes():
    assert set(TELLING) == set(PAGES) - {"models"}  # which computes nothing


def test_run_prints_the_published_claims(call):
    status, out, _ = call("run", "/landscape?data=toy&view=study")
    assert status == 0
    for start in ("A large budget keeps training from leaving its start.", "The larger the budget, the sharper"):
        lines = [line for line in out.splitlines() if line.startswith(start)]
        assert len(lines) == 2
        for line, data in zip(lines, ("mnist", "cifar10"), strict=True):
            assert re.search(rf" (Holds|Does not hold|Open) here, on {data}\. .*\(Liu et al\. 2020, abstract: ", line)
    status, out, _ = call("run", "/landscape?data=toy&view=study", "--json")
    assert status == 0
    assert len(json.loads(out)["result"]["claims"]) == 6 + 5
