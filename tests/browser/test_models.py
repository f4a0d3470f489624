"""A model of one's own in a real browser: brought, examined, attacked, judged; what is none is refused in words."""

import pickle
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Page, expect
from torch import nn

from explorer.core.device import generator

FIGURE = ".st-key-figure .js-plotly-plot"


def bring(page: Page, path: Path) -> None:
    page.locator("[data-testid=stFileUploaderDropzoneInput]").last.set_input_files(path)


@pytest.fixture
def foreign(tmp_path: Path, export: Callable[..., bytes]) -> Path:
    """A net that is not ours: points are pushed apart by its own normalisation inside and one matrix."""

    class Net(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.hidden, self.out = nn.Linear(2, 32), nn.Linear(32, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.out(torch.relu(self.hidden((x - 0.5) / 0.25)))

    from explorer.data import load_data

    net, data = Net(), load_data("toy", "train")
    for p in net.parameters():
        nn.init.normal_(p, std=0.5, generator=generator(0))
    optimiser = torch.optim.Adam(net.parameters(), 0.02)
    for _ in range(150):
        loss = nn.functional.cross_entropy(net(data.x), data.y)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    path = tmp_path / "foreign.onnx"
    path.write_bytes(export(net, torch.zeros(1, 2)))
    return path


def test_a_foreign_model_is_brought_attacked_and_judged(page: Page, server, foreign: Path) -> None:
    page.goto(f"{server.url}/models?data=toy", wait_until="commit")
    bring(page, foreign)
    use = page.get_by_role("button", name="Use it as model B")
    expect(use).to_be_visible(timeout=180_000)
    expect(page.get_by_text("output: logits")).to_be_visible()
    use.click()
    page.wait_for_url("**b=own-**")
    expect(page.get_by_text("foreign is model B now: see it attacked.")).to_be_visible()
    page.get_by_role("link", name="Robustness").click()
    page.wait_for_url("**/robustness?**b=own-**")
    page.goto(page.url + "&n=20&budgets=2&pgd_steps=5", wait_until="commit")
    page.wait_for_function(f"document.querySelector('{FIGURE}')", timeout=180_000)
    expect(page.get_by_text("Of 20 pictures")).to_be_visible()
    expect(page.get_by_text("foreign: right on")).to_be_visible()
    page.get_by_role("link", name="Attack").click()
    page.wait_for_function(f"document.querySelector('{FIGURE}')", timeout=180_000)
    expect(page.get_by_text("The foreign model").first).to_be_visible()


def test_what_is_no_model_is_refused_in_a_sentence(page: Page, server, tmp_path: Path) -> None:
    page.goto(f"{server.url}/models?data=toy", wait_until="commit")
    bad = {"empty.onnx": b"", "noise.onnx": bytes(range(256)) * 9, "weights.safetensors": pickle.dumps({"w": [1.0]})}
    for name, raw in bad.items():
        path = tmp_path / name
        path.write_bytes(raw)
        bring(page, path)
        expect(page.get_by_text(name)).to_be_visible()
        alert = page.get_by_test_id("stAlert").first
        expect(alert).to_be_visible(timeout=120_000)
        sentence = alert.inner_text().removeprefix("error").strip()
        assert len(sentence.split()) > 2
        assert "Traceback" not in sentence
        assert page.get_by_test_id("stException").count() == 0
        page.reload(wait_until="commit")
