"""The cards of a review: collected from the notes with their verdicts, judged one by one, each verdict saved at once.

Kept apart because it knows nothing of pages and requests.
"""

from __future__ import annotations

import math
import threading
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from convert.document import nodes as n
from convert.document.book import Book
from convert.document.note import Note, NoteHead, Video
from convert.document.timecode import clock
from convert.document.verdict import LONGEST_TEXT, LONGEST_WORDS, Identity, Verdict
from convert.document.video import watch_url
from convert.document.walk import video_at
from convert.errors import UsageError
from convert.extract.cards import Card, cards_of, taste_of
from convert.extract.cards.mining import learned
from convert.extract.cards.model import SURE, Gap, blocks_text, face_of, face_text
from convert.report import Diagnostic
from convert.vault.vault import Vault
from convert.vault.verdicts import VerdictFile, channel_folders, read_verdicts, save_verdicts
from convert.workers.pool import TookTooLong, time_limit
from convert.writers.anki.deck import distinct
from convert.writers.anki.deck_cards import DeckCard, deck_cards, owner_of
from convert.writers.anki.identity import key_of
from convert.writers.anki.judged import judged

LONGEST_SECTION = 1_500
"""Characters of a section that are shown beside its card."""
State = Literal["", "keep", "discard", "waiting"]


class Shown(msgspec.Struct):
    """A card as the page shows it."""

    id: str
    front: str
    back: str
    context: str
    sentence: str
    section: int
    """The number of its section's text."""
    note: str
    rule: str
    chance: float
    time: str
    watch: str
    verdict: State = ""
    edited: bool = False
    suspended: bool = False
    imported: bool = False
    doubt: str = ""


class Answer(msgspec.Struct):
    """What the page sends: a verdict on a card, "" to take it back; texts replace those of the card if given."""

    id: str
    verdict: State
    front: str | None = None
    back: str | None = None
    original: bool = False
    """Whether an earlier edit is taken back."""


class _Known(msgspec.Struct):
    """What has to be known of a card to write its verdict."""

    folder: str
    verdict: Verdict
    """As it would be kept with the words of the note."""
    said: Verdict | None
    """What the file says."""


class Session:
    """The cards of a vault and what is said about them."""

    def __init__(self, vault: Vault, level: str, most: int, sections: bool) -> None:
        """Collect the cards of all notes at a level of `--cards`; those that the author marked need no review."""
        self.shown: dict[str, Shown] = {}
        self.sections: list[str] = [""]
        self.problems: list[Diagnostic] = []
        self.marked = Counter[str]()
        """How many cards of each file are not shown, because their author marked them."""
        self._known: dict[str, _Known] = {}
        self._options = level, most, sections
        self._lock = threading.Lock()
        for index, plan in enumerate(vault.plans):
            folders = channel_folders(map(vault.sources.__getitem__, plan.notes))
            files = {folder: read_verdicts(folder, shown) for folder, shown in folders.items()}
            self.problems += [problem for file in files.values() for problem in file.problems]
            self._collect(vault, vault.book(index), files)

    def _collect(self, vault: Vault, book: Book, files: dict[str, VerdictFile]) -> None:
        """Add the cards of a book."""
        said = {one.identity: (folder, one) for folder, file in files.items() for one in file.entries}
        verdicts = [one for _, one in said.values()]
        found = self._found(vault, book, verdicts)
        cards, keys = distinct([card for _, _, card in found], lambda _: None)
        by_key = {key_of(card): (note, source, card) for note, source, card in reversed(found)}
        verdict_of = judged(cards, keys, keys, verdicts)
        for key in keys:
            note, source, card = by_key[key]
            about = verdict_of.get(key)
            if about or not card.rule.startswith("marked"):
                self._add(key, vault.sources[note.id].folder, note, source, card, about)
            else:
                self.marked[note.path] += 1
        owners = {owner_of(one.video, one.id): one for one in book.summaries()}
        made = {one.identity for one in verdict_of.values()}
        for identity, (folder, one) in said.items():
            if identity not in made and one.front and one.owner in owners and (one.imported or one.verdict == "keep"):
                self._add_whole(key_of(one), folder, owners[one.owner], one)

    def _found(self, vault: Vault, book: Book, verdicts: list[Verdict]) -> list[tuple[NoteHead, _Source, DeckCard]]:
        """Return the cards of a book with their notes and sources."""
        level, most, sections = self._options
        taste = taste_of(verdicts)
        found: list[tuple[NoteHead, _Source, DeckCard]] = []
        for summary in book.summaries():
            note = vault.note(summary.id)
            try:
                with time_limit(vault.request.max_seconds):
                    cards = cards_of(note, level, most, sections, taste=taste)
            except TookTooLong as error:
                vault.leave_out(note.path, error)
                continue
            texts = _Sections(note)
            for card, made in zip(cards, deck_cards(cards, note), strict=True):
                odds = None if card.score == SURE else _odds(card.score) - learned(taste, card.rule, note.slug)
                video = video_at(note, card.line, card.start_ms)
                found.append((summary, _Source(card, texts.at(card.line), odds, video), made))
        return found

    def _add(
        self, key: str, folder: str, note: NoteHead, source: _Source, made: DeckCard, said: Verdict | None
    ) -> None:
        card = source.card
        own = Verdict(
            verdict="keep",
            front=_fitting(face_text(card.front)),
            back=_fitting(blocks_text(card.back)),
            note=note.slug,
            seconds=None if card.start_ms is None else card.start_ms / 1000,
            rule=card.rule,
            context=card.context[:1000],
            sentence=_fitting(card.sentence),
            kind=card.kind,
            owner=made.owner,
            anchor=made.anchor,
            words=made.words[:LONGEST_WORDS],
            odds=source.odds,
        )
        self._put(key, folder, note, own, said, card.score, self._section(source.section), source.video)

    def _add_whole(self, key: str, folder: str, note: NoteHead, said: Verdict) -> None:
        self._put(key, folder, note, said, said, SURE, 0, None if note.videos else note.video)

    def _put(
        self,
        key: str,
        folder: str,
        note: NoteHead,
        own: Verdict,
        said: Verdict | None,
        chance: float,
        section: int,
        video: Video | None,
    ) -> None:
        self._known[key] = _Known(folder, own, said)
        self.shown[key] = Shown(
            id=key,
            front=own.front,
            back=own.back,
            context=own.context,
            sentence=own.sentence,
            section=section,
            note=note.title,
            rule=own.rule,
            chance=round(chance, 2),
            time="" if own.start_ms is None else clock(own.start_ms),
            watch=watch_url(video, own.start_ms) if video else "",
            imported=own.imported,
            doubt=own.doubt,
        )
        self._tell(key)

    def _section(self, text: str) -> int:
        if text != self.sections[-1]:
            self.sections.append(text)
        return len(self.sections) - 1

    def _tell(self, key: str) -> Shown:
        """Return a card as shown, brought up to what is said about it."""
        shown, known = self.shown[key], self._known[key]
        said = known.said
        shown.verdict = said.verdict if said else ""
        shown.edited, shown.suspended = bool(said and said.edited), bool(said and said.suspended)
        words = said if said and said.edited else known.verdict
        shown.front, shown.back = words.front, words.back
        return shown

    def judge(self, answer: Answer) -> Shown:
        """Save a verdict and return the card as it is shown then. Raises UsageError for what cannot be said of it."""
        known = self._known.get(answer.id)
        if known is None:
            raise UsageError("there is no such card: load the page again")
        with self._lock:
            new = _said(known, answer)
            removed: list[Identity] = [known.said.identity] if known.said else []
            save_verdicts(known.folder, [new] if new else [], removed)
            known.said = new
            return self._tell(answer.id)


