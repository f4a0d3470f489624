"""The Training page in process: chosen, started, drawn, kept, never an exception."""

import pytest

from explorer.models.zoo import card
from explorer.training import RECIPES

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


def test_the_knobs_of_both_recipes_are_offered_and_write_the_address(open_page):
    at = open_page(f"{QUICK}&recipe=trades")
    at.number_input(key="training_train_trades_beta").set_value(2.0).run()
    assert at.query["train_trades_beta"] == "2.0"
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
