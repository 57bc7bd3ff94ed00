"""The reader: from the bytes of one file to a note. It never raises on a note; what it repairs it reports."""

from __future__ import annotations

import re
from dataclasses import dataclass

from convert.document.nodes import Block, Text, WikiLink
from convert.document.note import Facts, ImageFact, Note, Resolution
from convert.reader.fold import Fold
from convert.reader.frontmatter import FrontMatter, read_front_matter
from convert.reader.inlines import split_target
from convert.reader.math import escape_money, has_formula, join_display, with_dollars
from convert.reader.mend import mend
from convert.reader.resolved import resolve_tree
from convert.reader.rewritten import Rewritten
from convert.reader.source import Lines, Say, decode
from convert.report import Diagnostic, diagnostic

_ORIGIN = re.compile(
    r"\s*From:[ \t]*\[\[([^\[\]\n|]{1,300})(?:\|([^\[\]\n]{0,300}))?\]\][ \t]*(?:<br[ \t]*/?>)?[ \t]*(?=\n|\Z)"
)

LONGEST_TITLE = 1000
"""Characters of a title; a PDF holds none of more than 32,767 bytes, and no shelf shows one."""


@dataclass(frozen=True)
class Reading:
    """A note with its tree, the facts about it that the vault resolves, and what was wrong with it."""

    note: Note
    facts: Facts
    diagnostics: tuple[Diagnostic, ...]


def read_note(
    data: bytes,
    path: str,
    channel: str,
    slug: str,
    resolution: Resolution | None = None,
    rewritten: Rewritten | None = None,
) -> Reading:
    """Reads a note; with the vault's resolution its links have destinations and its stamps repaired times.

    `path` is the file as diagnostics name it; the note's id is `channel/slug`. Never raises: see `Reading.diagnostics`.
    `rewritten` is what a reader plug-in made of the text (`convert.reader.formats` asks them).
    """
    reading = _read(data, path, channel, slug, resolution is not None, rewritten)
    if resolution is not None:
        resolve_tree(reading.note, resolution)
    return reading


def read_placed(data: bytes, path: str, channel: str, slug: str, rewritten: Rewritten | None = None) -> Reading:
    """Reads a note for later: its tree waits for `resolve_tree`, its stamps and links hold places till then."""
    return _read(data, path, channel, slug, True, rewritten)


def _read(data: bytes, path: str, channel: str, slug: str, placed: bool, rewritten: Rewritten | None) -> Reading:
    diagnostics: list[Diagnostic] = []

    def say(code: str, line: int, message: str) -> None:
        diagnostics.append(diagnostic(code, path, line, message))

    text = decode(data, say)
    text = rewritten.text if rewritten else text
    front = read_front_matter(text, say)
    if rewritten:
        front.video = front.video or rewritten.video
    origin, body_start = _origin(text, front.body_start)
    first_line = 1 + text.count("\n", 0, body_start)
    fold = Fold(say, front.video, placed)
    source = with_dollars(join_display(mend(text[body_start:], _offset(say, first_line - 1))))
    math = has_formula(source)
    escaped = escape_money(source) if math else None
    source = escaped or source
    fold.run(source, escaped is not None, Lines(source.encode(), first_line))
    blocks = fold.blocks()
    title = front.title or (rewritten.title if rewritten else "")
    title = title or (fold.headings[0].text if fold.headings else "") or slug.replace("_", " ") or "Untitled"
    if len(title) > LONGEST_TITLE:
        say("title-long", 1, f"a title of {len(title)} characters is cut after {LONGEST_TITLE}")
        title = f"{title[:LONGEST_TITLE].rstrip()}…"
    note = _note(channel, slug, path, title, front, origin, blocks)
    return Reading(note, _facts(note, fold), tuple(diagnostics))


def _origin(text: str, start: int) -> tuple[WikiLink | None, int]:
    """The link of the line `From: [[channel]]` that opens a note, and where the text behind it starts."""
    found = _ORIGIN.match(text, start)
    if not found:
        return None, start
    target, fragment = split_target(found[1])
    label = (found[2] or "").strip() or target
    return WikiLink(target, (Text(label),), fragment), found.end()


def _offset(say: Say, lines: int) -> Say:
    """`say` for texts that start `lines` lines below the start of the file."""
    return lambda code, line, message: say(code, line + lines, message)


def _note(
    channel: str,
    slug: str,
    path: str,
    title: str,
    front: FrontMatter,
    origin: WikiLink | None,
    blocks: tuple[Block, ...],
) -> Note:
    return Note(
        id=f"{channel}/{slug}",
        channel=channel,
        slug=slug,
        path=path,
        title=title,
        video=front.video,
        origin=origin,
        meta=front.meta,
        aliases=front.aliases,
        blocks=blocks,
    )


def _cover(meta: dict[str, str]) -> tuple[ImageFact, ...]:
    """The picture that front matter gives as a cover, as a path or as `[[picture.png]]`."""
    written = meta.get("cover", "").strip()
    name = written.removeprefix("!").removeprefix("[[").removesuffix("]]").partition("|")[0].strip()
    return (ImageFact(name, 1, name != written),) if name else ()


def _facts(note: Note, fold: Fold) -> Facts:
    return Facts(
        id=note.id,
        channel=note.channel,
        slug=note.slug,
        path=note.path,
        title=note.title,
        video=note.video,
        aliases=note.aliases,
        meta=note.meta,
        headings=tuple(fold.headings),
        links=tuple(fold.links),
        stamps=tuple(fold.stamps),
        words=fold.words,
        block_ids=tuple(fold.block_ids),
        images=(*fold.images, *_cover(note.meta)),
        origin=note.origin.target if note.origin else "",
    )
