"""Finds words of notes that are missing from the books or were added to them: `make fidelity NOTES=...`.

Builds the EPUB of every book in a temporary folder and compares each note's page with its file. The exit code is 1 when
a word is missing or added and no diagnostic explains it, or when a stamp or link is lost.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import defaultdict
from pathlib import Path
from zipfile import ZipFile

from convert.document.book import Book
from convert.pipeline.run import build
from convert.report import Diagnostic
from convert.request import Request
from convert.vault.discovery import find_sources
from convert.writers.epub.documents import page_name
from tests.tools.fidelity import compare
from tests.tools.fidelity.compare import Names, Tally
from tests.tools.fidelity.expected import promise
from tests.tools.fidelity.found import Found, read_page
from tests.tools.fidelity.source import Source, read_source


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(prefix="notebind-fidelity-") as name:
        tally = check(options.notes, Path(name))
    show(tally, options.all)
    return int(bool(tally.faults) or any(not one.explained for one in tally.differences) or not tally.notes)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make fidelity")
    parser.add_argument("notes", nargs="+", type=Path)
    parser.add_argument("--all", action="store_true", help="show explained differences too")
    return parser.parse_args()


def check(notes: list[Path], folder: Path, jobs: int = 0) -> Tally:
    """Build the books of the notes into `folder`, with a process for each core, and compare every page."""
    report = build(Request(tuple(notes), output=folder, writers=("epub",), jobs=jobs))
    said: dict[str, list[Diagnostic]] = defaultdict(list)
    for one in report.all_diagnostics():
        said[one.note].append(one)
    # Diagnostics and summaries name files as they are displayed: bidi marks and the like are escaped.
    files = {source.shown: Path(source.path) for source in find_sources(notes, folder)[0]}
    tally = Tally()
    for made in report.books:
        tally.faults += [f"{made.book.name}: {cause}" for cause in made.failures.values()]
        with ZipFile(folder / f"{made.book.name}.epub") as archive:
            _check_book(made.book, archive, files, said, tally)
    pages = {files[entry.path] for made in report.books for entry in made.book.summaries()}
    tally.faults += [f"{path}: is in no book" for path in _promised(notes) if path not in pages]
    return tally


def _promised(notes: list[Path]) -> set[Path]:
    """Return the files with a video in their front matter, which certainly are notes."""
    found = {path for one in notes for path in ([one] if one.is_file() else _texts(one))}
    return {path.resolve() for path in found if read_source(path.read_bytes()).video}


def _texts(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix.lower() in (".md", ".markdown", ".txt")]


def _check_book(
    book: Book, archive: ZipFile, files: dict[str, Path], said: dict[str, list[Diagnostic]], tally: Tally
) -> None:
    sources = {entry.id: read_source(files[entry.path].read_bytes()) for entry in book.summaries()}
    page_of = {files[entry.path]: page_name(entry.id) for entry in book.summaries()}
    folders: dict[Path, list[tuple[Path, str]]] = defaultdict(list)
    for entry in book.summaries():
        path = files[entry.path]
        folders[path.parent].append((path, sources[entry.id].title or entry.title))
    names = {folder: Names(notes) for folder, notes in folders.items()}
    ids = {name: read_page(archive, name) for name in page_of.values()}
    for entry in book.summaries():
        path = files[entry.path]
        _check_note(path, sources[entry.id], names[path.parent], page_of, ids, said[entry.path], tally)


def _check_note(
    path: Path,
    source: Source,
    names: Names,
    page_of: dict[Path, str],
    pages: dict[str, Found],
    said: list[Diagnostic],
    tally: Tally,
) -> None:
    wanted, got = promise(source, names.title), pages[page_of[path]]
    tally.notes += 1
    tally.words += sum(word.text[0].isalnum() for word in wanted.words)
    if source.title and " ".join(source.title.split()) != got.title:
        tally.faults.append(f"{path}: the title is {got.title!r}")
    tally.differences += compare.differences(str(path), wanted.words, got.words, said)
    if source.video:
        linked, faults = compare.stamp_faults(str(path), source.video, wanted, got)
        tally.stamps += len(wanted.stamps)
        tally.stamps_linked += linked
        tally.faults += faults
    links = [(link, page_of[to]) for link in wanted.links if (to := names.find(link.target) if link.target else path)]
    working, faults = compare.link_faults(str(path), links, got)
    tally.links += len(links)
    tally.links_working += working
    tally.faults += faults
    tally.faults += [f"{path}: {href} leads nowhere" for href in got.links if not _leads(href, pages)]


def _leads(href: str, pages: dict[str, Found]) -> bool:
    page, _, fragment = href.partition("#")
    return page in pages and (not fragment or fragment in pages[page].ids)


def show(tally: Tally, everything: bool) -> None:
    """Print the differences and the figures."""
    for one in tally.differences:
        if everything or not one.explained:
            print(one)
    print(*tally.faults, sep="\n", end="\n" if tally.faults else "")
    million = 1e6 / max(tally.words, 1)
    print(f"{tally.notes} notes, {tally.words} words")
    for side in ("missing", "added"):
        plain, explained = tally.count(side, False), tally.count(side, True)
        print(f"words {side}: {plain} ({plain * million:.1f} per million), and {explained} that a diagnostic names")
    marks = sum(len(one.missing) + len(one.added) for one in tally.differences if not one.explained)
    print(f"marks missing or added: {marks - tally.count('missing', False) - tally.count('added', False)}")
    print(f"valid stamps that lead to their video: {tally.stamps_linked} of {tally.stamps}")
    print(f"links to notes of the same channel that work: {tally.links_working} of {tally.links}")


if __name__ == "__main__":
    sys.exit(main())
