"""The flashcards of a note: those its author marked, those mined from its sentences, one for each section."""

from __future__ import annotations

from convert.document.note import Note
from convert.extract.cards.choosing import chosen
from convert.extract.cards.english import is_english
from convert.extract.cards.marked import marked_cards
from convert.extract.cards.mining import candidates
from convert.extract.cards.model import Card, Face, Gap, Kind, Reason
from convert.extract.cards.passages import Passage, passages
from convert.extract.cards.ranker import levels
from convert.extract.cards.sections import section_card

__all__ = ["LEVELS", "LIMIT", "Card", "Face", "Gap", "Kind", "Reason", "cards_of"]

LEVELS = ("strict", "normal", "all", "none")
"""How sure a mined card must be; `none` mines nothing."""
LIMIT = 12
"""Most mined cards of a note unless asked otherwise."""


def cards_of(note: Note, level: str = "normal", limit: int = LIMIT, with_sections: bool = True) -> list[Card]:
    """The cards of a note in the order of its text: marked ones always, mined ones of `level`, one a section.

    A sentence from which the author marked a card is not mined. KeyError for a level not in `LEVELS`.
    """
    found = list(passages(note))
    marked = marked_cards(note)
    cards = [*marked, *_mined(note, found, level, limit, {card.line for card in marked})]
    if with_sections:
        cards += _sections(note, found)
    return sorted(cards, key=lambda card: (card.line, card.kind != "section"))


def _mined(note: Note, found: list[Passage], level: str, limit: int, marked: set[int]) -> list[Card]:
    if level == "none" or not is_english(" ".join(p.sentence.text for passage in found for p in passage.prose)):
        return []
    least = levels()[level]
    cards = chosen(note, candidates(note, found, least), least, limit)
    return [card for card in cards if card.line not in marked]


def _sections(note: Note, found: list[Passage]) -> list[Card]:
    seen: dict[tuple[str, ...], int] = {}
    cards = []
    for passage in found:
        occurrence = seen[passage.path] = seen.get(passage.path, -1) + 1
        card = section_card(note, passage, occurrence)
        cards += [card] if card else []
    return cards
