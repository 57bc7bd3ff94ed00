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
        typer.echo(visible(push_deck(deck, options.address, options.prune, options.dry_run, _learn(options))))


def _learn(options: Push) -> anki.Learn:
    return "restore" if options.restore else "yes" if options.learn else "no"


def push_deck(
    deck: Path, address: str = "", prune: bool = False, dry_run: bool = False, learn: anki.Learn = "yes"
) -> str:
    """Bring a deck into Anki and return what was done in words; ToolError if Anki or the deck fails."""
    plan = anki.push(deck, anki.AnkiConnect(address or anki.ADDRESS), prune, dry_run, learn)
    orphans = f"{len(plan.orphans)} {'deleted' if prune and not dry_run else 'gone from the notes (--prune deletes)'}"
    return (
        f"{deck.name}: {len(plan.add)} new, {len(plan.update)} updated, {len(plan.unchanged)} unchanged, "
        f"{len(plan.edited)} edited in Anki since (kept), {orphans}{_learned(plan)}{' (dry run)' if dry_run else ''}"
    )


def _learned(plan: anki.PushPlan) -> str:
    """Return in words what was learned from Anki."""
    told = f", {len(plan.deleted)} deleted in Anki: discarded (--restore brings them back)" if plan.deleted else ""
    told += f", {len(plan.suspended)} suspended in Anki: see notebind review" if plan.suspended else ""
    told += f", {plan.restored} that were deleted in Anki come back (build again)" if plan.restored else ""
    return f"{told}; this is not written down: {plan.problem}" if plan.problem else told
