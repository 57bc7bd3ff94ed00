"""`notebind cards`: prints the flashcards of notes."""

from __future__ import annotations

import typer

from convert.cli.command_options import Cards
from convert.cli.settings import Given, reading_request
from convert.cli.summary import end_with_errors
from convert.document import nodes
from convert.document.walk import plain_text
from convert.errors import UsageError
from convert.extract.cards import LEVELS, Card, Gap, cards_of
from convert.vault.vault import open_vault
from convert.workers.pool import TookTooLong, cores, time_limit


def cards(given: Given) -> None:
    """Print the cards of all notes in turn; exits with 1 if a file cannot be read, or there are no notes."""
    options, request = reading_request(Cards, given)
    if options.cards not in LEVELS:
        raise UsageError(f"--cards takes {', '.join(LEVELS)}, not {options.cards!r}")
    opened = open_vault(request, cores(), lambda _: None)
    for note in opened.notes():
        try:
            with time_limit(request.max_seconds):
                found = list(cards_of(note, options.cards, options.max_cards_per_note, options.section_cards))
        except TookTooLong as error:
            opened.leave_out(note.path, error)
            continue
        for card in found:
            typer.echo(_shown(note.path, card, options.explain))
    end_with_errors(opened)


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
