"""The HTML tags in the text of a note."""

from __future__ import annotations

from convert.document import nodes as n
from convert.document.note import Video
from convert.reader import inlines
from convert.reader.frames import Frame
from convert.reader.links import Links
from convert.reader.players import NAMES as PLAYERS
from convert.reader.players import Players
from convert.reader.source import Say

MOST_OPEN = 128
"""Open nodes beyond which an opening tag is text: each tag left open has to be looked through by those that close."""


class Tags(Links):
    """What becomes of tags: stamps, nodes of their own for elements in pairs, nothing for containers, else text."""

    def __init__(self, say: Say, video: Video | None = None, placed: bool = False) -> None:
        super().__init__(say, video, placed)
        self._players = Players()

    def _tag(self, tag: str) -> None:
        if self._stamp is not None:
            if tag.startswith("</a"):
                self._close_stamp()
                return
            self._close_stamp()
        if tag.startswith("<a ") and "data-t" in tag:
            found = inlines.DATA_T.search(tag)
            self._stamp = (found[1].strip() if found else "", [])
            return
        if tag.startswith(("<!--", "<?", "<!")):
            return
        self._element(tag)

    def _element(self, tag: str) -> None:
        found = inlines.TAG.match(tag)
        name = found[2].lower() if found else ""
        closes = bool(found and found[1])
        if name in inlines.LINE_BREAKS:
            self._top.children.append(n.LineBreak())
        elif name in inlines.PAIRED or (name == "a" and (closes or inlines.HREF.search(tag))):
            self._pair(tag, name, closes)
        elif name in PLAYERS and self._player(tag, name, closes):
            pass
        elif name in inlines.CONTAINERS and (closes or tag == f"<{found and found[2]}>"):
            # Without attributes and without a partner it is a word: "the <table> element".
            self._pair(tag, name, closes)
        elif name == "img":
            address = inlines.attribute(inlines.SRC, tag)
            self._top.children.append(self._image(address, inlines.attribute(inlines.ALT, tag)))
        elif name in inlines.CONTAINERS:
            self._leave_out(name, f"the tag {tag[:40]} is left out, its text kept")
        else:
            self._top.children.append(n.Text(tag))

    def _player(self, tag: str, name: str, closes: bool) -> bool:
        """Shows a player as a link; False for a name without attributes, which is a word like that of any element."""
        if (closes and not self._players.closes(name)) or tag == f"<{name}>":
            return False
        if not inlines.ends_blank(self._top.children):
            self._top.children.append(n.Text(" "))
        link = None if closes else self._players.link(name, tag, self._drop)
        if link:
            self._top.children.append(n.Link(link[0], (n.Text(link[1]),)))
        return True

    def _drop(self, message: str) -> None:
        self._say("html-dropped", self._line, message)

    def _pair(self, tag: str, name: str, closes: bool) -> None:
        if not closes and len(self._stack) > MOST_OPEN:
            self._top.children.append(n.Text(tag))
            return
        if not closes:
            self._push(Frame("Tag", self._line, (name, tag)))
            return
        for frame in reversed(self._stack):
            if frame.kind != "Tag":
                break
            if frame.data[0] == name:
                while self._top is not frame:
                    self._unwrap_tag()
                self._pop()
                self._top.children += self._paired(name, frame)
                return
        if name in inlines.PAIRED:
            self._top.children.append(n.Text(tag))
        else:
            self._leave_out(name, f"a closing {tag[:40]} without its partner is left out")

    def _leave_out(self, name: str, message: str) -> None:
        if blank := inlines.gap(name):
            self._top.children.append(n.Text(blank))
        self._say("html-dropped", self._line, message)

    def _unwrap_tag(self) -> None:
        """An element that was never closed: its tag is text."""
        frame = self._pop()
        self._top.children += [n.Text(frame.data[1]), *frame.children]

    def _paired(self, name: str, frame: Frame) -> list[n.Inline]:
        if name == "a":
            return self._linked(inlines.attribute(inlines.HREF, frame.data[1]), frame.children)
        if name in inlines.PAIRED:
            return [inlines.PAIRED[name](tuple(frame.children))]
        self._say("html-dropped", frame.line, f"the tag {frame.data[1][:40]} is left out, its text kept")
        if blank := inlines.gap(name):
            return [n.Text(blank), *frame.children, n.Text(blank)]
        return list(frame.children)
