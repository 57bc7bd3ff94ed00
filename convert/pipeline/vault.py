"""Opens a vault: finds its files, scans them, resolves everything and plans the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import msgspec

from convert.document.book import Book, Entry
from convert.document.note import Facts, Note, Video
from convert.pipeline.durations import durations
from convert.pipeline.execute import in_order, make_executor
from convert.pipeline.findings import Findings
from convert.pipeline.repairs import repair_all
from convert.pipeline.request import Progress, Request, Tell
from convert.pipeline.scan import Scanned, scan, unpack
from convert.pipeline.trees import Tree
from convert.reader import read_note
from convert.report import Diagnostic, diagnostic
from convert.vault.books import Plan, make_books
from convert.vault.discovery import Source, find_sources, plain_name
from convert.vault.index_pages import IndexPage
from convert.vault.language import guess_language
from convert.vault.resolve import Resolved, resolve
from convert.vault.times import Repair

SCAN_CHUNK = 64
T = TypeVar("T")


@dataclass
class Vault:
    """All notes of a run, resolved, and the books to be made of them."""

    sources: dict[str, Source] = field(default_factory=dict)
    """By note id."""
    digests: dict[str, bytes] = field(default_factory=dict)
    resolved: dict[str, Resolved] = field(default_factory=dict)
    books: list[Book] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    """Those that belong to no note of a book: files left out, books renamed."""
    of_note: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    """The diagnostics of each note, from reading, times and links, in the order of its lines."""
    trees: dict[str, Tree] = field(default_factory=dict)
    """Where the trees of notes lie that were read in this run."""
    repaired: dict[str, int] = field(default_factory=dict)
    """How many stamps of each note were repaired."""


def open_vault(request: Request, jobs: int, tell: Tell, cache: Path | None = None, trees: str = "") -> Vault:
    """Reads all notes once and resolves them. `cache`: the output folder that keeps findings; `trees`: a folder for
    the trees of the notes that were read now, else they are not kept."""
    vault = Vault()
    sources, own = _sources(request, vault)
    findings = Findings(cache, request.force)
    reading = partial(scan, most=request.max_note_bytes, trees=trees)
    known = {
        source.path: found
        for source in sources
        if source.size <= request.max_note_bytes and (found := findings.scan_of(source))
    }
    unknown = [source for source in sources if source.path not in known]
    for source, (found, tree) in _scan_all(unknown, reading, jobs, tell):
        known[source.path] = found
        if tree:
            vault.trees[source.id] = tree
    scanned = [(source, known[source.path]) for source in sources]
    for source, found in scanned:
        _take(source, found, vault)
    notes = [(source, found.facts) for source, found in scanned if found.facts]
    pages = [(source, found.page) for source, found in scanned if found.page]
    facts = [facts for _, facts in notes]
    lengths = durations(facts, request.notes, request.videos)
    lengths |= request.lengths
    repairs = repair_all(facts, vault.sources, vault.digests, lengths, request.time_format, findings)
    findings.store([(source, found) for source, found in scanned if found.digest])
    _resolve_all(vault, facts, [page for _, page in pages], repairs)
    _plan_books(vault, request, [pair for pair in notes if pair[0].path in own], pages, lengths)
    return vault


def _sources(request: Request, vault: Vault) -> tuple[list[Source], set[str]]:
    """All files to read, and the paths of those that books are made of; the others are the context of `--vault`."""
    sources, problems = find_sources(request.notes, request.output)
    own = {source.path for source in sources}
    if request.vault:
        sources, problems = find_sources([*request.notes, request.vault], request.output)
    vault.diagnostics += problems
    return sources, own


def _scan_all(
    sources: Sequence[Source], reading: Callable[[Sequence[Source]], bytes], jobs: int, tell: Tell
) -> Iterator[tuple[Source, tuple[Scanned, Tree | None]]]:
    """Each file with what it is, in their order."""
    # Files fewer than a chunk are read sooner than a second process starts.
    with make_executor(min(jobs, len(sources) // SCAN_CHUNK), ("convert.pipeline.scan",)) as executor:
        chunks = chunked(sources, SCAN_CHUNK)
        for number, (chunk, future) in enumerate(zip(chunks, in_order(executor, reading, chunks, 8), strict=True)):
            yield from zip(chunk, unpack(future.result()), strict=True)
            tell(Progress("scan", min((number + 1) * SCAN_CHUNK, len(sources)), len(sources)))


def _take(source: Source, found: Scanned, vault: Vault) -> None:
    if found.facts:
        vault.sources[source.id] = source
        vault.digests[source.id] = found.digest
        vault.of_note[source.id] = found.diagnostics
    else:
        vault.diagnostics += found.diagnostics


def _resolve_all(vault: Vault, notes: list[Facts], pages: list[IndexPage], repairs: dict[str, Repair]) -> None:
    vault.resolved = resolve(notes, pages, {note_id: repair.times for note_id, repair in repairs.items()})
    for note in notes:
        repair, resolved = repairs[note.id], vault.resolved[note.id]
        pairs = zip(note.stamps, repair.times, strict=True)
        vault.repaired[note.id] = sum(stamp.literal_ms != ms for stamp, ms in pairs)
        vault.of_note[note.id] = _by_line((*vault.of_note[note.id], *repair.diagnostics, *resolved.diagnostics))


def _by_line(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda found: (found.line, found.code, found.message)))


def _plan_books(
    vault: Vault,
    request: Request,
    notes: Sequence[tuple[Source, Facts]],
    pages: Sequence[tuple[Source, IndexPage]],
    lengths: dict[Video, int],
) -> None:
    plans = _plans(vault, request, notes, pages)
    everything = [resolved.entry for resolved in vault.resolved.values()]
    books, renamed = make_books(plans, everything, lengths)
    for plan, name in renamed:
        message = f"another book has the same file name: written as {name}"
        vault.diagnostics.append(diagnostic("book-renamed", plan.label, 0, message))
    vault.books = [_finished(book, vault, request) for book in books]


def _plans(
    vault: Vault,
    request: Request,
    notes: Sequence[tuple[Source, Facts]],
    pages: Sequence[tuple[Source, IndexPage]],
) -> list[Plan]:
    if request.one_book and notes:
        entries = tuple(vault.resolved[facts.id].entry for _, facts in notes)
        return [Plan(request.one_book, request.one_book, "", entries, tuple(page for _, page in pages))]
    groups: dict[str, list[tuple[Source, Facts]]] = {}
    for source, facts in notes:
        groups.setdefault(source.path if source.named else source.folder, []).append((source, facts))
    return [_plan(vault, group, pages) for _, group in sorted(groups.items())]


def _plan(vault: Vault, group: list[tuple[Source, Facts]], pages: Sequence[tuple[Source, IndexPage]]) -> Plan:
    source, facts = group[0]
    entries = tuple(vault.resolved[facts.id].entry for _, facts in group)
    if source.named:
        return Plan(plain_name(Path(source.path).stem), facts.title, facts.origin, entries)
    own = tuple(page for page_source, page in pages if page_source.folder == source.folder)
    name = plain_name(Path(source.folder).name)
    return Plan(name, plain_name(own[0].title) if own else name, name, entries, own)


def _finished(book: Book, vault: Vault, request: Request) -> Book:
    """The book with the title, author and language that were asked for, or what the notes say of them."""
    language = request.language or _language(book.entries(), vault)
    return msgspec.structs.replace(
        book, title=request.title or book.title, author=request.author or book.author, language=language
    )


def _language(entries: Sequence[Entry], vault: Vault) -> str:
    """The language that the first notes name in their front matter, else a guess from their text."""
    sample = ""
    for entry in entries[:3]:
        if named := entry.meta.get("language") or entry.meta.get("lang"):
            return named
        sample += _text_of(vault.sources[entry.id])
    return guess_language(sample)


def _text_of(source: Source) -> str:
    try:
        with open(source.path, "rb") as file:
            return file.read(20_000).decode("utf-8", "ignore").rpartition("---\n")[2]
    except OSError:
        return ""


def chunked(items: Sequence[T], size: int) -> list[Sequence[T]]:
    """The items in runs of at most `size`."""
    return [items[at : at + size] for at in range(0, len(items), size)]


def read_resolved(vault: Vault, note_id: str) -> Note:
    """A note's tree with its links and times as the vault resolved them; an unreadable file gives an empty one."""
    source = vault.sources[note_id]
    try:
        data = Path(source.path).read_bytes()
    except OSError:
        data = b""
    return read_note(data, source.shown, source.channel, source.slug, vault.resolved[note_id].resolution).note
