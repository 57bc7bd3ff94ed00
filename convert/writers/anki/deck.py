"""Makes the deck of a book: its cards without duplicates, with their identity, in named decks.

Kept apart because the writer imports it on first use: listing the formats must not load it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from convert.document.book import Book
from convert.document.note import Note
from convert.extract.cards import REVIEWED, Marks, cards_of, taste_of
from convert.extract.cards.english import content
from convert.render.book_pages import BookPages
from convert.render.typography import book_style
from convert.report import Warn, diagnostic
from convert.writers.anki.collection import AnkiNote, package, text_file
from convert.writers.anki.deck_cards import (
    CARDS,
    PICTURE,
    PICTURES,
    DeckCard,
    ObsidianLinks,
    deck_cards,
    deck_level,
    owner_of,
    tag,
    video_tag,
)
from convert.writers.anki.identity import (
    Changes,
    KnownCard,
    Manifest,
    adopted,
    identified,
    key_of,
    unique_guids,
    untold,
)
from convert.writers.base import Artifact, Job, State, Tally

if TYPE_CHECKING:
    from convert.writers.anki import AnkiOptions

_TAG = re.compile(r"<[^<>]*+>")
_ONCE_A_BOOK = frozenset({"acronym", "definition"})
MOST_CARDS = 10_000
"""Cards of a note: a megabyte of short lines could mark a hundred thousand, each with its title and tags."""
_EMPTY = (
    "no cards: nothing in these notes is marked, and no sentence is sure enough; mark some (Question::Answer), or build"
    " with --cards all or --section-cards"
)
VANISHED_NAMED = 20
"""Vanished cards that are reported one by one; the rest are counted."""


def note_cards(note: Note, job: Job[AnkiOptions]) -> bytes:
    """Return the finished cards of a note as MessagePack."""
    options = job.options
    level, most = ("all", MOST_CARDS) if options.cards == REVIEWED else (options.cards, options.max_cards_per_note)
    marks = Marks(options.inline_cards, options.reversed_cards, options.highlight_cards, options.heading_cards)
    found = cards_of(note, level, most, options.section_cards, marks, taste_of(job.verdicts), job.warn)
    if len(found) > MOST_CARDS:
        message = f"only the first {MOST_CARDS:,} of {len(found):,} cards are in the deck: divide the note into several"
        job.warn(diagnostic("cards-left-out", note.path, found[MOST_CARDS].line, message))
    links = ObsidianLinks(note, options.obsidian_vault) if options.obsidian_link else None
    summary = job.book.by_id[note.id]
    style = book_style(job.book, BookPages(job.book).own_language(summary))
    finish = partial(deck_cards, note=note, links=links, style=style, language=job.book.language, breaks=summary.breaks)
    cards = finish(found[:MOST_CARDS])
    if kept := {key_of(one) for one in job.verdicts if one.verdict == "keep"}:
        # What was kept stays, although the ranker has learned otherwise since, or another level is asked for.
        made = {key_of(card) for card in cards}
        others = finish(cards_of(note, "all", MOST_CARDS, True, marks))
        cards += [card for card in others if (key := key_of(card)) in kept and key not in made]
    return msgspec.msgpack.encode(cards)


def deck_products(parts: Sequence[bytes], job: Job[AnkiOptions]) -> list[Artifact | State | Tally]:
    """Return the package of a book, the text file if wanted, the state of the deck, and the counts of cards."""
    cards, keys = distinct([card for part in parts for card in CARDS.decode(part)], job.warn)
    previous = _previous(job, cards, keys)
    cards, keys, discarded = _obeyed(cards, keys, previous, job)
    known_cards, changes = identified(cards, keys, previous)
    _report(changes, discarded, job)
    if not cards:
        _say(job, "deck-empty", _EMPTY)
    deck, deck_of = _deck_names(job)
    notes = [
        AnkiNote(known.guid, card.kind, known.mod, _signed(card, known), card.tags, deck_of.get(card.owner, deck))
        for card, known in zip(cards, known_cards, strict=True)
    ]
    pictures = sorted({name for card in cards for field in card.fields for name in PICTURE.findall(field)})
    media = [(PICTURES + name, job.picture(name)) for name in pictures]
    memory = _manifest(previous, known_cards)
    products: list[Artifact | State | Tally] = [
        Artifact(f"{job.book.name}.apkg", package(notes, job.book.name, job.epoch, media, untold(memory, job.epoch)))
    ]
    if job.options.tsv:
        products.append(Artifact(f"{job.book.name}.anki.txt", text_file(notes)))
    counts = Counter([f"cards_{card.rule.replace('-', '_')}" for card in cards])
    tally = Tally((("cards", len(cards)), *sorted(counts.items())))
    return [*products, State(msgspec.msgpack.encode(memory)), tally]


def _signed(card: DeckCard, known: KnownCard) -> tuple[str, ...]:
    """Return the fields with the GUID in the last one, because AnkiConnect does not return GUIDs."""
    source = card.fields[-1].replace("<cite>", f'<cite class="nb-{known.guid}">', 1)
    return (*card.fields[:-1], source)


def distinct(cards: Iterable[DeckCard], warn: Warn) -> tuple[list[DeckCard], list[str]]:
    """Return the first of each group of equal cards, and their natural keys.

    A definition or an acronym is asked once in a book, in whichever notes it occurs.
    """
    first: dict[str, DeckCard] = {}
    asked: set[tuple[str, ...]] = set()
    for card in _agreed(list(cards), warn):
        if card.rule in _ONCE_A_BOOK:
            question = (card.rule, card.fields[0].casefold(), *_spelled(card))
            if question in asked:
                continue
            asked.add(question)
        kept = first.setdefault(key_of(card), card)
        if kept is not card and kept.fields[:2] != card.fields[:2]:
            where = f"{kept.path}:{kept.line}"
            warn(diagnostic("card-collision", card.path, card.line, f"asks the same as the card of {where}: left out"))
    return list(first.values()), list(first)


def _agreed(cards: list[DeckCard], warn: Warn) -> list[DeckCard]:
    """Return the cards but for letters that as many other notes spell out otherwise: one of the notes is wrong.

    Letters with two meanings, which share no word, stay.
    """
    notes = {(card.fields[0], _spelled(card), card.path) for card in cards if card.rule == "acronym"}
    counts = Counter([(asked, spelled) for asked, spelled, _ in notes])
    by_word: dict[tuple[str, str], Counter[int]] = {}
    for (asked, spelled), count in counts.items():
        for word in set(spelled):
            by_word.setdefault((asked, word), Counter())[count] += 1
    most = {key: max(found.items()) for key, found in by_word.items()}
    kept = []
    for card in cards:
        asked, spelled = card.fields[0], _spelled(card) if card.rule == "acronym" else ()
        if all(most[asked, word] == (counts[asked, spelled], 1) for word in spelled):
            kept.append(card)
        else:
            warn(diagnostic("card-doubtful", card.path, card.line, f"other notes answer otherwise: {card.words}"))
    return kept


def _spelled(card: DeckCard) -> tuple[str, ...]:
    """Return the stems of the words of an answer."""
    return content(_TAG.sub("", card.fields[1]))


def _previous(job: Job[AnkiOptions], cards: Sequence[DeckCard], keys: Sequence[str]) -> Manifest:
    """Return what earlier decks are known to contain: from the state, else from the last package, else nothing.

    A new book takes over what the decks of renamed folders know of its cards.
    """
    if job.previous is not None:
        try:
            return unique_guids(msgspec.msgpack.decode(job.previous, type=Manifest))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            _say(job, "deck-memory-lost", "the state of the last deck cannot be read: the deck itself is read instead")
    name = f"{job.book.name}.apkg"
    data = job.previous_artifact(name)
    if data is not None:
        from convert.writers.anki.reading import recalled

        try:
            return unique_guids(recalled(data, _owners(job.book)))
        except ValueError as error:
            _say(job, "deck-memory-lost", f"{name}: {error}; cards that changed may not be updated in Anki")
    if inherited := adopted(cards, keys, _elders(job)):
        return Manifest(job.epoch, inherited)
    if cards:
        _say(
            job, "deck-memory-none", "no earlier deck is known: if one was imported, what changed since is not updated"
        )
    return Manifest(job.epoch, [])


def _elders(job: Job[AnkiOptions]) -> list[tuple[Manifest, bool]]:
    """Return what the decks of books that are no longer made know, and whether the notes of each are gone."""
    elders = []
    for data, is_gone in job.elders():
        with suppress(msgspec.MsgspecError, UnicodeDecodeError):
            elders.append((msgspec.msgpack.decode(data, type=Manifest), is_gone))
    return elders


def _owners(book: Book) -> dict[str, str]:
    """Return the owner of a card by its tag `note::` or `video::`."""
    owners = {f"note::{tag(summary.slug)}": owner_of(summary.video, summary.id) for summary in book.by_id.values()}
    for video in filter(None, [part.video for part in book.parts]):
        # Decks of earlier versions lack hyphens of ids.
        owners |= dict.fromkeys((f"video::{tag(video.id)}", video_tag(video)), owner_of(video, ""))
    return owners


def _manifest(previous: Manifest, cards: list[KnownCard]) -> Manifest:
    kept = {card.guid for card in cards}
    gone = [known for known in previous.cards if known.guid not in kept]
    return Manifest(previous.base, cards + gone)


def _obeyed(
    cards: list[DeckCard], keys: list[str], previous: Manifest, job: Job[AnkiOptions]
) -> tuple[list[DeckCard], list[str], int]:
    """Return the cards that a person's verdicts leave, reword and add, their keys, and how many were discarded."""
    reviewed = job.options.cards == REVIEWED
    if not job.verdicts and not reviewed:
        return cards, keys, 0
    from convert.writers.anki.judged import judged, obeyed, whole_cards

    # The identities are asked of a copy, because asking marks what is gone.
    copy = msgspec.structs.replace(previous, cards=[msgspec.structs.replace(one) for one in previous.cards])
    found = judged(cards, keys, [known.guid for known in identified(cards, keys, copy)[0]], job.verdicts)

    def is_wanted(rule: str, verdict: str) -> bool:
        return verdict != "discard" and (not reviewed or verdict == "keep" or rule.startswith("marked"))

    left, keys_left = obeyed(cards, keys, found, is_wanted, book_style(job.book))
    others = whole_cards(job.verdicts, found.values(), job.book)
    discarded = sum(verdict.verdict == "discard" for verdict in found.values())
    return left + others, keys_left + [key_of(card) for card in others], discarded


