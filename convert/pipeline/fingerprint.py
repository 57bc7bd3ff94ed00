"""Fingerprints: hashes of everything that the bytes of an output depend on.

An artifact depends on its book, and on its writer: program, options and the files that both name. A run depends on the
same writers, and on the files that its books are read from.
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

from convert.files import read_file
from convert.installed import program_hash, versions
from convert.pipeline.tasks import embedded_below
from convert.request import Request
from convert.storage.location import local_paths
from convert.vault.discovery import Source, obsidian_settings, obsidian_vaults
from convert.vault.pictures import picture_files
from convert.vault.scan import RECENT_NS
from convert.vault.vault import Vault
from convert.vault.video_files import media_files, transcript_files
from convert.writers import find_writer

_WITHOUT_EFFECT = ("jobs", "executor", "force", "prune", "settings")
"""Fields of a request that do not change its outputs."""


def writer_fingerprints(options: Mapping[str, Any], epoch: int) -> dict[str, bytes]:
    """Return by writer the hash of what its artifacts depend on beside their book.

    It covers program, libraries, date, options, the files that options name, and the files that the writer declares.
    """
    found = {}
    for name, own in options.items():
        of_writer = blake2b(repr((versions(), epoch, name, own)).encode("utf-8", "surrogatepass"), digest_size=20)
        for field in dataclasses.fields(own):
            value = getattr(own, field.name)
            if field.metadata.get("path") and value:
                with suppress(OSError):  # The writer says what is wrong with a file that cannot be read.
                    of_writer.update(blake2b(read_file(value)).digest())
        of_writer.update(_states(find_writer(name).outside_files(own)))
        found[name] = of_writer.digest()
    return found


def artifact_fingerprints(vault: Vault, index: int, request: Request, writers: Mapping[str, bytes]) -> dict[str, str]:
    """Return by writer the fingerprint of its artifacts of a book; `writers` has the fingerprint of each writer.

    It covers the plan, the notes with their resolutions, their siblings in other books, the notes that they embed, and
    the lengths and chapters of the videos. It is taken from packed values, so that an unchanged book is never unpacked.
    """
    plan = vault.plans[index]
    of_book = request.of(plan.channel)
    own = frozenset(plan.notes)
    siblings = [note for video in plan.videos for note in vault.of_video[video] if note not in own]
    lengths = list(zip(plan.videos, map(vault.lengths.get, plan.videos), strict=True))
    shown = [note for note in embedded_below(plan.notes, vault) if note not in own] if vault.embeds else []
    listed = [vault.chapters.get(video) for video in plan.videos if vault.chapters]
    about = (plan, of_book.language, of_book.typography, of_book.author, lengths, listed, len(siblings), len(shown))
    book = blake2b(msgspec.msgpack.encode(about), digest_size=20)
    for note in (*plan.notes, *shown):
        book.update(vault.digests[note] + vault.resolved.packed(note))
    for note in siblings:
        book.update(vault.resolved.packed(note))
    digest = book.digest()
    return {name: blake2b(digest + writer, digest_size=20).hexdigest() for name, writer in writers.items()}


def with_outputs(fingerprint: str, names: Iterable[str], files: Iterable[Path]) -> str:
    """Return the fingerprint of artifacts that also depend on these names, in any order, and on these files."""
    own = blake2b(repr((fingerprint, sorted(names))).encode("utf-8", "surrogatepass"), digest_size=20)
    own.update(_states(files))
    return own.hexdigest()


def run_fingerprint(
    request: Request,
    sources: Sequence[Source],
    options: Mapping[str, Mapping[str, Any]],
    writers: Mapping[str, Mapping[str, bytes]],
) -> str:
    """Return the hash of everything that the outputs of a run depend on, before a note is read.

    `options` and `writers` have the options and fingerprints of writers by channel and name. Returns "" if files cannot
    tell: some are in an object store, or one was modified a moment ago.
    """
    latest = time.time_ns() - RECENT_NS
    locations = [one for one in (*request.notes, request.output, request.vault) if one is not None]
    newest = max((source.modified_ns for source in sources), default=0)
    if newest >= latest or len(local_paths(locations)) < len(locations):
        return ""
    settings = {one.name: getattr(request, one.name) for one in dataclasses.fields(request)}
    for name in _WITHOUT_EFFECT:
        del settings[name]
    about = repr((program_hash(), settings)).encode("utf-8", "surrogatepass")
    found = blake2b(about, digest_size=20)
    for fingerprints in writers.values():
        found.update(b"".join(fingerprints.values()))
    roots = sorted({*obsidian_vaults(sources).values()})
    found.update(msgspec.msgpack.encode((sources, roots, picture_files(request))))
    found.update(_states([Path(obsidian_settings(root)) for root in roots if root]))
    found.update(_states(media_files(request.notes, request.videos)))
    wanted = [(find_writer(name), values) for own in options.values() for name, values in own.items()]
    if any(writer.wants_transcripts(values) for writer, values in wanted):
        found.update(_states(transcript_files(sources, request.videos)))
    if any(writer.wants_verdicts for writer, _ in wanted):
        from convert.vault.verdicts import read_all_verdicts  # only decks need it

        found.update(b"".join(file.digest for file in read_all_verdicts(sources)))
    return found.hexdigest()


def _states(files: Iterable[Path]) -> bytes:
    """Return path, size in bytes and modification time of each file that exists, to be hashed."""
    states = []
    for path in files:
        with suppress(OSError):
            about = path.stat()
            states.append((str(path), about.st_size, about.st_mtime_ns))
    return repr(states).encode("utf-8", "surrogatepass")
