import math

import pytest

from explorer.cli import main
from explorer.work.store import shared_store


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    shared_store.cache_clear()
    yield
    shared_store.cache_clear()


@pytest.fixture
def call(capsys, monkeypatch):
    """Run a command; return its status, standard output and standard error, which tells no progress."""
    monkeypatch.setattr("explorer.cli.ticker.PAUSE", math.inf)

    def call(*arguments: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(list(arguments))
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return call
