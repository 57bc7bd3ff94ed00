"""Diagnostics: the faults of notes and their repairs, each with a stable code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]


class DiagnosticKind(msgspec.Struct, frozen=True):
    """The severity of a kind of diagnostic, and its meaning as `docs/diagnostics.md` prints it."""

    severity: Severity
    meaning: str


class Diagnostic(msgspec.Struct, frozen=True, gc=False):
    """A fault, repair or remark: a code of `CODES`, the file, the line in it (0 for the whole file), a sentence."""

    code: str
    severity: Severity
    note: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.note}:{self.line}" if self.line else self.note
        return visible(f"{place}: {self.code} {self.message}")


def visible(text: str) -> str:
    """Return the text on one line with control and bidi characters, which terminals obey or hide, escaped."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


Warn = Callable[[Diagnostic], None]
"""Takes a diagnostic."""

_KINDS: dict[str, tuple[Severity, str]] = {
    "artifact-kept": ("warning", "A file of a book that is gone was changed or cannot be removed: --prune keeps it."),
    "artifact-moved": (
        "warning",
        "A file of yours, or one that you changed, was in the place of a result: it is kept.",
    ),
    "book-replaced": (
        "warning",
        "A book of other notes, which are still there, had the same name in this output folder: it is replaced.",
    ),
    "block-missing": ("info", "A link names a block that its note does not have: it leads to the note's start."),
    "book-renamed": ("warning", "Two books have the same file name: a number is added to the second."),
    "callout-mended": ("warning", "A callout without its quote marks is read as a callout."),
    "card-collision": ("warning", "Two cards ask the same thing: the first one is kept."),
    "card-doubtful": (
        "info",
        "Notes of a book spell out the same letters differently: only what most of them say is asked.",
    ),
    "card-unanswered": ("warning", "A question is marked as a card, but nothing answers it: no card is made."),
    "card-vanished": ("info", "A card of the last deck is no longer made; Anki keeps it until it is deleted there."),
    "cards-left-out": ("warning", "A note has more than 10,000 cards: the others are left out."),
    "channel-unknown": ("warning", "A settings file has a table for a channel that there is not."),
    "chapter-merged": (
        "info",
        "Two sections share a chapter marker: they start within ten seconds, or one lies in a list of chapters.",
    ),
    "chapter-out-of-order": ("warning", "A time in a list of chapters repeats or runs backward: that line is none."),
    "chapter-past-end": ("warning", "A section starts after the end of its video and gets no chapter marker."),
    "chapters-refused": ("info", "A chapter format's own rules do not hold for a video, so its file is left out."),
    "code-stamps": ("info", "Stamps inside code stand behind it."),
    "css-reference-dropped": ("warning", "A style sheet asks for other files, which a book cannot hold."),
    "deck-changes": ("info", "How many cards are new, changed, unchanged and vanished since the last deck."),
    "deck-empty": ("info", "A deck has no cards; the message says how to get some."),
    "deck-memory-lost": (
        "warning",
        "The memory of the last deck cannot be read: cards that changed may not be updated in Anki.",
    ),
    "deck-memory-none": ("info", "No earlier deck is known: its cards are dated by SOURCE_DATE_EPOCH."),
    "device-refused": ("error", "A device, or the way to it, refuses an e-book (docs/devices.md); asked by --device."),
    "device-remark": ("info", "A device may show a part of an e-book badly."),
    "device-spoiled": ("warning", "A device shows a part of an e-book badly, or not at all."),
    "embed-limit": ("warning", "A note embeds more of others than is shown in one: links stand in place of the rest."),
    "embed-nested": ("info", "A note would be shown within itself, or too deep in others: a link stands there."),
    "fence-stray": ("info", "A markdown fence around the text of the note is left out."),
    "field-card": ("info", "A line `key:: value` is taken for a flashcard, not for a property of the note."),
    "field-property": ("info", "A line `key:: value`, or one in brackets, is a property of the note and no flashcard."),
    "file-gone": ("info", "A symbolic link leads nowhere: left out."),
    "file-missing": ("error", "A file or folder that was named does not exist."),
    "file-outside": ("warning", "A symbolic link leads out of the folder and is not followed."),
    "file-unreadable": ("error", "A file or folder cannot be read."),
    "footnote-deep": ("info", "Footnotes in footnotes in footnotes: the deepest stand at the end of the note."),
    "formula-plain": (
        "warning",
        "A formula that an output cannot set, or that has commands that are no maths, stands there as its source.",
    ),
    "front-matter-invalid": ("warning", "Part of the front matter is no YAML: it is read line by line."),
    "front-matter-unclosed": ("warning", "The front matter has no closing line: the whole file is read as text."),
    "heading-missing": ("info", "A link names a heading that its note does not have: it leads to the note's start."),
    "html-dropped": ("info", "An HTML tag is left out and its text kept."),
    "indent-stray": ("warning", "An indented list with links or stamps is read as a list, not as code."),
    "leftover-dropped": (
        "info",
        "A query or template of a plug-in (Dataview, Tasks, Templater and others) is left out.",
    ),
    "link-ambiguous": ("warning", "A link names several notes and is kept as text."),
    "link-missing": ("info", "A link names no note and is kept as text."),
    "nesting-deep": ("warning", "Nested deeper than 64 levels: the deeper ones are set flat."),
    "not-a-note": ("info", "A text file without stamps and videoId, or a template for notes: left out."),
    "note-binary": ("error", "The file holds no text: left out."),
    "note-changed": ("warning", "A note changed while it was converted: run again."),
    "note-empty": ("info", "The file is empty: left out."),
    "note-encoding": ("warning", "The file is not UTF-8: what could not be decoded is U+FFFD."),
    "note-nul": ("warning", "NUL characters are read as U+FFFD."),
    "note-private": ("info", "Front matter says `publish: false`: left out, and links to it are text."),
    "note-slow": ("error", "Reading the note, or its cards, took longer than --max-minutes allows: left out."),
    "note-too-big": ("error", "The file is bigger than --max-note-size allows: left out."),
    "note-wordless": ("info", "Three notes or more have a title and nothing else to read; said once."),
    "obsidian-settings": (
        "warning",
        "The settings of an Obsidian vault cannot be read: line breaks are shown as by default.",
    ),
    "pdf-character": (
        "warning",
        "No font here has a character of the note, or of a title: the PDF meets no standard then.",
    ),
    "pdf-block-plain": (
        "warning",
        "Typst cannot set a paragraph, list or table: the PDF holds its bare text.",
    ),
    "pdf-note-plain": ("warning", "Typst cannot set a note: the PDF holds its bare text."),
    "pdf-volumes": ("info", "A book is too big for one PDF and is split into volumes."),
    "picture-elsewhere": ("info", "An image lies on the web: nothing is fetched, its description is kept."),
    "picture-missing": ("warning", "An image names no file of the vault, or several: its description is kept."),
    "picture-unfit": ("error", "A picture that no book can hold, by content or size: its description is kept."),
    "reader-failed": ("warning", "A reader plug-in failed on a note, which is read without it."),
    "reader-unfit": ("warning", "The reader that `--as` names finds nothing in a note, which is read without it."),
    "read-as": ("info", "A note is read by this reader; `check` says so of all notes that are not in our own format."),
    "record-foreign": (
        "info",
        "What is in `.notebind` was kept for another folder or user, or by another version: the run does without.",
    ),
    "record-unusable": (
        "warning",
        "What earlier runs kept in `.notebind` is damaged, or a folder: the run does without.",
    ),
    "section-untimed": ("info", "A section holds no timestamp and gets no chapter marker."),
    "stamp-mended": ("warning", "The broken anchor of a stamp is read as a stamp."),
    "stamp-unreadable": ("warning", "A stamp holds no time and is kept as text."),
    "time-ambiguous": ("warning", "Stamps that may be HH:MM:SS or MM:SS with a field too many: kept as written."),
    "time-past-end": ("warning", "A stamp is past the known end of its video."),
    "time-repaired": ("warning", "A stamp that writes MM:SS as HH:MM is read as what it means."),
    "stills-missing": ("warning", "A film gives no stills, or not at every time of its notes."),
    "stills-possible": ("info", "Films of notes are here: --stills can show their moments as pictures."),
    "times-plain": (
        "warning",
        "Lines of a note with a video have times that may be no moments of it: kept as text.",
    ),
    "title-long": ("warning", "A title of more than 1,000 characters: cut."),
    "title-shared": ("warning", "A title that was given for one book is that of several."),
    "transcript-unreadable": ("warning", "A subtitle file beside a note holds no cues: the note's own text is used."),
    "verdict-unreadable": (
        "warning",
        "An entry of `cards.toml` cannot be read: it is left out and kept in the file; the others count.",
    ),
    "video-from-text": ("info", "The front matter names no video, the text a single one: the stamps lead to it."),
    "video-id-duplicate": ("warning", "The front matter names two videos: the first counts."),
    "video-id-invalid": ("warning", "The videoId is no id of YouTube's form: the stamps of the note get no links."),
    "video-missing": ("warning", "A note has no videoId, as others of its channel have: its stamps get no links."),
    "video-none": ("info", "A note about audio, or in a channel without videos, names none: its stamps get no links."),
    "video-several": (
        "info",
        "A note is about several videos: each stamp leads to its own, each video has its chapters.",
    ),
    "video-shared": ("info", "Several notes are about one video: they share a timeline."),
    "video-slow": ("warning", "Media files take long to say their lengths: those of the others are not known."),
    "words-english": ("info", "Headings and labels are English in a book in a language that they are not known in."),
}
CODES = {code: DiagnosticKind(*kind) for code, kind in _KINDS.items()}
"""All kinds of diagnostics by code."""


def diagnostic(code: str, note: str, line: int, message: str) -> Diagnostic:
    """Return a diagnostic with the severity of its code. Raises KeyError for a code that is not in `CODES`."""
    return Diagnostic(code, CODES[code].severity, note, line, message)
