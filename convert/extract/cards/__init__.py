"""The flashcards of a note: those its author marked, those mined from its sentences, one for each section."""

from __future__ import annotations

from convert.document.note import Note
from convert.extract.cards.card_maker import ALL_MARKS, Marks
from convert.extract.cards.card_markup import marked_cards
from convert.extract.cards.english import is_english
from convert.extract.cards.mining import candidates, data, likeliest_cards
from convert.extract.cards.model import Card, Face, Gap, Kind, Reason
from convert.extract.cards.passages import passages
from convert.extract.cards.sections import section_cards

__all__ = ["LEVELS", "LIMIT", "Card", "Face", "Gap", "Kind", "Marks", "Reason", "cards_of"]

LEVELS = ("strict", "normal", "all", "none")
"""How likely a mined card must be to be kept; `none` mines nothing."""
LIMIT = 12
"""The default for the most mined cards of a note."""


def cards_of(
    note: Note, level: str = "normal", limit: int = LIMIT, with_sections: bool = True, marks: Marks = ALL_MARKS
) -> list[Card]:
    """Return the cards of a note in text order: marked cards, mined cards of `level`, section cards.

    A sentence from which the author marked a card is not mined. Raises KeyError for a level not in `LEVELS`.
    """
    found = passages(note)
    marked, own_lines = marked_cards(note, found[0].start_ms, marks)
    cards = (section_cards(note, found) if with_sections else []) + marked
    text = " ".join([prose.sentence.text for passage in found for prose in passage.prose])
    if level != "none" and is_english(text):
        least = data()["levels"][level]
        mined = likeliest_cards(note, candidates(note, found, least), least, limit)
        cards += [card for card in mined if card.line not in own_lines]
    return sorted(cards, key=lambda card: card.line)
