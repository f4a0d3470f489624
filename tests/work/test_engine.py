"""The engine on a real cluster of two worker processes; what it computes is a stand-in steered by the seed."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import dask
import numpy as np
import psutil
import pytest
import torch
from dask.system import CPU_COUNT

from explorer.core.errors import UserError
from explorer.core.progress import Cancelled
from explorer.core.results import Plane
from explorer.work.engine import Engine
from explorer.work.request import Request, default
from explorer.work.store import Store
from explorer.work.workers import worker_count

PATIENCE = 60.0
LONG, MISTAKE, FAULT, DEADLY = 100, 1000, 1001, 1002  # seeds; from LONG on it waits until it is released


def stand_in(request: Request, *, uploaded: bytes | None, tick, folder: Path) -> Plane:
    with (folder / f"{request.seed}.pids").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if request.seed == MISTAKE:
        raise UserError("Choose something else.")
    if request.seed == FAULT:
        raise RuntimeError("a secret")
    if request.seed == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        for i in range(int(PATIENCE / 0.02)):
            tick(i, 3000, "waiting")
            if request.seed < LONG or (folder / f"{request.seed}.go").exists():
                return Plane(np.array([request.seed, len(uploaded or b"")]))
            time.sleep(0.02)
    except Cancelled:
        (folder / f"{request.seed}.cancelled").touch()
        raise
    raise TimeoutError


def until(condition, seconds: float = PATIENCE) -> bool:
    end = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < end:
        time.sleep(0.02)
    return bool(found)


class Bench:
    """An engine, and what its stand-in has noted in a folder."""

    def __init__(self, folder: Path, **options) -> None:
        self.folder, self.base = folder, default("toy")
        store = Store(folder / "cache", shipped=folder / "none")
        self.engine = Engine(partial(stand_in, folder=folder), store=store, **options)

    def submit(self, seed: int, watcher: str, priority="person", again=False, **changes):
        return self.engine.submit(self.base.with_(seed=seed, **changes), watcher, priority, again)

    def pids(self, seed: int) -> list[int]:
        path = self.folder / f"{seed}.pids"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def release(self, seed: int) -> None:
        (self.folder / f"{seed}.go").touch()

    def runs(self, job) -> bool:
        return until(lambda: job.state().phase == "running" and self.pids(job.request.seed))


def spawned() -> set[psutil.Process]:
    """Return the worker processes of this test run, those of other modules' engines included."""
    return {child for child in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(child.cmdline())}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    others = spawned()
    bench = Bench(tmp_path_factory.mktemp("engine"), workers=2)
    bench.engine.warm()
    yield bench
    bench.engine._backend._client.wait_for_workers(2, timeout=PATIENCE)
    started = list(spawned() - others)
    bench.engine.close()
    assert len(started) == 2
    assert psutil.wait_procs(started, timeout=10)[1] == []


@pytest.fixture
def here(tmp_path) -> Bench:
    return Bench(tmp_path, local=True)


def test_a_job_waits_while_the_engine_starts_and_then_runs(cluster):
    job = cluster.submit(1, "ann")
    assert job.state().phase in ("queued", "running")
    if not cluster.engine.ready:
        assert (job.state().place, job.state().note) == (1, "The engine is starting.")
    state = job.wait(2 * PATIENCE)
    assert state.phase == "finished"
    assert state.result.probabilities[0] == 1
    assert cluster.pids(1) != [os.getpid()]
    assert cluster.engine.ready


def test_what_was_computed_is_not_computed_again(cluster):
    cluster.submit(2, "ann").wait(PATIENCE)
    job = cluster.submit(2, "bob")
    assert job.state().phase == "finished"
    assert job.state().result is cluster.engine.store.get(job.key)
    assert len(cluster.pids(2)) == 1


def test_two_watchers_share_one_computation_with_its_progress(cluster):
    others = cluster.engine.waiting
    ann, bob = cluster.submit(100, "ann"), cluster.submit(100, "bob")
    assert cluster.runs(ann)
    assert cluster.engine.waiting == others + 2
    for job in (ann, bob):
        assert until(lambda job=job: job.state().done > 5)
        assert (job.state().total, job.state().note) == (3000, "waiting")
    cluster.release(100)
    assert ann.wait(PATIENCE).result.probabilities[0] == 100
    assert bob.wait(PATIENCE).result is ann.state().result
    assert cluster.engine.waiting == others
    assert len(cluster.pids(100)) == 1


