"""The first pass over the files: facts of notes, index pages, and what is neither."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import blake2b

import msgspec

from convert.errors import explain
from convert.reader.formats import read_placed
from convert.reader.frontmatter import read_front_matter
from convert.reader.source import decode, is_binary
from convert.reader.video_address import video_of
from convert.report import Diagnostic, diagnostic
from convert.storage.location import BatchReader
from convert.storage.packed import PackedTree, pack_tree, store_trees
from convert.vault.discovery import Source
from convert.vault.index_pages import IndexPage, read_listings

_NO = frozenset(("false", "no", "off", "0"))


class Scanned(msgspec.Struct, frozen=True, array_like=True):
    """What a file turned out to be: a note (facts), an index page, or neither; `digest` is of its bytes."""

    digest: bytes
    facts: bytes = b""
    """The `Facts` of a note, packed: most runs look at them twice, and hold those of all notes."""
    page: IndexPage | None = None
    diagnostics: tuple[Diagnostic, ...] = ()


def scan(sources: Sequence[Source], most: int, trees: str = "") -> bytes:
    """What each file is, packed, for it comes from another process; `unpack` reads it.

    A file that cannot be read, has more than `most` bytes or holds no text is a diagnostic. The trees of notes are kept
    in the folder `trees`, when there is one.
    """
    found, packed = zip(*_each(sources, most), strict=True) if sources else ((), ())
    return msgspec.msgpack.encode((found, store_trees(packed, trees) if trees else [None] * len(packed)))


def unpack(found: bytes) -> list[tuple[Scanned, PackedTree | None]]:
    """What `scan` found, in the order of its sources, and where their trees lie."""
    scanned, trees = msgspec.msgpack.decode(found, type=tuple[list[Scanned], list[PackedTree | None]])
    return list(zip(scanned, trees, strict=True))


def digest(data: bytes) -> bytes:
    """A fingerprint of a file's bytes."""
    return blake2b(data, digest_size=16).digest()


def _each(sources: Sequence[Source], most: int) -> Iterator[tuple[Scanned, bytes]]:
    files = BatchReader(source.path for source in sources if source.size <= most)
    return (_scan(source, most, files) for source in sources)


def _scan(source: Source, most: int, files: BatchReader) -> tuple[Scanned, bytes]:
    """What a file is, and its packed tree when it is a note."""
    data = _bytes(source, most, files)
    if isinstance(data, Scanned):
        return data, b""
    if problem := _unusable(data, source):
        return Scanned(digest(data), diagnostics=(problem,)), b""
    try:
        return _read(data, source)
    except MemoryError:
        return _unreadable(source, "there is not enough memory for it: left out; split it"), b""
    except Exception as error:  # ours, or a library's: the other notes are books nevertheless
        return _unreadable(source, f"{explain(error)}; left out"), b""


def _bytes(source: Source, most: int, files: BatchReader) -> bytes | Scanned:
    """The bytes of a file, or why it has none for us."""
    if source.size > most:
        return _too_big(source, most)
    try:
        # What was named may be no ordinary file and have no end.
        data = files.read(source.path, most + 1 if source.named else None)
    except OSError as error:
        return _unreadable(source, f"{error.strerror or error}: left out; check its permissions")
    return _too_big(source, most) if len(data) > most else data


def _unreadable(source: Source, reason: str) -> Scanned:
    return Scanned(b"", diagnostics=(diagnostic("file-unreadable", source.shown, 0, reason),))


def _too_big(source: Source, most: int) -> Scanned:
    message = f"has more than {most / 1e6:g} MB: left out; split it, or raise --max-note-size"
    return Scanned(b"", diagnostics=(diagnostic("note-too-big", source.shown, 0, message),))


def _unusable(data: bytes, source: Source) -> Diagnostic | None:
    if not data.strip():
        return diagnostic("note-empty", source.shown, 0, "the file is empty: left out")
    if is_binary(data):
        return diagnostic("note-binary", source.shown, 0, "no text file: left out; give Markdown or plain text")
    return None


def _read(data: bytes, source: Source) -> tuple[Scanned, bytes]:
    reading = read_placed(data, source.shown, source.channel, source.slug)
    facts = reading.facts
    if facts.meta.get("publish", "").strip().lower() in _NO:
        private = diagnostic("note-private", source.shown, 1, "publish: false: left out")
        return Scanned(digest(data), diagnostics=(private,)), b""
    if not facts.video and (page := _index_page(data, source, facts.title)):
        return Scanned(digest(data), page=page), b""
    if not (facts.video or facts.stamps or source.named):
        remark = diagnostic("not-a-note", source.shown, 0, "no stamps and no videoId: not a note, left out")
        return Scanned(digest(data), diagnostics=(remark,)), b""
    packed = msgspec.msgpack.encode(facts)
    return Scanned(digest(data), packed, diagnostics=reading.diagnostics), pack_tree(reading.note)


def _index_page(data: bytes, source: Source, title: str) -> IndexPage | None:
    text = decode(data, lambda *_: None)
    listings = read_listings(text, video_of)
    if not listings:
        return None
    front = read_front_matter(text, lambda *_: None)
    return IndexPage(source.channel, source.slug, front.title or title, listings)
