"""The reader: turns the bytes of one file into a note. It never raises on a note; it reports its repairs.

A text with a stamp's anchor is read as it is. One that names its video and has stamps is in our own format too, but
the reader of chapter lists (`formats.list_reader`) looks at it. Any other is offered to all readers
(`convert.reader.formats`). The first whose result has more stamps, or tells more of the note, rewrites it, line by
line, in our format; after it only the readers of times are asked. If the result has stamps but no video, its video is
the only one that its text names. `read_as` asks one reader, and those of times, whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, NamedTuple

from msgspec import UNSET

from convert.document.book import script_language
from convert.document.names import title_of
from convert.document.nodes import Text, WikiLink
from convert.document.note import Facts, ImageFact, ListedFact, Note, Resolution, Video
from convert.document.video import watch_url
from convert.reader import formats
from convert.reader.fields import MARK, drop_leftovers, fields_of
from convert.reader.formats.base import FEW_STAMPS, NoteReader, Offered, Rewritten, keep_log, named_video
from convert.reader.frontmatter import FrontMatter, read_front_matter
from convert.reader.inline_nodes import split_target
from convert.reader.math import escape_money, has_formula, join_display, with_dollars
from convert.reader.node_stack import NodeStack
from convert.reader.resolve import resolve_tree
from convert.reader.source import Say, decode, line_ends, say_nothing, shallow, with_footnotes, without_marks
from convert.reader.source_repairs import hidden_spans, repair_source
from convert.reader.times import LineTime, count_times, unread, unread_message
from convert.reader.tree_builder import build_tree
from convert.reader.video_address import places_of, video_lines, video_of_text
from convert.report import Diagnostic, diagnostic

LONGEST_TITLE = 1000
"""Characters of a title, at most; a PDF allows 32,767 bytes, and no reading app shows that many."""
_TIMED_LINK = re.compile(r"[?&#](?:w?t(?:ime)?|start)=[0-9]")
_OF_OTHERS = re.compile(r"\[\[[^\[\]\n]{1,300}#t=[0-9]|\{\{[^{}\n]{0,40}timestamp|^```timestamp$", re.MULTILINE)
"""A link to a second of a film in a vault, or a time as Logseq, Roam and Timestamp Notes write it."""
_BARE_OPENING = re.compile(r"^[^\w\[\n]{0,12}+(?:[0-9]{1,3}[.)][ ])?[*_(`]{0,3}+[0-9]{1,3}:[0-5][0-9]", re.MULTILINE)
_ROUND, _ROUND_STAMP = re.compile(r"\(([0-9]{1,2}:[0-5][0-9])\)"), re.compile(r"\([0-9]{1,2}(?::[0-5][0-9]){2}\)")
_EITHER = ("video", "title", "listed", "named", "places", "reader")
_TAG, _DATA_T = re.compile(rb"<[aA](?:\s|%20)[^<>]*+"), re.compile(rb"(?:[\s\"']|%20)data-t\s*+=")
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


def read_bytes(
    data: bytes,
    path: str,
    channel: str,
    slug: str,
    resolution: Resolution = _NO_RESOLUTION,
    read_as: str = "",
    times: bool | None = None,
) -> Reading:
    """Return a note of any kind; with the vault's resolution, links have destinations and stamps have repaired times.

    `path` is the file as diagnostics name it; the note's id is `channel/slug`; `read_as` names the reader that has to
    read it, and `times` says whether bare times are moments if the note does not. Raises KeyError if there is no such
    reader; faults of the note are in `Reading.diagnostics`.
    """
    reading = read_unresolved(data, path, channel, slug, read_as, times)
    return replace(reading, note=resolve_tree(reading.note, resolution))


def read_unresolved(
    data: bytes, path: str, channel: str, slug: str, read_as: str = "", times: bool | None = None
) -> Reading:
    """Return a note as `read_bytes` does, but with a tree that `resolve_tree` still has to resolve."""
    read = partial(_read_ours, data, path, channel, slug)
    reading, rewritten = read(None), None
    asked = _asked(reading.facts, data, read_as, times)
    if asked is not None:
        reading, rewritten = _read_foreign(read, reading, Offered.inlined(shallow(decode(data))), path, asked)
    if reading.facts.stamps and not reading.facts.video:
        return _with_video(read, reading, rewritten, data)
    return reading


def _read_ours(data: bytes, path: str, channel: str, slug: str, rewritten: Rewritten | None) -> Reading:
    diagnostics: list[Diagnostic] = []

    def say(code: str, line: int, message: str) -> None:
        diagnostics.append(diagnostic(code, path, line, message))

    text = decode(data, say)
    if rewritten:
        text = rewritten.text
        for remark in rewritten.remarks:
            say(*remark)
    text = shallow(text)
    front = read_front_matter(text, say)
    if rewritten:
        front.video = front.video or rewritten.video
    origin, body_start = _origin(text, front.body_start)
    above = text.count("\n", 0, body_start)
    body = text[body_start:] if rewritten else keep_log(text[body_start:], front, path)
    source = repair_source(body, lambda code, line, message: say(code, line + above, message))
    own = source.count("\n")
    source = with_dollars(join_display(with_footnotes(source, hidden_spans)))
    escaped = escape_money(source) if has_formula(source) else None
    source = escaped or source
    stack = NodeStack(say, line_ends(source.encode())[:own], above + 1, front.video)
    stack.places = rewritten.places if rewritten else None
    blocks = build_tree(stack, source, escaped is not None)
    head: dict[str, Any] = {
        "id": f"{channel}/{slug}",
        "channel": channel,
        "slug": slug,
        "path": path,
        "title": _title(front, rewritten, stack, path, say),
        "video": front.video,
        "meta": front.meta,
        "aliases": front.aliases,
    }
    reader, videos = rewritten.reader if rewritten else "", _videos(front.video, stack) if stack.places else ()
    fields = fields_of(blocks) if MARK.search(source) else ()
    properties = tuple([field.line for field in fields if field.kind == "property"])
    known: dict[str, Any] = {"properties": properties or UNSET, "reader": reader or UNSET, "videos": videos or UNSET}
    note = Note(**head, **known, origin=origin, blocks=blocks)
    found: dict[str, Any] = {"fields": fields, "reader": reader, "videos": videos}
    found["listed"] = _listed(rewritten, stack) if rewritten else ()
    found["language"] = script_language(source) or script_language(head["title"])
    facts = _facts(head | found, origin.target if origin else "", stack)
    return Reading(note, facts, tuple(diagnostics))


def _origin(text: str, start: int) -> tuple[WikiLink | None, int]:
    """Return the link of the line `From: [[channel]]` at the start of a note, and the offset of the text after it."""
    found = _ORIGIN.match(text, start)
    if not found:
        return None, start
    target, fragment = split_target(found[1])
    return WikiLink(target, (Text((found[2] or "").strip() or target),), fragment), found.end()


def _title(front: FrontMatter, rewritten: Rewritten | None, stack: NodeStack, path: str, say: Say) -> str:
    """Return the title that a note gives itself, else its only heading of level 1, else the name of its file."""
    given = drop_leftovers(front.title or (rewritten.title if rewritten else ""), say_nothing)
    title = (without_marks(given) if given else _lone_heading(stack)) or title_of(path, front.video) or "Untitled"
    if len(title) <= LONGEST_TITLE:
        return title
    say("title-long", 1, f"a title of {len(title)} characters is cut after {LONGEST_TITLE}")
    return f"{title[:LONGEST_TITLE].rstrip()}…"


def _lone_heading(stack: NodeStack) -> str:
    headings = [one.text for one in stack.headings if one.level == 1 and one.text]
    return headings[0] if len(headings) == 1 else ""


def _listed(given: Rewritten, stack: NodeStack) -> tuple[ListedFact, ...]:
    """Return the chapters of lists and tables, each with the first stamp of its line, or of its time."""
    at: dict[tuple[str, int | None], int] = {}
    for index, stamp in reversed(list(enumerate(stack.stamps))):
        at["line", stamp.line] = at["ms", stamp.literal_ms] = index
    wanted = [(("line", line), title) for line, title in given.listed] + [(("ms", ms), t) for ms, t in given.named]
    return tuple(ListedFact(at[one], title, stack.stamps[at[one]].line) for one, title in wanted if one in at)


def _videos(video: Video | None, stack: NodeStack) -> tuple[Video, ...]:
    """Return the videos of the stamps if there are several, else ()."""
    found = dict.fromkeys(filter(None, [stamp.video or video for stamp in stack.stamps]))
    return tuple(found) if len(found) > 1 else ()


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


class _Asked(NamedTuple):
    """Which readers are asked about a note: all, the one named, or for a note in our format that of lists."""

    read_as: str
    times: bool | None
    """Whether somebody said that bare times are moments, or are none."""
    ours: bool


def _asked(facts: Facts, data: bytes, read_as: str, times: bool | None) -> _Asked | None:
    """Return what is asked about a note, None if it is in our format, and nobody said that it has other times."""
    times = times if (said := _said(facts.meta)) is None else said
    ours = not read_as and _has_anchor(data)
    return None if read_as == formats.OWN or (ours and not times) else _Asked(read_as, times, ours)


def _has_anchor(data: bytes) -> bool:
    """Return whether there is a stamp in our own markup; the first `data-t` is looked at alone, mostly it is one."""
    at = data.find(b"data-t")
    first = _TAG.match(data, max(data.rfind(b"<", 0, at), 0)) if at >= 0 else None
    if first and _DATA_T.search(first[0]):
        return True
    return at >= 0 and any(_DATA_T.search(tag[0]) for tag in _TAG.finditer(data))


def _said(meta: Mapping[str, str]) -> bool | None:
    """Return what the property `times` of a front matter says: whether all times are moments, or only stamps."""
    said = meta.get("times", "").strip().lower()
    return True if said in ("yes", "true", "on") else False if said in ("no", "false", "off") else None


def _read_foreign(
    read: _Read, reading: Reading, text: Offered, path: str, asked: _Asked
) -> tuple[Reading, Rewritten | None]:
    """Return the reading of the text as rewritten by the first plug-in that knows it and by the grammar of times.

    A note with a video and more than two stamps is in our format: there only the grammar looks for lists of chapters.
    If the user says which plug-in to ask (`read_as`), no other is.
    """
    problems: list[Diagnostic] = []
    best, rewritten = reading, None
    read_as = asked.read_as
    for name, plug_in in _readers(asked, reading.facts, text).items():
        if rewritten and name not in formats.GENERAL:
            continue
        try:
            made = _step(plug_in, name, text, path, rewritten)
            found = read(made) if made else best
        except Exception as error:
            message = f"the reader {name} failed ({type(error).__name__}: {error}): its sources are read without it"
            problems.append(diagnostic("reader-failed", path, 0, " ".join(message.split())[:300]))
            continue
        if _tells_more(found.facts, best.facts) or (made and name == read_as and found.facts.stamps):
            best, rewritten = found, made
            text = Offered(made.text) if made else text
    if read_as and best.facts.reader != read_as:
        message = f"the reader {read_as} finds nothing in it: read as {best.facts.reader or formats.OWN}"
        problems.append(diagnostic("reader-unfit", path, 0, message))
    if asked.times is not False:
        problems += _plain_times(best.facts, text)
    return _with(best, problems), rewritten


def _readers(asked: _Asked, facts: Facts, text: Offered) -> Mapping[str, NoteReader]:
    """Return the readers to ask, by name."""
    if asked.read_as:
        return formats.told(formats.reader_named(asked.read_as), asked.times)
    ours = asked.ours or _is_ours(facts, text)
    return formats.told(formats.list_reader() if ours else formats.readers(), asked.times)


def _step(plug_in: NoteReader, name: str, text: str, path: str, before: Rewritten | None) -> Rewritten | None:
    """Return what a plug-in makes of a text, the one of `before` if there is one; None if it does not know it."""
    made = plug_in.rewrite(text, path)
    if not made or not before:
        return replace(made, reader=name) if made else None
    return _joined(before, made)


def _is_ours(facts: Facts, text: Offered) -> bool:
    """Return whether a note without anchors is in our format.

    One or two stamps are not enough beside other times and links to seconds, and none are beside `[[film.mp4#t=62]]`
    and macros of other programs.
    """
    if not (facts.video and facts.stamps) or _OF_OTHERS.search(text) or formats.quotes_times(text, facts.path):
        return False
    if len(facts.stamps) > FEW_STAMPS:
        return True
    if _TIMED_LINK.search(text) or count_times(text) > len(facts.stamps) + FEW_STAMPS:
        return False
    return not _opening(text)


def _opening(text: Offered) -> list[LineTime]:
    """Return the times that open lines and are neither stamps nor links."""
    return [time for time in unread(text.times) if time.place == "opens"]


def _worth(facts: Facts) -> tuple[int, int]:
    """Return how much of a note is known: its stamps, sections, chapters and video; then, how few links are not."""
    known = len(facts.stamps) + len(facts.headings) + len(facts.listed) + (facts.video is not None)
    return known, -len(facts.links)


def _tells_more(found: Facts, best: Facts) -> bool:
    """Return whether a reading has more stamps, or as many and more of a note is known."""
    return len(found.stamps) > len(best.stamps) or (
        len(found.stamps) == len(best.stamps) and _worth(found) > _worth(best)
    )


def _joined(first: Rewritten, second: Rewritten) -> Rewritten | None:
    """Return the second step of rewriting a text with what the first found out, None if it is about another video."""
    if first.video and second.video and first.video != second.video:
        return None
    known: dict[str, Any] = {key: getattr(first, key) or getattr(second, key) for key in _EITHER}
    return replace(second, **known, remarks=(*first.remarks, *second.remarks))


def _plain_times(facts: Facts, text: Offered) -> list[Diagnostic]:
    """Return a warning of times in a note of which no stamps are made, if there are any.

    Beside stamps only three that open lines are told, and those in round brackets if some with hours are stamps.
    """
    if not (facts.video or facts.stamps):
        return []
    if not facts.stamps:
        message, line = unread_message(text, text.front.body_start)
        return [diagnostic("times-plain", facts.path, line, message)] if message else []
    times, what = _opening(text), "lines begin with times that are no stamps"
    if len(times) > FEW_STAMPS and len(_BARE_OPENING.findall(text)) > FEW_STAMPS:
        seen = [(time.line, text[time.start : time.end].strip("()`")) for time in times]
    else:
        what = "times in round brackets have no hours and are no stamps"
        found = _ROUND.finditer(text) if facts.video and _ROUND_STAMP.search(text) else ()
        seen = [(text.count("\n", 0, one.start()) + 1, one[1]) for one in found]
        if len(seen) < FEW_STAMPS:
            return []
    message = f"{len(seen)} {what}, the first {seen[0][1]}: if it is a moment, write [{seen[0][1]}]"
    return [diagnostic("times-plain", facts.path, seen[0][0], message)]


def _with_video(read: _Read, reading: Reading, rewritten: Rewritten | None, data: bytes) -> Reading:
    """Read a note with stamps again, with the video from another key of its front matter or from its text.

    A note with an invalid videoId stays without a video, as its diagnostic says.
    """
    if any(one.code == "video-id-invalid" for one in reading.diagnostics):
        return reading
    kept = [one for one in reading.diagnostics if one.code in ("reader-failed", "reader-unfit", "times-plain")]
    text = rewritten.text if rewritten else decode(data)
    front = read_front_matter(text)
    video, made = named_video(front, reading.note.path), rewritten or Rewritten(text)
    if not video and (places := made.places or places_of(text, front.body_start, None)):
        made = replace(made, places=places)
        video = next((stamp.video for stamp in read(made).facts.stamps if stamp.video), None)
        again = read(replace(made, video=video))
        if again.facts.videos:
            return _with(again, [*kept, _remark_on(again)])
    if not video:
        # A link to a film may have become a stamp.
        found = video_of_text(reading.note.blocks) or (video_of_text(read(None).note.blocks) if rewritten else None)
        found = found or _shown(decode(data), front.body_start)
        if not found:
            return reading
        video, line = found
        name = watch_url(video) or video.id
        message = f"the text names one video, {name}: the stamps lead there; a videoId would win"
        kept.append(diagnostic("video-from-text", reading.facts.path, line, message))
    return _with(read(replace(made, video=video)), kept)


def _shown(text: str, start: int) -> tuple[Video, int] | None:
    """Return the only video or media file that players in a text show, outside code, and the line of the first."""
    shown = video_lines(text, start, players=True)
    return (shown[0][1], shown[0][0]) if len({video for _, video in shown}) == 1 else None


def _remark_on(reading: Reading) -> Diagnostic:
    """Return a remark that names the videos of a note about several."""
    names = ", ".join(watch_url(video) or video.id for video in reading.facts.videos)
    message = f"the text names {len(reading.facts.videos)} videos, {names}: each stamp leads to its own"
    return diagnostic("video-several", reading.facts.path, 1, message)


def _with(reading: Reading, problems: list[Diagnostic]) -> Reading:
    return replace(reading, diagnostics=(*problems, *reading.diagnostics)) if problems else reading
