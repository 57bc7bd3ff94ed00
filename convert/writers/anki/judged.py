"""Obeys verdicts: finds the cards that they are about, and drops, rewords or adds cards accordingly.

Kept apart because it knows the words of a person, not those of notes; most decks have none and never load it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from convert.document.book import Book, NoteSummary
from convert.document.verdict import Verdict
from convert.extract.cards.model import Card, Gap, blocks_of, face_of
from convert.render.typography import Style, book_style
from convert.writers.anki.deck_cards import DeckCard, blocks_html, deck_cards, face_html, owner_of
from convert.writers.anki.identity import KnownCard, key_of, successors


def judged(
    cards: Sequence[DeckCard], keys: Sequence[str], guids: Sequence[str], verdicts: Iterable[Verdict]
) -> dict[str, Verdict]:
    """Return the verdict on each card that has one, by the card's key.

    A verdict is about the card of its identity, else the card with that GUID, else the one that continues it: of the
    same video, kind and time, with a similar front. Cards of other writers continue none.
    """
    by_key = {key_of(one): one for one in verdicts}
    found: dict[str, Verdict] = {}
    for key, guid in zip(keys, guids, strict=True):
        if one := by_key.get(key) or by_key.get(guid):
            found[key] = one
    used = {key_of(one) for one in found.values()}
    left = {
        key: KnownCard(key, key, "", 0, one.owner, one.kind, one.start_ms, one.words)
        for key, one in by_key.items()
        if key not in used and not one.imported
    }
    open_cards = [(card, key) for card, key in zip(cards, keys, strict=True) if key not in found]
    continued = successors([card for card, _ in open_cards], [key for _, key in open_cards], left)
    return found | {key: by_key[known.key] for key, known in continued.items()}


def obeyed(
    cards: Sequence[DeckCard],
    keys: Sequence[str],
    found: Mapping[str, Verdict],
    is_wanted: Callable[[str, str], bool],
    style: Style | None,
) -> tuple[list[DeckCard], list[str]]:
    """Return the cards that are not discarded, with the words of the person, and their keys.

    `is_wanted` tells by rule and verdict ("" for none) whether a card is wanted at all; `style` has the quotes.
    """
    kept = []
    for card, key in zip(cards, keys, strict=True):
        verdict = found.get(key)
        if is_wanted(card.rule, verdict.verdict if verdict else ""):
            kept.append((_edited(card, verdict, style) if verdict and verdict.edited else card, key))
    return [card for card, _ in kept], [key for _, key in kept]


def _edited(card: DeckCard, verdict: Verdict, style: Style | None) -> DeckCard:
    """Return the card with the person's words; the identity stays that of the note's."""
    if not is_whole(verdict, card.kind):
        return card
    sides = (face_html(face_of(verdict.front), style), blocks_html(blocks_of(verdict.back), style))
    return msgspec.structs.replace(card, fields=(*sides, *card.fields[2:]))


def is_whole(verdict: Verdict, kind: str) -> bool:
    """Return whether a verdict tells a question, with a gap if the kind of card needs one: a file may say anything."""
    face = face_of(verdict.front)
    return any(isinstance(piece, Gap) for piece in face) if kind == "cloze" else bool(verdict.front.strip())


def whole_cards(verdicts: Iterable[Verdict], known: Iterable[Verdict], book: Book) -> list[DeckCard]:
    """Return kept cards that no rule makes (any more), made of what their verdicts say; `known` are those made."""
    made = {one.identity for one in known}
    notes = _notes(book)
    cards: dict[str, DeckCard] = {}
    for one in verdicts:
        summary = notes.get(f"{one.owner}\n{one.note}") or notes.get(one.owner)
        if one.verdict == "keep" and is_whole(one, one.kind) and one.identity not in made and summary:
            (card,) = deck_cards([card_of(one)], summary, style=book_style(book), language=book.language)
            card = msgspec.structs.replace(card, owner=one.owner, anchor=one.anchor, words=one.words or card.words)
            cards[key_of(card)] = card
    return list(cards.values())


def _notes(book: Book) -> dict[str, NoteSummary]:
    """Return the notes of a book by owner of their cards, and by owner and slug."""
    found: dict[str, NoteSummary] = {}
    for summary in book.summaries():
        owner = owner_of(summary.video, summary.id)
        found.setdefault(owner, summary)
        found[f"{owner}\n{summary.slug}"] = summary
    return found


def card_of(verdict: Verdict) -> Card:
    """Return the card that an entry holds whole; it has no line of a note."""
    return Card(
        kind=verdict.kind,
        rule=verdict.rule,
        front=face_of(verdict.front),
        back=blocks_of(verdict.back),
        answer=verdict.back,
        context=verdict.context,
        sentence=verdict.sentence,
        anchor=verdict.anchor,
        start_ms=verdict.start_ms,
        line=0,
    )
