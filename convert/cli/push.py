"""`notebind push`: brings decks into a running Anki."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from convert import push as anki


def push(
    decks: Annotated[list[Path], typer.Argument(metavar="DECK.apkg...", help="Decks that `build --to anki` made.")],
    address: Annotated[str, typer.Option("--address", help="Where AnkiConnect answers.")] = "",
    prune: Annotated[bool, typer.Option("--prune", help="Delete the cards in Anki that the deck lost.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")] = False,
) -> None:
    """Add and update the cards of decks in a running Anki with the AnkiConnect add-on; schedules are kept."""
    for deck in decks:
        typer.echo(push_deck(deck, address, prune, dry_run))


def push_deck(deck: Path, address: str = "", prune: bool = False, dry_run: bool = False) -> str:
    """Bring a deck into Anki and return what was done in words; ToolError if Anki or the deck fails."""
    plan = anki.push(deck, anki.AnkiConnect(address or anki.ADDRESS), prune, dry_run)
    orphans = f"{len(plan.orphans)} {'deleted' if prune and not dry_run else 'gone from the notes (--prune deletes)'}"
    return (
        f"{deck.name}: {len(plan.add)} new, {len(plan.update)} updated, {len(plan.unchanged)} unchanged, "
        f"{len(plan.edited)} edited in Anki since (kept), {orphans}{' (dry run)' if dry_run else ''}"
    )
