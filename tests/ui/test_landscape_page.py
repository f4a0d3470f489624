"""The Landscape page in process: addresses in, surfaces out, never an exception."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from explorer.core.words import minus
from explorer.figures.claims import verdict
from explorer.work.landscape import VIEWS as KNOWN
from explorer.work.local import run
from explorer.work.viewed import SAMPLES

QUICK = "data=toy&mesh=11&n=20&climbs=3"


@pytest.fixture
def open_page(open_script):
    """Return a function that opens the page at a query until everything is drawn."""

    def open_(query: str):
        at = open_script("landscape", query)
        for _ in range(20):
            if at.exception or at.error or not any(button.key == "stop_pieces" for button in at.button):
                break
            at.run()
        return at

    return open_


@pytest.mark.parametrize("name", ["shapes", "digits", "toy"])
def test_the_first_view_is_there_at_once_and_says_what_run_says(open_page, monkeypatch, name):
    def never(*_):
        raise AssertionError

    for sample in KNOWN.samples:
        monkeypatch.setitem(SAMPLES, sample, never)
    at = open_page(f"data={name}")
    assert not at.exception
    assert not at.error
    assert [trace["type"] for trace in at.figure["data"]].count("contour") >= 2
    view = run(f"/landscape?data={name}").terrain
    assert view.side == 26
    assert f"at the trained weights is {view.centre(1).loss[0]:.3g} (mean of n = 100" in at.words
    assert "published results disagree" in at.words


def test_controls_write_the_address_and_the_address_sets_the_controls(open_page):
    at = open_page(QUICK)
    at.selectbox(key="loss").set_value("anew").run()
    at.run()
    assert not at.exception
    assert "Under attack made anew the loss is" in at.words
    at.selectbox(key="height").set_value("accuracy").run()
    assert "Accuracy" in str(at.figure["layout"]["annotations"])
    at.toggle(key="relief").set_value(True).run()
    assert [trace["type"] for trace in at.figure["data"]].count("surface") == 2
    expected = dict(parse_qsl(QUICK)) | {"loss": "anew", "height": "accuracy", "relief": "true"}
    assert at.query == expected
    again = open_page("&".join(f"{name}={value}" for name, value in expected.items()))
    assert again.figure == at.figure


def test_a_ceiling_is_printed_and_another_data_set_keeps_it(open_page):
    at = open_page(f"{QUICK}&ceiling=0.5")
    assert "losses above 0.5 shown as 0.5" in str(at.figure["layout"]["annotations"])
    at.number_input(key="landscape_reach").set_value(0.5).run()
    at.run()
    assert at.query["reach"] == "0.5"
    assert "by up to 0.5 times the length" in at.words


def test_a_norm_without_gradient_steps_is_refused_in_a_sentence(open_script):
    at = open_script("landscape", "data=digits&norm=l0&attack=pixel_search&loss=kept", info=True)
    assert not at.exception
    assert any("projected gradient descent" in info.value for info in at.info)


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("data=toy&eps=0&loss=anew", "budget of 0"),
        ("data=toy&eps=0&loss=kept&view=planes", "budget of 0"),
        ("data=shapes&ways=models", "not of one architecture"),
        ("data=toy&ways=path", "No weights were recorded during the training of toy-pgd."),
    ],
)
def test_what_there_is_no_surface_of_is_said_at_once(open_script, query, words):
    at = open_script("landscape", query, info=True)
    assert not at.exception
    assert any(words in info.value for info in at.info)


def test_the_path_of_a_training_is_drawn_on_its_plane(open_page):
    at = open_page(f"{QUICK}&ways=path&b=toy-standard")
    assert not at.exception
    squares = [trace for trace in at.figure["data"] if trace.get("marker", {}).get("symbol") == "square"]
    assert [trace["xaxis"] for trace in squares] == ["x", "x2"]
    assert "21 states were recorded: across explains" in at.words
    assert at.figure["layout"]["xaxis"]["title"]["text"].endswith("% of the variance")


def test_knobs_have_names_in_words(open_page):
    at = open_page(QUICK)
    labels = {one.label for one in (*at.slider, *at.number_input, *at.selectbox, *at.toggle)}
    assert {"Test pictures", "How far the weights move", "Steps of the attack", "Batch norm's statistics"} <= labels
    assert {"A spline between the points", "Draw higher losses as"} <= labels


def test_one_picture_has_its_own_controls_and_its_loss_as_a_surface(open_page):
    at = open_page("data=digits&view=inputs&pgd_steps=5")
    assert not at.exception
    assert "mesh" not in {box.key for box in at.selectbox}
    assert "the class “" in at.words
    assert "Adversarial training flattens" in at.words
    at.toggle(key="relief").set_value(True).run()
    assert "surface" in {trace["type"] for trace in at.figure["data"]}
    assert at.query == {"data": "digits", "view": "inputs", "pgd_steps": "5", "relief": "true"}


def test_slopes_say_what_run_says_and_which_budget_they_take(open_page):
    at = open_page("data=toy&view=slopes&n=20&climbs=2&norm=l2")
    assert not at.exception
    assert any("the budget here is 60/1000 in ℓ∞" in caption.value for caption in at.caption)
    assert "times what the gradient lets expect" in at.words
    again = open_page("data=toy&view=slopes&n=20&climbs=2")
    assert again.figure == at.figure
    assert not any("the budget here" in caption.value for caption in again.caption)


def test_sharpness_is_told_in_short_and_in_full_and_drawn_in_four_ways(open_page):
    at = open_page("data=toy&view=sharpness&n=20&climbs=2")
    assert not at.exception
    assert not at.error
    assert "On clean pictures the" in at.words
    assert "Within a ball of 1 % of the length" in at.words
    assert "cosine of perturbations" in str(at.figure["layout"]["annotations"]).replace("<br>", " ")
    at.selectbox(key="sharp").set_value("scattering").run()
    assert not at.exception
    assert at.query["sharp"] == "scattering"
    assert any("another start" in trace["name"] for trace in at.figure["data"])
    without = open_page("data=toy&view=sharpness&n=20&climbs=2&eps=0")
    assert any("Under attack there is a loss" in info.value for info in without.info)
    assert "loss under attack" not in str(without.figure["layout"]["annotations"]).replace("<br>", " ")


def test_several_planes_are_beside_each_other(open_page):
    at = open_page("data=toy&view=planes&n=20&planes=2")
    assert not at.exception
    assert len([trace for trace in at.figure["data"] if "zmin" in trace]) == 4
    assert "in the mean over 2 planes" in at.words
    at.slider(key="landscape_planes").set_value(3).run()
    at.run()
    assert at.query["planes"] == "3"
    assert "in the mean over 3 planes" in at.words


def test_published_claims_need_neither_data_nor_models(open_script, monkeypatch):
    monkeypatch.setattr("explorer.ui.sidebar.sidebar", lambda _: None)  # as while data are on their way, or missing
    at = open_script("landscape", "view=study")
    assert not at.exception
    assert not at.error
    study = run("/landscape?view=study")
    (words,) = (caption.value for caption in at.caption if caption.value.startswith("This view does not depend on"))
    assert "trained on MNIST and on CIFAR-10" in words
    assert "#### On MNIST" in at.words
    assert "#### On CIFAR-10" in at.words
    for claim in study.claims:
        assert f"**{claim.says}**" in at.words
        assert minus(claim.found) in at.words
        assert f"**{verdict(claim)}.** {minus(claim.found)}" in at.words
    reported = [caption.value for caption in at.caption if caption.value.startswith("What was reported:")]
    assert len(reported) == len(study.claims)
    assert "What not to conclude." in at.words
    links = [dict(parse_qsl(urlsplit(link.proto.url).query)) for link in at.get("link_button")]
    assert links[0] == {"data": "mnist", "a": "mnist-pas-400-0", "b": "mnist-pgd-400-0"}
    assert not at.info
