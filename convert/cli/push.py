"""`notebind push`: decks into a running Anki."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def push(
    decks: Annotated[list[Path], typer.Argument(metavar="DECK.apkg...", help="Decks that `build --to anki` made.")],
    address: Annotated[str, typer.Option("--address", help="Where AnkiConnect answers.")] = "",
    prune: Annotated[bool, typer.Option("--prune", help="Delete the cards in Anki that the deck lost.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")] = False,
) -> None:
    """Add and update the cards of decks in a running Anki with the AnkiConnect add-on; schedules are kept."""
    from convert.push import ADDRESS, AnkiConnect
    from convert.push import push as push_deck

    anki = AnkiConnect(address or ADDRESS)
    for deck in decks:
        plan = push_deck(deck, anki, prune, dry_run)
        orphans = (
            f"{len(plan.orphans)} {'deleted' if prune and not dry_run else 'gone from the notes (--prune deletes)'}"
        )
        edited = f"{len(plan.edited)} edited in Anki since (kept)"
        typer.echo(
            f"{deck.name}: {len(plan.add)} new, {len(plan.update)} updated, {len(plan.unchanged)} unchanged, "
            f"{edited}, {orphans}{' (dry run)' if dry_run else ''}"
        )
