"""Which pictures a model was trained on, and by how much those are paler."""

import pytest

from explorer.models import own
from explorer.models.zoo import card, zoo_names
from explorer.work.variant import scale_of, stranger, trained_on


def test_a_model_s_own_pictures_are_those_of_its_card():
    assert trained_on("digits-standard") == {"frequencies": "all"}
    assert trained_on("digits-standard-flipped") == card("digits-standard-flipped")["data_knobs"]
    assert trained_on("shapes-pgd") == {}  # another cue is a test of the model, no other kind of picture


@pytest.mark.parametrize("kind", ["all", "flipped", "lowpass"])
def test_who_was_trained_on_other_pictures_is_told(kind):
    for name in zoo_names("digits"):
        words = stranger(name, {"frequencies": kind})
        assert bool(words) == (trained_on(name)["frequencies"] != kind)
        assert not words or f"trained on pictures with frequencies = {trained_on(name)['frequencies']}:" in words


def test_of_an_imported_model_nothing_is_known(monkeypatch):
    monkeypatch.setattr("explorer.work.variant.is_own", lambda _: True)
    assert stranger("digits-standard", {"frequencies": "flipped"}) == ""
    assert own.is_own("own-0123456789ab")


def test_the_scale_is_the_data_set_s():
    assert scale_of("digits", {"frequencies": "flipped"}) == 0.25
    assert scale_of("mnist", {"frequencies": "all"}) == 1
    assert scale_of("shapes", {"cue": "swapped", "amplitude": 4}) == 1
