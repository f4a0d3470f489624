"""Workers that are killed while several people are on one server: nobody loses a page, or what was computed."""

import os
import re
import signal
import time

from browsing import opened
from playwright.sync_api import Page, expect

SLOW = "?data=digits&pgd_steps=500&pgd_restarts=3&seed=4"
FIGURE = ".st-key-figure .js-plotly-plot .main-svg"


def test_a_killed_worker_costs_nobody_the_page(pages: list[Page], server) -> None:
    victim, bystander = pages
    victim.goto(server.url + "/" + SLOW, wait_until="commit")
    expect(victim.get_by_text("Computing:")).to_be_visible(timeout=60_000)
    bystander.goto(server.url + "/?data=toy", wait_until="commit")
    expect(bystander.locator(FIGURE).first).to_be_visible()
    for worker in server.workers():
        os.kill(worker.pid, signal.SIGKILL)
    time.sleep(1)
    ended = victim.locator(FIGURE).first.or_(victim.get_by_test_id("stAlert").first)
    expect(ended).to_be_visible(timeout=240_000)
    assert victim.get_by_test_id("stException").count() == 0
    expect(bystander.locator(FIGURE).first).to_be_visible()
    assert bystander.get_by_test_id("stAlert").count() == 0
    bystander.get_by_role("option", name="picture 290:").click()
    bystander.wait_for_url("**index=290**")
    expect(bystander.locator(FIGURE).first).to_be_visible(timeout=120_000)


def test_a_killed_training_goes_on_from_its_last_checkpoint(pages: list[Page], server) -> None:
    page = pages[0]
    opened(page, f"{server.url}/training?data=toy&epochs=6&train_pictures=400&seed=5")
    results, known = server.cache / "results", len(list((server.cache / "results").glob("*")))
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"PGD adversarial training, after [2-4] of 6 epochs")).wait_for(timeout=240_000)
    there = {path: path.stat().st_ino for path in results.glob("*.safetensors")}
    for worker in server.workers():
        os.kill(worker.pid, signal.SIGKILL)
    page.get_by_text("PGD adversarial training, after 6 of 6 epochs").wait_for(timeout=240_000)
    assert page.get_by_test_id("stAlert").count() == 0
    assert len(there) > known
    assert {path: path.stat().st_ino for path in there} == there  # what was trained is not trained again
