"""What other writers of cards are given, and what they hand back: passages as JSON, and answers found in a text.

Kept apart because only `notebind cards --export` and `--import` need it, and neither makes a card.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import msgspec

from convert.document.note import Note
from convert.extract.cards.candidate import LONGEST_SENTENCE
from convert.extract.cards.english import content, normal
from convert.extract.cards.model import context_line
from convert.extract.cards.passages import Passage, Prose, passages, spelled

MOST_SENTENCES = 30
"""Sentences of a passage; a longer section gives several passages."""
MOST_QUOTES = 3
"""Sentences that a card may draw on."""
MOST_ITEMS = 7
"""Items of a list."""
LONGEST_FRONT = 300
"""Characters."""
LONGEST_BACK = 300
"""Characters; of a list, all its items together."""
LONGEST_ANSWER = 100_000
"""Characters of one answer, which may hold the cards of a whole note."""
MOST_DAMAGED = 200
"""Damaged places of a file; one with more is no file of cards."""
MOST_CARDS = 20_000
"""Cards of a file; more belong into several files."""

RUBRIC = (
    "Write flashcards of this passage for a strict learner, who keeps a card only if it is worth knowing in a year. "
    "Write at most three, and fewer rather than a weak one: many passages have no such fact. Then answer "
    '{"cards": []}. '
    "Worth knowing: what a term means or how that which is described is called; who made, discovered, led or founded "
    "it; how or why it works; a law, a formula, the property that sets it apart; a year or number of a textbook. "
    "Not worth it: opinion, advice, forecast, poll, quotation, anecdote, example, news; the steps of a program; what "
    "concerns only a company, a product, the talk or its speaker; coinages of the speaker; vague dates, ranges, what "
    "changes within years; what everybody knows or can guess from the question. "
    "One right answer: who knows the subject but not this passage must be able to give it, and nothing else may fit. "
    "So ask for the name from the whole description rather than what something helps, needs, affects, leads to, or "
    "focuses on, and never for one of several causes, conditions, methods or countries. "
    "worth: the course or chapter of a textbook in which the learner meets this. "
    'rival: another answer that somebody could give, else "". A card with a rival is refused: ask more narrowly. '
    "The learner sees the line `context` and the front, nothing else: name everything (no 'it', no 'the company', no "
    "'the study'), also whose experiment or method it is. "
    "quotes: copy, character by character, each sentence that the card draws on (1 to 3 of them) with its id; also "
    "the one that names what 'it' or 'this' stands for. "
    "front: a question, or a quoted sentence with [...] in place of the answer. Take its words from the quoted "
    "sentences, the title and the section; its names and numbers, too. "
    "back: the answer in the words of the quoted sentences, in their order, as short as it can be; a list of 2 to 7 "
    "short texts if the answer is a closed list. Keep every not, only, most, more than, may. "
    "No word of the answer may stand in front, title or section, not even in another form or inside another word. "
    "Plain text only: no HTML, no LaTeX, no markup of Anki. Answer with JSON of the schema alone."
)
"""What a card must be, told to whoever writes it; `gate` refuses what it can see to be otherwise."""


class Quote(msgspec.Struct, frozen=True):
    """A sentence that a card draws on: its id and its text."""

    id: str
    text: str


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A card as another writer made it; the order of its fields is that in which a model thinks of them."""

    quotes: Annotated[tuple[Quote, ...], msgspec.Meta(min_length=1, max_length=MOST_QUOTES)]
    worth: str = ""
    """Where a learner needs it. It is not kept: who has to say it leaves out cards that nobody needs."""
    front: str
    back: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=2, max_length=MOST_ITEMS)]
    rival: str = ""
    """Another answer that would fit, "" if there is none."""


class Answer(msgspec.Struct, frozen=True):
    """The cards of a passage."""

    cards: tuple[Draft, ...]


class Source(msgspec.Struct, frozen=True, gc=False):
    """A sentence of a note that can be quoted."""

    id: str
    text: str
    passage: Passage
    prose: Prose


def sources(note: Note) -> list[list[Source]]:
    """Return the sentences of a note that have a time, by passage; of equal ones only the first.

    The id of a sentence depends on its note and its text alone, so it survives what changes elsewhere.
    """
    known: set[str] = set()
    found = []
    for passage in passages(note):
        own = []
        for prose in passage.prose:
            text = spelled(prose.sentence.text, prose.sentence.atoms)
            name = _name(note.id, text)
            if prose.start_ms is None or name in known or len(text) > LONGEST_SENTENCE or not content(text):
                continue
            known.add(name)
            own.append(Source(name, text, passage, prose))
        if own:
            found.append(own)
    return found


