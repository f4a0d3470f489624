"""An environment of their own for the rivals: what they pin clashes with what the app needs."""

import subprocess
import sys
import venv
from importlib.metadata import requires, version
from pathlib import Path

from packaging.requirements import Requirement

from explorer.core.cache import cache_folder

ROOT = Path(__file__).resolve().parents[2]
SHARED = (
    "torch",
    "captum",
    "numpy",
    "scipy",
    "scikit-learn",
    "safetensors",
    "pooch",
    "pillow",
)  # the same versions as here
BARE = (
    "torchattacks==3.5.1",  # asks for a requests of 2021 and for torchvision, and uses neither
    "PyHessian==0.1",  # needs what is there
)


def rivals() -> list[str]:
    """Return what the project's extra `bench` names."""
    named = [Requirement(text) for text in requires("robustness-explorer") or ()]
    return [f"{one.name}{one.specifier}" for one in named if one.marker and one.marker.evaluate({"extra": "bench"})]


def rivals_python() -> Path:
    """Return the interpreter of the rivals' environment, made on first use in the cache."""
    shared = [f"{name}=={version(name).split('+')[0]}" for name in SHARED]
    folder = cache_folder() / "rivals"
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    stamp, wanted = folder / "wanted.txt", "\n".join([sys.version, *shared, *rivals(), *BARE])
    if not (stamp.exists() and stamp.read_text() == wanted):
        sys.stderr.write(f"Making the rivals' environment in {folder}: once, some minutes.\n")
        venv.EnvBuilder(with_pip=True, clear=True).create(folder)
        install = [str(python), "-m", "pip", "install", "--quiet"]
        subprocess.run([*install, *shared, *rivals()], check=True)
        subprocess.run([*install, "--no-deps", *BARE], check=True)
        stamp.write_text(wanted)
    return python
