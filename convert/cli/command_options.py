"""The options of the commands that build nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from convert.cli.options import (
    MaxMinutes,
    MaxNoteSize,
    Notes,
    Options,
    Quiet,
    ReadAs,
    TimeFormat,
    Times,
    TrustSettings,
    Videos,
)
from convert.storage.location import local_path, path_or_address

LinkedVault = Annotated[
    str | None,
    typer.Option("--vault", parser=path_or_address, metavar="PATH", help="Folder that links are looked up in."),
]
CardLevel = Annotated[str, typer.Option(help="Mined cards: strict, normal, all or none.")]
MostCards = Annotated[int, typer.Option(min=0, max=1000, help="Most mined cards of a note.")]

CHAPTERS_FORMATS = "srt,ffmeta,vtt,xml,youtube"
"""The default of the chapters' writer, which would load more than help needs; a test compares them."""
MARKS = "Which marks make cards"


class Show(Options):
    """Print the models of NOTES as JSON Lines, one note a line, as their vault resolves them."""

    notes: Notes
    vault: LinkedVault = None
    videos: Videos = None
    time_format: TimeFormat = "auto"
    as_: ReadAs = ""
    times: Times = "auto"
    max_note_size: MaxNoteSize = 16
    max_minutes: MaxMinutes = 60
    trust_settings: TrustSettings = False


class Schema(Options):
    """Print the JSON Schema of what `show` prints."""


class Cards(Options):
    """Print the flashcards of NOTES: line, rule, verdict, question, answer; --explain adds reasons for each score."""

    notes: Notes
    cards: CardLevel = "normal"
    max_cards_per_note: MostCards = 12
    section_cards: Annotated[bool, typer.Option(help="Also a card for each section with a list or a short text.")] = (
        False
    )
    inline_cards: Annotated[bool, typer.Option(help="Cards from Question::Answer.", rich_help_panel=MARKS)] = True
    reversed_cards: Annotated[bool, typer.Option(help="Cards from Word:::Word.", rich_help_panel=MARKS)] = True
    highlight_cards: Annotated[
        bool, typer.Option(help="Gaps from ==highlights== and {braces}.", rich_help_panel=MARKS)
    ] = True
    heading_cards: Annotated[bool, typer.Option(help="Cards whose question is a heading.", rich_help_panel=MARKS)] = (
        True
    )
    explain: Annotated[bool, typer.Option("--explain", help="Say what spoke for and against each card.")] = False
    json_: Annotated[bool, typer.Option("--json", help="Print a line of JSON for each card.")] = False
    export: Annotated[
        Path | None,
        typer.Option(
            parser=local_path, metavar="FILE", help="Write passages for another writer of cards, as JSON Lines."
        ),
    ] = None
    import_: Annotated[
        Path | None,
        typer.Option(
            "--import", parser=local_path, metavar="FILE", help="Take cards that were written from an export."
        ),
    ] = None
    vault: LinkedVault = None
    videos: Videos = None
    time_format: TimeFormat = "auto"
    as_: ReadAs = ""
    times: Times = "auto"
    max_note_size: MaxNoteSize = 16
    max_minutes: MaxMinutes = 60
    trust_settings: TrustSettings = False


class Review(Options):
    """Open a page to keep, discard and edit the new cards of NOTES; verdicts go into cards.toml beside them."""

    notes: Notes
    cards: CardLevel = "normal"
    max_cards_per_note: MostCards = 0
    section_cards: Annotated[bool, typer.Option(help="Also the cards of sections.")] = False
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; default: any that is free.")] = 0
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open the browser.")] = False
    vault: LinkedVault = None
    time_format: TimeFormat = "auto"
    as_: ReadAs = ""
    times: Times = "auto"
    max_note_size: MaxNoteSize = 16
    trust_settings: TrustSettings = False


class Mux(Options):
    """Embed the chapters of notes in video or audio files, without re-encoding."""

    videos: Annotated[list[Path], typer.Argument(parser=local_path, metavar="VIDEO...", help="Video or audio files.")]
    notes: Annotated[
        list[str],
        typer.Option(
            "--notes", "-n", parser=path_or_address, metavar="PATH", help="Folders or files of notes; repeatable."
        ),
    ]
    output: Annotated[
        Path,
        typer.Option(
            "--output",
            "-o",
            parser=local_path,
            metavar="PATH",
            help="A file for one video, a folder for many.",
        ),
    ] = Path("output")
    video_id: Annotated[str, typer.Option(help="Which video the file is, when its name has no id.")] = ""
    sidecar: Annotated[bool, typer.Option("--sidecar", help="Write files beside the video, named after it.")] = False
    in_place: Annotated[bool, typer.Option("--in-place", help="Replace the file, once its copy is verified.")] = False
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace files that are not notebind's, or were changed since.")
    ] = False
    chapters_formats: Annotated[str, typer.Option(help="Formats for --sidecar, separated by commas.")] = (
        CHAPTERS_FORMATS
    )
    chapters_depth: Annotated[int, typer.Option(min=1, max=6, help="How many levels of headings become chapters.")] = 2
    time_format: TimeFormat = "auto"
    max_note_size: MaxNoteSize = 16
    max_minutes: MaxMinutes = 60
    trust_settings: TrustSettings = False
    quiet: Quiet = False


class Push(Options):
    """Add and update the cards of decks in a running Anki with the AnkiConnect add-on; schedules are kept."""

    decks: Annotated[list[Path], typer.Argument(metavar="DECK.apkg...", help="Decks that `build --to anki` made.")]
    address: Annotated[str, typer.Option(help="Where AnkiConnect answers; default: http://127.0.0.1:8765.")] = ""
    prune: Annotated[bool, typer.Option("--prune", help="Delete the cards in Anki that the deck lost.")] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, do nothing.")] = False
    learn: Annotated[
        bool, typer.Option(help="Count cards that were deleted in Anki as discarded, and ask about suspended ones.")
    ] = True
    restore: Annotated[bool, typer.Option("--restore", help="Bring back cards that were deleted in Anki.")] = False


class Init(Options):
    """Write a notebind.toml into FOLDER that explains every setting."""

    folder: Annotated[Path, typer.Argument(help="The folder that holds the notes.")] = Path(".")


class Config(Options):
    """Show each setting that holds for NOTES, and where it comes from."""

    notes: Annotated[
        list[Path] | None,
        typer.Argument(parser=path_or_address, help="Folders or files of notes; default: this folder."),
    ] = None
    trust_settings: TrustSettings = False


class Trust(Options):
    """Obey all settings of the file in FOLDER, not only looks, until the file changes."""

    folder: Annotated[Path | None, typer.Argument(help="The folder of the settings file, or the file.")] = None
    list_: Annotated[bool, typer.Option("--list", help="List the files that are trusted.")] = False
    remove: Annotated[bool, typer.Option("--remove", help="Trust the file in FOLDER no longer.")] = False


class Writers(Options):
    """List the formats that can be written, with their options."""


class Readers(Options):
    """List the kinds of notes that can be read, those of other packages first, as they are asked."""


class Doctor(Options):
    """Say what this machine has and how to get what is missing; exit 1 when that is needed."""
