"""Finds the lines of a note that may be Dataview's fields: `key:: value`, and `[key:: value]` within a text.

Such a line may as well be a flashcard. Where fields stand together and one of them cannot be a card, all are
properties; about the others it is decided by how often the vault uses their keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from convert.document import nodes as n
from convert.document.note import FieldFact, NoteHead
from convert.document.walk import all_blocks, plain_text, source_lines
from convert.report import Diagnostic, diagnostic

MARK = re.compile(r"::(?![^\W\d_])")
"""Matches in the source of each note with fields: no letter follows directly, as in `question::answer`."""
OFTEN = 2
"""Uses of a key in the vault from which on it is one of properties."""
_FIELD = re.compile(r"([^\W\d_][^:()\[\]{}|?!\n]{0,39})(?<! )::[ \t]++([^ \t:].*)")
_IN_BRACKETS = re.compile(r"(?<!\S)[\[(]([^\W\d_][^:()\[\]{}|?!\n]{0,39})::[ \t]")
_TYPED = re.compile(
    r"(?:\[\[.{1,300}\]\]|https?://\S{1,2000}|[+-]?[0-9][0-9.,:/%-]{0,30}(?: ?[a-zA-Z€$£%]{1,8})?|true|false|yes|no"
    r"|\d{4}-\d\d(?:-\d\d.{0,20})?|(?:#[\w/-]{1,100} ?){1,20}|☆{0,10}★{1,10}☆{0,10}|⭐{1,10})",
    re.IGNORECASE,
)
"""What the value of a field is and the answer of a card hardly ever: a link, a number, a date, tags, yes or no."""
_USUAL_KEYS = frozenset(
    re.findall(
        r"\w+",
        """alias aliases author authors autor category chapter channel course created cssclass date datum director due
        duration episode event fach genre host language lecture lecturer lehrer length link modified page parent part
        people place priority project publisher published rating related released semester series source sources speaker
        status subject tag tags thema topic topics type up updated url venue video watched website week year""",
    )
)
"""Keys that people give their notes; a card beside one of them is a field too."""
_KEYS_OF_LOGSEQ = re.compile(r"collapsed|id|heading|background-color|card-[a-z-]++|logseq\..++")
"""Keys that Logseq writes, always of properties."""


def fields_of(blocks: Iterable[n.Block]) -> tuple[FieldFact, ...]:
    """Return the fields of a note, and the cards that look like them, in text order."""
    facts: list[FieldFact] = []
    in_items: set[int] = set()
    for block in all_blocks(blocks):
        if isinstance(block, n.List):
            first = [item.children[0] for item in block.items if item.children]
            paragraphs = [one for one in first if isinstance(one, n.Paragraph)]
            in_items.update(map(id, paragraphs))
            # The items of a list stand beside each other, by their first lines.
            facts += _judged([line for one in paragraphs for line in source_lines(one)[:1]])
        elif isinstance(block, n.Paragraph):
            found = source_lines(block)
            facts += _judged(found[1:] if id(block) in in_items else found)
    return tuple(sorted(facts, key=lambda fact: fact.line))


def _judged(lines: Iterable[tuple[int, tuple[n.Inline, ...]]]) -> list[FieldFact]:
    """Return the fields among lines that stand below each other."""
    facts: list[FieldFact] = []
    group: list[FieldFact] = []
    for number, line in (*lines, (0, ())):
        found = _fields_in(number, line)
        if found:
            group += found
            continue
        lines_held = {field.line for field in group}
        sure = len(lines_held) > 1 and any(one.kind or one.key in _USUAL_KEYS for one in group)
        others: Literal["", "property"] = "property" if sure else ""
        for one in group:
            kind = one.kind if one.kind == "brackets" else "property" if _KEYS_OF_LOGSEQ.fullmatch(one.key) else others
            facts.append(FieldFact(one.key, one.line, kind))
        group = []
    return facts


def _fields_in(number: int, line: tuple[n.Inline, ...]) -> list[FieldFact]:
    """Return the field that a line is, or those in brackets within it; a line with a stamp is no field.

    One line alone shows a "property" by its value; whether it counts depends on those beside it.
    """
    if not any(isinstance(node, n.Text) and "::" in node.text for node in line):
        return []
    words = plain_text(line)
    if found := _FIELD.fullmatch(words):
        timed = any(isinstance(node, n.Stamp) for node in line)
        kind: Literal["", "property"] = "property" if _TYPED.fullmatch(found[2]) else ""
        return [] if timed else [FieldFact(_key(found[1]), number, kind)]
    return [FieldFact(_key(found[1]), number, "brackets") for found in _IN_BRACKETS.finditer(words)]


def _key(written: str) -> str:
    return " ".join(written.casefold().split())


def judge_fields(note: NoteHead, uses: Counter[str]) -> tuple[tuple[int, ...], list[Diagnostic]]:
    """Return the lines of a note that hold properties, and a remark on each of its fields.

    `uses` tells how often the vault uses each key.
    """
    reasons = [(field, _reason(field, uses)) for field in note.fields]
    remarks = [_remark(note.path, field, reason) for field, reason in reasons]
    lines = dict.fromkeys(field.line for field, reason in reasons if reason and field.kind != "brackets")
    return tuple(lines), remarks


def _reason(field: FieldFact, uses: Counter[str]) -> str:
    """Return why a field is a property, "" if it is a card."""
    if field.kind:
        return "in brackets" if field.kind == "brackets" else "beside other properties"
    count = uses[field.key]
    return f"its key is used {count} times in the vault" if count >= OFTEN else ""


def _remark(path: str, field: FieldFact, reason: str) -> Diagnostic:
    key = field.key if len(field.key) <= 40 else f"{field.key[:40]}…"
    if reason:
        return diagnostic("field-property", path, field.line, f"{key!r} is a property, no card: {reason}")
    message = f"{key!r} is the question of a card: its key is used once, and no property is beside it"
    return diagnostic("field-card", path, field.line, message)
