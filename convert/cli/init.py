"""`notebind init`: a settings file with every setting in it, explained, and none of them in force."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

_HEAD = """\
Settings of notebind for the notes in this folder and below it. Take the `# ` away from a line to set it;
what it shows now is what holds without it, but that paths start at this folder. What is said on the
command line wins. `notebind config` shows what holds and where it was said.
"""
_CHANNELS = """\
A channel's book may have its own title, author, language, formats (to), set, and options of formats.
Such tables stand at the end of the file; the name is that of the channel's folder.
"""


def init(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the notes.")] = Path("."),
) -> None:
    """Write a notebind.toml into FOLDER that explains every setting."""
    from convert.config.read import NAME
    from convert.errors import UsageError
    from convert.storage.folder import Folder

    if not folder.is_dir():
        raise UsageError(f"{folder}: no such folder: check the path")
    path = folder / NAME
    if path.exists():
        raise UsageError(f"{path}: is there already: edit it, or remove it first")
    Folder(folder).write(NAME, explained().encode())
    typer.echo(f"{path}: written: every setting, explained; take the `# ` away from those you want")


def explained() -> str:
    """The text of the file, made from the options."""
    from convert.cli.settings import keys

    lines = [*_comment(_HEAD)]
    group = ""
    for key in keys().values():
        if key.group != group:
            group = key.group
            lines += ["", f"## Options of {group}"]
        choices = f" One of: {', '.join(key.choices)}." if key.choices else ""
        sentence = key.help[:1].upper() + key.help[1:].rstrip(".") + "."
        lines += ["", *_comment(sentence + choices), f"# {key.name} = {key.written(key.default)}"]
    return "\n".join(
        [*lines, "", *_comment(_CHANNELS), "", '# [channel."Name of the folder"]', '# title = "Its title"', ""]
    )


def _comment(text: str) -> Iterator[str]:
    """The text as comments; two signs tell them from settings, which have one."""
    return (f"## {line}" for line in textwrap.wrap(text, 110))
