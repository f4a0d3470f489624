"""What benchmarks share: contestants that take turns, and the clock that they are timed by."""

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec

import torch
from environment import ROOT, rivals_python


@dataclass
class Score:
    """One contestant's seconds per 1000 images and what it achieved, one of each per repetition."""

    seconds: list[float] = field(default_factory=list)
    figures: list[float] = field(default_factory=list)

    @property
    def least(self) -> float:
        """Return the smallest time."""
        return min(self.seconds)

    @property
    def figure(self) -> float:
        """Return the mean of what was achieved."""
        return statistics.mean(self.figures)


def arguments(description: str | None, models: tuple[str, ...], repeat: int) -> argparse.ArgumentParser:
    """Return a parser of the options that every benchmark has."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--models", nargs="+", default=models)
    parser.add_argument("--count", type=int, help="images, else as many as the benchmark has for each data set")
    parser.add_argument("--repeat", type=int, default=repeat)
    parser.add_argument("--batch", type=int, default=128)
    shared = "one thread's processor time instead of the clock: for a CPU that others use too"
    parser.add_argument("--one-thread", action="store_true", help=shared)
    return parser


def elsewhere(file: str, *needs: str) -> int | None:
    """Run the benchmark in the rivals' environment and return its status; None where this is that environment.

    needs : the modules that tell it, by default those that attacks are compared with
    """
    if all(find_spec(name) for name in needs or ("foolbox", "torchattacks")):
        return None
    inner = [str(rivals_python()), file, *sys.argv[1:]]
    return subprocess.run(inner, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=False).returncode


def clock(one_thread: bool) -> Callable[[], float]:
    """Return the clock that the option asks for."""
    if not one_thread:
        return time.perf_counter
    torch.set_num_threads(1)
    return time.process_time


def measure(
    runs: dict[str, Callable[[], float | None]], count: int, repeat: int, now: Callable[[], float]
) -> dict[str, Score]:
    """Time every contestant `repeat` times, in turns; another one begins each turn."""
    scores = {name: Score() for name in runs}
    names = list(runs)
    for turn in range(repeat):
        for name in names[turn % len(names) :] + names[: turn % len(names)]:
            start = now()
            figure = runs[name]()
            if torch.cuda.is_available():
                torch.cuda.synchronize()
            scores[name].seconds.append((now() - start) * 1000 / count)
            if figure is not None:
                scores[name].figures.append(figure)
    return scores


def table(words: str, scores: dict[str, Score], base: Score, head: str, show: Callable[[float], str]) -> str:
    """Return the results as a Markdown table; `head` and `show` are for what was achieved."""
    lines = [f"### {words}", "", f"| | s / 1000, min | median | {head} | time / ours, min (median) |"]
    lines.append("|---|---:|---:|---:|---:|")
    for name, score in scores.items():
        middle = statistics.median(score.seconds)
        ratio = f"{score.least / base.least:.2f} ({middle / statistics.median(base.seconds):.2f})"
        figure = show(score.figure) if score.figures else ""
        lines.append(f"| {name} | {score.least:.2f} | {middle:.2f} | {figure} | {ratio} |")
    return "\n".join(lines)


def tell(text: str, found: list[tuple[bool, str]]) -> bool:
    """Print a table and, under it, which targets are reached; return whether all are."""
    lines = [f"- {'reached' if good else 'MISSED'}: {words}" for good, words in found]
    sys.stdout.write("\n".join([text, "", *lines, "", ""]))
    sys.stdout.flush()
    return all(good for good, _ in found)
