"""`notebind cards`: the flashcards of notes, read before they are learned."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from convert.cli.build import MEGABYTE, LinkedVault, MaxNoteSize, Notes, TimeFormat
from convert.cli.obeying import obeying


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
    from convert.cli.summary import must_exist, print_no_notes
    from convert.errors import UsageError
    from convert.extract.cards import LEVELS, LIMIT, cards_of
    from convert.request import Request
    from convert.vault.vault import open_vault
    from convert.workers.pool import cores

    must_exist(notes)
    if level not in LEVELS:
        raise UsageError(f"--cards takes {', '.join(LEVELS)}, not {level!r}")
    most = max_note_size * MEGABYTE
    request = Request(tuple(notes), vault=vault, time_format=time_format, max_note_bytes=most)
    opened = open_vault(request, cores(), lambda _: None)
    for entry in (entry for book in opened.library for entry in book.entries()):
        for card in cards_of(opened.note(entry.id), level, max_cards_per_note or LIMIT, section_cards):
            typer.echo(_shown(entry.path, card, explain))
    if not opened.library:
        print_no_notes(opened.file_diagnostics)
    raise typer.Exit(0 if opened.library else 1)


def _shown(path: str, card: Any, explain: bool) -> str:
    lines = [f"{path}:{card.line}: {card.rule} {card.score:.2f}", f"  Q: {_face(card)}", f"  A: {card.answer}"]
    if card.context:
        lines.append(f"  in: {card.context}")
    if explain:
        reasons = sorted(card.reasons, key=lambda reason: -abs(reason.weight))
        lines += [f"  {reason.weight:+6.2f} {reason.name}" for reason in reasons]
    return "\n".join(lines)


def _face(card: Any) -> str:
    from convert.extract.cards import Gap

    pieces = (f"[{piece.hint or '...'}]" if isinstance(piece, Gap) else _plain(piece) for piece in card.front)
    return " ".join("".join(pieces).split())


def _plain(node: Any) -> str:
    """The words of one inline node, the blanks at its ends kept."""
    from convert.document import nodes
    from convert.document.walk import plain_text

    return node.text if isinstance(node, nodes.Text) else plain_text((node,))


command = obeying(cards)
