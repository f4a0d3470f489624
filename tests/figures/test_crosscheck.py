"""The cross-check shows every noisy copy's margin, on one axis with those of the attack."""

import numpy as np
import pytest

from explorer.figures.crosscheck import crosscheck


def test_every_copy_is_drawn_where_its_margin_is(make, setting) -> None:
    view = make(changed=7)
    fig = crosscheck(view, setting)
    for i, (found, noise, changed) in enumerate(((view.a, view.noise_a, 7), (view.b, view.noise_b, 0))):
        attacked, copies, clean = fig.data[3 * i : 3 * i + 3]
        assert len(copies.x) == len(noise.logits) == 100
        assert sum(margin < 0 for margin in copies.x) == changed
        assert clean.x[0] == pytest.approx(found.logits[0, 0] - found.logits[0, 1:].max())
        assert attacked.x[0] == pytest.approx(found.logits_adv[0, 0] - found.logits_adv[0, 1:].max())
        assert (np.abs(np.asarray(copies.y) - 1) <= 0.31).all()
        assert all(trace.marker.symbol == ("circle", "diamond")[i] for trace in (attacked, copies, clean))


def test_both_models_share_the_axis_and_it_shows_all(make, setting) -> None:
    fig = crosscheck(make(changed=3), setting)
    low, high = fig.layout.xaxis.range
    assert fig.layout.xaxis2.range == (low, high)
    assert low < min(min(trace.x) for trace in fig.data)
    assert high > max(max(trace.x) for trace in fig.data)


def test_pictures_show_a_copy_and_points_do_not(make, setting) -> None:
    assert len(crosscheck(make(), setting).layout.images) == 2
    assert not crosscheck(make(shape=(2,)), setting).layout.images


def test_light_and_dark_differ(make, setting) -> None:
    light, dark = (crosscheck(make(), setting, dark=dark) for dark in (False, True))
    assert light.layout.template.layout.paper_bgcolor != dark.layout.template.layout.paper_bgcolor
