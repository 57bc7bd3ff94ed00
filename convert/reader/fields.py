"""What plug-ins leave in a note: Dataview's fields, and queries and templates, which are left out.

A field is a line `key:: value`, or `[key:: value]` within a text. Such a line may as well be a flashcard. Where fields
stand together and one of them cannot be a card, all are properties; about the others it is decided by how often the
vault uses their keys.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Literal

from convert.document import nodes as n
from convert.document.note import FieldFact, NoteHead
from convert.document.video import watch_url
from convert.document.walk import all_blocks, plain_text, source_lines
from convert.reader.source import Say, code_ranges, code_spans
from convert.reader.video_address import shortcode_video
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


# Queries and templates

_SIGN = re.compile(
    r"[`{~](?:(?<=`)`{0,2}[ ]?(?:\$?=|(?i:INPUT|VIEW|BUTTON)\[)"
    r"|(?<=\{)(?:\{[<%]|%)[^\n{}]{0,40}?(?i:youtube|vimeo)"
    r"|(?:(?<=`)``|(?<=~)~~)[ \t]*(?i:dataview|datacore|tasks|button|meta-bind|js-engine))"
)
_QUERY = re.compile(
    r"(`{3,}+|~{3,}+)[ \t]*+(?:dataview(?:js)?|datacore[jt]?s?x?|tasks|button|meta-bind[a-z-]*+|js-engine)[ \t]*+\n",
    re.IGNORECASE,
)
_TEMPLATE = re.compile(
    r"<%(?:\*(?:[^%<]|%(?!>)|<(?!%))*+|(?=[\s+_~-]|tp\b)(?:[^%<\n]|%(?!>)|<(?!%)|\n(?![ \t]*+\n))*+)%>"
)
_INLINE = re.compile(r"(?<!`)(`{1,3}+)[ ]?(\$?=|(?:INPUT|VIEW|BUTTON)\[)([^`\n]{1,2000}+)\1(?!`)")
_ASKS = re.compile(
    r"\bthis\b(?:[.\[]|\s*+$)|\]\]\.\w|\b(?:date|dur)\((?:today|now|tomorrow|yesterday|[se]o[wmy]|this\b|\")"
)
"""What an expression of Dataview has, and a sum or a line of code hardly ever."""
_SCRIPT = re.compile(r"\b(?:dv|this|app|moment|await)\b|=>")
_SHORTCODE = re.compile(r"\{(?:\{[<%]|%)[^\n{}<>]{1,340}+>?\}{1,2}")
_EMPTIED = re.compile(r"([ \t>]*+)(?:#{1,6}|[-*+]|[0-9]{1,9}[.)])?(?:[ \t]+\[.\])?[ \t]*+")
_HOLLOW = re.compile(
    r"!?\[\[[^\[\]\n|\0]*+\0[^\[\]\n|]*+(?:\|([^\[\]\n]*+))?\]\]|!?\[([^\[\]\n]{0,400})\]\([^()\n\0]{0,400}+\0[^()\n]*+\)"
    r"|(?<![*_=~\0])(\*{1,3}|_{1,3}|==|~~)\0\3(?![*_=~\0])"
)
"""Links whose target is a leftover, and emphasis of nothing; NUL stands where a leftover was."""
_APART = re.compile(r"[ \t]\0(?=[ \t.,;:!?)]|\Z)")


def drop_leftovers(text: str, say: Say) -> str:
    """Return the text without queries and templates of plug-ins, and with a player in place of its shortcode.

    The number of lines stays. What stands in code stays too, but for the queries that Obsidian itself writes as code.
    """
    if not ("`" in text or "{" in text or "~~~" in text or "<%" in text):  # nearly all notes
        return text
    found = _leftovers(text) if "<%" in text or _SIGN.search(text) else []
    if not found:
        return text
    pieces, end, gone = [], 0, [one for one in found if not one[2]]
    for start, stop, shown in found:
        if start >= end:
            pieces += [text[end:start], shown or _blank(text[start:stop])]
            end = stop
    if gone:
        line = 1 + text.count("\n", 0, gone[0][0])
        words = " ".join(text[gone[0][0] : gone[0][1]].split())
        more = f", and {len(gone) - 1} more" if len(gone) > 1 else ""
        say("leftover-dropped", line, f"{words[:40]!r} is a query or a template of a plug-in: left out{more}")
    lines = "".join([*pieces, text[end:]]).split("\n")
    return "\n".join([_tidied(line) if "\0" in line else line for line in lines])


def _leftovers(text: str) -> list[tuple[int, int, str]]:
    """Return start, end and replacement of each leftover, in order; a range may begin within the one before."""
    code, found = code_spans(text), []
    for start, end in code_ranges(text):
        inline = _INLINE.fullmatch(text, start, end)
        query = _QUERY.match(text, start, end)
        closed = query and text[start:end].rstrip().rpartition("\n")[2].strip(" \t>").startswith(query[1])
        if closed or (inline and _is_query(inline[2], inline[3])):
            found.append((start, end, ""))
    found += [(*one.span(), "") for one in _TEMPLATE.finditer(text) if not code.covers(one.start())]
    for one in _SHORTCODE.finditer(text):
        if not code.covers(one.start()) and (video := shortcode_video(one[0])):
            found.append((*one.span(), f"![]({watch_url(video)})"))
    return sorted(found)


def _is_query(sign: str, words: str) -> bool:
    if sign.endswith("["):
        return words.rstrip().endswith("]")
    return bool((_SCRIPT if sign == "$=" else _ASKS).search(words))


def _blank(dropped: str) -> str:
    """Return what stays of a leftover: its line ends, and the quote marks of its lines."""
    _, *lines = dropped.split("\n")
    return "\n".join(["\0", *(line[: len(line) - len(line.lstrip(" \t>"))] + "\0" for line in lines)])


def _tidied(line: str) -> str:
    """Return a line without what only held a leftover: a mark of an item or heading, emphasis, a link."""
    rest = _APART.sub("", _HOLLOW.sub(lambda held: held[1] or held[2] or "\0", line)).replace("\0", "")
    emptied = _EMPTIED.fullmatch(rest)
    return emptied[1].rstrip() if emptied else rest
