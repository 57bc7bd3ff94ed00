"""`notebind build`: makes the books once, and prints what was made."""

from __future__ import annotations

import time

import typer

from convert.cli.build_options import Build
from convert.cli.progress import shown_progress
from convert.cli.settings import Given, build_request
from convert.cli.summary import check_report, exit_code, print_result, write_report
from convert.errors import UsageError
from convert.pipeline import run as pipeline
from convert.report import visible
from convert.storage.location import local_path


def build(given: Given) -> None:
    """Make the books; with `push` bring their decks into Anki. Exits with the code of the build."""
    options, request = build_request(Build, given)
    if options.push:
        local_path(request.output)
        if "anki" not in request.writers:
            raise UsageError("--push brings decks into Anki: ask for them with --to anki")
    if options.report:
        check_report(options.report)
    began = time.monotonic()
    with shown_progress(options.quiet) as tell:
        report = pipeline.build(request, tell)
    if options.report:
        write_report(options.report, report)
    print_result(report, request, options.quiet, time.monotonic() - began, options.strict)
    code = exit_code(report, options.strict)
    if options.push and not code:
        is_whole = _push_decks(options, [saved.path for book in report.books for saved in book.artifacts])
        code = code if is_whole else 1
    raise typer.Exit(code)


def _push_decks(options: Build, paths: list[str]) -> bool:
    """Bring the decks among the files of a build into Anki; return whether all that was learned could be written down.

    ToolError if Anki does not take one.
    """
    from convert.cli.push import push_deck  # few builds push, and it loads urllib.request and SQLite

    whole = True
    for path in paths:
        if path.endswith(".apkg"):
            line, is_whole = push_deck(local_path(options.output) / path)
            whole &= is_whole
            if not options.quiet or not is_whole:
                typer.echo(visible(line))
    return whole
