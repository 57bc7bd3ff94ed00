"""`notebind cards`: prints the flashcards of notes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

import typer

from convert.cli.card_exchange import exchange
from convert.cli.command_options import Cards
from convert.cli.settings import Given, reading_request
from convert.cli.summary import end_with_errors
from convert.document import nodes as n
from convert.document.walk import own_inlines, plain_text
from convert.errors import UsageError
from convert.extract.cards import LEVELS, REVIEWED, Card, Face, Gap, Marks, cards_of, taste_of
from convert.extract.cards.taste import Taste
from convert.report import visible
from convert.vault.vault import open_vault
from convert.vault.verdicts import read_verdicts
from convert.workers.pool import TookTooLong, cores, time_limit

_RUBY = re.compile(r"</?(?:ruby|rp|rb)>")


def cards(given: Given) -> None:
    """Print the cards of all notes, or exchange them; exits with 1 if a file cannot be read or there are no notes."""
    options, request = reading_request(Cards, given)
    if options.export or options.import_:
        exchange(options, request)
    # Settings for builds may say `reviewed`; what is new is at the usual level then.
    level = "normal" if options.cards == REVIEWED else options.cards
    if level not in LEVELS:
        raise UsageError(f"--cards takes {', '.join(LEVELS)}, not {options.cards!r}")
    marks = Marks(options.inline_cards, options.reversed_cards, options.highlight_cards, options.heading_cards)
    most = options.max_cards_per_note
    opened = open_vault(request, cores(), lambda _: None)
    for note in opened.notes():
        try:
            with time_limit(request.max_seconds):
                taste = _taste(opened.sources[note.id].folder)
                found = list(cards_of(note, level, most, options.section_cards, marks, taste))
        except TookTooLong as error:
            opened.leave_out(note.path, error)
            continue
        for card in found:
            typer.echo("\n".join(map(visible, _shown(note.path, card, options.explain))))
    end_with_errors(opened)


@lru_cache(maxsize=1)
def _taste(folder: str) -> Taste:
    """Return what the ranker has learned from the verdicts in a channel's folder."""
    return taste_of(read_verdicts(folder).entries)


def _shown(path: str, card: Card, explain: bool) -> list[str]:
    """Return the lines of a card: its question and its answer as they will look, once for each gap number."""
    lines = [f"{path}:{card.line}: {card.rule} {card.score:.2f}"]
    back = _block_lines(card.back)
    gaps = [node for node in card.front if isinstance(node, Gap)]
    for number in sorted({gap.number for gap in gaps}) or [0]:
        lines += _labelled("Q", _face_lines(card.front, number))
        words = "; ".join([_words(gap.children) for gap in gaps if gap.number == number])
        lines += _labelled("A", [words, *back] if gaps else back)
    if card.context:
        lines.append(f"  in: {card.context}")
    if explain:
        reasons = sorted(card.reasons, key=lambda reason: -abs(reason.weight))
        lines += [f"  {reason.weight:+6.2f} {reason.name}" for reason in reasons]
    return lines


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
