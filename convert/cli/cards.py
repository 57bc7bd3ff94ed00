"""`notebind cards`: prints the flashcards of notes."""

from __future__ import annotations

from typing import Annotated

import typer

from convert.cli.options import LinkedVault, MaxNoteSize, Notes, TimeFormat, reading_request
from convert.cli.settings import with_settings
from convert.cli.summary import print_no_notes
from convert.document import nodes
from convert.document.walk import plain_text
from convert.errors import UsageError
from convert.extract.cards import LEVELS, LIMIT, Card, Gap, cards_of
from convert.vault.vault import open_vault
from convert.workers.pool import cores


@with_settings
def cards(
    notes: Notes,
    level: Annotated[str, typer.Option("--cards", help="Mined cards: strict, normal, all or none.")] = "normal",
    max_cards_per_note: Annotated[int, typer.Option(help="Most mined cards of a note.")] = 0,
    section_cards: Annotated[bool, typer.Option(help="One card for each section.")] = True,
    explain: Annotated[bool, typer.Option("--explain", help="Say what spoke for and against each card.")] = False,
    vault: LinkedVault = None,
    time_format: TimeFormat = "auto",
    max_note_size: MaxNoteSize = 16,
) -> None:
    """Print the flashcards of NOTES: line, rule, question, answer; with --explain the reasons for each score."""
    request = reading_request(notes, vault, time_format, max_note_size)
    if level not in LEVELS:
        raise UsageError(f"--cards takes {', '.join(LEVELS)}, not {level!r}")
    opened = open_vault(request, cores(), lambda _: None)
    for entry in (entry for book in opened.books() for entry in book.entries()):
        for card in cards_of(opened.note(entry.id), level, max_cards_per_note or LIMIT, section_cards):
            typer.echo(_shown(entry.path, card, explain))
    if not opened.plans:
        print_no_notes(opened.file_diagnostics)
    raise typer.Exit(0 if opened.plans else 1)


def _shown(path: str, card: Card, explain: bool) -> str:
    """Return the lines of a card; a gap is its hint in brackets."""
    pieces = []
    for piece in card.front:
        if isinstance(piece, Gap):
            pieces.append(f"[{piece.hint or '...'}]")
        else:
            # The blanks at the ends of a text count here, which `plain_text` strips.
            pieces.append(piece.text if isinstance(piece, nodes.Text) else plain_text((piece,)))
    question = " ".join("".join(pieces).split())
    lines = [f"{path}:{card.line}: {card.rule} {card.score:.2f}", f"  Q: {question}", f"  A: {card.answer}"]
    if card.context:
        lines.append(f"  in: {card.context}")
    if explain:
        reasons = sorted(card.reasons, key=lambda reason: -abs(reason.weight))
        lines += [f"  {reason.weight:+6.2f} {reason.name}" for reason in reasons]
    return "\n".join(lines)
