"""`notebind push`: brings decks into a running Anki."""

from __future__ import annotations

from pathlib import Path

import typer

from convert import push as anki
from convert.cli.command_options import Push
from convert.cli.settings import Given
from convert.push.learning import NOWHERE
from convert.report import visible


def push(given: Given) -> None:
    """Bring each deck into Anki and print what was done; exits with 1 if what was learned could not be written down."""
    options = Push(**given)
    whole = True
    for deck in options.decks:
        line, is_whole = push_deck(deck, options.address, options.prune, options.dry_run, _learn(options))
        typer.echo(visible(line))
        whole &= is_whole
    if not whole:
        raise typer.Exit(1)


def _learn(options: Push) -> anki.Learn:
    return "restore" if options.restore else "yes" if options.learn else "no"


def push_deck(
    deck: Path, address: str = "", prune: bool = False, dry_run: bool = False, learn: anki.Learn = "yes"
) -> tuple[str, bool]:
    """Bring a deck into Anki; return what was done in words, and whether all that was learned could be written down.

    ToolError if Anki or the deck fails.
    """
    plan = anki.push(deck, anki.AnkiConnect(address or anki.ADDRESS), prune, dry_run, learn)
    orphans = f"{len(plan.orphans)} {'deleted' if prune and not dry_run else 'gone from the notes (--prune deletes)'}"
    if plan.left:
        orphans += f", {plan.left} of this channel are not known to be of this book: left"
    line = (
        f"{deck.name}: {len(plan.add)} new, {len(plan.update)} updated, {len(plan.unchanged)} unchanged, "
        f"{len(plan.edited)} edited in Anki since (kept), {orphans}{_learned(plan)}{' (dry run)' if dry_run else ''}"
    )
    return line, plan.problem in ("", NOWHERE)


def _learned(plan: anki.PushPlan) -> str:
    """Return in words what was learned from Anki."""
    told = f", {len(plan.deleted)} deleted in Anki: discarded (--restore brings them back)" if plan.deleted else ""
    told += f", {len(plan.suspended)} suspended in Anki: see notebind review" if plan.suspended else ""
    told += f", {plan.restored} that were deleted in Anki come back (build again)" if plan.restored else ""
    return f"{told}; this is not written down: {plan.problem}" if plan.problem else told
