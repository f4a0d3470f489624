"""The Training page in process: chosen, started, drawn, kept, never an exception."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from explorer.core.errors import UserError
from explorer.models.zoo import card
from explorer.training import RECIPES
from explorer.ui.labels import label_of
from explorer.ui.state import markdown_free
from explorer.work.address import read, read_query
from explorer.work.request import default
from explorer.work.study.experiments import STUDIES, experiment
from explorer.work.training.stretches import trainings
from explorer.work.viewed import SAMPLES

QUICK = "data=toy&epochs=2&train_pictures=200&width=16"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query."""
    return lambda query, **how: open_script("training", query, **how)


def started(at):
    """Start the trainings, and wait until they are over."""
    at.button(key="start").click().run()
    for _ in range(40):
        if at.exception or at.error or not any(button.key == "stop_pieces" for button in at.button):
            break
        at.run()
    return at


@pytest.mark.parametrize("name", ["shapes", "digits", "toy"])
def test_before_anything_is_started_it_shows_how_the_zoos_models_came_to_be(open_page, name):
    at = open_page(f"data={name}")
    assert not at.exception
    assert not at.error
    assert f"{name}-pgd: PGD adversarial training, after {card(f'{name}-pgd')['plan']['epochs']} of" in at.words
    assert [button.key for button in at.button if button.key == "start"]


def test_a_training_runs_is_told_and_kept(open_page):
    at = started(open_page(QUICK))
    assert not at.exception
    assert "Standard training, after 2 of 2 epochs" in at.words
    assert "PGD adversarial training, after 2 of 2 epochs" in at.words
    assert at.figure["layout"]["sliders"]
    at.button(key="keep_b_b").click().run()
    name = at.query["b"]
    assert name.startswith("own-")
    assert f"{card(name)['title']}" in " ".join(element.value for element in at.success).replace("\\", "")
    assert card(name)["recipe"] == "pgd"
    again = open_page(f"{QUICK}&b={name}")
    assert not again.exception
    assert "after 2 of 2 epochs" in again.words  # what was trained is there at once
    before = open_page(f"data=toy&eps=9&b={name}")  # its history is that of its own budget
    assert not before.exception
    assert "PGD adversarial training, 2 epochs: PGD adversarial training, after 2 of 2 epochs" in before.words
    assert "60/1000" in before.words
    assert "9/1000" not in before.words


def test_a_training_goes_on_by_itself_on_a_page_that_is_loaded_anew_until_it_is_stopped(open_page):
    slow = QUICK.replace("epochs=2", "epochs=24")
    at = open_page(slow)
    at.button(key="start").click().run()
    again = open_page(slow)
    assert [button.key for button in again.button if button.key in ("start", "stop_pieces")] == ["stop_pieces"]
    again.button(key="stop_pieces").click().run().run()
    assert "start" not in [button.key for button in again.button]  # it offers to go on itself
    assert "go_on" in [button.key for button in again.button]
    later = open_page(slow)
    assert later.button(key="start").label == "Go on with this training"


def test_where_a_stretch_fails_none_that_goes_on_from_it_is_tried(open_page, monkeypatch):
    name = trainings(read(f"/training?{QUICK}")[0])[0][0].page
    inner, asked = SAMPLES[name], []

    def broken(stretch, tick):
        asked.append(stretch)
        if stretch.recipe == "pgd" and stretch.start:
            raise UserError("Not this one.")
        return inner(stretch, tick)

    with monkeypatch.context() as patch:
        patch.setitem(SAMPLES, name, broken)
        at = started(open_page(QUICK.replace("epochs=2", "epochs=4")))
        for _ in range(6):
            at.run()
        assert not at.exception
        assert at.error[0].value == "3 of 8 parts failed. Not this one."
        assert [one.start for one in asked if one.recipe == "pgd"] == [0, 1]
        assert "Standard training, after 4 of 4 epochs" in at.words
    at.button(key="again").click().run()
    for _ in range(6):
        at.run()
    assert not at.error
    assert "PGD adversarial training, after 4 of 4 epochs" in at.words


