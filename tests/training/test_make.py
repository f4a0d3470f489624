"""From a plan to a zoo folder; and every plan that ships is one that can be made."""

import json

import pytest
import torch
from safetensors.torch import load_file

from explorer.core.errors import UserError
from explorer.core.knobs import fill
from explorer.core.progress import Cancelled
from explorer.core.stats import Rate
from explorer.core.types import Threat
from explorer.data import DATA, data_digest, load_data
from explorer.models import ARCHITECTURES
from explorer.models.build import build
from explorer.models.zoo import card, load_model, recorded, studied, zoo_names
from explorer.training import RECIPES
from explorer.training.loop import Plan
from explorer.training.make import make, plan_of, plans
from explorer.work.study.experiments import STUDIES
from explorer.work.study.records import plans as study_plans

TINY = {
    "title": "tiny",
    "data": "toy",
    "architecture": "mlp",
    "network": {"width": 8, "depth": 1},
    "recipe": "pgd",
    "knobs": {"steps": 1, "step": 1.0},
    "eps": 60,
    "attack_steps": 3,
    "plan": {"epochs": 2, "rate": 0.02, "batch": 100, "optimizer": "adam", "watch": 50},
}
PICTURES = {"data": "digits", "architecture": "cnn", "network": {}}


@pytest.mark.parametrize("name", plans())
def test_every_plan_can_be_made(name):
    plan = plan_of(name)
    assert set(plan) <= {*TINY, "norm", "seed", "data_knobs", "study", "start", "half"}
    facts, recipe = DATA[plan["data"]].facts, RECIPES[plan["recipe"]]
    fill(DATA[plan["data"]].knobs, plan.get("data_knobs", {}))
    fill(recipe.knobs, plan.get("knobs", {}))
    fill(ARCHITECTURES[plan["architecture"]].knobs, plan["network"])
    assert Plan(**plan["plan"]).epochs > 0
    assert Threat(plan.get("norm", facts["norm"]), plan["eps"] / facts["unit"]).eps > 0
    model = build(plan["architecture"], facts["shape"], len(facts["classes"]), plan["network"]).eval()
    assert model(torch.rand(1, *facts["shape"])).shape == (1, len(facts["classes"]))
    assert name.split("-")[:2] == [plan["data"], plan["recipe"]]


def plan_behind(name):
    """Return the plan of a model: the zoo's, or that of the study which keeps its network."""
    study = card(name).get("study")
    if study not in STUDIES:
        return plan_of(name)
    kind, _, seed = name.removeprefix(f"{card(name)['data']}-{study}-").rpartition("-")
    return study_plans(study)[kind][int(seed)] | {"study": study}


@pytest.mark.parametrize("name", zoo_names() + studied())
def test_every_card_tells_its_plan(name):
    plan, found = plan_behind(name), card(name)
    for key in ("title", "data", "architecture", "network", "recipe"):
        assert found[key] == plan[key]
    assert (found["seed"], found.get("study")) == (plan.get("seed", 0), plan.get("study"))
    assert (found.get("start"), found.get("half")) == (plan.get("start"), plan.get("half"))
    assert found.get("data_knobs", {}) == plan.get("data_knobs", {})
    assert found["knobs"] == fill(RECIPES[plan["recipe"]].knobs, plan.get("knobs", {}))
    assert {key: found["plan"][key] for key in plan["plan"]} == plan["plan"]
    assert found["threat"]["eps"] == pytest.approx(plan["eps"] / DATA[plan["data"]].facts["unit"])


@pytest.mark.parametrize("name", zoo_names() + studied())
def test_every_card_tells_the_time_of_the_whole_training(name):
    """Not that of its last part: no machine takes less than 20 microseconds a picture."""
    found = card(name)
    pictures = found.get("pictures", DATA[found["data"]].facts["sizes"]["train"])
    assert found["seconds"] > 2e-5 * found["plan"]["epochs"] * pictures


def test_an_unknown_plan_is_one_sentence():
    with pytest.raises(UserError, match=r"^There is no plan 'toy' in zoo/plans\.toml; known: toy-standard, .*\.$"):
        plan_of("toy")


