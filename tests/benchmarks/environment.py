"""An environment of their own for the rivals: what they pin clashes with what the app needs."""

import subprocess
import sys
import venv
from importlib.metadata import version
from pathlib import Path

import pooch

ROOT = Path(__file__).resolve().parents[2]
SHARED = ("torch", "numpy", "scipy", "scikit-learn", "safetensors", "pooch", "pillow")  # the same versions as here
RIVALS = ("foolbox==3.3.4", "tqdm", "requests")
BARE = ("torchattacks==3.5.1",)  # asks for a requests of 2021 and for torchvision, and uses neither


def rivals_python() -> Path:
    """Return the interpreter of the rivals' environment, made on first use in the user's cache directory."""
    shared = [f"{name}=={version(name).split('+')[0]}" for name in SHARED]
    folder = Path(pooch.os_cache("robustness-explorer")) / "rivals"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, wanted = folder / "wanted.txt", "\n".join([sys.version, *shared, *RIVALS, *BARE])
    if not (stamp.exists() and stamp.read_text() == wanted):
        sys.stderr.write(f"Making the rivals' environment in {folder}: once, some minutes.\n")
        venv.EnvBuilder(with_pip=True, clear=True).create(folder)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *shared, *RIVALS], check=True)
        subprocess.run([*install, "--no-deps", *BARE], check=True)
        stamp.write_text(wanted)
    return python
