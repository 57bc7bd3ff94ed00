"""`notebind push`: brings decks into a running Anki."""

from __future__ import annotations

from pathlib import Path

import typer

from convert import push as anki
from convert.cli.command_options import Push
from convert.cli.settings import Given
from convert.report import visible


def push(given: Given) -> None:
    """Bring each deck into Anki and print what was done."""
    options = Push(**given)
    for deck in options.decks:
        typer.echo(visible(push_deck(deck, options.address, options.prune, options.dry_run)))


def push_deck(deck: Path, address: str = "", prune: bool = False, dry_run: bool = False) -> str:
    """Bring a deck into Anki and return what was done in words; ToolError if Anki or the deck fails."""
    plan = anki.push(deck, anki.AnkiConnect(address or anki.ADDRESS), prune, dry_run)
    orphans = f"{len(plan.orphans)} {'deleted' if prune and not dry_run else 'gone from the notes (--prune deletes)'}"
    return (
        f"{deck.name}: {len(plan.add)} new, {len(plan.update)} updated, {len(plan.unchanged)} unchanged, "
        f"{len(plan.edited)} edited in Anki since (kept), {orphans}{' (dry run)' if dry_run else ''}"
    )
