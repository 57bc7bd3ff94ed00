"""`notebind doctor`: lists what this machine has, what a missing piece would add and how to install it.

`notebind writers` and `notebind readers` list what can be written and read.
"""

from __future__ import annotations

import dataclasses
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, entry_points, version

import typer

from convert.cli.progress import echo_wrapped, print_error
from convert.cli.settings import Given
from convert.installed import LIBRARIES
from convert.reader.formats import OWN
from convert.reader.formats import readers as all_readers
from convert.writers import writers as all_writers
from convert.writers.base import Program

PACKAGES = {
    "typer": "the command line",
    "rich": "progress and tables",
    **LIBRARIES,
    "mutagen": "chapters in Ogg files",
    "watchfiles": "notices saved notes",
    "platformdirs": "finds your own settings",
    "tomlkit": "writes what you decide about cards",
}
"""The packages of every installation, and what each is for."""

CLUSTER = {
    "distributed": "builds on a Dask cluster",
    "fsspec": "notes and books in object stores",
    "s3fs": "the same in S3",
}
"""The packages of the extra `cluster`."""


PROGRAMS = (
    Program(
        "yt-dlp", "downloads videos under names that mux knows", "yt-dlp", "yt-dlp", "https://github.com/yt-dlp/yt-dlp"
    ),
    Program("mpv", "plays videos with chapter files", "mpv", "mpv", "https://mpv.io"),
    Program("vlc", "plays videos with embedded chapters", "vlc", "--cask vlc", "https://www.videolan.org"),
    Program("mkvpropedit", "edits chapters of MKV files", "mkvtoolnix", "mkvtoolnix", "https://mkvtoolnix.download"),
    Program("ffprobe", "shows the chapters of media files", "ffmpeg", "ffmpeg", "https://ffmpeg.org"),
    Program("fc-list", "lists fonts for --font", "fontconfig", "fontconfig", "https://fontconfig.org"),
)


def doctor(_: Given) -> None:
    """Print what is there and what is missing; exits with 1 if something that is needed is."""
    typer.echo(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    typer.echo("\nNeeded, and part of every installation:")
    missing = [name for name, use in PACKAGES.items() if not _package(name, use)]
    typer.echo("\nFor clusters and object stores:")
    absent = [name for name, use in CLUSTER.items() if not _package(name, use, needed=False)]
    if absent:
        typer.echo("    to have them: pip install 'notebind[cluster]', or '.[cluster]' in the clone")
    typer.echo("\nPrograms beside notebind; none is needed:")
    for program in (*PROGRAMS, *(one for writer in all_writers().values() for one in writer.programs)):
        _program(program)
    broken = _plugins()
    if missing:
        print_error(f"missing {', '.join(missing)}: run `make install` or pip install notebind")
    if missing or broken:
        raise typer.Exit(1)


def _package(name: str, use: str, needed: bool = True) -> bool:
    try:
        found = version(name)
    except PackageNotFoundError:
        _line("!!" if needed else "--", name, "missing", f"would add: {use}")
        return False
    _line("ok", name, found, use)
    return True


def _program(program: Program) -> None:
    if found := shutil.which(program.name):
        _line("ok", program.name, "", f"{program.adds} ({found})")
    else:
        _line("--", program.name, "", f"would add: {program.adds}: {_how(program)}")


def _how(program: Program) -> str:
    """Return the command that installs a program on this machine, or its page."""
    if sys.platform == "darwin":
        return f"brew install {program.brew}"
    return f"apt install {program.apt}" if shutil.which("apt") else f"see {program.site}"


def _plugins() -> bool:
    """Print the formats and readers of other packages; return whether one of them cannot be loaded."""
    broken = False
    points = [*entry_points(group="notebind.writers"), *entry_points(group="notebind.readers")]
    own = [point for point in points if not point.value.startswith("convert.")]
    typer.echo("\nPlug-ins:" if own else "\nPlug-ins: none")
    for point in own:
        try:
            point.load()
            _line("ok", point.name, "", f"{point.group}, {point.value}")
        except Exception as error:
            broken = True
            _line(
                "!!", point.name, "", f"{point.group}, {point.value} cannot be loaded: {error}; update or uninstall it"
            )
    return broken


def _line(status: str, name: str, found: str, text: str) -> None:
    line = f"{status:3} {name:16} {found:10} {text}" if found else f"{status:3} {name:16} {text}"
    paint = {"ok": "good", "--": "info", "!!": "error"}
    echo_wrapped(line, {status: paint[status]}, hanging=" " * 21)


def writers(_: Given) -> None:
    """Print each format and its options."""
    for name, writer in all_writers().items():
        echo_wrapped(f"{name:10} {_sentence(writer.summary)}", {name: "place"}, hanging=" " * 11)
        for field in dataclasses.fields(writer.options):
            flag = "--" + field.name.replace("_", "-")
            value = "on" if field.default is True else field.default
            default = f" (default: {value})" if value not in ("", None, False) else ""
            text = f"{flag:22} {_sentence(field.metadata.get('help', ''))}{default}"
            echo_wrapped(text, {flag: "place"}, indent="  ", hanging=" " * 23)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:].rstrip(".")


def readers(_: Given) -> None:
    """Print each kind of notes in the order in which they are asked."""
    for name, reader in all_readers().items():
        echo_wrapped(f"{name:14} {reader.summary}", {name: "place"}, hanging=" " * 15)
    own = "Notes with a video and stamps: no other reader is asked, but chapter_list for its lists."
    echo_wrapped(f"{OWN:14} {own}", {OWN: "place"}, hanging=" " * 15)
