"""What the cluster says of what goes wrong in it, without worker processes."""

import asyncio
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from distributed import KilledWorker

from explorer.work.cluster import Cluster, _outcome
from explorer.work.request import default
from explorer.work.task import Outcome, Task

REQUEST = default("toy")


class Listener:
    """Hears how tasks ended; cannot take in a finished one named "bad"."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, Outcome]] = []
        self.told = threading.Event()

    def __call__(self, key: str, outcome: Outcome) -> None:
        if key == "bad" and outcome.phase == "finished":
            raise ZeroDivisionError
        self.heard.append((key, outcome))
        self.told.set()


def test_a_result_that_cannot_be_taken_in_holds_up_no_other(caplog):
    listener = Listener()
    cluster = Cluster(lambda: None, listener)
    for key in ("bad", "good"):
        future = SimpleNamespace(release=lambda: None)
        cluster._futures[key] = future
        cluster._ended.put((Task(key, REQUEST, None, 0), future, Outcome("finished")))
    cluster._ended.put(None)
    with caplog.at_level(logging.ERROR):
        cluster._results.join(20)
    (bad, failed), (good, finished) = listener.heard
    assert (bad, good) == ("bad", "good")
    assert failed == Outcome(
        "failed", sentence="The result could not be taken in (ZeroDivisionError); the log says more."
    )
    assert finished.phase == "finished"
    assert "ZeroDivisionError" in caplog.text
    cluster.close()


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:8786", "nonsense://nowhere", "127.0.0.1:8786"])
def test_a_scheduler_in_the_clear_is_refused(monkeypatch, address):
    monkeypatch.setenv("EXPLORER_SCHEDULER", address)
    listener = Listener()
    cluster = Cluster(lambda: None, listener)
    cluster.send(Task("a", REQUEST, None, 0))
    assert listener.told.wait(60)
    ((_, outcome),) = listener.heard
    assert outcome.phase == "failed"
    assert repr(address) in outcome.sentence
    assert "give a tls:// address" in outcome.sentence
    assert not cluster.ready
    cluster.close()


@pytest.mark.parametrize(("allowed", "times"), [(0, "once,"), (1, "2 times,"), (3, "4 times,")])
def test_deaths_are_counted_as_the_scheduler_counts(allowed, times):
    async def killed() -> Outcome:
        raise KilledWorker("a", SimpleNamespace(address="there"), allowed)

    with ThreadPoolExecutor() as aside:  # the browser tests keep a loop running in this thread
        outcome = aside.submit(lambda: asyncio.run(_outcome(killed()))).result()
    assert outcome.sentence.startswith(f"The computation died {times} most likely for want of memory:")
