"""Repairs the source of a note before its Markdown is read, without changing the number of lines.

Real notes have a few kinds of damage that Markdown would turn into lost links or visible scraps of markup: anchors of
stamps with broken quotes, pipes of wikilinks that split table cells, a fence around the whole text, callouts without
quote marks, brackets inside brackets. Code is not changed. Undamaged notes, nearly all, cost one search for each kind.

Kept apart because it works on text before there is a tree. What plug-ins left is dropped in `fields`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from functools import partial

from convert.document.timecode import BARE_STAMP
from convert.reader.fields import drop_leftovers
from convert.reader.html_tags import nest_tags
from convert.reader.math import is_formula
from convert.reader.source import DELIMITER_ROW, Say, Spans, code_spans, line_ends

# Anchors of stamps

_TIME = r"[0-9:.]{3,15}"
_AFTER_NAME = rf' class="yt-timestamp" data-t="{_TIME}">(?:\[{_TIME}\]|{_TIME}|)</a>'
_STANDARD = f"<a{_AFTER_NAME}"
_OTHER_ANCHOR = re.compile(f"<a(?!{_AFTER_NAME})")
_ANY_ANCHOR = re.compile(
    rf"(?P<standard>{_STANDARD})"
    r"|(?P<closed><a\b(?P<inside>[^<\n]{1,400})</a(?:>|(?=[^a-zA-Z])))"
    rf"|(?P<open><a\s[^<>\n]{{0,80}}data[^<>\n]{{0,40}}>(?P<label>\[?{_TIME}\]*>?)?)"
    rf"|(?P<torn><a\s+class=[^<>\n]{{0,60}}?data-t=\"?{_TIME}[\"\]]*)"
)
_VARIANT = re.compile(
    rf"<a\s(?:class=[\"']?yt-timestamp[\"']?\s+)?data-t=([\"']?){_TIME}\1(?:\s+class=[\"']?yt-timestamp[\"']?)?\s?>"
    rf"[*_]{{0,3}}\[?{_TIME}\]?[*_]{{0,3}}</a>"
)
"""Anchors in another valid spelling, which are not reported."""
_IS_STAMP = re.compile(r"yt|data")
_LEADS, _HAS_TIME = re.compile(r"(?<![\w-])href\s*+="), re.compile(r"\sdata-t(?![\w-])|yt-timestamp")
_TIME_LIST = re.compile(r"(?<![0-9:])[0-9]{1,3}(?::[0-9]{1,2}){1,3}(?:\.[0-9]{1,9})?(?![0-9:])")
_LABEL_TIME = re.compile(rf"[\[(]?{_TIME_LIST.pattern}Z?[\])]?")
_NO_LABEL = re.compile(r"^[\s\[\](){}<>\"'=,;:.&-]*+$")
_DOUBLED = re.compile(rf"\[{_TIME}\]\((?=<a\s)")
_DOUBLED_ANCHOR = re.compile(rf"\[{_TIME}\]\(({_STANDARD}(?:, ?{_STANDARD})*)\)?")


def repair_anchors(text: str, say: Say) -> str:
    """Write broken and unusual anchors of stamps in the standard form."""
    if _OTHER_ANCHOR.search(text):
        text = _ANY_ANCHOR.sub(partial(_repaired_anchor, say, code_spans(text), line_ends(text)), text)
    # `[12:34](<a ...>)` gives its time twice: the anchor remains.
    return _DOUBLED_ANCHOR.sub(r"\1", text) if _DOUBLED.search(text) else text


def _repaired_anchor(say: Say, code: Spans, ends: list[int], found: re.Match[str]) -> str:
    if found["standard"] or code.covers(found.start()) or (_LEADS.search(found[0]) and not _HAS_TIME.search(found[0])):
        return found[0]
    replacement, line = _standard_form(found), 1 + bisect_right(ends, found.start())
    if "<a " not in replacement:
        say("stamp-unreadable", line, f"{_excerpt(found[0])} holds no time: its text is kept")
    elif replacement != found[0] and not _VARIANT.fullmatch(found[0]):
        say("stamp-mended", line, f"broken anchor {_excerpt(found[0])} read as a stamp")
    return replacement


def _excerpt(anchor: str) -> str:
    return repr(anchor if len(anchor) <= 80 else anchor[:79] + "…")


def _standard_form(found: re.Match[str]) -> str:
    if found["closed"]:
        return _closed_form(found[0], found["inside"])
    times = _TIME_LIST.findall(found[0])
    return _anchor(times[0]) if times else found[0]


def _closed_form(whole: str, inside: str) -> str:
    """Return the times of a closed anchor as anchors of their own, after the words of its label if it has any."""
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
    """Split a label from the marks of emphasis at its ends."""
    text = label.strip()
    inner = text.lstrip("*_~")
    before, inner = text[: len(text) - len(inner)], inner.rstrip("*_~")
    return before, inner, text[len(before) + len(inner) :]


def _anchor(time: str, label: str = "") -> str:
    return f'<a class="yt-timestamp" data-t="{time}">[{label or time}]</a>'


# Tables

_DELIMITER_ROW = re.compile(rf"\n{DELIMITER_ROW}(?=\n|\Z)")
"""With the newline before it, which makes the search ten times as fast: a table has a row above it."""
_LINK_WITH_PIPE = re.compile(r"\[\[([^\[\]|\\\n]{1,400})\|")


def escape_table_pipes(text: str, say: Say) -> str:
    """Escape the pipe of each `[[target|label]]` on a line of a table, so that it splits no cell."""
    if "[[" not in text or not any("|" in row[0] for row in _DELIMITER_ROW.finditer(text)):
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
    return "|" in lines[number] and "|" in following and bool(_DELIMITER_ROW.match(f"\n{following}"))


# Brackets inside brackets

_TARGET = r"[^\[\]\n|]{1,400}"
_BRACKETED_LABEL = re.compile(rf"\[\[({_TARGET})\|([^\[\]\n]{{0,400}})\[([^\[\]\n]{{1,400}})\][ \t]*\]\]")
_CITATION = re.compile(rf"(?<!!)\[\[({_TARGET})\]\]\((?=https?://)")
_BRACKETED_STAMP = re.compile(r"\[\[[\s:]{0,4}\[([0-9:., \t-]{3,40})\][ \t]*\]\]")
_LIKELY = re.compile(r"\][ \t]*\]\]|\]\]\(https?://")


def repair_brackets(text: str, say: Say) -> str:
    """Escape the brackets in `[[note|[label]]]` and `[[1]](https://...)`, so that they are read whole.

    A stamp at the end of a label comes after the link: `[[note|label [0:10]]]` is `[[note|label]] [0:10]`.
    """
    if "]]" not in text or not _LIKELY.search(text):
        return text
    code = code_spans(text)

    def label(found: re.Match[str]) -> str:
        target, before, inside = found.groups()
        if code.covers(found.start()):
            return found[0]
        if BARE_STAMP.fullmatch(f"[{inside}]"):
            return f"[[{target}|{before}]] [{inside}]"
        return f"[[{target}|{before}\\[{inside}\\]]]"

    def citation(found: re.Match[str]) -> str:
        return found[0] if code.covers(found.start()) else f"[\\[{found[1]}\\]]("

    def stamp(found: re.Match[str]) -> str:
        inside = f"[{found[1]}]"
        return inside if BARE_STAMP.fullmatch(inside) and not code.covers(found.start()) else found[0]

    for pattern, replacement in ((_BRACKETED_STAMP, stamp), (_CITATION, citation), (_BRACKETED_LABEL, label)):
        if (repaired := pattern.sub(replacement, text)) != text:
            text, code = repaired, code_spans(repaired)
    return text


_LEAST_SAID, _APART = 3, str.maketrans({"[": "[<!---->", "<": "\\<"})
_CHAT = re.compile(
    r"^\[((?:[01][0-9]|2[0-3])(?::[0-5][0-9]){1,2})\] (?:<(?=[~&@%+ ]?[^\s<>/]{1,30}> )|(?=-!- |\* \S))", re.MULTILINE
)
_NEXT_SAID = re.compile(r"\n\[[012][0-9]:[0-9:]{2,5}\] <")
"""Such a line, not the first; a search that begins with a literal is several times as fast."""


def keep_chats(text: str, _: Say) -> str:
    """Keep the times of day of a chat log as text (`[10:15] <anna> hello`); a replay begins at 0:00 and has stamps."""
    said = [line for line in _CHAT.finditer(text) if line[0].endswith("<")] if _NEXT_SAID.search(text) else []
    if len(said) < _LEAST_SAID or said[0][1].startswith("00:0"):
        return text
    code = code_spans(text)
    return _CHAT.sub(lambda line: line[0] if code.covers(line.start()) else line[0].translate(_APART), text)


# Callouts

_KINDS = (
    "note|abstract|summary|tldr|info|todo|tip|hint|important|success|check|done|question|help|faq|warning|caution|"
    "attention|failure|fail|missing|danger|error|bug|example|quote|cite"
)
_UNQUOTED = re.compile(
    rf"^(?:#{{1,6}} )?\[!(?:{_KINDS})(?:\|[^\[\]\n]{{0,80}})?\][+-]?(?=[ \t]|$)", re.MULTILINE | re.IGNORECASE
)
_MARKER = re.compile(r"\[![^\[\]\n]{1,80}\][+-]?[ \t]*(?=\S)")
_ANY_FENCE = re.compile(r"^ {0,3}(`{3,}+|~{3,}+)[ \t]*+([^\s`]*+)[^`\n]*+$")
_ADMONITION = re.compile(r"ad-([a-z][a-z0-9-]{0,30})$")
_SETTING = re.compile(r"^(title|collapse|icon|color)[ \t]*+:[ \t]*+(.*)$")


def repair_callouts(text: str, say: Say) -> str:
    """Write callouts without quote marks, and fences of the Admonition plug-in, as `> [!kind] title`."""
    if ("`" in text and "```ad-" in text) or ("~" in text and "~~~ad-" in text):
        text = _quote_admonitions(text)
    if ("\n[!" in text or "# [!" in text or text.startswith("[!")) and _UNQUOTED.search(text):
        text = _quote_unquoted(text, say)
    return text


def _quote_admonitions(text: str) -> str:
    lines = text.split("\n")
    start, fence, kind = 0, "", ""
    for number, line in enumerate(lines):
        found = _ANY_FENCE.match(line)
        if not found:
            continue
        if not fence:
            start, fence = number, found[1]
            admonition = _ADMONITION.match(found[2])
            kind = admonition[1] if admonition else ""
        elif found[1].startswith(fence) and not found[2]:
            if kind:
                lines[start : number + 1] = _callout(kind, lines[start + 1 : number])
            fence = ""
    return "\n".join(lines)


def _callout(kind: str, held: list[str]) -> list[str]:
    """Return the lines of a fence as the same number of lines of a callout: settings and the end become blank."""
    title, fold, begun = "", "", False
    body: list[str] = []
    for line in held:
        setting = _SETTING.match(line) if not begun else None
        if not setting:
            body.append(line)
            begun = begun or bool(line)
            continue
        body.append("")
        if setting[1] == "title":
            title = setting[2]
        elif setting[1] == "collapse":
            fold = "+" if setting[2].startswith("open") else "-"
    return [f"> [!{kind}]{fold} {title}".rstrip(), *(f"> {line}" for line in body), ""]


def _quote_unquoted(text: str, say: Say) -> str:
    code, ends, lines = code_spans(text), line_ends(text), text.split("\n")
    for found in _UNQUOTED.finditer(text):
        number = bisect_right(ends, found.start())
        if lines[number].startswith("#") and not code.covers(found.start()):
            lines[number] = _MARKER.sub("", lines[number], count=1)
            say("callout-mended", number + 1, f"{found[0]} in a heading is left out")
            continue
        # Inside a paragraph it more likely describes the syntax.
        if code.covers(found.start()) or (number and lines[number - 1].strip()):
            continue
        say("callout-mended", number + 1, f"{found[0]} without a quote mark read as a callout")
        for line in range(number, _end(lines, number)):
            lines[line] = f"> {lines[line]}"
    return "\n".join(lines)


def _end(lines: list[str], start: int) -> int:
    """Return the index of the line that ends the paragraph from `start` on; a blank line in a fence does not end it."""
    fence = ""
    for number in range(start, len(lines)):
        found = _ANY_FENCE.match(lines[number])
        if found and (not fence or found[1].startswith(fence)):
            fence = "" if fence else found[1]
        if not fence and not lines[number].strip():
            return number
    return len(lines)


# A fence around the text

_FENCE = re.compile(r"^(`{3,}+)[ \t]*+([^\s`]*+)[^`\n]*+$", re.MULTILINE)
_NOTE_MARKUP = re.compile(r"\[\[|yt-timestamp|^#{1,6} ", re.MULTILINE)


def unwrap_fence(text: str, say: Say) -> str:
    """Remove a ```` ```markdown ```` fence around (part of) the text: its content is the note itself."""
    if "`" not in text or "```m" not in text:
        return text
    fences = list(_FENCE.finditer(text))
    opener = next((i for i, fence in enumerate(fences) if fence[2].lower() in ("markdown", "md")), None)
    if opener is None:
        return text
    closer = _closing_fence(fences, opener)
    start, end = fences[opener].end(), closer.start() if closer else len(text)
    if not _NOTE_MARKUP.search(text, start, end):
        return text
    line = 1 + text.count("\n", 0, fences[opener].start())
    say("fence-stray", line, "the text stood in a stray markdown fence: read without it")
    tail = text[closer.end() :] if closer else ""
    return text[: fences[opener].start()] + text[start:end] + tail


def _closing_fence(fences: list[re.Match[str]], opener: int) -> re.Match[str] | None:
    """Return the fence that closes the opener; fences with a language open others inside it."""
    inner = False
    for fence in fences[opener + 1 :]:
        if fence[2]:
            inner = True
        elif inner:
            inner = False
        else:
            return fence
    return None


# Comments: Obsidian's, `%%like this%%`
#
# The rules are stricter than Obsidian's, because `100%%` is a typing error: a comment never begins directly after a
# letter or digit, and only one that begins and ends with its line may contain blank lines. An unclosed `%%` is text.

_COMMENT_OPENS = re.compile(r"(?<![\w%\\/=&+-])%%(?!%)")
_COMMENT_CLOSES = re.compile(r"%%(?!%)")
_BEFORE_COMMENT = re.compile(r"[ \t>]{0,99}(?:[-*+] |[0-9]{1,9}[.)] )?[ \t]{0,99}")
_LINE_END = re.compile(r"[ \t]*+(?:\n|\Z)")
_BLANK_LINE = re.compile(r"\n[ \t>]*+\n")
_BETWEEN_DOLLARS = re.compile(r"\$\$(.{1,4000}?)\$\$|\$([^$\n]{1,400})\$", re.DOTALL)


def drop_comments(text: str, say: Say) -> str:
    """Remove the comments outside code and formulas; line ends remain, so that lines keep their numbers."""
    if "%" not in text or text.count("%%") < 2 or not _COMMENT_OPENS.search(text):
        return text
    hidden = hidden_spans(text)
    pieces, kept, end = [], 0, 0
    while opening := _next_sign(_COMMENT_OPENS, text, end, hidden):
        closing = _next_sign(_COMMENT_CLOSES, text, opening.end(), hidden)
        if not closing:
            break
        end = opening.end()
        if _is_comment(text, opening.start(), closing.start(), closing.end()):
            end = closing.end()
            before = _before_comment(text[kept : opening.start()], text, end)
            pieces += [before, "\n" * text.count("\n", opening.end(), end)]
            kept = end
    return "".join([*pieces, text[kept:]])


def _is_comment(text: str, start: int, closing: int, end: int) -> bool:
    """Return whether a comment may run from `start` to `end`: within its paragraph, or as whole lines."""
    if not _BLANK_LINE.search(text, start, closing):
        return True
    line = text.rfind("\n", 0, start) + 1
    return bool(_BEFORE_COMMENT.fullmatch(text, line, start) and _LINE_END.match(text, end))


def _before_comment(text: str, whole: str, end: int) -> str:
    """Return the text before a comment, without its last blank if a blank or punctuation follows the comment.

    Two blanks at the end of a line would be a line break.
    """
    return text[:-1] if text.endswith((" ", "\t")) and whole[end : end + 1] in ("", *" \n.,;:!?)") else text


def hidden_spans(text: str) -> tuple[Spans, Spans]:
    """Return the ranges of code and formulas, where `%%` does not open a comment."""
    between = _BETWEEN_DOLLARS.finditer(text) if "$" in text else ()
    formulas = [found.span() for found in between if is_formula(found[1] or found[2])]
    return code_spans(text), Spans(formulas)


def _next_sign(sign: re.Pattern[str], text: str, start: int, hidden: tuple[Spans, Spans]) -> re.Match[str] | None:
    signs = sign.finditer(text, start)
    return next((one for one in signs if not any(spans.covers(one.start()) for spans in hidden)), None)


REPAIRS: tuple[Callable[[str, Say], str], ...] = (
    unwrap_fence,
    drop_comments,
    keep_chats,
    nest_tags,
    repair_callouts,
    drop_leftovers,
    repair_anchors,
    repair_brackets,
    escape_table_pipes,
)
"""In order of application; the fence comes first, because the others skip the code inside it."""


def repair_source(text: str, say: Say) -> str:
    """Return the text of a note with all repairs made; `say` gets line numbers of this text."""
    for repair in REPAIRS:
        text = repair(text, say)
    return text
