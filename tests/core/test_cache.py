from pathlib import Path

from explorer.core.cache import cache_folder


def test_the_folder_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path
    monkeypatch.setenv("EXPLORER_CACHE", "~/kept")
    assert cache_folder() == Path.home() / "kept"
    monkeypatch.delenv("EXPLORER_CACHE")
    assert cache_folder().name == "robustness-explorer"
