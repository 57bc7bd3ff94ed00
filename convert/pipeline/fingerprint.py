"""The mark of a book: a hash of all that it is made of, taken from what lies packed, before anything is unpacked."""

from __future__ import annotations

from hashlib import blake2b

import msgspec

from convert.pipeline.embeds import embedded_below
from convert.request import Request
from convert.vault.vault import Vault


def mark_of_book(vault: Vault, place: int, request: Request) -> bytes:
    """The mark of the book at this place: its plan, its notes and what they resolve to, siblings, lengths of videos."""
    books = vault.books
    plan, asked = books.plans[place], request.of(books.plans[place].channel)
    own = frozenset(plan.notes)
    videos = tuple(dict.fromkeys(books.video_of[note] for note in plan.notes if note in books.video_of))
    siblings = [note for video in videos for note in books.of_video[video] if note not in own]
    shown = [note for note in embedded_below(plan.notes, vault) if note not in own]
    lengths = [(video, books.lengths[video]) for video in videos if video in books.lengths]
    about = (plan, books.names[place], asked.language, asked.author, lengths, len(siblings), len(shown))
    mark = blake2b(msgspec.msgpack.encode(about), digest_size=20)
    for note in (*plan.notes, *shown):
        mark.update(vault.digests[note] + vault.resolved.packed(note))
    for note in siblings:
        mark.update(vault.resolved.packed(note))
    return mark.digest()
