"""The kinds of notes: ours, every module here with a `READER`, and the entry-point group `notebind.readers`.

A note that names its video and has stamps, or any anchor of a stamp, is ours and is read as ever: that costs nothing
more, and no plug-in sees it. Any other text is shown to the plug-ins; the one that knows it rewrites it, line by line,
as a note of ours, which is then read. A note that has stamps then, but no video, is about the one that its text names.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache, partial
from typing import TYPE_CHECKING

from convert import reader
from convert.document.note import Facts, Resolution
from convert.document.video import watch_url
from convert.reader import Reading
from convert.reader.formats.base import NoteReader, Rewritten, front_matter, named_video
from convert.reader.line_times import line_times, may_open_lines
from convert.reader.resolved import resolve_tree
from convert.reader.source import decode
from convert.reader.text_video import video_of_text
from convert.report import Diagnostic, diagnostic

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "notebind.readers"

_FEW = 2

_Read = Callable[[Rewritten | None], Reading]


def built_in() -> tuple[str, ...]:
    """The names of the readers of this package, found by listing it; nothing is imported."""
    return tuple(module.name for module in pkgutil.iter_modules(__path__) if module.name != "base")


@cache
def readers() -> Mapping[str, NoteReader]:
    """All readers by name in the order in which they are asked: those of other packages first, each by name.

    A plug-in never hides a built-in reader: under the same name the built-in one stands.
    """
    from importlib.metadata import entry_points

    own = built_in()
    found = {point.name: _loaded(point) for point in entry_points(group=GROUP) if point.name not in own}
    return dict(sorted(found.items())) | {name: importlib.import_module(f"{__name__}.{name}").READER for name in own}


class _Broken:
    """In place of a plug-in that cannot be loaded: it fails on every text, so that each note tells of it."""

    def __init__(self, name: str, error: Exception) -> None:
        self.name = name
        self.summary = f"cannot be loaded: {error}; update or uninstall it"
        self._error = error

    def rewrite(self, text: str, path: str) -> Rewritten | None:
        raise self._error


def _loaded(point: EntryPoint) -> NoteReader:
    try:
        found: NoteReader = point.load()
    except Exception as error:
        return _Broken(point.name, error)
    return found


def read_placed(data: bytes, path: str, channel: str, slug: str) -> Reading:
    """As `convert.reader.read_placed`, for every kind of note."""
    return _read(partial(reader.read_placed, data, path, channel, slug), data, path)


def read_note(data: bytes, path: str, channel: str, slug: str, resolution: Resolution | None = None) -> Reading:
    """As `convert.reader.read_note`, for every kind of note."""
    if resolution is None:
        return _read(partial(reader.read_note, data, path, channel, slug, None), data, path)
    reading = read_placed(data, path, channel, slug)
    resolve_tree(reading.note, resolution)
    return reading


def is_native(facts: Facts, data: bytes) -> bool:
    """Whether a note is one of ours by what the reader found in it.

    One or two stamps make none where lines begin with times that have no brackets.
    """
    if b"data-t" in data:
        return True
    if not (facts.video and facts.stamps):
        return False
    return len(facts.stamps) > _FEW or not may_open_lines(decode(data, lambda *_: None))


def _read(read: _Read, data: bytes, path: str) -> Reading:
    reading, rewritten = read(None), None
    if not is_native(reading.facts, data):
        reading, rewritten = _foreign(read, reading, data, path)
    needs_video = reading.facts.stamps and not reading.facts.video
    return _with_video(read, reading, rewritten, data) if needs_video else reading


def _foreign(read: _Read, reading: Reading, data: bytes, path: str) -> tuple[Reading, Rewritten | None]:
    """What the first plug-in that knows the text makes of it; `reading` as it is when none does."""
    text = decode(data, lambda *_: None)
    problems: list[Diagnostic] = []
    before = len(reading.facts.stamps) if reading.facts.video else 0
    for name, plug_in in readers().items():
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
    """A remark about times without brackets that open lines of a note with a video, where no plug-in took them."""
    if not (reading.facts.video and may_open_lines(text)):
        return []
    times = line_times(text, front_matter(text).body_start)
    if not times:
        return []
    lines = "a line begins" if len(times) == 1 else f"{len(times)} lines begin"
    message = f"{lines} with a time that may be one of the day: kept as text; `[05:10]` is a stamp wherever it stands"
    return [diagnostic("times-plain", reading.facts.path, times[0].line, message)]


def _with_video(read: _Read, reading: Reading, rewritten: Rewritten | None, data: bytes) -> Reading:
    """A note with stamps read again with the video that its front matter names under a key of others, or its text.

    A videoId that is none stays what counts: its diagnostic says so.
    """
    said = [one for one in reading.diagnostics if one.code in ("reader-failed", "video-id-invalid")]
    if any(one.code == "video-id-invalid" for one in said):
        return reading
    text = rewritten.text if rewritten else decode(data, lambda *_: None)
    video = named_video(front_matter(text))
    if not video:
        found = video_of_text(reading.note.blocks)
        if not found:
            return reading
        video, line = found
        message = (
            f"the text names one video, {watch_url(video) or video.id}: the stamps lead there; a videoId would win"
        )
        said.append(diagnostic("video-from-text", reading.facts.path, line, message))
    return _with(read(Rewritten(text, video, rewritten.title if rewritten else "")), said)


def _with(reading: Reading, problems: list[Diagnostic]) -> Reading:
    return replace(reading, diagnostics=(*problems, *reading.diagnostics)) if problems else reading
