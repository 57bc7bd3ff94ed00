"""What other writers of cards are given, and what they hand back: passages as JSON, and answers found in a text.

Kept apart because only `notebind cards --export` and `--import` need it, and neither makes a card.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from convert.document.note import Note
from convert.extract.cards.candidate import LONGEST_SENTENCE
from convert.extract.cards.english import content
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
    "Write the flashcards that a careful learner would still want in a year; none if the passage has no such fact. "
    "A card asks for one fact, can be understood without the passage (no 'it', no 'the company'), and has one right "
    "answer. Do not ask what is trivial, vague, an opinion or the speaker's own story. "
    "quotes: copy, character by character, each sentence that the card draws on (1 to 3 of them) with its id. "
    "front: a question, or a quoted sentence with [...] in place of the answer. Take its words from the quoted "
    "sentences, the title and the section; its names and numbers, too. "
    "back: the answer in the words of the quoted sentences, in their order, as short as it can be; a list of 2 to 7 "
    "short texts if the answer is a list. Keep every not, only, most, more than, may. "
    "The answer must stand neither in the front nor in the title or section, not even as another form of the word. "
    "Plain text only: no HTML, no LaTeX, no markup of Anki. Answer with JSON of the schema alone."
)
"""What a card must be, told to whoever writes it; `gate` refuses what it can see to be otherwise."""


class Quote(msgspec.Struct, frozen=True):
    """A sentence that a card draws on: its id and its text."""

    id: str
    text: str


class Draft(msgspec.Struct, frozen=True):
    """A card as another writer made it."""

    quotes: Annotated[tuple[Quote, ...], msgspec.Meta(min_length=1, max_length=MOST_QUOTES)]
    front: str
    back: str | Annotated[tuple[str, ...], msgspec.Meta(min_length=2, max_length=MOST_ITEMS)]


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
                "sentences": told,
                "rubric": RUBRIC,
                "schema": answer_schema(),
            }


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
    kept = {key: _inlined(value, definitions) for key, value in part.items() if key not in ("title", "description")}
    return {**kept, "additionalProperties": False} if kept.get("type") == "object" else kept


def drafts(text: str) -> Iterator[tuple[int, Draft | str]]:
    """Yield the cards in a text with the line of each, or why there is none.

    JSON may stand on one line or on several, with other words around it, as models write them.
    """
    number = position = damaged = 0
    line_at = _Lines(text)
    while position < len(text):
        end = text.find("\n", position)
        end = len(text) if end < 0 else end
        line = text[position:end].strip(" \t,")
        if line[:1] in ("{", "[") and line:
            start = text.index(line[0], position)
            value, position = _decoded(text, start, end)
            damaged += isinstance(value, str)
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
    if not number and text.strip():
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
