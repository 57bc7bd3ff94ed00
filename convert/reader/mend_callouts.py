"""Callouts in other clothes: `[!note]` without its quote marks, and the fences of Obsidian's Admonition plug-in."""

from __future__ import annotations

import re

from convert.reader.markdown import code_spans
from convert.reader.source import Lines, Say

KINDS = (
    "note|abstract|summary|tldr|info|todo|tip|hint|important|success|check|done|question|help|faq|warning|caution|"
    "attention|failure|fail|missing|danger|error|bug|example|quote|cite"
)
_UNQUOTED = re.compile(
    rf"^(?:#{{1,6}} )?\[!(?:{KINDS})(?:\|[^\[\]\n]{{0,80}})?\][+-]?(?=[ \t]|$)", re.MULTILINE | re.IGNORECASE
)
_MARKER = re.compile(r"\[![^\[\]\n]{1,80}\][+-]?[ \t]*(?=\S)")
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})[ \t]*([^\s`]*)[^`\n]*$")
_ADMONITION = re.compile(r"ad-([a-z][a-z0-9-]{0,30})$")
_SETTING = re.compile(r"^(title|collapse|icon|color)[ \t]*:[ \t]*(.*)$")


def mend_callouts(text: str, say: Say) -> str:
    """The text with such callouts written as `> [!kind] title`."""
    if "ad-" in text and ("```ad-" in text or "~~~ad-" in text):
        text = _quote_admonitions(text)
    if "[!" in text and _UNQUOTED.search(text):
        text = _quote_unquoted(text, say)
    return text


def _quote_admonitions(text: str) -> str:
    lines = text.split("\n")
    opened, mark, kind = 0, "", ""
    for number, line in enumerate(lines):
        fence = _FENCE.match(line)
        if not fence:
            continue
        if not mark:
            opened, mark = number, fence[1]
            found = _ADMONITION.match(fence[2])
            kind = found[1] if found else ""
        elif fence[1].startswith(mark) and not fence[2]:
            if kind:
                lines[opened : number + 1] = _callout(kind, lines[opened + 1 : number])
            mark = ""
    return "\n".join(lines)


def _callout(kind: str, held: list[str]) -> list[str]:
    """The lines of the fence as a callout, as many as they were: settings of the plug-in and its end are blank."""
    title, fold = "", ""
    body: list[str] = []
    for line in held:
        setting = _SETTING.match(line) if not any(body) else None
        if not setting:
            body.append(line)
            continue
        body.append("")
        if setting[1] == "title":
            title = setting[2]
        elif setting[1] == "collapse":
            fold = "+" if setting[2].startswith("open") else "-"
    return [f"> [!{kind}]{fold} {title}".rstrip(), *(f"> {line}" for line in body), ""]


def _quote_unquoted(text: str, say: Say) -> str:
    code, at, lines = code_spans(text), Lines(text), text.split("\n")
    for found in _UNQUOTED.finditer(text):
        number = at.at(found.start()) - 1
        if lines[number].startswith("#") and not code.covers(found.start()):
            lines[number] = _MARKER.sub("", lines[number], count=1)
            say("callout-mended", number + 1, f"{found[0]} in a heading is left out")
            continue
        # Inside a paragraph it is as likely a remark on the syntax.
        if code.covers(found.start()) or (number and lines[number - 1].strip()):
            continue
        say("callout-mended", number + 1, f"{found[0]} without a quote mark read as a callout")
        for line in range(number, _end(lines, number)):
            lines[line] = f"> {lines[line]}"
    return "\n".join(lines)


def _end(lines: list[str], start: int) -> int:
    """The line after the run without blank lines that starts there; one in a fence does not end it."""
    mark = ""
    for number in range(start, len(lines)):
        fence = _FENCE.match(lines[number])
        if fence and (not mark or fence[1].startswith(mark)):
            mark = "" if mark else fence[1]
        if not mark and not lines[number].strip():
            return number
    return len(lines)
