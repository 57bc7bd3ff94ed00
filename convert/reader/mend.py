"""Repairs of the source of a note, made before its Markdown is read. They never change the number of lines.

Real notes hold a few kinds of damage that Markdown's rules would turn into lost links or visible scraps of markup:
anchors of stamps with broken quotes, pipes of wikilinks that split table cells, a fence around the whole text.
Code is left alone. Undamaged notes, nearly all, pay one count for each kind.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from convert.reader.comments import drop_comments
from convert.reader.markdown import code_spans
from convert.reader.mend_brackets import mend_brackets
from convert.reader.mend_callouts import mend_callouts
from convert.reader.source import Lines, Say

_TIME = r"[0-9:.]{3,15}"
_SOUND = rf'<a class="yt-timestamp" data-t="{_TIME}">(?:\[{_TIME}\]|{_TIME}|)</a>'
_SOUND_ANCHOR = re.compile(_SOUND)
_ANY_ANCHOR = re.compile(
    rf"(?P<sound>{_SOUND})"
    r"|(?P<closed><a\b(?P<inside>[^<\n]{1,400})</a(?:>|(?=[^a-zA-Z])))"
    rf"|(?P<open><a\s[^<>\n]{{0,80}}data[^<>\n]{{0,40}}>(?P<label>\[?{_TIME}\]*>?)?)"
    rf"|(?P<torn><a\s+class=[^<>\n]{{0,60}}?data-t=\"?{_TIME}[\"\]]*)"
)
_VARIANT = re.compile(
    rf"<a\s(?:class=[\"']?yt-timestamp[\"']?\s+)?data-t=([\"']?){_TIME}\1(?:\s+class=[\"']?yt-timestamp[\"']?)?\s?>"
    rf"[*_]{{0,3}}\[?{_TIME}\]?[*_]{{0,3}}</a>"
)
"""Another spelling of a sound anchor: nothing to report."""
_IS_STAMP = re.compile(r"yt|data")
_TIME_LIST = re.compile(r"(?<![0-9:])[0-9]{1,3}(?::[0-9]{1,2}){1,3}(?:\.[0-9]{1,9})?(?![0-9:])")
_LABEL_TIME = re.compile(rf"[\[(]?{_TIME_LIST.pattern}Z?[\])]?")
_NO_LABEL = re.compile(r"^[\s\[\](){}<>\"'=,;:.&-]*$")
_DOUBLED = re.compile(rf"\[{_TIME}\]\((?=<a\s)")
_DOUBLED_ANCHOR = re.compile(rf"\[{_TIME}\]\(({_SOUND}(?:, ?{_SOUND})*)\)?")


def mend_anchors(text: str, say: Say) -> str:
    """The text with every broken or unusual anchor of a stamp written in the one sound form."""
    if text.count("<a") == len(_SOUND_ANCHOR.findall(text)):
        return _undouble(text)
    code, lines = code_spans(text), Lines(text)

    def mended(found: re.Match[str]) -> str:
        if found["sound"] or code.covers(found.start()):
            return found[0]
        replacement = _sound_form(found)
        if "<a " not in replacement:
            say("stamp-unreadable", lines.at(found.start()), f"{_shown(found[0])} holds no time: its text is kept")
        elif replacement != found[0] and not _VARIANT.fullmatch(found[0]):
            say("stamp-mended", lines.at(found.start()), f"broken anchor {_shown(found[0])} read as a stamp")
        return replacement

    return _undouble(_ANY_ANCHOR.sub(mended, text))


def _shown(anchor: str) -> str:
    return repr(anchor if len(anchor) <= 80 else anchor[:79] + "…")


def _undouble(text: str) -> str:
    """`[12:34](<a ...>)` says its time twice: the anchor stays."""
    return _DOUBLED_ANCHOR.sub(r"\1", text) if _DOUBLED.search(text) else text


def _sound_form(found: re.Match[str]) -> str:
    if found["closed"]:
        return _closed_form(found[0], found["inside"])
    times = _TIME_LIST.findall(found[0])
    return _anchor(times[0]) if times else found[0]


def _closed_form(whole: str, inside: str) -> str:
    """A closed anchor: its times as anchors of their own, after the words of its label if it has any."""
    if not _IS_STAMP.search(inside):
        return whole
    head, _, label = inside.partition(">")
    if label.endswith('"') or "=" in label:
        head, label = inside, ""
    in_head, in_label = _TIME_LIST.findall(head), _TIME_LIST.findall(label)
    before, label, after = _marks_around(label)
    words = _LABEL_TIME.sub("", label).strip()
    lead = "" if _NO_LABEL.match(words) else words + " "
    if len(in_head) == 1 and len(in_label) == 1 and not lead:
        return before + _anchor(in_head[0], in_label[0]) + after
    # A list of times (comma) is several stamps; a range (dash) is one, at its start.
    times = in_label if len(in_label) > len(in_head) and "," in label else in_head
    times = times or in_label
    if "-" in re.sub(r"data-t|yt-|[a-z]-[a-z]", "", head + label):
        times = times[:1]
    anchors = " ".join(_anchor(time) for time in times)
    return before + lead + anchors + after if times else before + (label.strip() or whole) + after


def _marks_around(label: str) -> tuple[str, str, str]:
    """A label between the marks of emphasis at its ends: those stay where they are."""
    text = label.strip()
    inner = text.lstrip("*_~")
    before, inner = text[: len(text) - len(inner)], inner.rstrip("*_~")
    return before, inner, text[len(before) + len(inner) :]


def _anchor(time: str, label: str = "") -> str:
    return f'<a class="yt-timestamp" data-t="{time}">[{label or time}]</a>'


# Tables

_DELIMITER_ROW = re.compile(r"^[ \t>]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$", re.MULTILINE)
_LINK_WITH_PIPE = re.compile(r"\[\[([^\[\]|\\\n]{1,400})\|")


def mend_table_pipes(text: str, say: Say) -> str:
    """The text with the pipe of each `[[target|label]]` on a line of a table escaped, so that it splits no cell."""
    if "[[" not in text or "|" not in text or not (rows := _DELIMITER_ROW.search(text)) or "|" not in rows[0]:
        return text
    lines, code = text.split("\n"), code_spans(text)
    offset = 0
    in_table = False
    for number, line in enumerate(lines):
        in_table = bool(line.strip()) and (in_table or _starts_table(lines, number))
        if in_table and "[[" in line and not code.covers(offset):
            lines[number] = _LINK_WITH_PIPE.sub(r"[[\1\\|", line)
        offset += len(line) + 1
    return "\n".join(lines)


def _starts_table(lines: list[str], number: int) -> bool:
    following = lines[number + 1] if number + 1 < len(lines) else ""
    return "|" in lines[number] and "|" in following and bool(_DELIMITER_ROW.match(following))


# A fence around the text

_FENCE = re.compile(r"^(`{3,})[ \t]*([^\s`]*)[^`\n]*$", re.MULTILINE)
_NOTE_MARKUP = re.compile(r"\[\[|yt-timestamp|^#{1,6} ", re.MULTILINE)


def unwrap_fence(text: str, say: Say) -> str:
    """The text without a ```` ```markdown ```` fence around (part of) it: what it holds is the note itself."""
    if "```m" not in text:
        return text
    fences = list(_FENCE.finditer(text))
    opener = next((i for i, fence in enumerate(fences) if fence[2].lower() in ("markdown", "md")), None)
    if opener is None:
        return text
    closer = _closing_fence(fences, opener)
    start, end = fences[opener].end(), closer.start() if closer else len(text)
    if not _NOTE_MARKUP.search(text, start, end):
        return text
    say(
        "fence-stray",
        1 + text.count("\n", 0, fences[opener].start()),
        "the text stood in a stray markdown fence: read without it",
    )
    tail = text[closer.end() :] if closer else ""
    return text[: fences[opener].start()] + text[start:end] + tail


def _closing_fence(fences: list[re.Match[str]], opener: int) -> re.Match[str] | None:
    """The fence that closes the opener: fences with a language open others inside it."""
    inner = False
    for fence in fences[opener + 1 :]:
        if fence[2]:
            inner = True
        elif inner:
            inner = False
        else:
            return fence
    return None


Repair = Callable[[str, Say], str]
REPAIRS: tuple[Repair, ...] = (
    unwrap_fence,
    drop_comments,
    mend_callouts,
    mend_anchors,
    mend_brackets,
    mend_table_pipes,
)
"""In the order in which they apply: what a fence hid has to be in the open before the others look."""


def mend(text: str, say: Say) -> str:
    """The text of a note with all repairs made."""
    for repair in REPAIRS:
        text = repair(text, say)
    return text
