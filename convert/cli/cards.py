"""`notebind cards`: prints the flashcards of notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import NamedTuple

import msgspec
import typer

from convert.cli.card_exchange import exchange
from convert.cli.check import harmless
from convert.cli.command_options import Cards
from convert.cli.progress import echo_wrapped
from convert.cli.settings import Given, reading_request
from convert.cli.summary import end_with_errors
from convert.document import nodes as n
from convert.document.note import Note
from convert.document.verdict import Verdict
from convert.document.walk import own_inlines, plain_text
from convert.errors import unknown
from convert.extract.cards import LEVELS, REVIEWED, Card, Face, Gap, Marks, cards_of, taste_of
from convert.extract.cards.mining import Taste
from convert.extract.cards.model import blocks_text, face_text
from convert.report import Diagnostic, visible
from convert.vault.vault import Vault, open_vault
from convert.vault.verdicts import read_verdicts
from convert.workers.pool import TookTooLong, cores, time_limit
from convert.writers.anki.deck_cards import deck_cards, owner_of
from convert.writers.anki.identity import key_of
from convert.writers.anki.judged import card_of, is_whole, judged

_RUBY = re.compile(r"</?(?:ruby|rp|rb)>")
Told = tuple[Card, Verdict | None]
"""A card and the verdict on it."""


def cards(given: Given) -> None:
    """Print the cards of all notes, or exchange them; exits with 1 if a file cannot be read or there are no notes."""
    options, request = reading_request(Cards, given)
    if options.export or options.import_:
        exchange(options, request)
    # Settings for builds may say `reviewed`; what is new is at the usual level then.
    level = "normal" if options.cards == REVIEWED else options.cards
    if level not in LEVELS:
        raise unknown("--cards", options.cards, LEVELS)
    said_in, count = cache(_said), 0
    opened = open_vault(request, cores(), lambda _: None)
    for note in opened.notes():
        try:
            with time_limit(request.max_seconds):
                said = said_in(opened.sources[note.id].folder)
                found = [*_judged(_made(note, level, options, said.taste), note, said), *_whole(note, said, opened)]
        except TookTooLong as error:
            opened.leave_out(note.path, error)
            continue
        count += len(found)
        for card, verdict in found:
            if options.json_:
                typer.echo(harmless(msgspec.json.encode(_as_json(note, card, verdict))))
            else:
                typer.echo("\n".join(map(visible, _shown(note.path, card, verdict, options.explain))))
    end_with_errors(opened)
    if not count:
        echo_wrapped(_NONE, err=True)


_NONE = (
    "No cards: nothing in these notes is marked, and no sentence is sure enough; mark some (Question::Answer), "
    "or try --cards all or --section-cards."
)


def _made(note: Note, level: str, options: Cards, taste: Taste) -> Sequence[Card]:
    marks = Marks(options.inline_cards, options.reversed_cards, options.highlight_cards, options.heading_cards)
    return cards_of(note, level, options.max_cards_per_note, options.section_cards, marks, taste, _tell)


def _tell(found: Diagnostic) -> None:
    typer.echo(str(found), err=True)


class _Said(NamedTuple):
    """The verdicts in a channel's folder."""

    entries: Mapping[str, Verdict]
    """By the keys of their cards."""
    left: dict[str, Verdict]
    """Those about no card that was printed."""
    taste: Taste
    """What the ranker has learned from them."""


def _said(folder: str) -> _Said:
    """Return the verdicts in a channel's folder; what cannot be read is told once."""
    file = read_verdicts(folder)
    for problem in file.problems:
        _tell(problem)
    entries = {key_of(one): one for one in file.entries}
    return _Said(entries, dict(entries), taste_of(file.entries))


def _judged(cards: Sequence[Card], note: Note, said: _Said) -> Iterator[Told]:
    """Yield the cards of a note with their verdicts, and with the words of the person if there are any."""
    if not said.entries:
        yield from ((card, None) for card in cards)
        return
    made = deck_cards(cards, note)
    keys = [key_of(one) for one in made]
    verdict_of = judged(made, keys, keys, said.entries.values())
    for card, key in zip(cards, keys, strict=True):
        if verdict := verdict_of.get(key):
            said.left.pop(key_of(verdict), None)
        own = card_of(verdict) if verdict and verdict.edited and is_whole(verdict, card.kind) else card
        yield msgspec.structs.replace(card, front=own.front, back=own.back), verdict


def _whole(note: Note, said: _Said, vault: Vault) -> Iterator[Told]:
    """Yield the cards that are whole in their entries: those of other writers, and kept ones that no rule makes."""
    owner = owner_of(note.video, note.id)
    for key, verdict in list(said.left.items()):
        is_here = verdict.note == note.slug or f"{note.channel}/{verdict.note}" not in vault.sources
        is_shown = bool(verdict.front) and (verdict.imported or verdict.verdict == "keep")
        if verdict.owner == owner and is_here and is_shown:
            yield card_of(said.left.pop(key)), verdict


