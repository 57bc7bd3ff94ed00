"""`notebind review`: a page of this machine to keep, discard and edit cards."""

from __future__ import annotations

import time
import webbrowser
from contextlib import closing, suppress

import typer

from convert.cli.command_options import Review
from convert.cli.settings import Given, reading_request
from convert.cli.summary import print_no_notes
from convert.errors import UsageError, unknown
from convert.extract.cards import LEVELS, LIMIT, REVIEWED
from convert.review.server import ReviewServer
from convert.review.session import Session
from convert.storage.location import local_paths
from convert.vault.vault import open_vault
from convert.vault.verdicts import channel_folders, save_verdicts
from convert.workers.pool import cores


def review(given: Given) -> None:
    """Serve the page until Ctrl-C; exits with 1 if there are no notes, or verdicts could not be saved."""
    if len(local_paths(given["notes"])) < len(given["notes"]):
        raise UsageError("only notes on this machine can be reviewed: verdicts are written beside them")
    options, request = reading_request(Review, given)
    # Settings for builds may say `reviewed`; what is new is at the usual level then.
    level = "normal" if options.cards == REVIEWED else options.cards
    if level not in LEVELS:
        raise unknown("--cards", options.cards, LEVELS)
    vault = open_vault(request, cores(), lambda _: None)
    if not vault.plans:
        print_no_notes(vault.file_diagnostics)
        raise typer.Exit(1)
    session = Session(vault, level, options.max_cards_per_note or LIMIT, options.section_cards)
    for problem in session.problems:
        typer.echo(str(problem), err=True)
    for folder in channel_folders(vault.sources.values()):
        save_verdicts(folder, ())  # no verdict is asked for that could not be saved
    with closing(_server(session, options.port)) as server, suppress(KeyboardInterrupt):
        new = sum(card.suspended or card.verdict in ("", "waiting") for card in session.shown.values())
        marked = f", beside {session.marked.total()} that you marked" if session.marked else ""
        typer.echo(f"{new} of {len(session.shown)} cards to review{marked}; each is saved at once, Ctrl-C ends.")
        typer.echo(f"The page is at {server.page}")
        if not options.no_open:
            webbrowser.open(server.page)
        while True:
            time.sleep(3600)
    typer.echo("Ended; build the deck with: notebind build NOTES --to anki")


def _server(session: Session, port: int) -> ReviewServer:
    try:
        server = ReviewServer(session, port)
    except OSError as error:
        raise UsageError(f"port {port} cannot be used ({error.strerror}): choose another --port") from error
    server.start()
    return server
