"""Links, wikilinks, images and embeds."""

from __future__ import annotations

import re
from urllib.parse import unquote

from convert.document import nodes as n
from convert.document.note import ImageFact, LinkFact
from convert.document.timecode import STAMP, parse_timestamp
from convert.document.walk import plain_text
from convert.reader import inlines
from convert.reader.frames import Frame, marked
from convert.reader.frontmatter import youtube_video
from convert.reader.players import embedded_video
from convert.reader.resolved import place, readable
from convert.reader.stamps import Stamps

_NOTE_PATH = re.compile(r"(?:\.{0,2}/)?(?:[^/.?#]+/)*[^/.?#]*(?:\.(?:md|markdown|txt))?(?:#[^?#]*)?", re.IGNORECASE)


def note_path(address: str) -> str | None:
    """Path and heading of a Markdown link to a note, as in `[a](note.md#heading)`; None for other addresses."""
    if not address or ":" in address or address.startswith(("//", "#t=")) or not _NOTE_PATH.fullmatch(address):
        return None
    return unquote(address)


_YOUTUBE = re.compile(r"(?:https?:)?//(?:[a-z]+\.)?(?:youtube(?:-nocookie)?\.com|youtu\.be)(?:/|$)")
_SECOND = re.compile(r"[?&#](?:t|start|time_continue)=[0-9]")


class Links(Stamps):
    """What becomes of the two bracket syntaxes when they close."""

    def _close_image(self, frame: Frame) -> None:
        alt = plain_text(frame.children)
        if "WikiLink" not in frame.data["link_type"]:
            address = frame.data["dest_url"]
            self._top.children.append(embedded_video(address, alt) or self._image(address, alt))
            return
        target, fragment = inlines.split_target(frame.data["dest_url"].rstrip("\\"))
        label = alt if frame.data["link_type"]["WikiLink"]["has_pothole"] else ""
        if inlines.PICTURE.search(target):
            caption = inlines.SIZE.sub("", f"|{label}").strip("| ")
            size = inlines.SIZE.search(f"|{label}")
            self._top.children.append(self._image(target, (caption or target) + (size[0] if size else ""), named=True))
            return
        to = self._link_fact(target, fragment, embed=True)
        self._top.children.append(n.Embed(target, fragment, label.strip(), to))

    def _close_link(self, frame: Frame) -> None:
        kind = frame.data["link_type"]
        address = frame.data["dest_url"]
        if "WikiLink" not in kind:
            self._top.children += self._linked(address, frame.children)
        elif inlines.is_literal(address):
            self._top.children += [n.Text("[["), *inlines.trimmed(frame.children), n.Text("]]")]
        else:
            # Without a bar the parser gives the target as label: a slug is no text for readers.
            named = kind["WikiLink"]["has_pothole"] or not ("_" in address or "#" in address)
            self._wikilink(address.strip().rstrip("\\"), inlines.trimmed(frame.children) if named else [])

    def _linked(self, address: str, children: list[n.Inline]) -> list[n.Inline]:
        """A link to an address; one whose text is a time of this note's video is that stamp."""
        if self._is_own(address):
            if children and all(type(child) is n.Stamp for child in children):
                return children
            if len(children) == 1 and type(only := children[0]) is n.Text and STAMP.fullmatch(only.text.strip()):
                return [self._stamped(only.text.strip(), parse_timestamp(only.text))]
        if (path := note_path(address)) is not None:
            target, fragment = inlines.split_target(path)
            label = marked(children) or (n.Text(readable(None, target, fragment)),)
            to = self._link_fact(target, fragment, named=bool(children))
            return [n.WikiLink(target, label, fragment, to)]
        return [n.Link(address, marked(children) or (n.Text(address),))]

    def _is_own(self, address: str) -> bool:
        """Whether the address of a link that reads as a time leads nowhere but to the note's own video.

        Real notes hold made-up addresses (`watch?v=example`): only one that names a second of another video is meant.
        """
        if not address.startswith(("http:", "https:", "//", "mailto:")):
            return True
        if not _YOUTUBE.match(address):
            return False
        video = youtube_video(address)
        return video is None or video == self._video or not _SECOND.search(address)

    def _wikilink(self, address: str, children: list[n.Inline]) -> None:
        if inlines.is_external(address):
            self._top.children.append(n.Link(address, marked(children) or (n.Text(address),)))
            return
        target, fragment = inlines.split_target(address)
        if not target and not fragment:
            self._top.children.append(n.Text(f"[[{address}]]"))
            return
        if parse_timestamp(address) is not None and STAMP.fullmatch(address):
            self._top.children.append(self._stamped(address, parse_timestamp(address)))
            return
        # A stamp is a link of its own: it stands behind a label, it is none.
        if len(children) == 1 and type(only := children[0]) is n.Text and STAMP.fullmatch(only.text):
            children = [self._stamped(only.text, parse_timestamp(only.text))]
        stamps = [child for child in children if type(child) is n.Stamp]
        words = inlines.trimmed([child for child in children if type(child) is not n.Stamp]) if stamps else children
        to = self._link_fact(target, fragment, named=bool(words))
        label = marked(words) or (n.Text(readable(None, target, fragment)),)
        self._top.children.append(n.WikiLink(target, label, fragment, to))
        for stamp in stamps:
            self._top.children += [n.Text(" "), stamp]

    def _image(self, address: str, alt: str, named: bool = False) -> n.Image:
        """The node of an image, or its place among those of the note; Obsidian writes a width behind the text."""
        place = n.Picture(str(len(self.images))) if self._placed else None
        self.images.append(ImageFact(address, self._line, named))
        size = inlines.SIZE.search(alt)
        return n.Image(address, alt[: size.start()] if size else alt, int(size[1]) if size else 0, place)

    def _link_fact(self, target: str, fragment: str, embed: bool = False, named: bool = True) -> n.Destination | None:
        index = len(self.links)
        self.links.append(LinkFact(target, fragment, self._line, self._section, embed))
        return place(index, named) if self._placed else None