def _as_json(note: Note, card: Card, verdict: Verdict | None) -> dict[str, object]:
    """Return a card as `--json` tells it; it has no line if the note does not make it."""
    return {
        "note": note.id,
        "line": card.line or None,
        "seconds": None if card.start_ms is None else card.start_ms / 1000,
        "rule": card.rule,
        "chance": round(card.score, 2),
        "front": face_text(card.front),
        "back": blocks_text(card.back),
        "context": card.context,
        "verdict": verdict.verdict if verdict else "",
        "edited": bool(verdict and verdict.edited),
        "suspended": bool(verdict and verdict.suspended),
        "imported": bool(verdict and verdict.imported),
        "doubt": verdict.doubt if verdict else "",
    }


def _shown(path: str, card: Card, verdict: Verdict | None, explain: bool) -> list[str]:
    """Return the lines of a card: its question and its answer as they will look, once for each gap number."""
    place = f"{path}:{card.line}:" if card.line else f"{path}:"
    lines = [", ".join([f"{place} {card.rule} {card.score:.2f}", *(_words_of(verdict) if verdict else ())])]
    back = _block_lines(card.back)
    gaps = [node for node in card.front if isinstance(node, Gap)]
    for number in sorted({gap.number for gap in gaps}) or [0]:
        lines += _labelled("Q", _face_lines(card.front, number))
        words = "; ".join([_words(gap.children) for gap in gaps if gap.number == number])
        lines += _labelled("A", [words, *back] if gaps else back)
    if card.context:
        lines.append(f"  in: {card.context}")
    if verdict and verdict.doubt:
        lines.append(f"  doubt: {verdict.doubt}")
    if explain:
        reasons = sorted(card.reasons, key=lambda reason: -abs(reason.weight))
        lines += [f"  {reason.weight:+6.2f} {reason.name}" for reason in reasons]
    return lines


def _words_of(verdict: Verdict) -> Iterator[str]:
    """Yield what a verdict says of its card."""
    yield {"keep": "kept", "discard": "discarded", "waiting": "waiting"}[verdict.verdict]
    if verdict.edited:
        yield "reworded"
    if verdict.suspended:
        yield "suspended in Anki"
    if verdict.deleted:
        yield "deleted in Anki"


def _labelled(label: str, lines: Sequence[str]) -> list[str]:
    """Return lines with a label before the first and blanks before the others."""
    first, *others = lines or [""]
    return [f"  {label}: {first}", *[f"     {line}" for line in others]]


def _face_lines(face: Face, number: int) -> list[str]:
    """Return the lines of a question; the gaps of this number are their hints in brackets, others are filled."""
    nodes: list[n.Inline] = []
    for node in face:
        if not isinstance(node, Gap):
            nodes.append(node)
        elif node.number == number:
            nodes.append(n.Text(f"[{node.hint or '...'}]"))
        else:
            nodes += node.children
    return _text_lines(nodes)


def _text_lines(nodes: Iterable[n.Inline]) -> list[str]:
    """Return inline nodes as lines, cut at their line breaks."""
    lines: list[list[n.Inline]] = [[]]
    for node in nodes:
        if isinstance(node, n.LineBreak):
            lines.append([])
        else:
            lines[-1].append(node)
    return [words for line in lines if (words := _words(line))]


def _words(nodes: Iterable[n.Inline]) -> str:
    shown = [n.Text(f"[picture: {node.alt}]") if isinstance(node, n.Image) else node for node in nodes]
    words = plain_text(shown)
    return _RUBY.sub("", words).replace("<rt>", "(").replace("</rt>", ")") if "<ruby>" in words else words


def _block_lines(blocks: Iterable[n.Block]) -> list[str]:
    """Return blocks as lines of text: lists with their signs, tables with bars, code as it is."""
    lines: list[str] = []
    for block in blocks:
        match block:
            case n.List(items, start=start):
                for number, item in enumerate(items):
                    sign = "- " if start is None else f"{start + number}. "
                    first, *others = _block_lines(item.children) or [""]
                    lines += [f"{sign}{first}", *["  " + line for line in others]]
            case n.CodeBlock(text):
                lines += text.split("\n")
            case n.Table(head=head, rows=rows):
                lines += [" | ".join(map(_words, row.cells)) for row in (head, *rows)]
            case n.Quote(children) | n.Callout(children=children) | n.Group(children=children):
                lines += [*_text_lines(own_inlines(block)), *[f"> {line}" for line in _block_lines(children)]]
            case _:
                lines += _text_lines(own_inlines(block))
    return lines