def test_the_last_to_leave_cancels_and_who_comes_back_is_served(cluster):
    ann, bob = cluster.submit(101, "ann"), cluster.submit(101, "bob")
    assert cluster.runs(ann)
    ann.leave("ann")
    assert (ann.state().phase, bob.state().phase) == ("cancelled", "running")
    bob.leave("bob")
    assert bob.state().phase == "cancelled"
    again = cluster.submit(101, "cy")  # at once: the old task may not even have noticed
    cluster.release(101)
    assert again.wait(PATIENCE).result.probabilities[0] == 101


def test_a_cancelled_task_stops_at_its_next_tick(cluster):
    job = cluster.submit(102, "ann")
    assert cluster.runs(job)
    job.leave("ann")
    assert until((cluster.folder / "102.cancelled").exists)
    assert cluster.engine.store.get(job.key) is None
    assert cluster.submit(102, "ann").state().phase == "cancelled"  # a page may redraw itself
    later = cluster.submit(102, "ann", again=True)
    cluster.release(102)
    assert later.wait(PATIENCE).phase == "finished"
    assert len(cluster.pids(102)) == 2


def test_a_session_supersedes_its_own_request_alone(cluster):
    first, others = cluster.submit(103, "ann"), cluster.submit(104, "bob")
    second = cluster.submit(3, "ann")
    assert first.state().phase == "cancelled"
    assert second.wait(PATIENCE).phase == "finished"
    assert others.state().phase in ("queued", "running")
    cluster.engine.leave("bob")
    assert others.state().phase == "cancelled"
    back = cluster.submit(103, "ann")  # superseded is not cancelled: it is computed after all
    assert cluster.runs(back)
    back.leave("ann")
    assert cluster.submit(5, "ann").wait(PATIENCE).phase == "finished"
    assert cluster.submit(103, "ann").state().phase in ("queued", "running")
    cluster.engine.leave("ann")


def test_a_session_that_comes_back_in_time_keeps_its_job(cluster):
    job, gone = cluster.submit(105, "ann"), cluster.submit(106, "bob")
    cluster.engine.leave("ann", after=0.3)
    cluster.engine.leave("bob", after=0.3)
    cluster.submit(105, "ann")
    assert gone.wait(PATIENCE).phase == "cancelled"
    assert job.state().phase in ("queued", "running")
    job.leave("ann")


def test_persons_come_before_batch_work(cluster):
    running = [cluster.submit(seed, f"runs {seed}") for seed in (107, 108)]
    assert all(cluster.runs(job) for job in running)
    batch = [cluster.submit(seed, "night", "batch") for seed in (109, 110)]
    person = cluster.submit(111, "ann")
    assert [job.state().place for job in (person, *batch)] == [1, 2, 3]
    client = cluster.engine._backend._client
    assert until(lambda: client.run_on_scheduler(lambda dask_scheduler: len(dask_scheduler.queued)) == 3)
    cluster.release(107)
    assert cluster.runs(person)
    assert [job.state().phase for job in batch] == ["queued", "queued"]
    for seed in (108, 109, 110, 111):
        cluster.release(seed)
    assert all(job.wait(PATIENCE).phase == "finished" for job in (*running, *batch, person))


def test_a_killed_worker_costs_nobody_the_result(cluster):
    job, other = cluster.submit(112, "ann"), cluster.submit(113, "bob")
    assert cluster.runs(job)
    assert cluster.runs(other)
    os.kill(cluster.pids(112)[0], signal.SIGKILL)
    assert until(lambda: len(cluster.pids(112)) == 2, 2 * PATIENCE)
    cluster.release(112)
    cluster.release(113)
    assert job.wait(PATIENCE).result.probabilities[0] == 112
    assert other.wait(PATIENCE).result.probabilities[0] == 113
    assert len(cluster.pids(113)) == 1


def test_an_uploaded_picture_travels_with_its_task(cluster):
    sha = cluster.engine.store.put_upload(bytes(11_000_000))
    state = cluster.submit(4, "ann", upload=sha).wait(PATIENCE)
    assert list(state.result.probabilities) == [4, 11_000_000]


def test_two_servers_share_a_cluster(cluster, tmp_path, monkeypatch):
    cluster.engine.warm()
    assert until(lambda: cluster.engine.ready)
    embedded = cluster.engine._backend._cluster
    tls = {"ca-file": "tls_ca_file", "client.key": "tls_client_key", "client.cert": "tls_client_cert"}
    certificates = {f"distributed.comm.tls.{k}": getattr(embedded.security, v) for k, v in tls.items()}
    monkeypatch.setenv("EXPLORER_SCHEDULER", embedded.scheduler_address)
    other = Bench(tmp_path)
    with dask.config.set(certificates):
        other.engine.warm()
        assert until(lambda: other.engine.ready)
    job = cluster.submit(114, "ann")
    assert cluster.runs(job)  # with the folder of its own stand-in: the first to ask gives what is run
    same = other.submit(114, "bob")
    assert until(lambda: same.state().phase == "running")
    job.leave("ann")
    cluster.release(114)
    assert same.wait(PATIENCE).result.probabilities[0] == 114
    assert len(cluster.pids(114)) == 1
    other.engine.close()
    assert cluster.submit(9, "ann").wait(PATIENCE).phase == "finished"


