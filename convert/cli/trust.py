"""`notebind trust`: obeys all settings of a file that came with notes, lists such files, and takes the trust back."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from convert.cli.command_options import Trust
from convert.cli.settings import LEADS_OUT, REFUSED, Given, keys
from convert.config import trust as store
from convert.config.read import Settings, file_bytes, leads_inside, own_file, path_and_line, read_settings
from convert.errors import UsageError
from convert.report import visible


def trust(given: Given) -> None:
    """Trust the file of a folder, or trust it no longer, or list the files; UsageError if there is none."""
    options = Trust(**given)
    if options.list_ and (options.remove or options.folder):
        raise UsageError("--list stands alone: it shows all files that are trusted")
    if options.list_:
        lines = [_listed(*one) for one in store.trusted().items()]
    elif not options.folder:
        raise UsageError("name the folder whose settings file you trust, or use --list")
    elif options.remove:
        lines = [_removed(options.folder)]
    else:
        lines = [_trusted(options.folder)]
    for line in lines:
        typer.echo(visible(line))


def _listed(path: Path, is_current: bool) -> str:
    if is_current:
        return str(path)
    return f"{path}  ({'changed since: not trusted' if os.path.lexists(path) else 'gone'})"


def _removed(folder: Path) -> str:
    if not store.forget(folder):
        raise UsageError(f"{folder}: was not trusted: `notebind trust --list` shows what is")
    return f"{folder}: trusted no longer"


def _trusted(folder: Path) -> str:
    """Trust the file of a folder; return the line that says which settings are obeyed from now on."""
    if not os.path.lexists(folder):
        raise UsageError(f"{folder}: no such file or folder: check the path")
    path = own_file(folder) if os.path.isdir(folder) else folder
    if not path or not os.path.isfile(path):
        raise UsageError(f"{folder}: no notebind.toml in this folder: name the one that has it")
    if not leads_inside(path, path.parent):
        raise UsageError(f"{path}: {LEADS_OUT}")
    data = file_bytes(path)
    found = read_settings(path, data, keys(), REFUSED)  # as if it were not trusted, to list what trust adds
    store.trust(path, data)
    return (
        f"{path_and_line(path)}: trusted until it changes; obeyed from now on: {', '.join(_added(found)) or 'no more'}"
    )


def _added(found: Settings) -> list[str]:
    """Return the settings that are obeyed because the file is trusted, with their lines."""
    tables = [found.values, *found.channels.values()]
    return [f"{name} (line {one.line})" for table in tables for name, one in table.items() if not one.is_obeyed]
