"""Many people start a training each at once; one more looks at a view that is there already.

    python tests/load/classroom.py [--clients N] [--address PATH] [--view PATH]

Starts a server with an empty cache, opens a browser page for each client, lets them all press *Start training*, each at
a seed of their own, and until all have ended chooses one of two pictures in the eleventh's page again and again, whose
views are there. Prints how long all took, the places in line that were told, and the median time until the view was
drawn, then and before, and the same of loading the whole page anew, most of which is the browser's own; exits with 1
where a training did not end or either median is above a second. The clients' browser yields to all else: in a
classroom it has a machine of its own. Not among the tests: it takes as long as so many trainings do.
"""

import argparse
import itertools
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psutil
from playwright.sync_api import Browser, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "helpers"))
from browsing import FIGURE, opened
from serving import FLAGS, Server, chromium_here

BEFORE = 6  # views while nothing is in training
TURNS = (0, 4)  # the pictures that are chosen in turn
LIMIT = 1.0  # seconds, at the median, until a view that is there is drawn, by a click and with its page
PATIENCE = 1800.0  # seconds
YIELDING = 19  # niceness of the clients' browsers: in a classroom they have machines of their own
WAIT = 900_000  # milliseconds for one thing to appear: a slow page is counted, and breaks nothing off
DRAWN = f"document.querySelector('{FIGURE}')?.calcdata"
PICTURES = f"document.querySelector('{FIGURE}')._fullLayout.images.map((image) => image.source).join()"


def browsers() -> list[psutil.Process]:
    """Return the processes of all browsers that were started here."""
    return [process for process in psutil.Process().children(recursive=True) if "chrom" in process.name()]


def client(browser: Browser, url: str) -> Page:
    """Return a page of a new client's at an address."""
    page = browser.new_context(viewport={"width": 1366, "height": 900}).new_page()
    page.set_default_timeout(WAIT)
    opened(page, url)
    return page


def start(pages: list[Page]) -> None:
    """Start the training of every page: all are asked before any is waited for."""
    for page in pages:
        page.get_by_role("button", name="Start training").click(no_wait_after=True)
    for page in pages:
        page.get_by_role("button", name="Stop here").or_(page.get_by_text("Keep a model")).first.wait_for()


def loaded(page: Page, url: str) -> float:
    """Return the seconds from asking for an address until its figure is drawn."""
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(DRAWN)
    return time.perf_counter() - began


def turned(page: Page, index: int) -> float:
    """Return the seconds from a click on a picture until its view is drawn."""
    seen = page.evaluate(PICTURES)
    thumbnail = page.get_by_role("option", name=f"picture {index}:")
    began = time.perf_counter()
    thumbnail.click()
    page.wait_for_function(f"(seen) => {DRAWN} && {PICTURES} !== seen", arg=seen)
    return time.perf_counter() - began


def ended(page: Page) -> bool:
    """Return whether both trainings of a page have come to their end."""
    counts = re.findall(r"after (\d+) of (\d+) epochs", page.inner_text(".stMain"))
    return len(counts) >= 2 and all(done == whole for done, whole in counts)


def main() -> int:
    """Run it; return 1 where a training did not end or the view was slow."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--address", default="/training?data=digits")
    parser.add_argument("--view", default="/attack?data=digits")
    options = parser.parse_args()
    chromium = chromium_here()
    if chromium is None:
        sys.exit("No Chromium or Chrome was found: install one, or name it in EXPLORER_CHROMIUM.")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as play:
        server = Server(Path(folder))
        try:
            alone = play.chromium.launch(executable_path=chromium, args=FLAGS)
            watcher = client(alone, view := server.url + options.view)
            watching = set(browsers())  # with the process of its page
            many = play.chromium.launch(executable_path=chromium, args=FLAGS)
            pages = [client(many, f"{server.url}{options.address}&seed={i + 1}") for i in range(options.clients)]
            for process in set(browsers()) - watching:
                process.nice(YIELDING)
            turns = itertools.cycle(TURNS)
            before = [turned(watcher, next(turns)) for _ in range(BEFORE)][len(TURNS) :]  # the first ones compute
            fresh = loaded(watcher, view)
            began = time.perf_counter()
            start(pages)
            told = sum("in line" in page.inner_text(".stMain") for page in pages)
            times, loads, done = list[float](), list[float](), list[bool]()
            while not (done and all(done)) and time.perf_counter() - began < PATIENCE:
                times += [turned(watcher, next(turns)) for _ in TURNS]
                loads.append(loaded(watcher, view))
                done = [ended(page) for page in pages]
            spent = time.perf_counter() - began
            many.close()
            alone.close()
        finally:
            server.stop(patience=90)  # ten trainings are told to stop
    middle = statistics.median(times)
    sys.stdout.write(
        f"{sum(done)} of {len(done)} clients' pairs of trainings ended, in {spent:.0f} s; {told} were told a place in "
        f"line at first. Meanwhile a view was drawn in {middle:.2f} s at the median of {len(times)}, {max(times):.2f} "
        f"at most; before, with nothing in training, in {statistics.median(before):.2f} s. The whole page anew: "
        f"{statistics.median(loads):.2f} s at the median of {len(loads)} and {fresh:.2f} s before.\n"
    )
    return int(not all(done) or max(middle, statistics.median(loads)) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
