"""Progress for people: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from convert.pipeline.request import Progress, Tell

_LABELS = {"scan": "Reading notes", "build": "Making books"}
_LOG_SECONDS = 5.0
_LOG_FROM = 500
"""Shorter runs are over before a log line says anything."""


@contextmanager
def shown_progress(quiet: bool) -> Iterator[Tell]:
    """A place for the pipeline to tell how far it is, shown on standard error."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        yield _Log()


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeRemainingColumn(),
        bars.TextColumn("{task.fields[book]}"),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, bars.TaskID] = {}

        def tell(event: Progress) -> None:
            if event.stage not in tasks:
                label = _LABELS.get(event.stage, event.stage)
                tasks[event.stage] = shown.add_task(label, total=event.total, book="")
            shown.update(tasks[event.stage], completed=event.done, book=event.book)

        yield tell


class _Log:
    """Plain lines, at most one in a few seconds."""

    def __init__(self) -> None:
        self._last = time.monotonic()

    def __call__(self, event: Progress) -> None:
        now = time.monotonic()
        if event.total < _LOG_FROM or now - self._last < _LOG_SECONDS:
            return
        self._last = now
        label = _LABELS.get(event.stage, event.stage)
        print(f"{label}: {event.done} of {event.total}", file=sys.stderr, flush=True)
