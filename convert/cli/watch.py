"""`notebind watch`: builds again whenever notes are saved."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import typer

from convert.cli.build_options import BuildOptions
from convert.cli.progress import print_error, shown_progress
from convert.cli.settings import Given, build_request
from convert.cli.summary import print_failures, print_gone, print_groups, print_problems, print_result, write_report
from convert.errors import NotebindError
from convert.pipeline import watch as pipeline
from convert.pipeline.report import Report
from convert.report import visible
from convert.request import Progress, Request, Tell

_MOST_NAMED = 3
"""More books than these are counted, not named, in the line about a build."""


def watch(given: Given) -> None:
    """Build what is asked for, and again at every change, until Ctrl-C."""
    printer = BuildPrinter(given)
    with printer.until_ctrl_c():
        pipeline.watch(printer.request, printer.tell, printer.result)


class BuildPrinter:
    """Prints the result of each build: of the first what `build` prints, of later ones a line."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._options, self.current = build_request(BuildOptions, given)
        self._last: Report | None = None
        self._began_to_watch = False
        self._began = time.monotonic()
        self._bars = ExitStack()
        self._tell: Tell | None = None

    @contextmanager
    def until_ctrl_c(self) -> Iterator[None]:
        """Let Ctrl-C end the block calmly; before the end of the first build it interrupts that, as in any command."""
        try:
            yield
        except KeyboardInterrupt:
            if not self._began_to_watch:
                raise
            self._bars.close()
            if not self._options.quiet:
                typer.echo("Ended; what was made is saved.")

    def request(self) -> Request:
        """Return the request to build now; the settings file may have changed."""
        self._began = time.monotonic()
        self._options, self.current = build_request(BuildOptions, self._given)
        return self.current

    def tell(self, event: Progress) -> None:
        """Show the progress of a build; its bar lasts until `result`."""
        if not self._tell:
            self._tell = self._bars.enter_context(shown_progress(self._options.quiet))
        self._tell(event)

    def result(self, built: Report | NotebindError) -> None:
        """Print what was made, and what is missing."""
        self._began_to_watch = True
        self._bars.close()
        self._tell = None
        try:
            if isinstance(built, NotebindError):
                raise built
            self._print(built)
        except NotebindError as error:  # or the file of --report cannot be written
            print_error(str(error))

    def _print(self, report: Report) -> None:
        request, last = self.current, self._last
        made = _made(report, request.writers)
        if self._options.report and (made or not last):
            write_report(self._options.report, report)
        self._last = report
        if not last:
            print_result(report, request, self._options.quiet, time.monotonic() - self._began)
            if not self._options.quiet:
                typer.echo("Watching for changes; Ctrl-C ends.")
            return
        if not made and last.failed() and not report.failed():
            made = "what was wrong is right again"
        if made and not self._options.quiet:
            typer.echo(visible(f"{time.strftime('%H:%M:%S')} {made} ({time.monotonic() - self._began:.2f} s)"))
        if not self._options.quiet and {one.book for one in report.gone} - {one.book for one in last.gone}:
            print_gone(report, request)
        if not self._options.quiet:
            for one in report.diagnostics:  # those of the run; what was moved aside is told by no later build
                if one.severity == "warning" and one not in last.diagnostics:
                    print_groups([one], ("warning",))
        print_problems(report, True, request)
        print_failures(report)


def _made(report: Report, order: tuple[str, ...]) -> str:
    """Return what was made, by book, its writers in this order; empty if nothing was."""
    made: dict[str, list[str]] = {}
    for book in report.books:
        writers = {one.writer for one in book.artifacts}.difference(book.unchanged)
        if found := [writer for writer in order if writer in writers]:
            made[book.name] = found
    if len(made) <= _MOST_NAMED:
        return "; ".join(f"{name}: {', '.join(writers)}" for name, writers in made.items())
    every = [writer for writer in order if any(writer in writers for writers in made.values())]
    return f"{len(made)} books: {', '.join(every)}"
