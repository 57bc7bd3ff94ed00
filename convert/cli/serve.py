"""`notebind serve`: shows the site of notes in the browser, built and loaded again whenever they are saved."""

from __future__ import annotations

import posixpath
import webbrowser
from contextlib import closing
from pathlib import Path

import typer

from convert.cli.build_options import PORT, Serve
from convert.cli.settings import Given, build_request
from convert.cli.watch import BuildPrinter
from convert.errors import NotebindError, UsageError
from convert.pipeline.records import PreviousOutputs
from convert.pipeline.report import Report
from convert.pipeline.watch import watch
from convert.storage.folder import Folder
from convert.storage.location import storage_at
from convert.tools.local_server import LocalServer
from convert.vault.video_files import media_files, media_of
from convert.writers.html.documents import POLICY


def serve(given: Given) -> None:
    """Serve the site at the port that is asked for, built again at every change, until Ctrl-C."""
    named = [name.strip() for name in given.get("to", "").split(",") if name.strip()]
    given = {**given, "to": ",".join(dict.fromkeys((*named, "html")))}
    options, request = build_request(Serve, given)
    output = storage_at(request.output)
    if not isinstance(output, Folder):
        raise UsageError(f"{output}: only a folder of this machine can be served: choose another --output")
    server = _server(Folder(output.path.resolve()), options.port)
    printer = BuildPrinter(given)
    first = True

    def result(built: Report | NotebindError) -> None:
        nonlocal first
        printer.result(built)
        if isinstance(built, Report):
            _renew(server, built, printer.current.videos, output)
        if first and not options.quiet:
            typer.echo(f"The site is at {server.address}/")
        if first and not options.no_open:
            webbrowser.open(f"{server.address}/")
        first = False

    with closing(server), printer.until_ctrl_c():
        watch(printer.request, printer.tell, result)


def _server(output: Folder, port: int) -> LocalServer:
    """Return a running server; UsageError if the port is taken."""
    for number in (port,) if port else (PORT, 0):
        try:
            server = LocalServer(output.open, PreviousOutputs(output).versions, POLICY, number)
        except OSError as error:
            reason = error.strerror
            continue
        server.start()
        return server
    raise UsageError(f"port {port} cannot be used ({reason}): choose another --port")


def _renew(server: LocalServer, built: Report, videos: Path | None, output: Folder) -> None:
    """Tell the server where media files are now; it loads pages again if something was made."""
    media: dict[str, Path] = {}
    files = media_files((), videos) if videos else []
    for book in built.books if files else ():
        for path in media_of(book.book.summaries(), files).values():
            media[posixpath.normpath(f"/{book.name}.html/../{output.link_to(path)}")] = path
    made = any(saved.writer not in book.unchanged for book in built.books for saved in book.artifacts)
    server.renew(media, reload=made)
