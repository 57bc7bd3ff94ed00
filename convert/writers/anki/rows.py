"""What travels from a note to its deck: cards with their fields finished."""

from __future__ import annotations

import msgspec

from convert.document.note import Note, Video, tags_of
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.document.walk import plain_text
from convert.extract.cards import Card, Gap
from convert.writers.anki import escape
from convert.writers.anki.html import blocks_html, face_html

WORDS = 80
"""Characters of a front that are kept for likeness."""


class Row(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A card as Anki stores it, before it is given its identity in the deck."""

    kind: str
    rule: str
    owner: str
    """The video, or the note where it has none: what the identity hangs on beside `anchor`."""
    anchor: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    words: str
    """Front in plain words, for likeness with a card whose anchor vanished."""
    start_ms: int | None
    path: str
    line: int


ROWS = msgspec.msgpack.Decoder(list[Row])


def row_of(card: Card, note: Note) -> Row:
    """The finished row of a card of a note."""
    front = face_html(card.front)
    fields = (front, blocks_html(card.back), escape.escaped(card.context), _watch(card, note), _source(card, note))
    words = escape.clean(" ".join("".join(_plain(card)).split()))[:WORDS]
    owner = escape.clean(owner_of(note.video, note.id))
    place = (card.start_ms, escape.clean(note.path), card.line)
    return Row(card.kind, card.rule, owner, escape.clean(card.anchor), fields, _tags(card, note), words, *place)


def owner_of(video: Video | None, note_id: str) -> str:
    """What all cards of a video share, or of a note without one."""
    return f"{video.provider}:{video.id}" if video else note_id


def _watch(card: Card, note: Note) -> str:
    address = watch_url(note.video, card.start_ms) if note.video else ""
    if not address:
        return ""
    label = clock(card.start_ms) if card.start_ms is not None else "Watch"
    return f'<a href="{escape.escaped(address)}">▶ {label}</a>'


def _source(card: Card, note: Note) -> str:
    sentence = f"{escape.escaped(card.sentence)}<br>" if card.sentence and card.kind != "cloze" else ""
    return f"{sentence}<cite>{escape.escaped(note.title)}</cite>"


def _tags(card: Card, note: Note) -> tuple[str, ...]:
    video = (f"video::{escape.tag(note.video.id)}",) if note.video else ()
    own = {f"tag::{'::'.join(map(escape.tag, tag.split('/')))}" for tag in tags_of(note.meta)}
    source = (f"channel::{escape.tag(note.channel)}", f"note::{escape.tag(note.slug)}", f"rule::{card.rule}")
    return tuple(sorted({*source, *video, *own}))


def _plain(card: Card) -> list[str]:
    return ["[…]" if isinstance(node, Gap) else plain_text((node,)) or " " for node in card.front]
