import threading
import time

from explorer.work.engine import shared_engine
from explorer.work.once import Once
from explorer.work.store import shared_store


def test_many_first_callers_share_one_object():
    made = []

    @Once
    def slow() -> object:
        """Make it."""
        time.sleep(0.05)
        made.append(object())
        return made[-1]

    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(slow())) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1
    assert found == made * 20
    assert slow.__doc__ == "Make it."
    slow.cache_clear()
    assert slow() is not found[0]


def test_engine_and_store_are_made_once():
    assert isinstance(shared_engine, Once)
    assert isinstance(shared_store, Once)