class _Source(msgspec.Struct):
    """A card, the text of its section, the log-odds of the ranker before it learned, and the video that shows it."""

    card: Card
    section: str
    odds: float | None
    video: Video | None


def _said(known: _Known, answer: Answer) -> Verdict | None:
    """Return the verdict of an answer, None if it is taken back."""
    own, said = known.verdict, known.said
    if not answer.verdict and not own.imported:
        return None
    words = said if said and said.edited and not answer.original else own
    front = answer.front if answer.front is not None else words.front
    back = answer.back if answer.back is not None else words.back
    if max(len(front), len(back)) > LONGEST_TEXT:
        raise UsageError(f"a side of a card has at most {LONGEST_TEXT:,} characters")
    edited = (front, back) != (own.front, own.back)
    if edited and not front.strip():
        raise UsageError("a card needs a question")
    if edited and own.kind == "cloze" and not any(isinstance(piece, Gap) for piece in face_of(front)):
        raise UsageError("a card with a gap needs one: {{c1::words}}")
    about = {"front": front.strip(), "back": back.strip(), "edited": edited}
    if answer.verdict == "discard" and not own.imported and not edited:
        about |= {"back": "", "sentence": "", "context": ""}
    return msgspec.structs.replace(own, verdict=answer.verdict or "waiting", suspended=False, **about)


def _fitting(text: str) -> str:
    return text if len(text) <= LONGEST_TEXT else ""


def _odds(chance: float) -> float:
    chance = min(max(chance, 1e-6), 1 - 1e-6)
    return round(math.log(chance / (1 - chance)), 3)


class _Sections:
    """The texts of a note's sections by line."""

    def __init__(self, note: Note) -> None:
        self._starts = list(_sections(note.blocks, 0))

    def at(self, line: int) -> str:
        """Return the text of the section that a line is in, without its subsections."""
        blocks = next((blocks for start, blocks in reversed(self._starts) if start <= line), ())
        return blocks_text([block for block in blocks if not isinstance(block, n.Section)])[:LONGEST_SECTION]


def _sections(blocks: Iterable[n.Block], line: int) -> Iterator[tuple[int, tuple[n.Block, ...]]]:
    """Yield the first line and the blocks of each section, in text order."""
    held = tuple(blocks)
    yield line, held
    for block in held:
        if isinstance(block, n.Section):
            yield from _sections(block.children, block.line)
