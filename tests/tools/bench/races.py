"""Defines the comparisons and the goals."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pypandoc

from tests.tools.bench.contestants import DECK_CARDS

PYTHON = sys.executable
NOTEBIND = (str(Path(PYTHON).with_name("notebind")),)


@dataclass(frozen=True)
class Runner:
    """One side of a race; with `own_count` the command itself prints what its work cost."""

    name: str
    command: tuple[str, ...]
    own_count: bool = False


@dataclass(frozen=True)
class Goal:
    """The highest allowed ratio of our cost to the peer's."""

    peer: str
    at_most: float


@dataclass(frozen=True)
class Race:
    """Runners with the same task, interleaved `runs` times; the first one is ours."""

    title: str
    runners: tuple[Runner, ...]
    goals: tuple[Goal, ...]
    runs: int = 3
    prepare: tuple[str, ...] = ()
    """A command that is run before, at no cost to anybody."""


@dataclass(frozen=True)
class Course:
    """The notes of all races: their files in order, and the folder for copies and outputs."""

    files: tuple[str, ...]
    folder: Path

    def target(self, name: str) -> str:
        return str(self.folder / name)


def races(course: Course) -> list[Race]:
    """Return all races, the cheap ones first."""
    return [
        start_up(),
        one_note(course),
        reading(course),
        deck(course),
        epub(course),
        site(course),
        *stills(course),
        *pdf(course),
    ]


def start_up() -> Race:
    bare = contestant("a bare typer program", "bare-typer")
    return Race("start-up", (Runner("notebind --help", (*NOTEBIND, "--help")), bare), (Goal(bare.name, 1.15),), runs=20)


def one_note(course: Course) -> Race:
    peer = pandoc("pandoc, epub3", "epub3", course.target("1.epub"), course.files[:1])
    return Race("EPUB of one note", (notebind(course, "epub", notes="notes-1"), peer), (Goal(peer.name, 2.0),), runs=20)


def reading(course: Course) -> Race:
    ours = contestant("our reader, full model", "reader-alone", *course.files)
    tokens = contestant("markdown-it-py, tokens", "markdown-it-alone", *course.files)
    tree = pandoc("pandoc, JSON tree", "json", "/dev/null", course.files)
    goals = (Goal(tokens.name, 1 / 5), Goal(tree.name, 1 / 20))
    return Race(f"read {len(course.files)} notes, work alone but for pandoc", (ours, tokens, tree), goals)


def epub(course: Course) -> Race:
    book = pandoc("pandoc, epub3", "epub3", course.target("p.epub"), course.files)
    plain = contestant("markdown-it-py in a plain zip", "plain-zip", course.target("z.epub"), *course.files)
    goals = (Goal(book.name, 1 / 20), Goal(plain.name, 0.8))
    return Race(f"EPUB of {len(course.files)} notes", (notebind(course, "epub"), book, plain), goals)


def site(course: Course) -> Race:
    """A site needs a page for each note, so pandoc needs a process for each; a single page is compared too."""
    pages = (PYTHON, "-m", "tests.tools.bench.pandoc_pages", course.target("pages"), *course.files)
    each = Runner("pandoc, html, a page a note", pages)
    single = pandoc("pandoc, html, all notes on one page", "html", course.target("p.html"), course.files)
    title = f"site of {len(course.files)} notes, with index and search"
    return Race(
        title, (notebind(course, "html"), each, single), (Goal(each.name, 1 / 10), Goal(single.name, 1 / 10)), 1
    )


def stills(course: Course) -> list[Race]:
    """Fifty stills of a film of 720 lines and ten minutes, with a key frame every 120 frames; without FFmpeg none."""
    program, film = shutil.which("ffmpeg"), course.target("film.mp4")
    if not program:
        return []
    source = ("-f", "lavfi", "-i", "testsrc2=size=1280x720:rate=25:duration=600")
    coded = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-g", "120")
    ours, peer = contestant("our stills", "stills", film), contestant("ffmpeg, once a still", "ffmpeg-stills", film)
    prepare = (program, "-v", "error", "-y", *source, *coded, film)
    return [Race("50 stills of a film", (ours, peer), (Goal(peer.name, 0.6),), prepare=prepare)]


def deck(course: Course) -> Race:
    ours, peer = (
        contestant("our package", "deck-alone"),
        contestant("genanki", "genanki-alone", course.target("g.apkg")),
    )
    return Race(f"deck of {DECK_CARDS:,} cards, writing alone", (ours, peer), (Goal(peer.name, 0.8),))


def pdf(course: Course) -> list[Race]:
    """The PDF without and with QR codes, page numbers of links, index and justified lines."""
    files = course.files[:100]
    typst = contestant("pandoc and its template, Typst", "pandoc-typst", course.target("p.pdf"), *files)
    bare, whole = (notebind(course, "pdf", *options, notes="notes-100") for options in (("--plain",), ()))
    latex = [xelatex(course.target("x.pdf"), files)] if shutil.which("xelatex") else []
    return [
        Race(f"PDF of {len(files)} notes, plain", (bare, typst), (Goal(typst.name, 1.0),)),
        Race(f"PDF of {len(files)} notes, with everything", (whole, typst, *latex), (Goal(typst.name, 1.5),), runs=1),
    ]


def xelatex(target: str, files: Sequence[str]) -> Runner:
    """Pandoc through LaTeX, the other way to make a PDF."""
    plain = pandoc("pandoc, xelatex", "latex", target, files)
    return Runner(plain.name, (*plain.command[:1], "--pdf-engine=xelatex", *plain.command[1:]))


def notebind(course: Course, format: str, *options: str, notes: str = "notes") -> Runner:
    """`notebind build` into one format, on one core and from nothing."""
    build = ("build", course.target(notes), "--output", course.target("out"), "--to", format)
    return Runner("notebind", (*NOTEBIND, *build, "--jobs", "1", "--force", "--quiet", *options))


def pandoc(name: str, to: str, target: str, files: Sequence[str]) -> Runner:
    """Pandoc on the unchanged notes, all in one process, which is its cheapest way."""
    program = pypandoc.get_pandoc_path()
    return Runner(name, (program, "-f", "commonmark_x", "-t", to, "--metadata", "title=Notes", "-o", target, *files))


def contestant(name: str, role: str, *arguments: str) -> Runner:
    """A function of `tests.tools.bench.contestants`."""
    return Runner(name, (PYTHON, "-m", "tests.tools.bench.contestants", role, *arguments), role.endswith("-alone"))
