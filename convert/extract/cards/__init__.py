"""The flashcards of a note: those its author marked, those of headings that ask, those mined from its sentences."""

from __future__ import annotations

from convert.document.note import Note
from convert.extract.cards.card_maker import ALL_MARKS, Marks
from convert.extract.cards.card_markup import marked_cards
from convert.extract.cards.english import is_english, normal
from convert.extract.cards.mining import NO_TASTE, Taste, candidates, data, likeliest_cards, taste_of
from convert.extract.cards.model import Card, Face, Gap, Kind, Reason
from convert.extract.cards.passages import passages
from convert.extract.cards.sections import heading_cards, section_cards
from convert.report import Warn, diagnostic

__all__ = ["LEVELS", "LIMIT", "REVIEWED", "Card", "Face", "Gap", "Kind", "Marks", "Reason", "cards_of", "taste_of"]

LEVELS = ("strict", "normal", "all", "none")
"""How likely a mined card must be to be kept; `none` mines nothing."""
REVIEWED = "reviewed"
"""A level of decks: only those cards come that a person kept, and marked ones."""
LIMIT = 12
"""The default for the most mined cards of a note."""

_UNANSWERED = "marked as a question, but no answer stands behind or below it: no card; write one, or take the mark away"


def cards_of(
    note: Note,
    level: str = "normal",
    limit: int = LIMIT,
    with_sections: bool = False,
    marks: Marks = ALL_MARKS,
    taste: Taste = NO_TASTE,
    warn: Warn = lambda _: None,
) -> list[Card]:
    """Return the cards of a note in text order: marked cards, answered headings, mined cards of `level`.

    With `with_sections` other sections give a card too. A sentence from which the author marked a card is not mined,
    and what a heading asks is asked once. `taste` is what a person's verdicts add
    to the odds of each rule; `warn` is told of marked questions that nothing answers. Raises KeyError for a level not
    in `LEVELS`.
    """
    found = passages(note)
    marked, own_lines, unanswered = marked_cards(note, found[0].start_ms, marks)
    for line in unanswered:
        warn(diagnostic("card-unanswered", note.path, line, _UNANSWERED))
    headings = heading_cards(note, found) if marks.headings else []
    cards = headings + (section_cards(note, found) if with_sections else []) + marked
    text = " ".join([prose.sentence.text for passage in found for prose in passage.prose])
    if level != "none" and is_english(text):
        answered = {normal(card.answer) for card in headings}
        least = data().levels[level]
        mined = likeliest_cards(note, candidates(note, found), least, limit, taste)
        once = [card for card in mined if card.rule != "definition" or normal(card.sentence) not in answered]
        cards += [card for card in once if card.line not in own_lines]
    return sorted(cards, key=lambda card: card.line)
