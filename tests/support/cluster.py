"""A Dask cluster and an S3 server on loopback, for tests and benchmarks."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

SECONDS = 30
"""The time that a process may take to start."""
QUIET = {"DASK_DISTRIBUTED__WORKER__MEMORY__TERMINATE": "False", "AWS_EC2_METADATA_DISABLED": "true"}


class Cluster:
    """A scheduler and its workers, each of them in its own empty folder."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self._environment = {**os.environ, **QUIET, **environment}
        self.workers: list[subprocess.Popen[bytes]] = []
        told = folder / "scheduler.json"
        self.scheduler = self._start("scheduler", "--port", "0", "--scheduler-file", str(told), "--no-show")
        self.address = _when_there(told)["address"].replace("tcp://", "dask://")

    def add_worker(self) -> None:
        """Start a worker without a nanny, so that it stays dead when it is killed."""
        to = self.address.replace("dask://", "tcp://")
        options = ("--nthreads", "1", "--no-nanny", "--no-dashboard", "--memory-limit", "0", "--death-timeout", "30")
        self.workers.append(self._start("worker", to, *options))

    def end(self) -> None:
        """Kill the workers and the scheduler."""
        for process in (*self.workers, self.scheduler):
            process.kill()
            process.wait()

    def _start(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        home = self.folder / f"{role}-{len(self.workers)}"
        home.mkdir()
        host = ("--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0")
        command = (sys.executable, "-m", "dask", role, *options, *host[: 2 if role == "worker" else 4])
        with open(self.folder / f"{home.name}.log", "wb") as log:
            return subprocess.Popen(command, cwd=home, env=self._environment, stdout=log, stderr=log)


def _when_there(path: Path) -> dict[str, str]:
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        try:
            found: dict[str, str] = json.loads(path.read_text("utf-8"))
            return found
        except (OSError, ValueError):
            time.sleep(0.05)
    raise TimeoutError(path)


@contextmanager
def cluster(folder: Path, workers: int = 2, environment: Mapping[str, str] | None = None) -> Iterator[Cluster]:
    """Run a cluster while the context is open. It does not wait for the workers; the client does."""
    folder.mkdir(parents=True)
    made = Cluster(folder, environment or {})
    try:
        for _ in range(workers):
            made.add_worker()
        yield made
    finally:
        made.end()


@contextmanager
def s3() -> Iterator[dict[str, str]]:
    """Run an empty S3 server in this process and yield the environment variables that lead to it."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield {
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
        }
    finally:
        server.stop()
