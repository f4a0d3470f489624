"""The engine beside its store: what is read, and who waits meanwhile."""

from pathlib import Path
from threading import Event, Thread

import numpy as np
import pytest

from explorer.core.errors import UserError
from explorer.core.results import Plane
from explorer.work.engine import Engine
from explorer.work.request import default
from explorer.work.store import Store

PATIENCE = 20.0
TOY, MISTAKE = default("toy"), default("toy").with_(seed=1)


@pytest.fixture
def computed() -> list[int]:
    return []


@pytest.fixture
def engine(tmp_path: Path, computed: list[int]) -> Engine:
    def stand_in(request, *, uploaded, tick) -> Plane:
        computed.append(request.seed)
        if request == MISTAKE:
            raise UserError("Choose something else.")
        return Plane(np.array([request.seed]))

    return Engine(stand_in, local=True, store=Store(tmp_path / "cache", shipped=tmp_path / "none"))


def test_nobody_waits_while_another_result_is_read(engine, computed, monkeypatch):
    job, asked, free = engine.submit(MISTAKE, "ann"), Event(), Event()

    def read(key: str) -> None:
        asked.set()
        assert free.wait(PATIENCE)

    monkeypatch.setattr(engine.store, "get", read)
    other = Thread(target=engine.submit, args=(TOY, "bob"))
    other.start()
    assert asked.wait(PATIENCE)
    looks = Thread(target=job.leave, args=("ann",), daemon=True)
    looks.start()
    looks.join(PATIENCE / 2)
    held_up = looks.is_alive()
    free.set()
    other.join()
    assert not held_up
    assert computed == [1, 0]


def test_what_ends_while_the_store_is_read_is_not_computed_again(engine, computed, monkeypatch):
    job = engine.submit(TOY, "ann")
    monkeypatch.setattr(engine.store, "get", lambda key: None)  # asked just before
    assert engine.submit(TOY, "bob").state().result is job.state().result
    assert computed == [0]
