"""What travels from a note to its deck: cards with finished fields."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from convert.document.note import Note, Video, tags_of
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.document.walk import plain_text
from convert.extract.cards import Card, Gap
from convert.writers.anki.fields import blocks_html, clean, escaped, face_html, tag

WORDS = 80
"""Characters of a front that are kept to compare it with others."""


class DeckCard(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A card as Anki stores it, before it gets its identity in the deck."""

    kind: str
    rule: str
    owner: str
    """The video, or the note if it has none: the identity depends on this and on `anchor`."""
    anchor: str
    fields: tuple[str, ...]
    tags: tuple[str, ...]
    words: str
    """The front in plain words, to find the card again after its anchor vanished."""
    start_ms: int | None
    path: str
    line: int


CARDS = msgspec.msgpack.Decoder(list[DeckCard])


def deck_cards(cards: Iterable[Card], note: Note) -> list[DeckCard]:
    """Return the cards of a note with their fields finished."""
    owner, path = clean(owner_of(note.video, note.id)), clean(note.path)
    cite = f"<cite>{escaped(note.title)}</cite>"
    tags = {f"tag::{'::'.join(map(tag, name.split('/')))}" for name in tags_of(note.meta)}
    tags |= {f"channel::{tag(note.channel)}", f"note::{tag(note.slug)}"}
    tags |= {f"video::{tag(note.video.id)}"} if note.video else set()
    finished = []
    for card in cards:
        source = f"{escaped(card.sentence)}<br>{cite}" if card.sentence and card.kind != "cloze" else cite
        front, back = face_html(card.front), blocks_html(card.back)
        fields = (front, back, escaped(card.context), _watch(card, note.video), source)
        words = "".join(["[…]" if isinstance(node, Gap) else plain_text((node,)) or " " for node in card.front])
        finished.append(
            DeckCard(
                kind=card.kind,
                rule=card.rule,
                owner=owner,
                anchor=clean(card.anchor),
                fields=fields,
                tags=tuple(sorted([*tags, f"rule::{card.rule}"])),
                words=clean(" ".join(words.split()))[:WORDS],
                start_ms=card.start_ms,
                path=path,
                line=card.line,
            )
        )
    return finished


def owner_of(video: Video | None, note_id: str) -> str:
    """Return what all cards of a video share, or all cards of a note without one."""
    return f"{video.provider}:{video.id}" if video else note_id


def _watch(card: Card, video: Video | None) -> str:
    address = watch_url(video, card.start_ms) if video else ""
    if not address:
        return ""
    label = clock(card.start_ms) if card.start_ms is not None else "Watch"
    return f'<a href="{escaped(address)}">▶ {label}</a>'
