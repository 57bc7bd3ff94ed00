"""The reader: turns the bytes of one file into a note. It never raises on a note; it reports its repairs.

A note in our own format names its video and has stamps, or has a stamp's anchor. Any other text is offered to the
reader plug-ins (`convert.reader.formats`). The first that knows it rewrites it, line by line, in our format. If the
result has stamps but no video, its video is the only one that its text names.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from msgspec import UNSET

from convert.document.nodes import Text, WikiLink
from convert.document.note import Facts, ImageFact, Note, Resolution
from convert.document.video import watch_url
from convert.reader import formats
from convert.reader.fields import MARK, fields_of
from convert.reader.formats.base import Rewritten, named_video
from convert.reader.frontmatter import FrontMatter, read_front_matter
from convert.reader.inline_nodes import split_target
from convert.reader.line_times import LEAST, line_times, may_open_lines
from convert.reader.math import escape_money, has_formula, join_display, with_dollars
from convert.reader.node_stack import NodeStack
from convert.reader.resolve import resolve_tree
from convert.reader.source import Say, decode, line_ends, shallow
from convert.reader.source_repairs import repair_source
from convert.reader.tree_builder import build_tree
from convert.reader.video_address import video_of_text
from convert.report import Diagnostic, diagnostic

LONGEST_TITLE = 1000
"""Characters of a title, at most; a PDF allows 32,767 bytes, and no reading app shows that many."""
_FEW_STAMPS = 2
_ORIGIN = re.compile(
    r"\s*+From:[ \t]*+\[\[([^\[\]\n|]{1,300})(?:\|([^\[\]\n]{0,300}))?\]\]"
    r"[ \t]*+(?:<br[ \t]*+/?>)?[ \t]*+(?=\n|\Z)"
)


@dataclass(frozen=True)
class Reading:
    """A note with its tree, the facts about it that the vault resolves, and its diagnostics."""

    note: Note
    facts: Facts
    diagnostics: tuple[Diagnostic, ...]


_Read = Callable[[Rewritten | None], Reading]
"""Reads the file as a note in our format, or the text that a plug-in made of it."""


_NO_RESOLUTION = Resolution((), ())


def read_bytes(data: bytes, path: str, channel: str, slug: str, resolution: Resolution = _NO_RESOLUTION) -> Reading:
    """Return a note of any kind; with the vault's resolution, links have destinations and stamps have repaired times.

    `path` is the file as diagnostics name it; the note's id is `channel/slug`. Raises nothing: faults are in
    `Reading.diagnostics`.
    """
    reading = read_unresolved(data, path, channel, slug)
    return replace(reading, note=resolve_tree(reading.note, resolution))


def read_unresolved(data: bytes, path: str, channel: str, slug: str) -> Reading:
    """Return a note as `read_bytes` does, but with a tree that `resolve_tree` still has to resolve."""
    read = partial(_read_ours, data, path, channel, slug)
    reading, rewritten = read(None), None
    if not _is_ours(reading.facts, data):
        reading, rewritten = _read_foreign(read, reading, data, path)
    if reading.facts.stamps and not reading.facts.video:
        return _with_video(read, reading, rewritten, data)
    return reading


def _is_ours(facts: Facts, data: bytes) -> bool:
    """Return whether a note is in our own format, judging by its facts.

    One or two stamps are not enough if lines begin with times without brackets.
    """
    if b"data-t" in data:
        return True
    if not (facts.video and facts.stamps):
        return False
    return len(facts.stamps) > _FEW_STAMPS or not may_open_lines(decode(data))


def _read_ours(data: bytes, path: str, channel: str, slug: str, rewritten: Rewritten | None) -> Reading:
    diagnostics: list[Diagnostic] = []

    def say(code: str, line: int, message: str) -> None:
        diagnostics.append(diagnostic(code, path, line, message))

    text = decode(data, say)
    text = shallow(rewritten.text if rewritten else text)
    front = read_front_matter(text, say)
    if rewritten:
        front.video = front.video or rewritten.video
    origin, body_start = _origin(text, front.body_start)
    above = text.count("\n", 0, body_start)
    source = repair_source(text[body_start:], lambda code, line, message: say(code, line + above, message))
    source = with_dollars(join_display(source))
    escaped = escape_money(source) if has_formula(source) else None
    source = escaped or source
    stack = NodeStack(say, line_ends(source.encode()), above + 1, front.video)
    blocks = build_tree(stack, source, escaped is not None)
    heading = stack.headings[0].text if stack.headings else ""
    head: dict[str, Any] = {
        "id": f"{channel}/{slug}",
        "channel": channel,
        "slug": slug,
        "path": path,
        "title": _title(front, rewritten, heading, slug, say),
        "video": front.video,
        "meta": front.meta,
        "aliases": front.aliases,
    }
    fields = fields_of(blocks) if MARK.search(source) else ()
    properties = tuple([field.line for field in fields if field.kind == "property"])
    note = Note(**head, origin=origin, blocks=blocks, properties=properties or UNSET)
    facts = _facts(head | {"fields": fields}, origin.target if origin else "", stack)
    return Reading(note, facts, tuple(diagnostics))


def _origin(text: str, start: int) -> tuple[WikiLink | None, int]:
    """Return the link of the line `From: [[channel]]` at the start of a note, and the offset of the text after it."""
    found = _ORIGIN.match(text, start)
    if not found:
        return None, start
    target, fragment = split_target(found[1])
    label = (found[2] or "").strip() or target
    return WikiLink(target, (Text(label),), fragment), found.end()


def _title(front: FrontMatter, rewritten: Rewritten | None, heading: str, slug: str, say: Say) -> str:
    title = front.title or (rewritten.title if rewritten else "") or heading or slug.replace("_", " ") or "Untitled"
    if len(title) <= LONGEST_TITLE:
        return title
    say("title-long", 1, f"a title of {len(title)} characters is cut after {LONGEST_TITLE}")
    return f"{title[:LONGEST_TITLE].rstrip()}…"


def _facts(head: dict[str, Any], origin: str, stack: NodeStack) -> Facts:
    """Return the facts of a note; `head` has its names, video and front matter."""
    # The front matter gives a cover as a path or as `[[picture.png]]`.
    written = head["meta"].get("cover", "").strip()
    cover = written.removeprefix("!").removeprefix("[[").removesuffix("]]").partition("|")[0].strip()
    if cover:
        stack.images.append(ImageFact(cover, 1, cover != written))
    return Facts(
        **head,
        origin=origin,
        headings=tuple(stack.headings),
        links=tuple(stack.links),
        stamps=tuple(stack.stamps),
        words=stack.words,
        block_ids=tuple(stack.block_ids),
        images=tuple(stack.images),
    )


# Notes of other kinds


def _read_foreign(read: _Read, reading: Reading, data: bytes, path: str) -> tuple[Reading, Rewritten | None]:
    """Return the reading of the text as rewritten by the first plug-in that knows it, else `reading`."""
    text = shallow(decode(data))
    problems: list[Diagnostic] = []
    before = len(reading.facts.stamps) if reading.facts.video else 0
    for name, plug_in in formats.readers().items():
        try:
            rewritten = plug_in.rewrite(text, path)
            found = read(rewritten) if rewritten else reading
        except Exception as error:
            message = f"the reader {name} failed ({type(error).__name__}: {error}): its sources are read without it"
            problems.append(diagnostic("reader-failed", path, 0, " ".join(message.split())[:300]))
            continue
        if found is not reading and len(found.facts.stamps) > before:
            return _with(found, problems), rewritten
    return _with(reading, [*problems, *_plain_times(reading, text)]), None


def _plain_times(reading: Reading, text: str) -> list[Diagnostic]:
    """Return a warning of times without brackets at the start of lines in a note with a video, if there are any."""
    if not (reading.facts.video and may_open_lines(text)):
        return []
    times = line_times(text, read_front_matter(text).body_start)
    if not times or (reading.facts.stamps and len(times) < LEAST):
        return []
    lines = "a line begins" if len(times) == 1 else f"{len(times)} lines begin"
    raw = text[times[0].start : times[0].end].strip("()`")
    message = f"{lines} with a time ({raw}) that may be one of the day: no stamp is made of it; "
    message += f"if it is a moment of the video, write [{raw}]"
    return [diagnostic("times-plain", reading.facts.path, times[0].line, message)]


def _with_video(read: _Read, reading: Reading, rewritten: Rewritten | None, data: bytes) -> Reading:
    """Read a note with stamps again, with the video from another key of its front matter or from its text.

    A note with an invalid videoId stays without a video, as its diagnostic says.
    """
    kept = [one for one in reading.diagnostics if one.code in ("reader-failed", "video-id-invalid")]
    if any(one.code == "video-id-invalid" for one in kept):
        return reading
    text = rewritten.text if rewritten else decode(data)
    video = named_video(read_front_matter(text))
    if not video:
        found = video_of_text(reading.note.blocks)
        if not found:
            return reading
        video, line = found
        name = watch_url(video) or video.id
        message = f"the text names one video, {name}: the stamps lead there; a videoId would win"
        kept.append(diagnostic("video-from-text", reading.facts.path, line, message))
    return _with(read(Rewritten(text, video, rewritten.title if rewritten else "")), kept)


def _with(reading: Reading, problems: list[Diagnostic]) -> Reading:
    return replace(reading, diagnostics=(*problems, *reading.diagnostics)) if problems else reading
