"""A note as the reader makes it, the facts about it, and the vault's resolution of them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, Literal

import msgspec

from convert.document.nodes import Block, Destination, Picture, WikiLink
from convert.document.nodes import Video as Video

SCHEMA: Literal[1] = 1
"""Version of the JSON of `notebind show`; raised when the meaning of a field changes."""

_PUNCTUATION = re.compile(r"[^\w\s]")
_BLANKS = re.compile(r"\s+")
_SIGNS = re.compile(r"[^\w\s!-~]{32,}")


class Home(msgspec.Struct, frozen=True, gc=False):
    """The place of a note in Obsidian: the name of the vault, and the path of the file in it without its suffix."""

    vault: str
    file: str


class StillFrame(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The picture of a film at a time in milliseconds, for the stamp of that time on a line."""

    line: int
    ms: int
    picture: Picture


class Note(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """One file about one video, or about several."""

    schema: Literal[1] = SCHEMA
    id: str
    """`channel/slug`, unique in the vault; never made from the video id, which several notes share."""
    channel: str
    slug: str
    path: str
    """The file, as diagnostics name it."""
    title: str
    video: Video | None
    origin: WikiLink | None = None
    """The link of the line `From: [[channel]]` that opens a note: metadata, not text."""
    meta: dict[str, str] = {}
    """Front matter beside `title` and `videoId`, every value as the string it is written as."""
    aliases: tuple[str, ...] = ()
    blocks: tuple[Block, ...] = ()
    properties: tuple[int, ...] | msgspec.UnsetType = msgspec.UNSET
    """The lines that hold properties (`key:: value`) instead of cards; unset if there are none."""
    videos: tuple[Video, ...] | msgspec.UnsetType = msgspec.UNSET
    """The videos of a note about several, in the order of their first stamps; unset for others."""
    home: Home | msgspec.UnsetType = msgspec.UNSET
    """Where Obsidian has the note; unset outside Obsidian vaults."""
    reader: str | msgspec.UnsetType = msgspec.UNSET
    """The reader that rewrote it, see `notebind readers`; unset for a note in our own format."""
    stills: tuple[StillFrame, ...] | msgspec.UnsetType = msgspec.UNSET
    """The pictures of its video that its blocks show; unset without any."""


def dump(note: Note) -> bytes:
    """Return the note as one line of JSON (RFC 8259, UTF-8) without its newline."""
    return msgspec.json.encode(note)


def load(data: bytes) -> Note:
    """Return the note of a line written by `dump`. Raises msgspec.ValidationError for anything else."""
    return msgspec.json.decode(data, type=Note)


def schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a dumped note."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "notebind note"}
    tree: dict[str, Any] = _without_unresolved(msgspec.json.schema(Note))
    return head | tree


def _without_unresolved(part: Any) -> Any:
    """Return a part of the schema without `nodes.UNRESOLVED`, which never occur in JSON."""
    if isinstance(part, list):
        return [_without_unresolved(item) for item in part if not _is_unresolved(item)]
    if not isinstance(part, dict):
        return part
    kept = {key: _without_unresolved(value) for key, value in part.items() if not _is_unresolved(key)}
    return kept["anyOf"][0] if len(kept.get("anyOf", ())) == 1 else kept


def _is_unresolved(item: Any) -> bool:
    name = item.get("$ref", "") if isinstance(item, dict) else str(item)
    return "unresolved" in name.lower()


def normalized(form: Literal["NFC", "NFKD"], text: str) -> str:
    """Return the text in a Unicode form, without the marks in runs of 32 signs: no script has so many on a letter.

    Putting marks in order takes time that grows with the square of their number, and nothing can interrupt it.
    """
    if text.isascii():
        return text
    return unicodedata.normalize(form, _SIGNS.sub(lambda run: "".join(filter(_is_no_mark, run[0])), text))


def _is_no_mark(sign: str) -> bool:
    return not unicodedata.combining(sign)


def slug(title: str) -> str:
    """Return a title as a file name, as real notes derive it: NFKD, lower case, no punctuation, `_` for blanks."""
    return _BLANKS.sub("_", _PUNCTUATION.sub("", normalized("NFKD", title).lower()).strip())


def tags_of(meta: dict[str, str]) -> tuple[str, ...]:
    """Return the tags in front matter without `#`, each once."""
    written = meta.get("tags") or meta.get("tag")
    if not written:
        return ()
    return tuple(dict.fromkeys(tag for one in written.split(",") if (tag := one.strip().lstrip("#").strip())))


class Resolution(msgspec.Struct, frozen=True, gc=False):
    """The vault's decisions for one note, sent to workers instead of a tree.

    `links[i]` belongs to the i-th wikilink or embed of the source, `times[i]` (milliseconds) to its i-th stamp,
    `pictures[i]` to its i-th image.
    """

    links: tuple[Destination | None, ...]
    times: tuple[int | None, ...]
    pictures: tuple[Picture | None, ...] = ()
    embeds: tuple[str, ...] = ()
    """The ids of the notes that the note embeds, each once."""
    properties: tuple[int, ...] | None = None
    """The lines that hold properties; None keeps those that the note itself shows to be such."""
    home: Home | None = None
    title: str = ""
    """The title that a file beside the note gives it; "" keeps its own."""
    video: Video | None = None
    """The media file that a note without a video is about; None keeps its own."""
    stills: tuple[StillFrame, ...] = ()
    """The pictures of the video for its sections or stamps."""


class HeadingFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A heading of a note: section id, level 1-6, text without markup and stamps, line."""

    id: str
    level: int
    text: str
    line: int


class LinkFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A wikilink or embed as written; `section` indexes the note's headings, -1 before the first."""

    target: str
    fragment: str
    line: int
    section: int
    embed: bool = False


class ImageFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An image as written: its address, its line, and whether Obsidian finds the file by its name (`![[file.png]]`)."""

    target: str
    line: int
    named: bool = False


class StampFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A stamp as written, its literal time, whether it is inside the text of a heading, its video if another one."""

    raw: str
    literal_ms: int | None
    line: int
    section: int
    in_heading: bool = False
    video: Video | None = None


class ListedFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A chapter without a heading of its own, from a list or table of times: its stamp, its title, its line."""

    stamp: int
    title: str
    line: int


class FieldFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A line `key:: value` or a field in brackets: its key in lower case, its line, what the note itself shows of it.

    `kind` is "property" if it stands beside other fields, "brackets" if it is in brackets, else "".
    """

    key: str
    line: int
    kind: Literal["", "property", "brackets"] = ""


class NoteHead(msgspec.Struct, frozen=True, gc=False, array_like=True, kw_only=True):
    """The names, video and front matter of a note, kept in memory for every note.

    Packed `Facts` can be unpacked as a `NoteHead`, because the first fields are the same.
    """

    id: str
    channel: str
    slug: str
    path: str
    title: str
    video: Video | None
    aliases: tuple[str, ...] = ()
    meta: dict[str, str] = {}
    origin: str = ""
    """The channel in the line `From: [[channel]]`."""
    fields: tuple[FieldFact, ...] = ()
    """Dataview's fields, and cards that look like them."""
    reader: str = ""
    """The reader that rewrote it; "" for a note in our own format."""
    videos: tuple[Video, ...] = ()
    """The videos of a note about several, in the order of their first stamps."""
    language: str = ""
    """The language that the script of its text tells; `und-Latn` for Latin letters."""


class Facts(NoteHead, frozen=True, gc=False, array_like=True, kw_only=True):
    """The facts that resolve a note without its tree."""

    headings: tuple[HeadingFact, ...]
    links: tuple[LinkFact, ...]
    stamps: tuple[StampFact, ...]
    words: int
    block_ids: tuple[tuple[str, int], ...] = ()
    """(name, section) of each named block: `a1b2c3` for `^a1b2c3`, and an index of `headings` or -1."""
    images: tuple[ImageFact, ...] = ()
    """The images of the text, then the `cover` of the front matter."""
    listed: tuple[ListedFact, ...] = ()
    """The chapters that lists and tables of times name."""
