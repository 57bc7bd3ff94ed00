"""Text and the stamps in it."""

from __future__ import annotations

import re
from typing import get_args

from convert.document import nodes as n
from convert.document.note import StampFact
from convert.document.timecode import BARE_STAMP, STAMP, parse_timestamp
from convert.reader.frames import Stack

_INLINE = frozenset(get_args(n.Inline))
_ANCHOR = re.compile(r"""[ \t]*<a\s[^<>\n]*data-t\s*=\s*["']?([^"'<>\n]*)["']?[^<>\n]*>[^<>\n]*</a>""")


class Stamps(Stack):
    """What becomes of text events: text, stamps without an anchor, the label of an anchored stamp."""

    def _text(self, text: str) -> None:
        if self._stamp is not None:
            self._stamp[1].append(text)
            return
        top = self._top
        if not self._takes_text:
            top.children.append(text)
            return
        self.words += len(text.split())
        if ":" in text and ("[" in text or "(" in text) and BARE_STAMP.search(text):
            self._bare_stamps(text)
        else:
            top.children.append(n.Text(text))

    def _bare_stamps(self, text: str) -> None:
        children, at = self._top.children, 0
        for found in BARE_STAMP.finditer(text):
            if found.start() > at:
                children.append(n.Text(text[at : found.start()]))
            for i, raw in enumerate(_times(found[0][1:-1])):
                children += [n.Text(" ")] if i else []
                children.append(self._stamped(raw, parse_timestamp(raw)))
            at = found.end()
        if at < len(text):
            children.append(n.Text(text[at:]))

    def _stamped(self, raw: str, literal_ms: int | None) -> n.Stamp:
        """The node of a stamp, with the time that it says or its place among the stamps of the note."""
        index = len(self.stamps)
        self.stamps.append(StampFact(raw, literal_ms, self._line, self._section, self._in_heading))
        if literal_ms is None:
            self._say("stamp-unreadable", self._line, f"{raw[:40]!r} is no time: kept as text")
        return n.Stamp(raw, index if self._placed else literal_ms)

    def _close_stamp(self) -> None:
        assert self._stamp is not None
        data, label = self._stamp[0], "".join(self._stamp[1])
        self._stamp = None
        ms, raw = parse_timestamp(data), data
        if ms is None and (ms := parse_timestamp(label)) is not None:
            raw = label.strip("[]() ")
        words = "" if STAMP.search(label) else label.strip("[] ")
        if ms is None and not STAMP.search(data + label):
            words = label
            self._say("stamp-unreadable", self._line, f"anchor with {data[:40]!r}, which is no time: its text is kept")
        else:
            self._top.children.append(self._stamped(raw or label, ms))
        if words:
            self._top.children.append(n.Text(words))

    def _without_stamps(self, code: str) -> tuple[str, list[n.Stamp]]:
        """Code without the anchors of stamps in it, and these stamps: their markup is none of the code."""
        stamps = []

        def taken(found: re.Match[str]) -> str:
            raw = found[1].strip()
            ms = parse_timestamp(raw)
            if ms is None:
                return found[0]
            stamps.append(self._stamped(raw, ms))
            return ""

        return _ANCHOR.sub(taken, code), stamps


def _times(written: str) -> list[str]:
    """The stamps in a pair of brackets: a list (`a, b`) is several, a range (`a - b`) one that starts at its first."""
    if "," in written or ";" in written:
        return [found[0] for found in STAMP.finditer(written)]
    return [written.strip()]
