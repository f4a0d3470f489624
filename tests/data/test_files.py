import hashlib
import io
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import numpy as np
import pytest

from explorer.core.cache import cache_folder
from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.data._files import Source, find

CONTENT = np.random.default_rng(0).bytes(1_000_000)


@pytest.fixture
def server(monkeypatch):
    """A server on loopback: `files` by name, `mode` of misbehaviour, `asked` in order, `gate` before an answer."""
    state = SimpleNamespace(files={"a.bin": CONTENT}, mode="whole", asked=[], gate=Event())
    state.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            name = self.path.rpartition("/")[2]
            state.asked.append(name)
            state.gate.wait(60)
            content = state.files.get(name)
            self.send_response(200 if content is not None else 404)
            content = content or b"<html>not here</html>"
            if state.mode == "page":
                content = b"<html>log in first</html>"
            if state.mode == "other":
                content = content[::-1]
            if state.mode != "silent":
                self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if state.mode in ("break", "silent") else content)

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        state.url = f"http://127.0.0.1:{http.server_port}/"
        thread = Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        monkeypatch.delenv("EXPLORER_DATA", raising=False)
        yield state
        http.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    return cache_folder()


def source_of(url, **files):
    known = {name.replace("_", "."): (len(c), hashlib.sha256(c).hexdigest()) for name, c in files.items()}
    return Source("set", url, known)


def left(cache):
    """Return the names of what lies in the cache beside the lock."""
    return {path.name for path in (cache / "set").iterdir()} - {"lock"}


def refused(source, name="a.bin"):
    """Return the one sentence with which a file is refused."""
    with pytest.raises(UserError) as caught:
        find(source, name)
    message = str(caught.value)
    assert "\n" not in message
    assert message.endswith(".")
    return message


def test_a_file_is_downloaded_once(server, cache):
    source = source_of(server.url, a_bin=CONTENT)
    path = find(source, "a.bin")
    assert path == cache / "set" / "a.bin"
    assert path.read_bytes() == CONTENT
    assert find(source, "a.bin") == path
    assert server.asked == ["a.bin"]
    assert left(cache) == {"a.bin"}


def test_a_tick_hears_of_every_part_up_to_the_last_byte(server):
    heard = []
    find(source_of(server.url, a_bin=CONTENT), "a.bin", lambda *call: heard.append(call))
    done = [call[0] for call in heard]
    assert done == sorted(done)
    assert 0 < done[0] < 1_000_000
    assert heard[-1] == (1_000_000, 1_000_000, "downloading a.bin")


def test_a_cancelled_download_leaves_nothing(server, cache):
    def cancel(done, total, note=""):
        raise Cancelled

    source = source_of(server.url, a_bin=CONTENT)
    with pytest.raises(Cancelled):
        find(source, "a.bin", cancel)
    assert left(cache) == set()
    assert find(source, "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("mode", ["break", "silent", "other", "page"])
def test_a_broken_or_wrong_download_leaves_nothing_and_the_next_starts_anew(server, cache, mode):
    source = source_of(server.url, a_bin=CONTENT)
    server.mode = mode
    assert f"put a.bin into {cache / 'set'}" in refused(source)
    assert left(cache) == set()
    server.mode = "whole"
    assert find(source, "a.bin").read_bytes() == CONTENT


@pytest.mark.parametrize("leftover", [CONTENT[:5000], CONTENT[::-1], b""], ids=["half", "other", "empty"])
def test_what_a_killed_process_left_is_replaced(server, cache, leftover):
    (cache / "set").mkdir(parents=True)
    (cache / "set" / "a.bin").write_bytes(leftover)
    (cache / "set" / "tmpk3j2x").write_bytes(CONTENT[:700])
    assert find(source_of(server.url, a_bin=CONTENT), "a.bin").read_bytes() == CONTENT
    assert left(cache) == {"a.bin"}


def test_a_missing_file_on_the_server_is_one_sentence(server):
    assert "b.bin could not be downloaded" in refused(source_of(server.url, b_bin=CONTENT), "b.bin")


def test_without_network_the_sentence_says_where_to_put_the_file(server, cache, tmp_path, monkeypatch):
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}/"
    source = source_of(url, a_bin=CONTENT)
    assert refused(source).endswith(f"put a.bin into {cache / 'set'}.")
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "mine"))
    assert refused(source).endswith(f"put a.bin into {tmp_path / 'mine' / 'set'}.")
    (cache / "set" / "a.bin").write_bytes(CONTENT)
    assert find(source, "a.bin").read_bytes() == CONTENT


def test_a_cache_that_cannot_be_written_is_one_sentence(server, cache):
    cache.write_text("a file where the folder should be")
    assert "could not be downloaded" in refused(source_of(server.url, a_bin=CONTENT))
    assert server.asked == []


def test_explorer_data_comes_first_and_is_taken_as_it_is(server, cache, tmp_path, monkeypatch):
    folder = tmp_path / "mine" / "set"
    folder.mkdir(parents=True)
    (folder / "a.bin").write_bytes(b"packed otherwise")
    monkeypatch.setenv("EXPLORER_DATA", str(tmp_path / "mine"))
    source = source_of(server.url, a_bin=CONTENT, b_bin=b"b")
    server.files["b.bin"] = b"b"
    assert find(source, "a.bin") == folder / "a.bin"
    assert find(source, "b.bin") == cache / "set" / "b.bin"  # what it lacks is downloaded
    assert server.asked == ["b.bin"]


def packed(**files):
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"set/{name}.bin")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def test_an_archive_is_downloaded_and_unpacked_once(server, cache):
    server.files["set.tgz"] = packed(one=CONTENT, two=b"2")
    source = source_of(server.url, set_tgz=server.files["set.tgz"])
    server.mode = "break"
    assert f"put set.tgz into {cache / 'set'}" in refused(source, "one.bin")
    assert left(cache) == set()
    server.mode = "whole"
    assert find(source, "one.bin").read_bytes() == CONTENT
    assert find(source, "two.bin").read_bytes() == b"2"
    assert server.asked == ["set.tgz"] * 2
    assert left(cache) == {"one.bin", "two.bin"}


def test_a_file_that_was_deleted_comes_back_with_its_archive(server, cache):
    server.files["set.tgz"] = packed(one=CONTENT, two=b"2")
    source = source_of(server.url, set_tgz=server.files["set.tgz"])
    find(source, "one.bin").unlink()
    assert find(source, "one.bin").read_bytes() == CONTENT


def test_a_second_process_waits_for_the_first_and_reads_the_whole(server, cache):
    source = source_of(server.url, a_bin=CONTENT)
    size, sha256 = source.files["a.bin"]
    program = f"""
import hashlib
from explorer.data._files import Source, find
source = Source("set", {server.url!r}, {{"a.bin": ({size}, {sha256!r})}})
print("asking", flush=True)
assert hashlib.sha256(find(source, "a.bin").read_bytes()).hexdigest() == {sha256!r}
"""
    server.gate.clear()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(find, source, "a.bin")
        top = Path(__file__).parents[2]
        with subprocess.Popen([sys.executable, "-c", program], cwd=top, stdout=subprocess.PIPE, text=True) as second:
            assert second.stdout.readline() == "asking\n"
            with pytest.raises(subprocess.TimeoutExpired):
                second.wait(0.3)
            server.gate.set()
            assert second.wait(60) == 0
        assert first.result(60).read_bytes() == CONTENT
    assert server.asked == ["a.bin"]
    assert left(cache) == {"a.bin"}
