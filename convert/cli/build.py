"""`notebind build`: makes the books once, and prints what was made."""

from __future__ import annotations

import typer

from convert.cli.options import Asked
from convert.cli.progress import shown_progress
from convert.cli.summary import exit_code, print_result, write_report
from convert.errors import UsageError
from convert.pipeline import run as pipeline
from convert.storage.location import local_path


def build(wanted: Asked, push: bool) -> None:
    """Make the books; with `push` bring their decks into Anki. Exits with the code of the build."""
    if push:
        local_path(wanted.request.output)
        if "anki" not in wanted.request.writers:
            raise UsageError("--push brings decks into Anki: ask for them with --to anki")
    with shown_progress(wanted.quiet) as tell:
        report = pipeline.build(wanted.request, tell)
    if wanted.report:
        write_report(wanted.report, report)
    print_result(report, wanted.request, wanted.quiet)
    code = exit_code(report, wanted.strict)
    if push and not code:
        _push_decks(wanted, [saved.path for book in report.books for saved in book.artifacts])
    raise typer.Exit(code)


def _push_decks(wanted: Asked, paths: list[str]) -> None:
    """Bring the decks among the files of a build into Anki; ToolError if Anki does not take one."""
    from convert.cli.push import push_deck  # few builds push, and it loads urllib.request and SQLite

    for path in paths:
        if path.endswith(".apkg"):
            line = push_deck(local_path(wanted.request.output) / path)
            if not wanted.quiet:
                typer.echo(line)