def _name(note_id: str, text: str) -> str:
    digest = hashlib.blake2b(f"{note_id}\n{text}".encode("utf-8", "surrogatepass"), digest_size=5).digest()
    return base64.b32encode(digest).decode().lower()


def exported(note: Note) -> Iterator[dict[str, Any]]:
    """Yield what a writer of cards is given about each passage of a note."""
    for found in sources(note):
        for start in range(0, len(found), MOST_SENTENCES):
            told = [
                {"id": one.id, "seconds": (one.prose.start_ms or 0) / 1000, "text": one.text}
                for one in found[start : start + MOST_SENTENCES]
            ]
            section = " › ".join(found[start].passage.path)
            yield {
                "note": note.id,
                "title": note.title,
                "section": section,
                "context": context_of(note.title, found[start].passage.path),
                "sentences": told,
                "rubric": RUBRIC,
                "schema": answer_schema(),
            }


def context_of(title: str, path: Sequence[str], answer: frozenset[str] = frozenset()) -> str:
    """Return the line above a card: the title, and the last heading that is another and has no word of the answer."""
    kept = [one for one in path if not answer & frozenset(content(one)) and normal(one) != normal(title)]
    return context_line(title, kept[-1] if kept else "")


def answer_schema() -> dict[str, Any]:
    """Return the JSON Schema of an answer, without references and closed, as strict servers want it."""
    schema = msgspec.json.schema(Answer)
    definitions = schema.pop("$defs")
    closed = _inlined({"$ref": schema["$ref"]}, definitions)
    assert isinstance(closed, dict)
    return closed


def _inlined(part: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(part, list):
        return [_inlined(one, definitions) for one in part]
    if not isinstance(part, dict):
        return part
    if "$ref" in part:
        return _inlined(definitions[part["$ref"].rsplit("/", 1)[1]], definitions)
    left_out = ("title", "description", "default")
    kept = {key: _inlined(value, definitions) for key, value in part.items() if key not in left_out}
    if kept.get("type") != "object":
        return kept
    # A model must say why; a person may leave it out.
    return {**kept, "required": list(kept["properties"]), "additionalProperties": False}


def drafts(text: str) -> Iterator[tuple[int, Draft | str]]:
    """Yield the cards in a text with the line of each, or why there is none.

    JSON may stand on one line or on several, with other words around it, as models write them.
    """
    number = position = damaged = answers = 0
    line_at = _Lines(text)
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].strip(" \t,")
        opens = line[:1] in ("{", "[") and bool(line)
        if (start := text.index(line[0], position) if opens else text.find('{"', position, end)) >= 0:
            value, position = _decoded(text, start, end)
            damaged += isinstance(value, str)
            answers += 1
            if damaged == MOST_DAMAGED:
                yield line_at(start), f"this is the {MOST_DAMAGED}th damaged place: the rest is left out"
                return
            for one in _cards(value):
                number += 1
                yield line_at(start), one
                if number == MOST_CARDS:
                    yield line_at(start), f"a file has at most {MOST_CARDS:,} cards: the rest is left out"
                    return
            continue
        position = end + 1
    if not answers and text.strip():
        yield 1, "the file has no JSON: write answers as the schema in the export says"


class _Lines:
    """The number of the line of a position; positions only ever rise."""

    def __init__(self, text: str) -> None:
        self.text, self.position, self.line = text, 0, 1

    def __call__(self, position: int) -> int:
        """Return the number of the line, from 1."""
        self.line += self.text.count("\n", self.position, position)
        self.position = position
        return self.line


def _decoded(text: str, start: int, end: int) -> tuple[Any, int]:
    """Return the JSON value at `start`, or a text that says why there is none, and where to read on."""
    try:
        value, length = json.JSONDecoder().raw_decode(text[start : start + LONGEST_ANSWER])
        return value, start + length
    except RecursionError:
        reason = "is nested too deep"
    except ValueError as error:
        reason = f"is damaged ({str(error).split(':')[0]})"
    if end - start > LONGEST_ANSWER:
        reason = f"has more than {LONGEST_ANSWER:,} characters"
    return f"the JSON that begins here {reason}: left out; write it anew", end


def _cards(value: Any) -> Iterator[Draft | str]:
    """Yield the cards of an answer, of a list of cards, or the one card; a text for what is none."""
    if isinstance(value, str):
        yield value
        return
    several = value.get("cards", [value]) if isinstance(value, dict) else value
    for one in several if isinstance(several, list) else [several]:
        try:
            yield msgspec.convert(one, Draft)
        except msgspec.ValidationError as error:
            yield f"is no card ({error}): write quotes, front and back as the schema in the export says"
