"""`notebind watch`: builds again whenever notes are saved."""

from __future__ import annotations

import time
from contextlib import ExitStack

import typer

from convert.cli.progress import shown_progress
from convert.cli.settings import Ask
from convert.cli.summary import print_gone, print_problems, print_result, write_report
from convert.errors import NotebindError
from convert.pipeline import watch as pipeline
from convert.pipeline.report import BookReport, Report
from convert.report import visible
from convert.request import Progress, Request, Tell

_NAMED = 3
"""More books than these are counted, not named, in the line about a build."""


def watch(ask: Ask) -> None:
    """Build what is asked for, and again at every change, until Ctrl-C."""
    shown = Shown(ask)
    pipeline.watch(shown.request, shown.tell, shown.result)


class Shown:
    """Says what became of each build: the first as `build` does, later ones in a line."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asked = ask()
        self._first = True
        self._failed = False
        self._gone: set[str] = set()
        self._began = time.monotonic()
        self._bars = ExitStack()
        self._tell: Tell | None = None

    @property
    def quiet(self) -> bool:
        """Whether errors alone are to be printed."""
        return self._asked.quiet

    def request(self) -> Request:
        """What is to be built now."""
        self._began = time.monotonic()
        self._asked = self._ask()
        return self._asked.request

    def tell(self, event: Progress) -> None:
        """Shows how far a build is; what shows it lasts until its end."""
        if not self._tell:
            self._tell = self._bars.enter_context(shown_progress(self._asked.quiet))
        self._tell(event)

    def result(self, built: Report | NotebindError) -> None:
        """Says what was made, and what is missing."""
        self._bars.close()
        self._tell = None
        if isinstance(built, NotebindError):
            typer.echo(visible(f"notebind: {built}"), err=True)
            return
        try:
            self._say(built)
        except NotebindError as error:  # the file of --report cannot be written
            typer.echo(visible(f"notebind: {error}"), err=True)

    def _say(self, report: Report) -> None:
        wanted = self._asked
        line = _line(report, wanted.request.writers)
        if wanted.report and (self._first or line):
            write_report(wanted.report, report)
        if self._first:
            print_result(report, wanted.request, wanted.quiet)
        else:
            self._say_again(report, line)
            print_problems(report, quiet=True)
        if self._first and not wanted.quiet:
            typer.echo("Watching for changes; Ctrl-C ends.")
        self._first = False
        self._failed = report.failed()
        self._gone = {record.book for record in report.gone}

    def _say_again(self, report: Report, line: str) -> None:
        """One line on a build that was not the first: nothing when it made nothing and mended nothing."""
        if not line and self._failed and not report.failed():
            line = "what was wrong is right again"
        if line and not self._asked.quiet:
            typer.echo(f"{time.strftime('%H:%M:%S')} {line} ({time.monotonic() - self._began:.2f} s)")
        if not self._asked.quiet and {record.book for record in report.gone} - self._gone:
            print_gone(report, self._asked.request.prune)


def _line(report: Report, order: tuple[str, ...]) -> str:
    """What was made, by book; empty when nothing was."""
    made = {book.name: _writers(book, order) for book in report.books}
    made = {name: writers for name, writers in made.items() if writers}
    if len(made) <= _NAMED:
        return "; ".join(f"{name}: {', '.join(writers)}" for name, writers in made.items())
    every = [writer for writer in order if any(writer in writers for writers in made.values())]
    return f"{len(made)} books: {', '.join(every)}"


def _writers(book: BookReport, order: tuple[str, ...]) -> list[str]:
    made = {one.writer for one in book.artifacts}.difference(book.unchanged)
    return [writer for writer in order if writer in made]