def test_workers_share_the_cores(cluster):
    threads = cluster.engine._backend._client.run(torch.get_num_threads)
    assert len(threads) == 2
    assert set(threads.values()) == {max(1, CPU_COUNT // 2)}


@pytest.mark.parametrize("place", ["cluster", "here"])
def test_mistakes_and_faults_are_sentences(place, request):
    bench = request.getfixturevalue(place)
    mistake, fault = bench.submit(MISTAKE, "ann").wait(PATIENCE), bench.submit(FAULT, "bob").wait(PATIENCE)
    assert (mistake.phase, mistake.sentence) == ("failed", "Choose something else.")
    assert fault.phase == "failed"
    assert fault.sentence == "The computation failed with an internal error (RuntimeError); the log says more."


def test_what_kills_every_worker_fails_in_a_sentence(cluster):
    state = cluster.submit(DEADLY, "ann").wait(2 * PATIENCE)
    assert state.phase == "failed"
    assert state.sentence.startswith("The computation died 2 times, most likely for want of memory:")
    assert len(cluster.pids(DEADLY)) == 2


def test_a_failure_stays_until_one_asks_again(here):
    for again, runs in ((False, 1), (False, 1), (True, 2), (False, 2)):
        assert here.submit(MISTAKE, "ann", again=again).state().sentence == "Choose something else."
        assert len(here.pids(MISTAKE)) == runs


def test_in_process_a_job_is_over_when_submitted(here):
    job = here.submit(5, "ann")
    assert job.state().phase == "finished"
    assert job.state().ended
    assert here.pids(5) == [os.getpid()]
    job.leave("ann")
    assert job.state().phase == "finished"


def test_an_upload_that_is_gone_is_a_sentence(here):
    state = here.submit(6, "ann", upload="0" * 64).state()
    assert (state.phase, state.sentence) == ("failed", "The uploaded picture is no longer here: upload it again.")


def test_a_key_that_cannot_be_made_is_a_sentence(here, monkeypatch):
    def offline(*_):
        raise UserError("The data are not here.")

    monkeypatch.setattr("explorer.work.key.data_digest", offline)
    state = here.submit(7, "ann").state()
    assert (state.phase, state.sentence) == ("failed", "The data are not here.")


def test_a_scheduler_that_does_not_answer_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_SCHEDULER", "tls://127.0.0.1:1")
    bench = Bench(tmp_path)
    state = bench.submit(8, "ann").wait(PATIENCE)
    assert state.phase == "failed"
    assert state.sentence.startswith("The engine could not start (")
    assert state.sentence.endswith("): check EXPLORER_SCHEDULER and the cluster.")
    bench.engine.close()


APP = """
import signal, sys, time
from explorer.work.engine import Engine
if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell lets what it starts with & ignore it
    engine = Engine(workers=1)
    engine.warm()
    while not engine.ready:
        time.sleep(0.05)
    try:
        print("ready", flush=True)  # from here on it may be interrupted
        time.sleep(60)
    except KeyboardInterrupt:
        sys.exit(130)
"""


def test_ctrl_c_ends_the_workers_without_noise(tmp_path):
    script = tmp_path / "app.py"
    script.write_text(APP)
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True, "start_new_session": True}
    process = subprocess.Popen([sys.executable, script], env={**os.environ, "PYTHONPATH": str(Path.cwd())}, **pipes)
    assert process.stdout.readline() == "ready\n"
    workers = psutil.Process(process.pid).children(recursive=True)
    os.killpg(process.pid, signal.SIGINT)
    _, noise = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert noise == ""
    assert workers
    assert psutil.wait_procs(workers, timeout=5)[1] == []


@pytest.mark.parametrize(
    ("cores", "gigabytes", "workers"), [(1, 8, 2), (2, 8, 2), (8, 32, 4), (64, 256, 8), (8, 2, 2), (4, 0.5, 1)]
)
def test_workers_fit_cores_and_memory(cores, gigabytes, workers):
    assert worker_count(cores, int(gigabytes * 2**30)) == workers
