"""Fingerprints: hashes of everything that makes the bytes of an output.

A book's artifacts depend on the book, and on its writer with the program, the options and the files that both name. A
run depends on the same writers and, in place of its books, on the files that these are read from.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from convert.installed import program_hash, versions
from convert.pipeline.tasks import embedded_below
from convert.request import Request
from convert.storage.location import local_paths
from convert.vault.discovery import Source
from convert.vault.pictures import picture_files
from convert.vault.scan_cache import RECENT_NS
from convert.vault.vault import Vault
from convert.vault.video_files import media_files, transcript_files
from convert.writers import find_writer

_WITHOUT_EFFECT = ("jobs", "executor", "force", "prune", "settings")
"""What a request may say differently and still have the same outputs."""


def writer_key(name: str, options: Any) -> str:
    """Return the key of a writer with its options among `writer_fingerprints`."""
    return repr((name, options))


def writer_fingerprints(asked: Iterable[Mapping[str, Any]], epoch: int) -> dict[str, bytes]:
    """Return the hash of what a writer's artifacts depend on beside their book, by `writer_key`.

    `asked` has options by writer. The hash covers program, libraries, date, options, the files that options name, and
    the files that the writer declares.
    """
    found = {}
    for name, options in {writer_key(*one): one for each in asked for one in each.items()}.values():
        own = blake2b(repr((versions(), epoch, name, options)).encode("utf-8", "surrogatepass"), digest_size=20)
        for field in dataclasses.fields(options) if dataclasses.is_dataclass(options) else ():
            value = getattr(options, field.name)
            if isinstance(value, str | Path) and value and Path(value).is_file():
                own.update(blake2b(Path(value).read_bytes()).digest())
        own.update(_states(find_writer(name).outside_files(options)))
        found[writer_key(name, options)] = own.digest()
    return found


def book_fingerprint(vault: Vault, index: int, request: Request) -> bytes:
    """Return the hash of a book, taken from packed values, so that an unchanged book is never unpacked.

    It covers the plan, the notes with their resolutions, their siblings in other books, the notes that they show, and
    the lengths of the videos.
    """
    library = vault.library
    plan, asked = library.plans[index], request.of(library.plans[index].channel)
    own = frozenset(plan.notes)
    videos = tuple(dict.fromkeys(library.video_of[note] for note in plan.notes if note in library.video_of))
    siblings = [note for video in videos for note in library.of_video[video] if note not in own]
    shown = [note for note in embedded_below(plan.notes, vault) if note not in own]
    lengths = [(video, library.lengths[video]) for video in videos if video in library.lengths]
    about = (plan, asked.language, asked.author, lengths, len(siblings), len(shown))
    found = blake2b(msgspec.msgpack.encode(about), digest_size=20)
    for note in (*plan.notes, *shown):
        found.update(vault.digests[note] + vault.resolved.packed(note))
    for note in siblings:
        found.update(vault.resolved.packed(note))
    return found.digest()


def artifact_fingerprint(book: bytes, writer: bytes) -> str:
    """Return the fingerprint of what a writer makes of a book."""
    return blake2b(book + writer, digest_size=20).hexdigest()


def with_outputs(fingerprint: str, names: Iterable[str], files: Iterable[Path]) -> str:
    """Return the fingerprint of artifacts that also depend on these names, in any order, and on these files."""
    own = blake2b(repr((fingerprint, sorted(names))).encode("utf-8", "surrogatepass"), digest_size=20)
    own.update(_states(files))
    return own.hexdigest()


def run_fingerprint(request: Request, sources: Sequence[Source], writers: Iterable[bytes], transcripts: bool) -> str:
    """Return the hash of everything that the outputs of a run depend on, before a note is read.

    `writers` are fingerprints of writers, `transcripts` tells whether one of them uses subtitle files. The result is ""
    if nothing can be told from files: notes or outputs are in an object store, or a file was modified a moment ago.
    """
    latest = time.time_ns() - RECENT_NS
    locations = [one for one in (*request.notes, request.output, request.vault) if one is not None]
    if len(local_paths(locations)) < len(locations) or any(source.modified_ns >= latest for source in sources):
        return ""
    fields = (one.name for one in dataclasses.fields(request) if one.name not in _WITHOUT_EFFECT)
    settings = {name: getattr(request, name) for name in fields}
    about = repr((program_hash(), settings)).encode("utf-8", "surrogatepass")
    found = blake2b(about + b"".join(writers), digest_size=20)
    found.update(msgspec.msgpack.encode((sources, picture_files(request))))
    subtitles = transcript_files(sources, request.videos) if transcripts else ()
    found.update(_states((*media_files(request.notes, request.videos), *subtitles)))
    return found.hexdigest()


def _states(files: Iterable[Path]) -> bytes:
    """Return path, size in bytes and modification time of each file that exists, to be hashed."""
    states = []
    for path in files:
        with suppress(OSError):
            about = path.stat()
            states.append((str(path), about.st_size, about.st_mtime_ns))
    return repr(states).encode("utf-8", "surrogatepass")
