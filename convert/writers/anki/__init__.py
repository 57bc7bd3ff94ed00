"""Writes Anki decks (`.apkg`) whose cards keep their identity from run to run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from convert.document.note import Note
from convert.errors import unknown
from convert.writers.base import Artifact, Download, Job, State, Tally, Writer, option


@dataclass(frozen=True)
class AnkiOptions:
    """Options of a deck."""

    cards: str = option(
        "normal",
        "mined cards: strict (few, sure), normal, all, none, or reviewed (those you kept); marked cards always come",
    )
    max_cards_per_note: int = option(
        12, "most mined cards of a note; section cards and marked ones are not counted", within=(0, 1000)
    )
    section_cards: bool = option(False, "also a card for each section with a list or a short text")
    deck: str = option("", "name of the deck; default Notebind::<channel>")
    deck_per_video: bool = option(False, "a deck below it for each video")
    inline_cards: bool = option(True, "cards from Question::Answer; a line `key:: value` may be a property instead")
    reversed_cards: bool = option(True, "cards from Word:::Word, which ask both ways")
    highlight_cards: bool = option(True, "cards with a gap for each ==highlight== and {word in braces}")
    heading_cards: bool = option(True, "cards whose question is a heading: one that asks, or one that is marked")
    obsidian_link: bool = option(True, "a link to the note in Obsidian; leave it out of decks that are shared")
    obsidian_vault: str = option("", "name of the Obsidian vault; default: the folder that holds .obsidian")
    tsv: bool = option(False, "also <book>.anki.txt for Anki's text import")

    def __post_init__(self) -> None:
        """Raise UsageError for an unknown level of cards."""
        if self.cards != "normal":
            from convert.extract.cards import LEVELS, REVIEWED  # the rules of cards take long to load

            if self.cards not in (*LEVELS, REVIEWED):
                raise unknown("--cards", self.cards, (*LEVELS, REVIEWED))


class AnkiWriter(Writer[AnkiOptions]):
    """Writes Anki packages: `part` makes cards, `assemble` gives them their identity."""

    name = "anki"
    summary = "Anki deck (.apkg): the cards that you mark, and few sure ones from sentences, with links to the second"
    default_rank = 4
    options = AnkiOptions
    wants_verdicts = True
    downloads = (Download(".apkg", "Anki deck"),)

    def part(self, note: Note, job: Job[AnkiOptions]) -> bytes:
        """Return the finished cards of a note as MessagePack."""
        from convert.writers.anki.deck import note_cards

        return note_cards(note, job)

    def assemble(self, parts: Sequence[bytes], job: Job[AnkiOptions]) -> Iterable[Artifact | State | Tally]:
        """Return `<book>.apkg`, the text file if wanted, the state of the deck, and the counts of cards."""
        from convert.writers.anki.deck import deck_products

        return deck_products(parts, job)


WRITER = AnkiWriter()