def test_a_plan_with_seeds_is_one_plan_for_each():
    names = [name for name in plans() if name.startswith("mnist-pas-400")]
    assert names == ["mnist-pas-400-0", "mnist-pas-400-1", "mnist-pas-400-2"]
    first, second, _ = (plan_of(name) for name in names)
    assert "seeds" not in first
    assert (first["seed"], second["seed"]) == (0, 1)
    assert (first["title"], second["title"]) == tuple(f"eps 0.4, PAS with a cosine (seed {i})" for i in (0, 1))
    assert {key for key in first if first[key] != second[key]} == {"title", "seed"}


def test_making_writes_weights_card_and_history(tmp_path):
    out = tmp_path / "new" / "toy-tiny"
    found = make("toy-tiny", TINY, out)
    assert sorted(path.name for path in out.iterdir()) == ["card.json", "history.json", "weights.safetensors"]
    assert json.loads((out / "card.json").read_text()) == found
    assert [row["epoch"] for row in json.loads((out / "history.json").read_text())] == [1, 2]

    model = build("mlp", (2,), 2, TINY["network"])
    model.load_state_dict(load_file(out / "weights.safetensors"))
    test = load_data("toy", "test")
    hits = int((model.eval()(test.x).argmax(1) == test.y).sum())
    clean, robust = found["measured"]["clean"], found["measured"]["pgd3"]
    assert (clean["hits"], clean["n"], clean["interval"]) == (hits, 500, list(Rate(hits, 500).interval))
    assert robust["n"] == 500
    assert robust["hits"] <= hits
    assert found["threat"] == {"norm": "linf", "eps": 0.06}
    assert found["knobs"] == {"steps": 1, "step": 1.0, "warmup": 0.0}


def test_a_part_of_the_pictures_is_trained_on_and_looked_at(tmp_path):
    seen = []

    def look(model, trained, train, test, threat, seed):
        seen.append((len(train), len(test), threat.eps, seed, len(trained.history), model.training))
        return {"answer": 42}

    found = make("toy-tiny", TINY | {"pictures": 120, "tested": 70}, tmp_path, look=look)
    assert seen == [(120, 70, 0.06, 0, 2, False)]
    assert (found["looked"], found["pictures"], found["measured"]["clean"]["n"]) == ({"answer": 42}, 120, 70)


def test_a_card_tells_the_study_that_a_model_is_of(tmp_path):
    quick = TINY | {"plan": TINY["plan"] | {"epochs": 1}}
    assert make("toy-tiny", quick | {"study": "tiny"}, tmp_path / "one")["study"] == "tiny"
    assert "study" not in make("toy-tiny", quick, tmp_path / "other")


def test_a_training_begins_at_the_weights_of_another_model(tmp_path):
    like = {key: card("toy-pgd")[key] for key in ("data", "architecture", "network")} | {"start": "toy-pgd"}
    still = TINY | like | {"plan": TINY["plan"] | {"epochs": 1, "rate": 1e-12}}
    found = make("toy-tiny", still, tmp_path)
    assert found["start"] == "toy-pgd"
    weights = load_file(tmp_path / "weights.safetensors")
    for key, value in load_model("toy-pgd").state_dict().items():
        assert torch.allclose(weights[key], value, atol=1e-6)


def test_weights_of_half_the_size_are_those_that_were_measured(tmp_path):
    found = make("toy-tiny", TINY | {"half": True}, tmp_path)
    kept = load_file(tmp_path / "weights.safetensors")
    assert {value.dtype for value in kept.values()} == {torch.float16}
    model = build("mlp", (2,), 2, TINY["network"])
    model.load_state_dict(kept)
    test = load_data("toy", "test")
    assert found["measured"]["clean"]["hits"] == int((model.eval()(test.x).argmax(1) == test.y).sum())


