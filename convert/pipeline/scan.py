"""The first pass over the files: facts of notes, index pages, and what is neither."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import msgspec

from convert.document.note import Facts
from convert.reader import read_note
from convert.reader.frontmatter import read_front_matter, youtube_video
from convert.reader.source import decode, is_binary
from convert.report import Diagnostic, diagnostic
from convert.vault.discovery import Source
from convert.vault.index_pages import IndexPage, read_listings


class Scanned(msgspec.Struct, frozen=True, array_like=True):
    """What a file turned out to be: a note (facts), an index page, or neither; `digest` is of its bytes."""

    digest: bytes
    facts: Facts | None = None
    page: IndexPage | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def scan(sources: Sequence[Source], most: int) -> bytes:
    """What each file is, packed, for it comes from another process; `unpack` reads it.

    A file that cannot be read, has more than `most` bytes or holds no text is a diagnostic.
    """
    return msgspec.msgpack.encode([_scan(source, most) for source in sources])


def unpack(found: bytes) -> list[Scanned]:
    """What `scan` found, in the order of its sources."""
    return msgspec.msgpack.decode(found, type=list[Scanned])


def digest(data: bytes) -> bytes:
    """A fingerprint of a file's bytes."""
    return blake2b(data, digest_size=16).digest()


def _scan(source: Source, most: int) -> Scanned:
    if source.size > most:
        return _too_big(source, most)
    try:
        with open(source.path, "rb") as file:
            # What was named may be no ordinary file and have no end.
            data = file.read(most + 1) if source.named else file.read()
    except OSError as error:
        reason = f"{error.strerror or error}: left out; check its permissions"
        return Scanned(b"", diagnostics=(diagnostic("file-unreadable", source.shown, 0, reason),))
    if len(data) > most:
        return _too_big(source, most)
    if problem := _unusable(data, source):
        return Scanned(digest(data), diagnostics=(problem,))
    return _read(data, source)


def _too_big(source: Source, most: int) -> Scanned:
    message = f"has more than {most / 1e6:g} MB: left out; split it, or raise --max-note-size"
    return Scanned(b"", diagnostics=(diagnostic("note-too-big", source.shown, 0, message),))


def _unusable(data: bytes, source: Source) -> Diagnostic | None:
    if not data.strip():
        return diagnostic("note-empty", source.shown, 0, "the file is empty: left out")
    if is_binary(data):
        return diagnostic("note-binary", source.shown, 0, "no text file: left out; give Markdown or plain text")
    return None


def _read(data: bytes, source: Source) -> Scanned:
    reading = read_note(data, source.shown, source.channel, source.slug)
    facts = reading.facts
    if not facts.video and (page := _index_page(data, source, facts.title)):
        return Scanned(digest(data), page=page)
    if not (facts.video or facts.stamps or source.named):
        remark = diagnostic("not-a-note", source.shown, 0, "no stamps and no videoId: not a note, left out")
        return Scanned(digest(data), diagnostics=(remark,))
    return Scanned(digest(data), facts, diagnostics=reading.diagnostics)


def _index_page(data: bytes, source: Source, title: str) -> IndexPage | None:
    text = decode(data, lambda *_: None)
    listings = read_listings(text, youtube_video)
    if not listings:
        return None
    front = read_front_matter(text, lambda *_: None)
    return IndexPage(source.channel, source.slug, front.title or title, listings)
