"""The other side of each comparison, and ours where it is not a command.

`python -m tests.tools.bench.contestants NAME ...` runs one.

Names that end in `-alone` print the CPU seconds of the work without start-up and imports.
"""

from __future__ import annotations

import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path


def timed(work: Callable[[], object]) -> None:
    start = time.process_time()
    work()
    print(time.process_time() - start)


def reader_alone(*files: str) -> None:
    """Read notes with our reader, to the full tree."""
    from convert.reader import read_bytes

    notes = [(Path(name).read_bytes(), name) for name in files]
    timed(lambda: [read_bytes(data, name, "bench", str(i)) for i, (data, name) in enumerate(notes)])


def markdown_it_alone(*files: str) -> None:
    """Parse notes with markdown-it-py: no links, no stamps, no tree."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    texts = [Path(name).read_text("utf-8", "replace") for name in files]
    timed(lambda: [parser.parse(text) for text in texts])


def plain_zip(target: str, *files: str) -> None:
    """Write the cheapest thing that looks like an EPUB: markdown-it-py's HTML in a zip, valid or not."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"xhtmlOut": True}).enable(["table", "strikethrough"])
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        for number, name in enumerate(files):
            body = parser.render(Path(name).read_text("utf-8", "replace"))
            archive.writestr(f"EPUB/{number}.xhtml", f"<html><body>{body}</body></html>")


def bare_typer() -> None:
    """Run a minimal typer program of two commands."""
    import typer

    app = typer.Typer()
    app.command("one")(lambda: None)
    app.command("two")(lambda: None)
    app(["--help"])


def pandoc_typst(target: str, *files: str) -> None:
    """Convert to Typst with plain pandoc and its template, and compile in process."""
    import subprocess
    import tempfile

    import pypandoc
    import typst

    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "book.typ"
        command = [pypandoc.get_pandoc_path(), "-f", "commonmark_x", "-t", "typst", "-s", "-o", str(source), *files]
        subprocess.run(command, check=True)
        typst.compile(source, output=target)


STILLS_MS = range(6_345, 600_000, 11_900)


def stills(film: str) -> None:
    """Take stills as a build does."""
    from convert.vault.stills import stills_of

    found, reason = stills_of((film, list(STILLS_MS)), height=360)
    if reason or len(found) != len(STILLS_MS):
        sys.exit(reason)


def ffmpeg_stills(film: str) -> None:
    """Take each still with a call of FFmpeg's command line, which seeks to it."""
    import subprocess
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        for ms in STILLS_MS:
            seek = ("-ss", str(ms / 1000), "-i", film, "-frames:v", "1", "-vf", "scale=-2:360", f"{folder}/{ms}.jpg")
            subprocess.run(["ffmpeg", "-v", "error", *seek], check=True, stdin=subprocess.DEVNULL)


DECK_CARDS = 100_000


def bare_work(folder: str) -> None:
    """Read, render and deflate each note with our own code: the work that every EPUB needs."""
    import zlib

    from convert.reader import read_bytes
    from convert.render.xhtml import render_blocks
    from convert.tools.reproducible_zip import LEVEL
    from tests.tools.fuzz.mutate import POLICY

    for number, path in enumerate(sorted(Path(folder).rglob("*.md"))):
        note = read_bytes(path.read_bytes(), path.name, path.parent.name, str(number)).note
        zlib.compress(render_blocks(note.blocks, POLICY).encode(), LEVEL)


def deck_alone() -> None:
    """Write our package of finished cards."""
    from convert.writers.anki.collection import AnkiNote, package

    def notes() -> Iterator[AnkiNote]:
        for number, fields in enumerate(_cards()):
            yield AnkiNote(f"guid-{number}", "section", 1_700_000_000, fields, ("rule::section",), "Notebind::bench")

    timed(lambda: package(notes(), "bench", 1_700_000_000))


def genanki_alone(target: str) -> None:
    """Write the same cards with genanki."""
    import genanki

    names = ("Front", "Back", "Context", "Watch", "Source")
    template = {"name": "Card 1", "qfmt": "{{Front}}", "afmt": "{{Back}}"}
    model = genanki.Model(1_607_392_319, "Bench", [{"name": name} for name in names], [template])

    def work() -> None:
        deck = genanki.Deck(2_059_400_110, "Notebind::bench")
        for number, fields in enumerate(_cards()):
            tags = ["rule::section"]
            deck.add_note(genanki.Note(model, list(fields), guid=f"guid-{number}", tags=tags))
        genanki.Package(deck).write_to_file(target)

    timed(work)


def _cards() -> Iterator[tuple[str, ...]]:
    for number in range(DECK_CARDS):
        back = f"<p>The answer to question {number} in a sentence of the usual length, with a term or two.</p>"
        watch = f'<a href="https://youtu.be/aqz-KE-bpKQ?t={number}">▶ {number}</a>'
        yield f"Question {number}: what are the main points?", back, "A note", watch, "<cite>A note</cite>"


CONTESTANTS: dict[str, Callable[..., None]] = {
    "reader-alone": reader_alone,
    "markdown-it-alone": markdown_it_alone,
    "plain-zip": plain_zip,
    "bare-work": bare_work,
    "deck-alone": deck_alone,
    "genanki-alone": genanki_alone,
    "bare-typer": bare_typer,
    "pandoc-typst": pandoc_typst,
    "stills": stills,
    "ffmpeg-stills": ffmpeg_stills,
}

if __name__ == "__main__":
    CONTESTANTS[sys.argv[1]](*sys.argv[2:])