def test_a_model_of_a_variant_of_its_data_is_trained_and_measured_on_that(tmp_path):
    spirals = TINY | {"recipe": "standard", "knobs": {}, "data_knobs": {"kind": "spirals"}}
    found = make("toy-tiny", spirals | {"plan": TINY["plan"] | {"epochs": 1}}, tmp_path)
    assert found["data_knobs"] == {"kind": "spirals"}
    assert found["data_digest"] == data_digest("toy", "train", (("kind", "spirals"), ("noise", 0.08)))
    model = build("mlp", (2,), 2, TINY["network"])
    model.load_state_dict(load_file(tmp_path / "weights.safetensors"))
    test = load_data("toy", "test", kind="spirals")
    assert found["measured"]["clean"]["hits"] == int((model.eval()(test.x).argmax(1) == test.y).sum())


def test_a_recorded_path_is_kept_beside_the_weights(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.models.zoo._folder", lambda name: tmp_path)
    with pytest.raises(UserError, match=r"^No path was recorded of toy-tiny: .* --set plan\.record=10\.$"):
        recorded("toy-tiny")
    make("toy-tiny", TINY | {"plan": TINY["plan"] | {"record": 2}}, tmp_path)
    path, last = recorded("toy-tiny"), load_file(tmp_path / "weights.safetensors")
    assert [*path] == [0, 0.5, 1]
    assert path[1].keys() == last.keys()
    assert all(torch.equal(path[1][name], value) for name, value in last.items())
    assert not torch.equal(path[0]["net.logits.weight"], last["net.logits.weight"])


@pytest.fixture
def cut(tmp_path):
    """The folder of a making that ended in its second epoch."""

    def dies(done: int, total: int, note: str = "") -> None:
        if done == 15:
            raise Cancelled

    with pytest.raises(Cancelled):
        make("toy-tiny", TINY, tmp_path / "cut", tick=dies)
    assert [path.name for path in (tmp_path / "cut").iterdir()] == ["checkpoint.safetensors"]
    return tmp_path / "cut"


def test_a_making_cut_short_goes_on_with_the_same_result(cut, tmp_path):
    make("toy-tiny", TINY, tmp_path / "whole")
    make("toy-tiny", TINY, cut)
    assert (tmp_path / "whole" / "weights.safetensors").read_bytes() == (cut / "weights.safetensors").read_bytes()


@pytest.mark.parametrize("other", ["name", "settings", "data"])
def test_a_making_does_not_go_on_from_another(other, cut, monkeypatch):
    before = (cut / "checkpoint.safetensors").read_bytes()
    if other == "data":
        monkeypatch.setattr("explorer.training.make.data_digest", lambda *_: "0" * 64)
    with pytest.raises(UserError) as caught:
        make("toy-other" if other == "name" else "toy-tiny", TINY | {"eps": 30 if other == "settings" else 60}, cut)
    words = "is of another training: delete it or choose another --out."
    assert str(caught.value) == f"{cut}/checkpoint.safetensors {words}"
    assert [path.name for path in cut.iterdir()] == ["checkpoint.safetensors"]
    assert (cut / "checkpoint.safetensors").read_bytes() == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"data": "tiger"}, "no data set 'tiger'"),
        ({"recipe": "luck"}, "no recipe 'luck'"),
        ({"architecture": "brain"}, "no architecture 'brain'"),
        ({"knobs": {"steps": 0}}, "steps = '0' is not"),
        ({"network": {"width": 0}}, "width = '0' is not"),
        ({"start": "toy-pgd"}, "^start = 'toy-pgd' has another network: "),
        ({"plan": TINY["plan"] | {"augment": 4}}, "^plan.augment and plan.flip are for pictures, and toy has points: "),
        ({"plan": TINY["plan"] | {"flip": True}}, "^plan.augment and plan.flip are for pictures, and toy has points: "),
        (
            PICTURES | {"plan": TINY["plan"] | {"augment": 8}},
            "^plan.augment = 8 is not smaller than the 8 pixels of a side of digits.$",
        ),
    ],
)
def test_a_wrong_plan_is_refused_before_anything_is_written(change, message, tmp_path):
    with pytest.raises(UserError, match=message):
        make("toy-tiny", TINY | change, tmp_path / "out")
    assert not (tmp_path / "out").exists()
