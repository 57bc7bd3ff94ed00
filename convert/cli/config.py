"""`notebind init` writes a settings file that explains every setting; `notebind config` prints what is set.

`notebind trust` obeys all settings of a file that came with notes, lists such files, and takes the trust back.
"""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from convert.cli.command_options import Config, Init, Trust
from convert.cli.settings import LEADS_OUT, REFUSED, Given, keys, must_exist, not_obeyed, own_settings, settings_of
from convert.config import trust as store
from convert.config.effects import OBEYED
from convert.config.read import (
    NAME,
    Key,
    Setting,
    Settings,
    as_toml,
    file_bytes,
    leads_inside,
    own_file,
    path_and_line,
    read_settings,
)
from convert.errors import UsageError
from convert.report import visible
from convert.storage.folder import Folder
from convert.storage.location import Location
from convert.vault.discovery import find_sources, plain_name

_HEAD = """\
Settings of notebind for the notes in this folder and below it. Take the `# ` away from a line to set it;
what it shows now is what holds without it, but that paths start at this folder. What is said on the
command line wins. `notebind config` shows what holds and where it was said. Settings marked `if trusted` are
obeyed once `notebind trust` was called for this folder, and again whenever the file has changed.
"""
_CHANNELS = """\
A channel's book may have its own title, author, language, formats (to), set, and options of formats.
Such tables stand at the end of the file; the name is that of the channel's folder.
"""


def init(given: Given) -> None:
    """Write the file; UsageError if it is there already."""
    folder = Init(**given).folder
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder: check the path")
    path = folder / NAME
    if path.exists():
        raise UsageError(f"{path}: is there already: edit it, or remove it first")
    Folder(folder).write(NAME, settings_text().encode())
    typer.echo(visible(f"{path}: written: every setting, explained; take the `# ` away from those you want"))


def settings_text() -> str:
    """Return the text of the file, made from the options."""
    lines = [*_comment(_HEAD)]
    group = ""
    for key in keys().values():
        if key.group != group:
            group = key.group
            lines += ["", f"## Options of {group}"]
        choices = f" One of: {', '.join(key.choices)}." if key.choices else ""
        sentence = key.help[:1].upper() + key.help[1:].rstrip(".") + "."
        obeyed = "" if key.effect == "looks" else f" Obeyed {OBEYED[key.effect]}."
        lines += ["", *_comment(sentence + choices + obeyed), f"# {key.name} = {as_toml(key.default)}"]
    return "\n".join(
        [*lines, "", *_comment(_CHANNELS), "", '# [channel."Name of the folder"]', '# title = "Its title"', ""]
    )


def _comment(text: str) -> list[str]:
    """Return the text as comment lines. They begin with `##`, settings with `#`."""
    return [f"## {line}" for line in textwrap.wrap(text, 110)]


def config(given: Given) -> None:
    """Print the settings file and a line for each setting."""
    inputs: list[Location] = [*(Config(**given).notes or [Path(".")])]
    must_exist(inputs)
    for line in _lines(keys(), inputs, given):
        typer.echo(visible(line))


def _lines(known: Mapping[str, Key], notes: list[Location], given: Given) -> Iterator[str]:
    own = own_settings()
    found = settings_of(notes, own, given.get("trust_settings", False))
    wide = max(map(len, known))
    if own:
        yield f"Your own settings: {path_and_line(own.path)}"
    if found:
        yield f"Settings: {path_and_line(found.path)}"
    else:
        yield "Settings: no notebind.toml here or above (`notebind init` writes one)"
    for key in known.values():
        yield _line(key, [one for one in (found, own) if one], wide)
    yield from _of_channels(known, notes, found, wide) if found else ()
    for effect, words in OBEYED.items():
        names = [key.name for key in known.values() if key.effect == effect]
        yield f"Obeyed {words}: {', '.join(names)}"
    if found and (line := not_obeyed(found, known)):
        yield line


def _of_channels(known: Mapping[str, Key], notes: list[Location], found: Settings, wide: int) -> Iterator[str]:
    """Yield the lines about the tables of channels."""
    folders = _channels(notes) if found.channels else frozenset()
    for channel, values in found.channels.items():
        yield f"[channel.{channel}]" + ("" if channel in folders else "  (no folder of notes has this name)")
        yield from (_line(known[name], [found._replace(values={name: one})], wide) for name, one in values.items())


def _line(key: Key, files: list[Settings], wide: int) -> str:
    """Return the line of a setting; the first of the files that sets it wins."""
    value, origin, refused = key.default, "default", ""
    for file in files:
        setting = file.values.get(key.name) or Setting(None, 0, is_obeyed=False)
        place = path_and_line(file.path, setting.line)
        if setting.is_obeyed:
            value, origin = setting.value, place
            break
        if setting.line:
            refused = f" (not obeyed: {place})"
    return f"{key.name:{wide}}  {as_toml(value):24}  {origin}{refused}"


def _channels(notes: list[Location]) -> frozenset[str]:
    """Return the names of the folders with files that may be notes."""
    sources, _ = find_sources(notes)
    return frozenset(plain_name(Path(source.folder).name) for source in sources)


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
