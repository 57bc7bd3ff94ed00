"""Progress for people: a bar on a terminal, a line now and then in a log."""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from convert.request import Progress, Tell

_LABELS = {"scan": "Reading notes", "build": "Making books"}
_UNITS = {"scan": "files", "build": "notes"}
_LOG_SECONDS = 10.0
_WINDOW_SECONDS = 30.0
"""The rate is measured over this time: what was skipped at the start says nothing about the rest."""


@contextmanager
def shown_progress(quiet: bool) -> Iterator[Tell]:
    """Yield a function that shows events of the pipeline on standard error."""
    if quiet:
        yield lambda _: None
    elif sys.stderr.isatty():
        with _bars() as tell:
            yield tell
    else:
        yield Log(lambda line: print(line, file=sys.stderr, flush=True))


class Pace:
    """Measures how fast a stage goes by its events; a stage begins when the one before it ends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._last = clock()
        self._seen: deque[tuple[float, int]] = deque()

    def about(self, event: Progress) -> str:
        """Return the books done, the rate and the time left, as far as each is known."""
        if event.stage != self._stage:
            self._stage, self._seen = event.stage, deque([(self._last, 0)])
        now = self._last = self._clock()
        while len(self._seen) > 1 and now - self._seen[0][0] > _WINDOW_SECONDS:
            self._seen.popleft()
        began, before = self._seen[0]
        self._seen.append((now, event.done))
        known = [f"{event.books_done:,} of {event.books_total:,} books"] if event.books_total else []
        if event.done < event.total and now - began >= 1 and event.done > before:
            rate = (event.done - before) / (now - began)
            known.append(f"{rate:,.{0 if rate >= 10 else 1}f} {_UNITS[event.stage]}/s")
            known.append(f"{_duration((event.total - event.done) / rate)} left")
        elif event.done >= event.total and event.books_done < event.books_total:
            # All notes are made, but books are still being assembled, and how long that takes is not known.
            known.append(f"finishing {event.book}")
        return ", ".join(known)


def _duration(seconds: float) -> str:
    """Return whole seconds as H:MM:SS or M:SS."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich import progress as bars
    from rich.console import Console

    columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TextColumn("{task.fields[about]}", markup=False),
    )
    with bars.Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, bars.TaskID] = {}
        pace = Pace()

        def tell(event: Progress) -> None:
            if event.stage not in tasks:
                tasks[event.stage] = shown.add_task(_LABELS[event.stage], total=event.total, about="")
            shown.update(tasks[event.stage], completed=event.done, about=pace.about(event))

        yield tell


class Log:
    """Writes a line every ten seconds; a shorter run writes none."""

    def __init__(self, write: Callable[[str], None], clock: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._clock = clock
        self._last = clock()
        self._pace = Pace(clock)

    def __call__(self, event: Progress) -> None:
        about = self._pace.about(event)
        now = self._clock()
        if now - self._last < _LOG_SECONDS:
            return
        self._last = now
        done = f"{_LABELS[event.stage]}: {event.done:,} of {event.total:,} {_UNITS[event.stage]}"
        self._write(f"{done}, {about}" if about else done)
