"""Writes man pages of the commands into build/man: `make man`, then `man build/man/notebind.1`.

There is one page for notebind and one for each command, written with the macros of man(7).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from convert import __version__
from convert.cli import app
from convert.cli.lazy import COMMANDS

EXIT = "0: done. 1: done, but something is missing from the outputs. 2: wrong usage. 130: interrupted."


def main(folder: Path) -> None:
    """Write every page."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (folder / name).write_text(text, "utf-8")
    print(f"{folder}: {len(COMMANDS) + 1} pages; try: man {folder}/notebind.1")


def pages() -> dict[str, str]:
    """Return the pages by file name."""
    group: Any = typer.main.get_command(app)
    with group.make_context("notebind", [], resilient_parsing=True) as ctx:
        made = {"notebind.1": _page(group, ctx, "notebind", _commands())}
        for name in COMMANDS:
            _, command, _ = group.resolve_command(ctx, [name])
            with command.make_context(name, [], parent=ctx, resilient_parsing=True) as inner:
                made[f"notebind-{name}.1"] = _page(command, inner, f"notebind {name}", ())
    return made


def _commands() -> Iterator[str]:
    yield ".SH COMMANDS"
    for name, (*_, line) in COMMANDS.items():
        yield from (".TP", rf"\fB{_text(name)}\fR, see notebind\-{_text(name)}(1)", _text(line))


def _page(command: Any, ctx: Any, name: str, more: Any) -> str:
    line = (command.help or "").strip().split("\n\n")
    usage = " ".join(command.collect_usage_pieces(ctx))
    lines = [
        f'.TH "{_text(name.replace(" ", "-").upper())}" 1 "" "notebind {__version__}"',
        ".SH NAME",
        rf"{_text(name.replace(' ', '-'))} \- {_text(line[0].rstrip('.'))}",
        ".SH SYNOPSIS",
        rf"\fB{_text(name)}\fR {_text(usage)}",
        *([".SH DESCRIPTION", *(piece for text in line for piece in (".PP", _text(text)))]),
        ".SH OPTIONS",
        *_options(command, ctx),
        *more,
        ".SH EXIT STATUS",
        _text(EXIT),
    ]
    return "\n".join(lines) + "\n"


def _options(command: Any, ctx: Any) -> Iterator[str]:
    for parameter in command.get_params(ctx):
        if record := parameter.get_help_record(ctx):
            names, text = record
            yield from (".TP", rf"\fB{_text(names)}\fR", _text(text) or r"\&")


def _text(text: str) -> str:
    """Escape text for troff; each paragraph of a man page is one line."""
    plain = " ".join(text.split()).replace("\\", r"\e").replace("-", r"\-")
    return rf"\&{plain}" if plain.startswith((".", "'")) else plain


if __name__ == "__main__":
    main(Path(sys.argv[1]))