def _report(changes: Changes, discarded: int, job: Job[AnkiOptions]) -> None:
    for known in changes.vanished[:VANISHED_NAMED]:
        _say(job, "card-vanished", f"no longer made, stays in Anki until deleted there: {known.words!r}")
    counts = f"{changes.new} new, {changes.changed} changed, {changes.unchanged} unchanged"
    more = f", {changes.relinked} of them followed to a new place" if changes.relinked else ""
    more += f", {discarded} discarded" if discarded else ""
    if changes.new or changes.changed or changes.unchanged or changes.vanished or discarded:
        _say(job, "deck-changes", f"{counts}, {len(changes.vanished)} vanished{more}")


def _say(job: Job[AnkiOptions], code: str, message: str) -> None:
    job.warn(diagnostic(code, job.book.name, 0, message))


def _deck_names(job: Job[AnkiOptions]) -> tuple[str, dict[str, str]]:
    """Return the name of the deck and, if each video has a deck below it, their names by owner.

    Decks match by name and titles change, so the deck of a single channel is named after its folder.
    """
    book, asked = job.book, job.options.deck
    channels = {summary.channel for summary in book.by_id.values()}
    title = channels.pop() if len(channels) == 1 else book.title or book.name
    deck = "::".join(map(deck_level, asked.split("::"))) if asked else f"Notebind::{deck_level(title)}"
    if not job.options.deck_per_video:
        return deck, {}
    titles = [(summary, part.title or summary.title) for part in book.parts for summary in part.notes]
    return deck, {owner_of(summary.video, summary.id): f"{deck}::{deck_level(title)}" for summary, title in titles}
