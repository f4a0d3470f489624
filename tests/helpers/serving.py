"""A server as a user starts it, and the browser that looks at it."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


def chromium_here() -> str | None:
    """Return the browser that `EXPLORER_CHROMIUM` names, or else the first that is installed."""
    given = os.environ.get("EXPLORER_CHROMIUM")
    return given or next((path for name in NAMES if (path := shutil.which(name))), None)


class Server:
    """`explorer app`, started in an unrelated folder with a cache of its own."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.cache = folder / "cache"
        self.log = folder / "server.log"
        command = [sys.executable, "-m", "explorer", "app", "--port", str(port), "--", "--server.headless", "true"]
        with self.log.open("w") as log:
            env = os.environ | {"EXPLORER_CACHE": str(self.cache)}
            self.process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + 90
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.2)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def workers(self) -> list[psutil.Process]:
        """Return the processes that compute for it."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        return [child for child in children if "spawn_main" in " ".join(child.cmdline())]

    def stop(self, patience: float = 30) -> None:
        self.process.terminate()
        self.process.wait(patience)
