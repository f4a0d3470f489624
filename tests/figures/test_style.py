import itertools

import numpy as np
import plotly.graph_objects as go
import pytest

from explorer.figures.style import DARK, LIGHT, Palette, config, plain, template

# Machado et al. 2009, severity 1, on linear RGB
EYES = {
    "common": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def linear(colour: str) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)


def lab(rgb: np.ndarray) -> np.ndarray:
    x = TO_XYZ @ rgb.clip(0, 1) / [0.9505, 1, 1.089]
    f = np.where(x > 0.008856, np.cbrt(x), 7.787 * x + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one: str, other: str) -> float:
    dark, light = sorted(float(TO_XYZ[1] @ linear(colour)) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_every_meaning_stays_apart_for_every_eye(eye: str, colours: Palette) -> None:
    meanings = [colours.model_a, colours.model_b, colours.clean, colours.adversarial, colours.budget]
    seen = [lab(np.asarray(EYES[eye]) @ linear(colour)) for colour in meanings]
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2)) > 20
    classes = [lab(np.asarray(EYES[eye]) @ linear(colour)) for colour in colours.classes]
    assert len(classes) == 10
    assert min(np.linalg.norm(a - b) for a, b in itertools.combinations(classes, 2)) > 15


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_words_can_be_read_on_the_page(colours: Palette) -> None:
    for colour in (colours.ink, colours.soft, colours.model_a, colours.model_b, colours.adversarial):
        assert contrast(colour, colours.page) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
def test_the_template_is_ours_alone(dark: bool) -> None:
    import streamlit  # noqa: F401  (replaces Plotly's default template by placeholder colours)

    fig = go.Figure(data=[{"type": "scatter", "y": [1]}], layout={"template": template(dark)})
    assert "#000001" not in fig.to_json()
    assert fig.layout.template.layout.paper_bgcolor == (DARK if dark else LIGHT).page


def test_the_camera_names_the_file_and_nothing_goes_to_a_cloud() -> None:
    chosen = config("attack-mnist")
    assert chosen["toImageButtonOptions"] == {"format": "png", "scale": 2, "filename": "attack-mnist"}
    assert chosen["displaylogo"] is False
    assert chosen["showSendToCloud"] is False


def test_tags_in_names_are_shown_not_obeyed() -> None:
    assert plain("<b>&") == "&lt;b&gt;&amp;"
