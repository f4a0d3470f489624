"""Workers that are killed while several people are on one server: nobody loses a page, or what was computed."""

import os
import re
import signal
import time
from pathlib import Path

import psutil
from browsing import opened, settled
from playwright.sync_api import Page, expect

SLOW = "?data=digits&pgd_steps=500&pgd_restarts=3&seed=4"
SURFACE = "landscape?data=digits&loss=anew&n=20&seed=6"
FIRST_LOOK = "A first look: 11 × 11 points are there."
FIGURE = ".st-key-figure .js-plotly-plot .main-svg"


def workers(server) -> list[psutil.Process]:
    children = psutil.Process(server.process.pid).children(recursive=True)
    return [child for child in children if "spawn_main" in " ".join(child.cmdline())]


def worked(server, since: dict[int, float]) -> dict[int, float]:
    """Return for how many seconds of a processor each worker has worked since then."""
    return {worker.pid: sum(worker.cpu_times()[:2]) - since.get(worker.pid, 0) for worker in workers(server)}


def results(server) -> dict[Path, int]:
    """Return each result on disk with the file that it is: one that is computed again is another file."""
    return {path: path.stat().st_ino for path in (server.cache / "results").glob("*.safetensors")}


def test_a_killed_worker_costs_nobody_the_page(pages: list[Page], server) -> None:
    victim, bystander = pages
    victim.goto(server.url + "/" + SLOW, wait_until="commit")
    expect(victim.get_by_text("Computing:")).to_be_visible(timeout=60_000)
    bystander.goto(server.url + "/?data=toy", wait_until="commit")
    expect(bystander.locator(FIGURE).first).to_be_visible()
    for worker in workers(server):
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
    known = len(results(server))
    page.get_by_role("button", name="Start training").click()
    page.get_by_text(re.compile(r"PGD adversarial training, after [2-4] of 6 epochs")).wait_for(timeout=240_000)
    there = results(server)
    for worker in workers(server):
        os.kill(worker.pid, signal.SIGKILL)
    page.get_by_text("PGD adversarial training, after 6 of 6 epochs").wait_for(timeout=240_000)
    assert page.get_by_test_id("stAlert").count() == 0
    assert len(there) > known
    assert there.items() <= results(server).items()  # what was trained is not trained again


def test_a_surface_comes_coarse_first_stops_at_once_and_no_tile_of_it_is_computed_twice(
    pages: list[Page], server
) -> None:
    first, second = pages
    first.goto(f"{server.url}/{SURFACE}", wait_until="commit")
    expect(first.get_by_text(FIRST_LOOK)).to_be_visible(timeout=240_000)
    before = worked(server, {})
    first.get_by_role("button", name="Stop here").click()
    expect(first.get_by_text("Stopped:")).to_be_visible()
    assert max(worked(server, before).values()) < 2  # seconds from the click on
    before = worked(server, {})
    time.sleep(1)
    assert max(worked(server, before).values()) < 0.2  # they rest
    there = results(server)
    first.reload(wait_until="commit")  # which goes on
    second.goto(f"{server.url}/{SURFACE}", wait_until="commit")
    for page in pages:
        expect(page.get_by_text(FIRST_LOOK)).to_be_visible()
    for worker in workers(server):
        os.kill(worker.pid, signal.SIGKILL)
    for page in pages:
        settled(page)
        expect(page.get_by_text(FIRST_LOOK)).to_have_count(0)
        assert page.get_by_test_id("stAlert").count() == 0
    assert first.locator("main").inner_text() == second.locator("main").inner_text()
    assert there.items() <= results(server).items()
