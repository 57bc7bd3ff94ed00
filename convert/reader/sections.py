"""Headings and the sections that they open and close."""

from __future__ import annotations

from convert.document import nodes as n
from convert.document.note import HeadingFact, slug
from convert.document.walk import plain_text
from convert.reader import inlines
from convert.reader.frames import Frame, marked
from convert.reader.tags import Tags

_LONGEST_ID = 120


class Sections(Tags):
    """A heading closes the sections of its level or deeper and opens its own."""

    def _close_heading(self, frame: Frame) -> None:
        title = marked(inlines.trimmed(frame.children))
        text = _plain(title)
        self._in_heading = False
        name = self._section_id(text)
        self._push(Frame("Section", frame.line, (name, frame.data, title, len(self.headings))))
        self.headings.append(HeadingFact(name, frame.data, text, frame.line))

    def _section_id(self, text: str) -> str:
        base = slug(text)[:_LONGEST_ID] or "section"
        count = self._ids[base] = self._ids.get(base, 0) + 1
        return base if count == 1 else f"{base}-{count}"

    def _close_sections(self, level: int) -> None:
        """Closes the sections on top of the stack whose level is at least `level`."""
        while self._top.kind == "Section" and self._top.data[1] >= level:
            self._close_section(self._pop())
        self._section = self._index_of_open_section()

    def _index_of_open_section(self) -> int:
        for frame in reversed(self._stack):
            if frame.kind == "Section":
                return int(frame.data[3])
        return -1

    def _close_section(self, frame: Frame) -> None:
        name, level, title, _ = frame.data
        self._top.children.append(n.Section(name, level, title, self._as_blocks(frame), frame.line))


def _plain(title: tuple[n.Inline, ...]) -> str:
    if len(title) == 1 and type(only := title[0]) is n.Text:
        return " ".join(only.text.split())
    return plain_text(title)
