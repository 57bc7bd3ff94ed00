"""Tasks on a running Dask cluster, behind the interface of `concurrent.futures`.

Kept apart because it wraps Dask, which only runs with `--executor` load.
"""

from __future__ import annotations

import logging
import os
import pickle
import platform
import re
import socket
import time
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any, TypeVar

from convert.errors import ToolError, UsageError
from convert.installed import versions

R = TypeVar("R")

CONNECT_S = 10
"""Seconds to wait for the scheduler, and for its first worker."""
PATIENCE_S = 60
"""Seconds that a cluster may be without workers."""

_ADDRESS = re.compile(r"dask://(\[[0-9A-Fa-f:.]+\]|[^\s:/\[\]]+):([0-9]{1,5})/?")


class Cluster:
    """A connection to a scheduler, shared by its executors. Raises ToolError if there is none."""

    def __init__(self, address: str, paths: Sequence[str] = ()) -> None:
        """`paths` are paths of this machine that workers have to see as well."""
        self._address = _parse_address(address)
        self._client = _connect(self._address)
        self._without_workers = 0.0
        try:
            self.threads = sum(self._client.nthreads().values())
            self._compare(paths)
        except BaseException:
            self.close()
            raise

    def executor(self) -> Executor:
        """Return an executor on the cluster; connect again if the connection was lost."""
        if self._client.status != "running":
            self.close()
            self._client = _connect(self._address)
        return ClusterExecutor(self._client)

    def check_workers(self) -> None:
        """Raise ToolError if there has been no worker for PATIENCE_S: tasks would wait forever."""
        try:
            workers = self._client.nthreads() if self._client.status == "running" else {}
        except (OSError, RuntimeError):  # the scheduler may come back
            workers = {}
        alive = self._client.status == "running"
        lost = "no worker is left: start some" if alive else "the scheduler is gone: start it"
        if workers:
            self._without_workers = 0.0
        elif not self._without_workers:
            self._without_workers = time.monotonic()
        elif time.monotonic() - self._without_workers > PATIENCE_S:
            raise ToolError(f"{self._address}: {lost}, and run this again for the rest")

    def close(self) -> None:
        """Close the connection; the cluster keeps running."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._client.close(timeout=2)

    def _compare(self, paths: Sequence[str]) -> None:
        """Raise ToolError if a worker has other versions or paths than this process: its bytes might differ."""
        here = _about(paths)
        for worker, remote in self._client.run(_about, paths, on_error="return").items():
            if isinstance(remote, BaseException):
                raise ToolError(f"{worker}: the worker cannot run notebind ({remote}): install the same version there")
            for mine, its in zip(here, remote, strict=True):
                if mine != its:
                    raise ToolError(f"{worker}: the worker has {its}, this machine {mine}: they have to be the same")


def _about(paths: Sequence[str]) -> list[str]:
    """Return the versions and paths that must be equal on all machines."""
    python = f"Python {'.'.join(platform.python_version_tuple()[:2])}"
    seen = [path if os.path.exists(path) else f"no {path} (use a disk that all share, or s3://)" for path in paths]
    return [python, *versions(), *seen]


def _parse_address(address: str) -> str:
    found = _ADDRESS.fullmatch(address)
    if not found or not 0 < int(found[2]) < 65536:
        raise UsageError(f"--executor {address}: write it as dask://HOST:PORT")
    return f"{found[1]}:{found[2]}"


def _connect(address: str) -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise ToolError("--executor needs Dask: pip install 'notebind[cluster]'") from error
    for name in tuple(logging.root.manager.loggerDict):
        if name.startswith("distributed"):
            logging.getLogger(name).setLevel(logging.CRITICAL)  # this module reports a loss, once
    try:
        _await_greeting(address)
        client: Any = Client(f"tcp://{address}", timeout=CONNECT_S, set_as_default=False)  # type: ignore[no-untyped-call]
    except Exception as error:
        reason = " ".join(str(getattr(error, "strerror", "") or error).split())[:120] or type(error).__name__
        raise ToolError(f"{address}: no Dask scheduler answers there ({reason}): check the address") from error
    try:
        client.wait_for_workers(1, timeout=CONNECT_S)
    except TimeoutError as error:
        client.close()
        raise ToolError(f"{address}: the cluster has no workers: start some (dask worker tcp://{address})") from error
    return client


def _await_greeting(address: str) -> None:
    """Wait for the scheduler's greeting, a length. Raises OSError if the server is no Dask scheduler.

    Dask itself retries when it is refused, and waits forever for a server of another kind.
    """
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S) as line:
        greeting = line.recv(8, socket.MSG_WAITALL)
    if len(greeting) < 8 or int.from_bytes(greeting, "little") > 1 << 32:
        raise OSError("a server of another kind")


class ClusterExecutor(Executor):
    """Dask's own executor, which reports lost workers as a process pool does."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self._inner = client.get_executor(pure=False)
        self._running: set[Future[Any]] = set()

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        outer: Future[R] = Future()
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Dask warns about big messages; big books are
                # As bytes, since Dask would search the arguments for its own futures.
                inner = self._inner.submit(_call, pickle.dumps((fn, args, kwargs), protocol=5))
        except Exception as error:
            raise BrokenExecutor(f"the connection to the cluster was lost ({error})") from error
        self._running.add(inner)
        inner.add_done_callback(lambda done: self._finish(done, outer))
        return outer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancel tasks that have not ended; one that a worker has begun cannot be stopped."""
        for future in tuple(self._running):
            future.cancel()

    def _finish(self, inner: Future[R], outer: Future[R]) -> None:
        self._running.discard(inner)
        if inner.cancelled():
            outer.set_exception(BrokenExecutor("the connection to the cluster was lost"))
            return
        error = inner.exception()
        if type(error).__name__ == "KilledWorker":
            outer.set_exception(BrokenExecutor("its workers died one after another, perhaps for want of memory"))
        elif error:
            outer.set_exception(error)
        else:
            outer.set_result(inner.result())


def _call(packed: bytes) -> Any:
    function, arguments, named = pickle.loads(packed)
    return function(*arguments, **named)
