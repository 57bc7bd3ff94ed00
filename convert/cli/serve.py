"""`notebind serve`: the site of NOTES in the browser, built and loaded again whenever they are saved."""

from __future__ import annotations

import posixpath
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from convert.cli.build import Asked, with_options
from convert.errors import UsageError
from convert.storage.folder import Folder
from convert.storage.location import storage_at

if TYPE_CHECKING:
    from convert.errors import NotebindError
    from convert.pipeline.report import Report
    from convert.tools.local_server import LocalServer

PORT = 8780
"""Where the site is, or any free port when that is taken; not AnkiConnect's, where `push` looks for Anki."""

Port = Annotated[int, typer.Option("--port", min=0, max=65535, help=f"Port; default {PORT}, or any that is free.")]
NoOpen = Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")]


def serve(ask: partial[Asked], port: Port = 0, no_open: NoOpen = False) -> None:
    """Show NOTES as a site in the browser, and again whenever one of them is saved, until Ctrl-C.

    Only this machine is answered. The options are those of build; --to adds formats to html.
    """
    from convert.cli.watch import Shown
    from convert.pipeline.watch import watch

    wanted = _with_site(ask)
    output = storage_at(wanted().request.output)
    if not isinstance(output, Folder):
        raise UsageError(f"{output}: only a folder of this machine can be served: choose another --output")
    server = _server(output.path, port)
    shown = Shown(wanted)
    first = True

    def result(built: Report | NotebindError) -> None:
        nonlocal first
        shown.result(built)
        _renew(server, built, wanted, output)
        if first:
            _welcome(server, shown.quiet, no_open)
        first = False

    try:
        watch(shown.request, shown.tell, result)
    finally:
        server.close()


def _with_site(ask: partial[Asked]) -> partial[Asked]:
    """What to ask for: the site, and the formats that `--to` names."""
    named = [name.strip() for name in str(ask.keywords.get("to", "")).split(",") if name.strip()]
    return partial(ask, to=",".join(dict.fromkeys((*named, "html"))))


def _server(output: Path, port: int) -> LocalServer:
    from convert.tools.local_server import LocalServer

    for number in (port,) if port else (PORT, 0):
        try:
            server = LocalServer(output, number)
        except OSError as error:
            reason = error.strerror
            continue
        server.start()
        return server
    raise UsageError(f"port {port} cannot be used ({reason}): choose another --port")


def _renew(server: LocalServer, built: Report | NotebindError, ask: partial[Asked], output: Folder) -> None:
    """Tells the server what there is now, where something was made."""
    from convert.errors import NotebindError
    from convert.vault.video_files import media_of

    if isinstance(built, NotebindError):
        return
    request = ask().request
    media: dict[str, Path] = {}
    for book in built.books if request.videos else ():
        files = media_of((part.video for part in book.book.parts if part.video), request.videos)
        ways = {path: output.link_to(path) for path in files.values()}
        media |= {posixpath.normpath(f"/{book.name}.html/../{way}"): path for path, way in ways.items()}
    made = any(saved.writer not in book.unchanged for book in built.books for saved in book.artifacts)
    server.renew(media, reload=made)


def _welcome(server: LocalServer, quiet: bool, no_open: bool) -> None:
    import webbrowser

    if not quiet:
        typer.echo(f"The site is at {server.address}/ (Ctrl-C ends).")
    if not no_open:
        webbrowser.open(f"{server.address}/")


command = with_options(serve)
