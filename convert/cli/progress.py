"""Output for people: width and colours of a terminal, and progress as a bar on it, or as lines in a log."""

from __future__ import annotations

import os
import re
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import accumulate
from typing import TYPE_CHECKING, TextIO
from unicodedata import east_asian_width

import typer

from convert.report import Severity, visible

if TYPE_CHECKING:
    from convert.request import Progress, Tell

_LABELS = {"scan": "Reading notes", "build": "Making books"}
_UNITS = {"scan": "files", "build": "notes"}
_LOG_SECONDS = 10.0
_WINDOW_SECONDS = 30.0
"""Time over which the rate is measured: skipped notes at the start would distort it."""
_COLOURS = {"error": "red", "warning": "yellow", "info": "bright_black", "good": "green", "name": "cyan", "place": None}
_NARROWEST = 20


def columns(stream: TextIO) -> int:
    """Return the width of the terminal that a stream leads to, 0 if it leads elsewhere."""
    if not stream.isatty():
        return 0
    try:
        return max(os.get_terminal_size(stream.fileno()).columns or 80, _NARROWEST)
    except OSError:
        return 80


def painted(text: str, colour: str, stream: TextIO) -> str:
    """Return the text bold and in the colour of a severity, as it is if the stream or NO_COLOR wants none."""
    if not stream.isatty() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return text
    return typer.style(text, fg=_COLOURS[colour], bold=colour != "info")


def echo_wrapped(
    text: str,
    paint: Mapping[str, str] | None = None,
    err: bool = False,
    indent: str = "",
    hanging: str = "",
    divides: bool = False,
) -> None:
    """Print text, wrapped at words on a terminal, with control characters escaped.

    `paint` has the colours of the first places of some texts, `hanging` is put before all lines but the first.
    `divides` lets words end in the next line that are longer than one: in columns, but never in what is to be copied.
    """
    text = indent + visible(text)
    stream = sys.stderr if err else sys.stdout
    if width := columns(stream):
        text = _wrapped(text, width - 1, indent + hanging, divides)
        for part, colour in (paint or {}).items():
            text = text.replace(visible(part), painted(visible(part), colour, stream), 1)
    typer.echo(text, err=err)


_JOINT = re.compile(r"(?<=[_/=&?-])")
_NEAREST = re.compile(r" \(did you mean ([^?]{1,80})\?\)")


def print_error(message: str, where: str = "", severity: Severity = "error") -> None:
    """Print an error in a line; on a terminal the nearest word, all known ones and where to ask have their own."""
    if not columns(sys.stderr):
        message += f"; see `{where}`" if where else ""
        echo_wrapped(f"notebind: {message}", err=True)
        return
    near = _NEAREST.search(message)
    fault, _, known = _NEAREST.sub("", message).partition(": known are ")
    echo_wrapped(f"{severity}: {fault}", {f"{severity}:": severity}, err=True, hanging="  ")
    if near:
        echo_wrapped(f"tip: did you mean {near[1]}?", {"tip:": "good", near[1]: "good"}, err=True, indent="  ")
    if known:
        echo_wrapped(f"known: {known}", err=True, indent="  ", hanging=" " * len("known: "))
    if where:
        echo_wrapped(f"For more information, try `{where}`", err=True)


def cells(text: str) -> int:
    """Return how many columns a text takes: characters of East Asian scripts take two."""
    return len(text) if text.isascii() else sum(1 + (east_asian_width(one) in "WF") for one in text)


def _wrapped(text: str, width: int, hanging: str, divides: bool = False) -> str:
    """Return the text with line ends in place of blanks, so that no line but those of a longer word is wider."""
    lines, used = [""], 0
    for word in text.split(" "):
        is_long = divides and cells(word) > width - len(hanging)
        for piece in _JOINT.split(word) if is_long else (word,):
            taken = cells(piece)
            if used + taken > width and lines[-1].strip():
                lines.append(hanging)
                used = len(hanging)
            lines[-1] += piece
            used += taken
        lines[-1] += " "
        used += 1
    return "\n".join(line.rstrip() for line in lines)


def cut(text: str, width: int) -> str:
    """Return the text, or its beginning with an ellipsis if it takes more columns than `width`."""
    if cells(text) <= width:
        return text
    ends = accumulate(map(cells, text))
    return text[: sum(end < width for end in ends)] + "\u2026"


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

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._stage = ""
        self._last = now()
        self._seen: deque[tuple[float, int]] = deque()

    def describe(self, event: Progress) -> str:
        """Return the books done, the rate and the time left, as far as each is known."""
        from convert.document.timecode import clock  # help loads this module, but not the model

        if event.stage != self._stage:
            self._stage, self._seen = event.stage, deque([(self._last, 0)])
        now = self._last = self._now()
        while len(self._seen) > 1 and now - self._seen[0][0] > _WINDOW_SECONDS:
            self._seen.popleft()
        began, before = self._seen[0]
        self._seen.append((now, event.done))
        known = [f"{event.books_done:,} of {event.books_total:,} books"] if event.books_total else []
        if event.done < event.total and now - began >= 1 and event.done > before:
            rate = (event.done - before) / (now - began)
            known.append(f"{rate:,.{0 if rate >= 10 else 1}f} {_UNITS[event.stage]}/s")
            known.append(f"{clock(round((event.total - event.done) / rate) * 1000)} left")
        elif event.books_done < event.books_total:
            # How long it takes to assemble a book whose notes are made is not known.
            state = "finishing" if event.done >= event.total else "making"
            formats = f" ({', '.join(event.writers)})" if event.writers else ""
            known.append(f"{state} {event.book}{formats}")
        return ", ".join(known)


@contextmanager
def _bars() -> Iterator[Tell]:
    from rich import progress as bars
    from rich.console import Console

    width = columns(sys.stderr)
    bar = max(8, min(40, width - 72))
    shown_columns = (
        bars.TextColumn("{task.description}"),
        bars.BarColumn(bar_width=bar),
        bars.MofNCompleteColumn(),
        bars.TimeElapsedColumn(),
        bars.TextColumn("{task.fields[about]}", markup=False),
    )
    with bars.Progress(*shown_columns, console=Console(stderr=True), transient=True) as shown:
        tasks: dict[str, bars.TaskID] = {}
        pace = Pace()

        def tell(event: Progress) -> None:
            if event.stage not in tasks:
                for earlier in tasks.values():
                    shown.update(earlier, visible=False)
                tasks[event.stage] = shown.add_task(_LABELS[event.stage], total=event.total, about="")
            about = cut(visible(pace.describe(event)), width - bar - 2 * len(str(event.total)) - 27)
            shown.update(tasks[event.stage], completed=event.done, about=about)

        yield tell


class Log:
    """Writes a line every ten seconds; a shorter run writes none."""

    def __init__(self, write: Callable[[str], None], now: Callable[[], float] = time.monotonic) -> None:
        self._write = write
        self._now = now
        self._last = now()
        self._pace = Pace(now)

    def __call__(self, event: Progress) -> None:
        about = self._pace.describe(event)
        now = self._now()
        if now - self._last < _LOG_SECONDS:
            return
        self._last = now
        done = f"{_LABELS[event.stage]}: {event.done:,} of {event.total:,} {_UNITS[event.stage]}"
        self._write(f"{done}, {about}" if about else done)
