"""Preferred directions that are known: drawn, told and written down."""

import numpy as np
import pytest

from explorer.core.results import Anisotropy
from explorer.figures.geometry import told as page_told
from explorer.figures.preferred import preferred, snippet, table
from explorer.figures.setting import Setting

SETTING = Setting(("a", "b"), ("standard", "robust"), "linf", 60, 1000)
EVEN = np.array([1, 3, 5, 7]) / 16


def made(energy=None, shares=None, count=400, flat=0):
    """Return directions that are the pixels of 4×4 pictures."""
    energy = np.full(16, 1 / 16) if energy is None else energy
    noise = np.random.default_rng(0).normal(0, 0.01, (count, 4))
    ways = np.eye(16, dtype=np.float32).reshape(16, 1, 4, 4)
    shares = (EVEN if shares is None else shares) + noise - noise.mean(0)
    return Anisotropy(count, flat, energy, ways[:8], ways[::-1][:8], np.ones((4, 4)), shares, EVEN)


def lines(found):
    return page_told(found, SETTING, {"architecture": "cnn"})


def test_without_preference_none_is_told():
    first, second = lines(made())
    assert first.count("no clear difference") == 2
    assert "cnn, n = 400 networks drawn at random: the lowest quarter of frequencies has 6.3%" in first
    assert "0 lie above, 0 below: it has none that these networks tell" in second


def test_a_preference_is_told_beside_chance():
    energy = np.array([0.3, *np.full(14, 0.7 / 14 - 1e-4), 14e-4])
    first, second = lines(made(energy, shares=[0.2, 0.2, 0.2, 0.4]))
    assert "6.2% without preference: more" in first
    assert "43.8% without preference: less" in first
    low, high = made(energy).chance
    assert (low, high) == pytest.approx((0.8**2 / 16, 1.2**2 / 16))
    assert f"between {low:.2%} and {high:.2%}, and 1 lie above, 1 below: it has preferred directions" in second


def test_networks_without_gradient_are_counted():
    assert "1 network had no gradient and are left out" not in lines(made())[0]
    assert "5 networks had no gradient and are left out." in lines(made(flat=5))[0]


@pytest.mark.parametrize("dark", [True, False])
def test_each_direction_stands_over_its_spectrum(dark):
    figure = preferred(made(), dark=dark)
    assert len(figure.layout.images) == 4 * 8 + 1
    words = [note.text for note in figure.layout.annotations]
    assert "1: 6.25%" in words
    assert "16: 6.25%" in words
    assert any("Energy of every frequency" in text for text in words)


def test_the_table_has_every_energy_and_frequency():
    rows = table(made()).decode().splitlines()
    assert rows[0] == "quantity,place,value"
    assert len(rows) == 1 + 16 + 8 + 16
    assert rows[1] == "energy,1,0.0625"
    compile(snippet("/boundary?view=anisotropy"), "snippet", "exec")


def test_results_that_do_not_fit_are_refused():
    with pytest.raises(ValueError, match="in all rings"):
        Anisotropy(
            3, 0, np.ones(1), np.ones((1, 1, 1, 1)), np.ones((1, 1, 1, 1)), np.ones((1, 1)), np.ones((2, 4)), EVEN
        )
