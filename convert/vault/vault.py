"""Opens a vault: scans its files, resolves every note and plans the books.

Only note heads are kept as objects; everything else is packed, and books are unpacked one at a time. So memory grows
with the biggest book, not with the vault.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from operator import attrgetter, ne
from pathlib import Path

import msgspec

from convert.document.names import title_of
from convert.document.note import Facts, Home, Note, NoteHead, Video
from convert.files import read_text
from convert.reader import read_bytes
from convert.reader.fields import judge_fields
from convert.reader.frontmatter import read_front_matter
from convert.reader.source import decode
from convert.report import Diagnostic, diagnostic
from convert.request import Request, Tell
from convert.storage.location import Storage, read
from convert.storage.packed import FileSlice, Packed, PackedDiagnostics, pack_diagnostics
from convert.vault.books import Library
from convert.vault.discovery import IndexPage, Source, obsidian_settings, obsidian_vaults
from convert.vault.links import LinkIndex, Resolved, resolve_note, video_diagnostics, wordless_remarks
from convert.vault.pictures import PictureResolver
from convert.vault.scan import FoundFiles, ScanCache, Scanned, ScannedHead, find_files, scan_all
from convert.vault.stills import StillLibrary
from convert.vault.times.decide import Repair
from convert.vault.times.repair_all import repair_all
from convert.vault.video_files import Download, downloads, media_files, media_of, video_lengths, with_media
from convert.workers.pool import Crew, TookTooLong, make_executor, time_limit

_LARGEST_SETTINGS = 1_000_000
"""Bytes of the settings of an Obsidian vault."""
_BY_LINE = attrgetter("line", "code", "message")
_LITERAL_MS = attrgetter("literal_ms")


class _ObsidianSettings(msgspec.Struct):
    """The settings of an Obsidian vault, as far as they are used here."""

    strict: object = msgspec.field(default=False, name="strictLineBreaks")


@dataclass
class Vault(Library):
    """All resolved notes of a run, and the books planned from them. Mappings are by note id.

    `notebind show` and `notebind check` print from it.
    """

    digests: dict[str, bytes] = field(default_factory=dict)
    file_diagnostics: list[Diagnostic] = field(default_factory=list)
    """Diagnostics that belong to no note: files left out, books renamed."""
    note_diagnostics: Packed[PackedDiagnostics] = field(default_factory=lambda: Packed(PackedDiagnostics))
    """The diagnostics of each note that has any, from reading, times, links and pictures, by line."""
    trees: dict[str, FileSlice] = field(default_factory=dict)
    """The locations of the trees that were read in this run."""
    embeds: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """The ids of the notes that a note embeds, if there are any."""
    films: Mapping[Video, Path] = field(default_factory=dict)
    """The media files of videos in the folder of `--videos`."""
    picture_paths: dict[str, str] = field(default_factory=dict)
    """The path of the file of each picture, by picture name."""
    repaired: dict[str, int] = field(default_factory=dict)
    """The number of repaired stamps of each note that has any."""
    unusable: dict[str, str] = field(default_factory=dict)
    """Why caches of earlier runs could not be used, by name."""

    def note(self, note_id: str) -> Note:
        """Read the file of a note and return the resolved note. Raises KeyError for an unknown id (`channel/slug`).

        `Stamp.start_ms` is the repaired time in milliseconds, `WikiLink.to` the destination of a link. If the file is
        missing, the note has no blocks.
        """
        source = self.sources[note_id]
        try:
            data = read(source.path)
        except OSError:
            data = b""
        resolution, name = self.resolved[note_id].resolution, (source.shown, source.channel, source.slug)
        return read_bytes(data, *name, resolution, source.read_as, source.times).note

    def notes(self) -> Iterator[Note]:
        """Yield all notes of all books with their trees, in order, one at a time to save memory.

        A note that takes too long is left out, with a diagnostic of its file.
        """
        for book in self.books():
            for summary in book.summaries():
                try:
                    with time_limit(self.request.max_seconds):
                        note = self.note(summary.id)
                except TookTooLong as error:
                    self.leave_out(summary.path, error)
                else:
                    yield note

    def leave_out(self, path: str, error: TookTooLong) -> None:
        """Add the diagnostic of a note that took too long and is left out."""
        self.file_diagnostics.append(diagnostic("note-slow", path, 0, f"{error}; left out"))

    def diagnostics(self) -> Iterator[Diagnostic]:
        """Yield the diagnostics of files, then of notes, book by book and by line."""
        yield from self.file_diagnostics
        for book in self.books():
            for summary in book.summaries():
                yield from self.note_diagnostics.get(summary.id, ())


def open_vault(
    request: Request,
    jobs: int | Crew,
    tell: Tell,
    output: Storage | None = None,
    scratch: str = "",
    files: FoundFiles | None = None,
) -> Vault:
    """Read all notes once and resolve them. Raises ToolError when a worker dies.

    `jobs` is the number of processes, or the crew, that reads. The scan cache is kept in the folder `output`, and files
    of this run in `scratch` ("" for memory). `files` is the result of `find_files` if the caller has it already.
    """
    crew = jobs if isinstance(jobs, Crew) else Crew(jobs, make_executor)
    sources, own, problems = files or find_files(request)
    vault = Vault(
        request,
        Packed(Resolved, scratch),
        file_diagnostics=list(problems),
        note_diagnostics=Packed(PackedDiagnostics, scratch),
    )
    cache = ScanCache(output, sources, request.force)
    scans, trees = scan_all(sources, request, crew, tell, cache, scratch)
    heads, pages, readable = _sort_out(sources, scans, trees, vault)
    about_videos = media_files(request.notes, request.videos)
    if folder := request.videos:
        own_films = [path for path in about_videos if path.is_relative_to(folder)]
        heads = with_media(heads, own_films)
        vault.films = media_of(heads, own_films)
    vault.lengths = video_lengths(heads, about_videos, vault.file_diagnostics.append) | dict(request.lengths)
    told = downloads(heads, about_videos)
    vault.chapters = {video: one.chapters for video, one in told.items() if one.chapters}
    heads = [_titled(head, told, vault) for head in heads] if told else heads
    known = (scans, vault.sources, vault.digests)
    repairs = repair_all(heads, *known, vault.lengths, request.time_format, cache, crew, scratch)
    cache.store(readable, scans)
    pictures, stills = PictureResolver(request, output), StillLibrary(request, output, vault.films)
    timed = ((scans[vault.sources[head.id].path].facts, repairs[head.id].times) for head in heads)
    vault.file_diagnostics += stills.take(((facts, times) for facts, times in timed if facts), crew)
    _resolve_all(vault, heads, pages, scans, repairs, pictures, stills)
    pictures.store()
    vault.unusable = cache.unusable | pictures.unusable | stills.unusable
    notes = [head for head in heads if vault.sources[head.id].path in own]
    vault.file_diagnostics += vault.plan(notes, heads, pages)
    return vault


def _titled(head: NoteHead, told: Mapping[Video, Download], vault: Vault) -> NoteHead:
    """Return a note that is called by its file with the title that its video was downloaded with."""
    title = told[head.video].title if head.video and head.video in told else ""
    if not title or head.title != title_of(head.path, head.video):
        return head
    with suppress(OSError):
        text = decode(read(vault.sources[head.id].path))
        if not read_front_matter(text).title and f"# {head.title}" not in text:
            return msgspec.structs.replace(head, title=title)
    return head


def _sort_out(
    sources: Iterable[Source], scans: Packed[Scanned], trees: Mapping[str, FileSlice], vault: Vault
) -> tuple[list[NoteHead], list[tuple[Source, IndexPage]], list[Source]]:
    """Return the heads of notes, the index pages and the readable files.

    Adds to the vault the files, digests and trees of notes, and the diagnostics of files that are no notes.
    """
    heads, pages, readable = [], [], []
    decoder = msgspec.msgpack.Decoder(ScannedHead)
    for source in sources:
        scanned = decoder.decode(scans.packed(source.path))
        if scanned.digest:
            readable.append(source)
        if scanned.page:
            pages.append((source, scanned.page))
        elif not scanned.facts:
            vault.file_diagnostics += scans[source.path].diagnostics
        else:
            note = scanned.facts.id
            # Share the strings of the source, to save memory.
            names = {"channel": source.channel, "slug": source.slug, "path": source.shown}
            heads.append(msgspec.structs.replace(scanned.facts, **names))
            vault.sources[note] = source
            vault.digests[note] = scanned.digest
            if source.path in trees:
                vault.trees[note] = trees[source.path]
    return heads, pages, readable


def _resolve_all(
    vault: Vault,
    heads: Sequence[NoteHead],
    pages: Sequence[tuple[Source, IndexPage]],
    scans: Packed[Scanned],
    repairs: Packed[Repair],
    pictures: PictureResolver,
    stills: StillLibrary,
) -> None:
    """Resolve all notes; add the results, their diagnostics and the paths of pictures to the vault."""

    def facts_of(note: str) -> Facts:
        facts = scans[vault.sources[note].path].facts
        assert facts
        return facts

    uses = Counter([field.key for head in heads for field in head.fields])
    links = LinkIndex(heads, facts_of, [(page.channel, page.slug) for _, page in pages])
    of_videos = video_diagnostics(heads)
    roots = obsidian_vaults(vault.sources.values())
    shown_roots = _shown_roots(vault.sources.values(), roots)
    broken = frozenset(_with_breaks(shown_roots, vault.file_diagnostics))
    vault.picture_paths = pictures.paths
    wordless: list[NoteHead] = []
    for head in heads:
        path = vault.sources[head.id].path
        scanned, repair = scans[path], repairs[head.id]
        facts = scanned.facts
        assert facts
        note = facts
        if (facts.title, facts.video) != (head.title, head.video):
            note = msgspec.structs.replace(facts, title=head.title, video=head.video)
        shown, of_pictures = pictures.resolve(note, path) if note.images else ((), [])
        properties, of_fields = judge_fields(head, uses) if head.fields else (None, [])
        root = roots.get(vault.sources[head.id].folder)
        home = _home(path, root) if root else None
        title = head.title if head.title != facts.title else ""
        video = head.video if head.video != facts.video else None
        breaks = root in broken
        resolved, of_links = resolve_note(note, links, repair.times, shown, properties, home, title, video, breaks)
        if frames := stills.of(facts, repair.times):
            resolution = msgspec.structs.replace(resolved.resolution, stills=frames)
            resolved = msgspec.structs.replace(resolved, resolution=resolution)
        vault.resolved.put(head.id, resolved)
        if repaired := sum(map(ne, map(_LITERAL_MS, note.stamps), repair.times)):
            vault.repaired[head.id] = repaired
        if embeds := resolved.resolution.embeds:
            vault.embeds[head.id] = embeds
        if not (note.words or note.stamps or note.images or note.links):
            wordless.append(head)
        # A video id that is invalid is not missing.
        has_id = not note.video and any(one.code == "video-id-invalid" for one in scanned.diagnostics)
        of_video = () if has_id else of_videos.get(head.id, ())
        found = [*scanned.diagnostics, *repair.diagnostics, *of_video, *of_links, *of_fields, *of_pictures]
        if found:
            vault.note_diagnostics.put(head.id, pack_diagnostics(sorted(found, key=_BY_LINE)))
    vault.picture_paths |= stills.paths
    vault.file_diagnostics += wordless_remarks(wordless)


def _with_breaks(roots: Mapping[str, str], problems: list[Diagnostic]) -> Iterator[str]:
    """Yield the Obsidian vaults that show ends of lines within paragraphs as such, as they do without settings.

    Settings that cannot be read are a problem; it names them by the values of `roots`, the folders as the user says.
    """
    for root, shown in sorted(roots.items()):
        path = obsidian_settings(root)
        try:
            settings = msgspec.json.decode(read_text(path, _LARGEST_SETTINGS), type=_ObsidianSettings)
        except FileNotFoundError:
            settings = _ObsidianSettings()
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            why = getattr(error, "strerror", None) or error
            message = f"{why}: line breaks are shown as by default; mend the file or delete it"
            problems.append(diagnostic("obsidian-settings", obsidian_settings(shown), 0, message))
            settings = _ObsidianSettings()
        if settings.strict is not True:
            yield root


def _shown_roots(sources: Iterable[Source], roots: Mapping[str, str]) -> dict[str, str]:
    """Return by Obsidian vault its path as the paths of its notes are shown; `roots` has it by folder."""
    shown: dict[str, str] = {}
    for source in sources:
        if (root := roots.get(source.folder)) and root not in shown:
            inside = os.path.relpath(root, source.folder)
            shown[root] = os.path.normpath(os.path.join(os.path.dirname(source.shown), inside))
    return shown


def _home(path: str, root: str) -> Home:
    """Return where Obsidian has the note of a file; `root` is the path of its vault."""
    inside = os.path.splitext(os.path.relpath(path, root))[0].replace(os.sep, "/")
    return Home(os.path.basename(root), inside)