def test_the_knobs_of_both_recipes_are_offered_and_write_the_address(open_page):
    at = open_page(f"{QUICK}&recipe=trades")
    at.number_input(key="training_train_trades_beta").set_value(2.0).run()
    assert at.query["train_trades_beta"] == "2.0"
    assert at.number_input(key="training_train_trades_beta").label == "Weight of the steady answer"
    assert at.slider(key="training_train_pgd_steps").value == RECIPES["pgd"].knobs["steps"].default
    at.selectbox(key="recipe").set_value("fgsm").run()
    assert at.query["recipe"] == "fgsm"
    assert not at.exception


def test_what_cannot_be_trained_here_is_a_sentence(open_page):
    at = open_page("data=toy&architecture=resnet", info=True)
    assert "needs pictures" in at.info[0].value
    assert not at.exception


def test_a_recipe_that_the_choices_do_not_suit_fails_in_a_sentence(open_page):
    at = started(open_page(f"{QUICK}&recipe=path_norm"))
    assert not at.exception
    assert "one hidden layer" in at.error[0].value


RIGHT = {  # values that an address may have
    "data": ["digits", "shapes"],
    "recipe": ["trades", "path_norm", "atas"],
    "recipe_b": ["standard", "atta"],
    "architecture": ["mlp", "cnn", "resnet", "binary"],
    "width": ["1", "256"],
    "depth": ["1", "8"],
    "epochs": ["1", "200"],
    "rate": ["1"],
    "optimizer": ["plain", "sgd"],
    "train_pictures": ["1", "60000"],
    "norm": ["l2", "l1", "l0"],
    "attack": ["fgsm", "fmn"],
    "eps": ["0", "1"],
    "a": ["toy-gaussian", "digits-pgd"],
    "b": ["mnist-pas-400-0", "own-000000000000"],
    "seed": ["7"],
    "train_trades_beta": ["0", "20"],
    "train_atas_c": ["0.01"],
}
texts = some.text(max_size=12)
right = some.sampled_from([(name, value) for name, values in RIGHT.items() for value in values])
wrong = some.tuples(some.one_of(some.sampled_from([*RIGHT, "view", "train_pgd"]), texts), texts)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(some.lists(some.one_of(right, wrong), max_size=5).map(dict))
def test_no_address_breaks_the_page(open_page, chosen):
    """Nothing is started by an address: the zoo's histories are there, or a sentence that says what to choose."""
    asked = {"data": "toy"} | chosen
    at = open_page(asked, info=True)
    assert not at.exception
    assert not at.error
    assert len(at.get("plotly_chart")) == 1 or at.info
    assert not [button for button in at.button if button.key == "stop_pieces"]
    request, problems = read_query("training", asked)
    assert all(markdown_free(problem) for problem in problems)
    assert request.data == (asked["data"] if asked["data"] in ("toy", *RIGHT["data"]) else default().data)


def test_every_knob_of_a_recipe_is_called_by_words():
    names = [f"train_{entry.name}_{knob}" for entry in RECIPES.values() for knob in entry.knobs]
    assert not [name for name in names if label_of("training", name).startswith("Train ")]


@pytest.mark.parametrize("name", STUDIES)
def test_a_study_opens_on_finished_figures_and_its_claims(name, open_page):
    at = open_page(f"view={name}")
    assert not at.exception
    assert not at.error
    assert at.figure["data"]
    words = at.words
    for claim in experiment(name).claims:
        assert claim.says in words
    assert "What not to conclude" in words
    assert f"“{experiment(name).again}”" in words


def test_studies_are_there_where_nothing_can_be_trained(open_page):
    at = open_page("data=cifar10&view=overfitting")
    assert not at.exception
    assert at.figure["data"]
