"""The flashcards of a note: those its author marked, those mined from its sentences, one for each section."""

from __future__ import annotations

from convert.document.note import Note
from convert.extract.cards.model import Card, Face, Gap, Kind, Reason
from convert.extract.cards.passages import passages
from convert.extract.cards.sections import section_card

__all__ = ["Card", "Face", "Gap", "Kind", "Reason", "cards_of"]


def cards_of(note: Note, level: str = "normal", limit: int = 12, with_sections: bool = True) -> list[Card]:
    """The cards of a note in the order of its text.

    `level` is how sure a mined card must be (strict, normal, all, or none for no mined cards), `limit` how many
    mined cards there may be.
    """
    found: list[Card] = []
    seen: dict[tuple[str, ...], int] = {}
    for passage in passages(note):
        occurrence = seen[passage.path] = seen.get(passage.path, -1) + 1
        card = section_card(note, passage, occurrence) if with_sections else None
        found += [card] if card else []
    return found
