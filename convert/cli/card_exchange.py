"""`notebind cards --export` and `--import`: passages for other writers of cards, and what they wrote through the gate.

Kept apart from `cards`, which prints what notebind makes itself.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import typer

from convert.cli.command_options import Cards
from convert.cli.progress import print_error
from convert.cli.summary import end_with_errors
from convert.document.note import Note
from convert.document.verdict import LONGEST_WORDS, Verdict
from convert.errors import SaveError, UsageError
from convert.extract.cards import Card, Marks, cards_of
from convert.extract.cards.gate import Gate
from convert.extract.cards.gate.exchange import Draft, drafts, exported
from convert.extract.cards.model import blocks_text, face_text
from convert.files import open_file, read_text
from convert.report import visible
from convert.request import Request
from convert.storage import below
from convert.vault.vault import Vault, open_vault
from convert.vault.verdicts import NAME, channel_folders, read_verdicts, save_verdicts
from convert.workers.pool import TookTooLong, cores, time_limit
from convert.writers.anki.deck_cards import owner_of

LARGEST = 20_000_000
"""Bytes of a file of cards."""
SHOWN = 60
"""Characters of a front by which a refused card is named."""
_FIRST = b'{"note": '
"""The first bytes of an export."""
MOST_EXPORTED = 200_000_000
"""Bytes of an export."""

Found = Sequence[tuple[int, Draft | str]]
"""Cards of a file with their lines; texts for what is none."""


def exchange(options: Cards, request: Request) -> NoReturn:
    """Write passages or take cards, and exit: with 1 if a note cannot be read, or if no card was accepted.

    Raises UsageError for a file that cannot be read, SaveError for one that cannot be written.
    """
    if options.export and options.import_:
        raise UsageError("--export and --import: the answers to an export are taken in a run of their own")
    found = _read(options.import_) if options.import_ else []
    opened = open_vault(request, cores(), lambda _: None)
    done = _export(options.export, opened, request) if options.export else _import(found, opened, options, request)
    end_with_errors(opened)
    raise typer.Exit(0 if done else 1)


def _notes(opened: Vault, request: Request) -> Iterator[Note]:
    """Yield the notes of a vault; one that takes too long ends as a fault of its own."""
    for note in opened.notes():
        try:
            with time_limit(request.max_seconds):
                yield note
        except TookTooLong as error:
            opened.leave_out(note.path, error)


def _export(path: Path, opened: Vault, request: Request) -> bool:
    """Write the passages of all notes into a file; raises SaveError."""
    pieces, size = [], 0
    for note in _notes(opened, request):
        for passage in exported(note):
            pieces.append((json.dumps(passage, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
            size += len(pieces[-1])
            if size > MOST_EXPORTED:
                raise SaveError(f"{path}: more than {MOST_EXPORTED / 1e6:g} MB: export fewer notes at a time")
    try:
        _check_replaceable(path)
        with below.subfolder(path.parent, ()) as opened_folder:
            opened_folder.replace(path.name, pieces)
    except OSError as error:
        raise SaveError(f"{path}: cannot be written ({error.strerror}): name a file in a folder that exists") from error
    typer.echo(visible(f"{path}: {len(pieces)} passages"))
    return True


def _check_replaceable(path: Path) -> None:
    """Raise SaveError unless the file is missing or an earlier export; OSError if it cannot be read."""
    with suppress(FileNotFoundError), open_file(path) as file:
        if not (file.read(len(_FIRST)) or _FIRST).startswith(_FIRST):
            raise SaveError(f"{path}: is not an earlier export: name another file, for it would be replaced")


def _read(path: Path) -> Found:
    """Return the cards of a file; raises UsageError."""
    try:
        return list(drafts(read_text(path, LARGEST)))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path}: byte {error.start} is no UTF-8: save the file as UTF-8") from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror}): name a file of JSON") from error


def _import(found: Found, opened: Vault, options: Cards, request: Request) -> bool:
    """Store the cards that pass the gate, say why others do not, and return whether any was accepted."""
    gate = _gate(found, opened, options, request)
    accepted: dict[str, list[Verdict]] = {}
    doubtful = 0
    for line, draft in found:
        judged = draft if isinstance(draft, str) else gate.judge(draft, f"the card of line {line}")
        which = "" if isinstance(draft, str) else f" {draft.front[:SHOWN]!r}"
        if isinstance(judged, str):
            typer.echo(visible(f"{options.import_}:{line}: refused{which}: {judged}"), err=True)
            continue
        note, card, doubt = judged
        accepted.setdefault(opened.sources[note.id].folder, []).append(_verdict(note, card, doubt))
        if doubt:
            doubtful += 1
            typer.echo(visible(f"{options.import_}:{line}: doubtful{which}: {doubt}"), err=True)
    for folder in accepted:
        save_verdicts(folder, ())  # all can be written, or none is
    for folder, verdicts in sorted(accepted.items()):
        save_verdicts(folder, verdicts)
    count = sum(map(len, accepted.values()))
    typer.echo(f"{count} of {len(found)} cards accepted ({doubtful} doubtful), {len(found) - count} refused")
    if count:
        typer.echo(visible(f"They wait for you: notebind review {shlex.join(map(str, options.notes))}"))
    elif not found:
        print_error(f"{options.import_}: has no cards: write answers as the schema in the export says")
    return count > 0


def _gate(found: Found, opened: Vault, options: Cards, request: Request) -> Gate:
    """Return a gate that knows the quoted sentences, and all cards that are made or kept already."""
    wanted = frozenset([quote.id for _, one in found if isinstance(one, Draft) for quote in one.quotes])
    marks = Marks(options.inline_cards, options.reversed_cards, options.highlight_cards, options.heading_cards)
    gate = Gate()
    for note in _notes(opened, request):
        made = cards_of(note, options.cards, options.max_cards_per_note, options.section_cards, marks)
        gate.add_note(note, wanted, made)
    for folder, shown in channel_folders(opened.sources.values()).items():
        file = read_verdicts(folder, shown)
        for problem in file.problems:
            typer.echo(visible(str(problem)), err=True)
        for one in file.entries:
            gate.add_card(one.front, one.back, one.sentence, f"a card of {os.path.join(shown or folder, NAME)}")
    return gate


def _verdict(note: Note, card: Card, doubt: str) -> Verdict:
    """Return the entry of an accepted card, which waits for a person."""
    front = face_text(card.front)
    return Verdict(
        verdict="waiting",
        front=front,
        back=blocks_text(card.back),
        imported=True,
        doubt=doubt[:1000],
        note=note.slug,
        seconds=None if card.start_ms is None else card.start_ms / 1000,
        rule=card.rule,
        context=card.context[:1000],
        sentence=card.sentence,
        kind=card.kind,
        owner=owner_of(note.video, note.id),
        anchor=card.anchor,
        words=front[:LONGEST_WORDS],
    )
