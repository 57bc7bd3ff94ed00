"""`notebind doctor`: what this machine has, what a missing piece would add and how to get it."""

from __future__ import annotations

import platform
import shutil
from importlib.metadata import PackageNotFoundError, version

import typer

_PACKAGES = {
    "pyromark": "reads Markdown",
    "EbookLib": "EPUB",
    "pypandoc_binary": "PDF: pandoc",
    "typst": "PDF: typesetting; covers",
    "pikepdf": "PDF: smaller files",
    "pysrt": "SRT chapters",
    "av": "reads and muxes media files",
    "mutagen": "chapters in Ogg files",
    "watchfiles": "notices saved notes",
    "latex2mathml": "formulas in EPUB and cards",
}
_PROGRAMS = {
    "mpv": "plays with our chapters: apt install mpv",
    "vlc": "plays with our chapters: apt install vlc",
    "mkvpropedit": "edits chapters of MKV files: apt install mkvtoolnix",
    "ffprobe": "shows chapters of media files: apt install ffmpeg",
    "fc-list": "lists fonts: apt install fontconfig",
}


def doctor() -> None:
    """Say what this machine has and what is missing; exit 1 when a needed library is."""
    typer.echo(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    missing = [name for name, use in _PACKAGES.items() if not _package(name, use)]
    for name, use in _PROGRAMS.items():
        found = shutil.which(name)
        typer.echo(f"{'ok' if found else '--':3} {name:18} {found or 'optional; ' + use}")
    if missing:
        typer.echo(f"notebind: missing {', '.join(missing)}: run `make install` or pip install notebind", err=True)
        raise typer.Exit(1)


def _package(name: str, use: str) -> bool:
    try:
        found = version(name)
    except PackageNotFoundError:
        typer.echo(f"!!  {name:18} missing; {use}: pip install {name}")
        return False
    typer.echo(f"ok  {name:18} {found:12} {use}")
    return True
