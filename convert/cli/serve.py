"""`notebind serve`: the site of NOTES in the browser, built and loaded again whenever they are saved."""

from __future__ import annotations

import posixpath
import webbrowser
from functools import partial
from pathlib import Path

import typer

from convert.cli.build_options import PORT
from convert.cli.settings import Ask
from convert.cli.watch import Shown
from convert.errors import NotebindError, UsageError
from convert.pipeline.report import Report
from convert.pipeline.watch import watch
from convert.storage.folder import Folder
from convert.storage.location import storage_at
from convert.tools.local_server import LocalServer
from convert.vault.video_files import media_of


def serve(ask: Ask, port: int, no_open: bool) -> None:
    """Serve the site at this port (0: any), built again at every change, until Ctrl-C."""
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
        if isinstance(built, Report):
            _renew(server, built, wanted, output)
        if first:
            _welcome(server, shown.quiet, no_open)
        first = False

    try:
        watch(shown.request, shown.tell, result)
    finally:
        server.close()


def _with_site(ask: Ask) -> Ask:
    """Return what to ask for: the site, and the formats that `--to` names."""
    named = [name.strip() for name in str(ask.keywords.get("to", "")).split(",") if name.strip()]
    return partial(ask, to=",".join(dict.fromkeys((*named, "html"))))


def _server(output: Path, port: int) -> LocalServer:
    for number in (port,) if port else (PORT, 0):
        try:
            server = LocalServer(output, number)
        except OSError as error:
            reason = error.strerror
            continue
        server.start()
        return server
    raise UsageError(f"port {port} cannot be used ({reason}): choose another --port")


def _renew(server: LocalServer, built: Report, ask: Ask, output: Folder) -> None:
    """Tell the server what there is now; it loads pages again if something was made."""
    request = ask().request
    media: dict[str, Path] = {}
    for book in built.books if request.videos else ():
        files = media_of((part.video for part in book.book.parts if part.video), request.videos)
        ways = {path: output.link_to(path) for path in files.values()}
        media |= {posixpath.normpath(f"/{book.name}.html/../{way}"): path for path, way in ways.items()}
    made = any(saved.writer not in book.unchanged for book in built.books for saved in book.artifacts)
    server.renew(media, reload=made)


def _welcome(server: LocalServer, quiet: bool, no_open: bool) -> None:
    if not quiet:
        typer.echo(f"The site is at {server.address}/ (Ctrl-C ends).")
    if not no_open:
        webbrowser.open(f"{server.address}/")
