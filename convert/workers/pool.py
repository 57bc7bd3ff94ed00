"""Where tasks run: in this process or in several, behind the interface of `concurrent.futures`."""

from __future__ import annotations

import gc
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class SerialExecutor(Executor):
    """Runs each task at once, in the calling thread."""

    def submit(self, fn: Callable[..., R], /, *args: Any, **kwargs: Any) -> Future[R]:
        future: Future[R] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


def cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


Make = Callable[[int, Iterable[str]], Executor]
"""Makes an executor for so many tasks at once, whose workers load these modules first."""


@dataclass(frozen=True)
class Crew:
    """Those who do the work of a run: how many tasks they take at once, how to set them to work."""

    size: int
    make: Make
    look: Callable[[], None] | None = None
    """Raises when nobody is left, where that is not noticed otherwise."""
    elsewhere: bool = False
    """Whether they are on other machines."""


@contextmanager
def crew(jobs: int, address: str = "", paths: Iterable[object] = ()) -> Iterator[Crew]:
    """The processes of this machine (0 `jobs`: as many as it has cores), or the workers of the cluster at `address`.

    Those of a cluster have to see the same files at `paths`, where these are no addresses. UsageError for a wrong
    address, ToolError when the cluster cannot be used.
    """
    if not address:
        yield Crew(jobs or cores(), make_executor)
        return
    from convert.workers.dask import Cluster, local_paths

    cluster = Cluster(address, local_paths(paths))
    try:
        yield Crew(cluster.threads, lambda *_: cluster.executor(), cluster.look, elsewhere=True)
    finally:
        cluster.close()


def make_executor(jobs: int, preload: Iterable[str] = ()) -> Executor:
    """Processes for more than one job; each is started clean, for forking with threads running is unsafe."""
    if jobs <= 1:
        return SerialExecutor()
    # Only now: half of what a small build imports would be this.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload(list(preload))
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin_worker, initargs=(gc.get_threshold(),))


def _begin_worker(garbage: tuple[int, int, int]) -> None:
    """A worker looks for garbage as seldom as its parent, and ends with it.

    One whose parent was killed would wait for tasks for ever, or save what the next run saves too.
    """
    import multiprocessing
    import threading

    gc.set_threshold(*garbage)
    # Ctrl-C reaches every process of a terminal; the parent is the one that says so.
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


def in_order(executor: Executor, task: Callable[[T], R], items: Iterable[T], ahead: int) -> Iterator[Future[R]]:
    """The finished futures of a task over items, in their order, at most `ahead` of them begun and not taken."""
    waiting: deque[Future[R]] = deque()
    for item in items:
        waiting.append(executor.submit(task, item))
        while len(waiting) >= ahead:
            yield _finished(waiting.popleft())
    while waiting:
        yield _finished(waiting.popleft())


def _finished(future: Future[R]) -> Future[R]:
    future.exception()
    return future
