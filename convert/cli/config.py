"""`notebind init` writes a settings file that explains every setting; `notebind config` prints what is set."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path

import typer

from convert.cli.command_options import Config, Init
from convert.cli.settings import Given, keys, must_exist, settings_of
from convert.config.read import NAME, Key, Setting, as_toml, path_and_line
from convert.errors import UsageError
from convert.report import visible
from convert.storage.folder import Folder
from convert.storage.location import Location
from convert.vault.discovery import find_sources, plain_name

_HEAD = """\
Settings of notebind for the notes in this folder and below it. Take the `# ` away from a line to set it;
what it shows now is what holds without it, but that paths start at this folder. What is said on the
command line wins. `notebind config` shows what holds and where it was said.
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
    typer.echo(f"{path}: written: every setting, explained; take the `# ` away from those you want")


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
        lines += ["", *_comment(sentence + choices), f"# {key.name} = {as_toml(key.default)}"]
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
    for line in _lines(keys(), inputs):
        typer.echo(visible(line))


def _lines(known: Mapping[str, Key], notes: list[Location]) -> Iterator[str]:
    found = settings_of(notes)
    wide = max(map(len, known))
    if not found:
        yield "Settings: no notebind.toml here or above (`notebind init` writes one)"
        yield from (_line(key, None, Path(), wide) for key in known.values())
        return
    yield f"Settings: {path_and_line(found.path)}"
    yield from (_line(key, found.values.get(key.name), found.path, wide) for key in known.values())
    folders = _channels(notes) if found.channels else frozenset()
    for channel, own in found.channels.items():
        yield f"[channel.{channel}]" + ("" if channel in folders else "  (no folder of notes has this name)")
        yield from (_line(known[name], setting, found.path, wide) for name, setting in own.items())


def _line(key: Key, setting: Setting | None, path: Path, wide: int) -> str:
    value, origin = (setting.value, path_and_line(path, setting.line)) if setting else (key.default, "default")
    return f"{key.name:{wide}}  {as_toml(value):24}  {origin}"


def _channels(notes: list[Location]) -> frozenset[str]:
    """Return the names of the folders with files that may be notes."""
    sources, _ = find_sources(notes)
    return frozenset(plain_name(Path(source.folder).name) for source in sources)
