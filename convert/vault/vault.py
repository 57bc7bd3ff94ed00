"""Opens a vault: has its files scanned, resolves everything and plans the books.

Of all notes only names are in memory as objects; what is known about each is packed, a book is
unpacked when its turn has come. So memory follows the biggest book, not the vault.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from convert.document.note import Facts, Note
from convert.reader.formats import read_note
from convert.report import Diagnostic
from convert.request import Request, Tell
from convert.storage.location import Storage, read
from convert.storage.packed import Packed, PackedDiagnostics, PackedTree, pack_diagnostics
from convert.vault.discovery import Source
from convert.vault.durations import durations
from convert.vault.index_pages import IndexPage
from convert.vault.library import Books, plan_books
from convert.vault.pictures import Pictures
from convert.vault.resolve import Resolved, resolve
from convert.vault.scan import Scanned
from convert.vault.scan_all import Listing, find, scan_all
from convert.vault.scan_cache import Findings
from convert.vault.times.decide import Repair
from convert.vault.times.repair_all import repair_all
from convert.workers.pool import Crew, make_executor


@dataclass
class Vault:
    """All notes of a run, resolved, and the books to be made of them. Mappings are by note id."""

    sources: dict[str, Source] = field(default_factory=dict)
    digests: dict[str, bytes] = field(default_factory=dict)
    resolved: Packed[Resolved] = field(default_factory=lambda: Packed(Resolved))
    books: Books = field(default_factory=Books)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    """Those that belong to no note of a book: files left out, books renamed."""
    of_note: Packed[PackedDiagnostics] = field(default_factory=lambda: Packed(PackedDiagnostics))
    """The diagnostics of each note, from reading, times and links, in the order of its lines."""
    trees: dict[str, PackedTree] = field(default_factory=dict)
    """Where the trees of notes lie that were read in this run."""
    embeds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The notes that a note may show in place, where there are any."""
    pictures: dict[str, str] = field(default_factory=dict)
    """Where the files of pictures lie, by the names that books have for them."""
    repaired: dict[str, int] = field(default_factory=dict)
    """How many stamps of a note were repaired, where there are any."""


@dataclass
class _Scan:
    """What the first pass found: the notes by their names, all about each packed, and the index pages."""

    names: list[Facts] = field(default_factory=list)
    facts: Packed[Facts] = field(default_factory=lambda: Packed(Facts))
    pages: list[tuple[Source, IndexPage]] = field(default_factory=list)


def open_vault(
    request: Request,
    jobs: int | Crew,
    tell: Tell,
    cache: Storage | None = None,
    trees: str = "",
    files: Listing | None = None,
) -> Vault:
    """Reads all notes once and resolves them. `jobs`: how many processes read, or others who do; `cache`: the output
    folder that keeps findings; `trees`: a folder for the trees of notes that are read now, else they are not kept;
    `files`: what `find` found, if it was asked."""
    crew = jobs if isinstance(jobs, Crew) else Crew(jobs, make_executor)
    sources, own, problems = files or find(request)
    vault, findings = _empty(trees, problems), Findings(cache, request.force)
    found, kept = _Scan(facts=Packed(Facts, trees)), Packed[Scanned](Scanned, trees)
    for source, scanned, tree in scan_all(sources, request, crew, tell, findings, trees):
        _take(source, scanned, tree, vault, found)
        if cache and scanned.digest:
            kept.put(source.path, scanned)
    lengths = durations(found.names, request.notes, request.videos) | dict(request.lengths)
    of_files = (found.facts, vault.sources, vault.digests)
    repairs = repair_all(found.names, *of_files, lengths, request.time_format, findings, crew, trees)
    findings.store(sources, kept)
    pictures = Pictures(request, cache)
    _resolve_all(vault, found, repairs, pictures)
    vault.pictures = pictures.paths
    pictures.store()
    notes = [name for name in found.names if vault.sources[name.id].path in own]
    vault.books, renamed = plan_books(request, notes, found.names, found.pages, vault.sources, vault.resolved, lengths)
    vault.diagnostics += renamed
    return vault


def _empty(folder: str, problems: list[Diagnostic]) -> Vault:
    """A vault without notes; what it will know of them lies in the folder when there is one."""
    said: Packed[PackedDiagnostics] = Packed(PackedDiagnostics, folder)
    return Vault(diagnostics=problems, resolved=Packed(Resolved, folder), of_note=said)


def _take(source: Source, scanned: Scanned, tree: PackedTree | None, vault: Vault, found: _Scan) -> None:
    if scanned.page:
        found.pages.append((source, scanned.page))
    if not scanned.facts:
        vault.diagnostics += scanned.diagnostics
        return
    note = source.id
    found.facts.put_packed(note, scanned.facts)
    found.names.append(_name(note, source, msgspec.msgpack.decode(scanned.facts, type=Facts)))
    vault.sources[note] = source
    vault.digests[note] = scanned.digest
    vault.of_note.put(note, pack_diagnostics(scanned.diagnostics))
    if tree:
        vault.trees[note] = tree


def _name(note: str, source: Source, facts: Facts) -> Facts:
    """The facts without what fills memory, made of strings that are there already."""
    known = {"id": note, "channel": source.channel, "slug": source.slug, "path": source.shown}
    return msgspec.structs.replace(facts, headings=(), links=(), stamps=(), **known)


def _resolve_all(vault: Vault, found: _Scan, repairs: Packed[Repair], pictures: Pictures) -> None:
    """Resolves note by note; what was found out about a note before is let go as its resolution takes its place."""
    repair = Repair((), ())

    def times(note: Facts) -> tuple[int | None, ...]:
        nonlocal repair
        repair = repairs[note.id]
        return repair.times

    pages = [page for _, page in found.pages]
    for note, resolved in resolve(found.names, found.facts, pages, times):
        pairs = zip(note.stamps, repair.times, strict=True)
        if count := sum(stamp.literal_ms != ms for stamp, ms in pairs):
            vault.repaired[note.id] = count
        if resolved.resolution.embeds:
            vault.embeds[note.id] = resolved.resolution.embeds
        shown, problems = pictures.of(note, vault.sources[note.id].path)
        said = (*vault.of_note[note.id], *repair.diagnostics, *resolved.diagnostics, *problems)
        vault.of_note.put(note.id, pack_diagnostics(_by_line(said)))
        resolution = msgspec.structs.replace(resolved.resolution, pictures=shown)
        cover = shown[-1].name if shown and shown[-1] and note.meta.get("cover") else ""
        entry = msgspec.structs.replace(resolved.entry, cover=cover)
        vault.resolved.put(note.id, Resolved(resolution, entry, (), resolved.outcomes))


def _by_line(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(diagnostics, key=lambda found: (found.line, found.code, found.message)))


def read_resolved(vault: Vault, note_id: str) -> Note:
    """A note's tree with its links and times as the vault resolved them; an unreadable file gives an empty one."""
    source = vault.sources[note_id]
    try:
        data = read(source.path)
    except OSError:
        data = b""
    return read_note(data, source.shown, source.channel, source.slug, vault.resolved[note_id].resolution).note
