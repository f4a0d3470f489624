"""What a Dask worker does with a task, without Dask."""

from types import SimpleNamespace

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.results import Plane
from explorer.work import task as tasks
from explorer.work.pack import from_bytes
from explorer.work.request import default
from explorer.work.task import TOPIC, Task, perform_on_worker


class Worker:
    """Notes what is told, as a worker that still has the task."""

    def __init__(self, key: str) -> None:
        self.told: list[dict] = []
        self.state = SimpleNamespace(tasks={key: SimpleNamespace(state="executing")})

    def log_event(self, topic: str, told: dict) -> None:
        assert topic == TOPIC
        self.told.append(told)


@pytest.fixture
def task() -> Task:
    request = default("toy")
    return Task(request.key, request, None, 0)


@pytest.fixture
def worker(task, monkeypatch) -> Worker:
    found = Worker(task.key)
    monkeypatch.setattr(tasks, "get_worker", lambda: found)
    monkeypatch.setattr(tasks, "PAUSE", 0.0)
    return found


def seven(request, *, uploaded, tick) -> Plane:
    return Plane(np.array([7]))


def never(request, *, uploaded, tick) -> Plane:
    raise AssertionError


def test_a_task_is_computed_where_the_key_is_the_same(task, worker):
    outcome = perform_on_worker(seven, task)
    assert outcome.phase == "finished"
    assert from_bytes(outcome.blob).probabilities[0] == 7
    assert worker.told[0] == {"key": task.key, "done": 0, "total": 0, "note": ""}


def test_a_worker_with_other_models_or_data_says_so(task, worker, monkeypatch):
    monkeypatch.setattr("explorer.work.key.weights_digest", lambda name: "another")
    outcome = perform_on_worker(never, task)
    assert outcome.sentence.startswith("The cluster's workers have other models or data than this server")


def test_a_worker_without_the_data_says_what_to_do(task, worker, monkeypatch):
    def offline(*_, **__):
        raise UserError("The data are not here: put them there.")

    monkeypatch.setattr(tasks, "load_data", offline)
    outcome = perform_on_worker(never, task)
    assert (outcome.phase, outcome.sentence) == ("failed", "The data are not here: put them there.")


def test_data_that_a_worker_has_to_load_shows_progress_and_can_be_cancelled(task, worker, monkeypatch):
    def download(*_, tick, **__):
        tick(1, 2, "downloading")
        worker.state.tasks.clear()  # nobody waits any more
        tick(2, 2, "downloading")

    monkeypatch.setattr(tasks, "load_data", download)
    assert perform_on_worker(never, task).phase == "cancelled"
    assert [told["note"] for told in worker.told] == ["", "downloading"]


def test_a_task_given_up_before_it_starts_is_cancelled(task, worker):
    worker.state.tasks.clear()
    assert perform_on_worker(never, task).phase == "cancelled"
