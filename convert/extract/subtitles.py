"""Subtitles of a video, from its notes or from a SubRip or WebVTT file.

In a note, every stretch of text that ends (or starts) with a stamp is a cue at the stamp's time.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from itertools import zip_longest

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import all_blocks, child_inlines, own_inlines, plain_text, stamps

LINE = 42
"""Characters in a subtitle line; a subtitle has at most two."""

LEAST_MS = 1_500
MOST_MS = 10_000
CHARACTERS_A_SECOND = 17

_TIME = r"(?:([0-9]{1,3}):)?([0-5]?[0-9]):([0-5]?[0-9])[.,]([0-9]{1,3})"
_TIMES = re.compile(rf"(?<![ \t])[ \t]*+{_TIME}[ \t]*+-->[ \t]*+{_TIME}(?=[ \t]|$)")
_TAG = re.compile(r"<[^<>\n]{0,300}>|\{\\[^{}\n]{0,100}\}")
_LONG_WORD = re.compile(r"\S{1000}")
_ROLLING = "<c>"
"""A tag of YouTube's automatic captions, in which each cue repeats the line before it."""

Cue = tuple[int, str]
"""The text of a note about a moment of the video: the time in milliseconds and the text."""

Subtitle = tuple[int, int, str]
"""Start and end in milliseconds, and the text, which has no blank lines."""


def note_cues(note: Note) -> list[Cue]:
    """Return the timestamped text of a note, in text order.

    A stamp belongs to the text before it; in a block that opens with a stamp, to the text after it. Consecutive stamps
    share a text.
    """
    cues = []
    for block in all_blocks(note.blocks):
        pieces = [] if isinstance(block, n.Table) else _pieces(own_inlines(block))
        leading = bool(pieces) and not pieces[0][0]
        text = ""
        for index, (before, stamp) in enumerate(pieces):
            text = (pieces[index + 1][0] if leading and index + 1 < len(pieces) else before) or text
            if stamp is not None and stamp.start_ms is not None and text:
                cues.append((stamp.start_ms, text))
    return cues


def _pieces(inlines: tuple[n.Inline, ...]) -> list[tuple[str, n.Stamp | None]]:
    """Return the texts between the stamps of a block, each with the stamp after it; the last has none."""
    pieces: list[tuple[str, n.Stamp | None]] = []
    run: list[n.Inline] = []
    pending = [*inlines][::-1]
    while pending:
        node = pending.pop()
        if isinstance(node, n.Stamp):
            pieces.append((_trimmed_text(run), node))
            run = []
        elif stamps((node,)):
            pending += child_inlines(node)[::-1]
        else:
            run.append(node)
    return [*pieces, (_trimmed_text(run), None)]


def _trimmed_text(run: list[n.Inline]) -> str:
    return plain_text(run).strip(" .,;:()[]\u2013\u2014-")


def subtitles_of(cues: Iterable[Cue], end_ms: int | None) -> list[Subtitle]:
    """Return readable subtitles: sorted, equal starts joined, each ending when the next starts or earlier.

    `end_ms` is the length of the video or None; nothing is shown after it.
    """
    texts: dict[int, dict[str, None]] = {}
    for start_ms, text in sorted(cues, key=lambda cue: cue[0]):
        if end_ms is None or start_ms < end_ms:
            texts.setdefault(start_ms, {})[text] = None
    starts = list(texts)
    return [
        subtitle
        for start_ms, follower_ms in zip_longest(starts, starts[1:])
        for subtitle in _timed_pages(start_ms, follower_ms, end_ms, " / ".join(texts[start_ms]))
    ]


def _timed_pages(start_ms: int, follower_ms: int | None, end_ms: int | None, text: str) -> list[Subtitle]:
    """Return the subtitles for one start: as many of two lines as the text needs and time allows."""
    import textwrap

    # textwrap copies what is left of a word that is too long at each line.
    lines = textwrap.wrap(_LONG_WORD.sub(r"\g<0> ", text), LINE, break_on_hyphens=False)
    pages = ["\n".join(lines[index : index + 2]) for index in range(0, len(lines), 2)]
    limits = [time_ms for time_ms in (follower_ms, end_ms) if time_ms is not None]
    latest_ms = min(limits, default=start_ms + MOST_MS * len(pages))
    found: list[Subtitle] = []
    for left, page in zip(range(len(pages), 0, -1), pages, strict=True):
        # Where time is short the pages share it, so that nothing is left out.
        wanted_ms = min(max(LEAST_MS, len(page) * 1000 // CHARACTERS_A_SECOND), MOST_MS)
        shared_ms = (latest_ms - start_ms) // left
        until_ms = min(start_ms + (wanted_ms if left == 1 else min(wanted_ms, shared_ms)), latest_ms)
        if until_ms > start_ms:
            found.append((start_ms, until_ms, page))
        start_ms = until_ms
    return found


def read_subtitles(data: bytes, end_ms: int | None = None) -> list[Subtitle]:
    """Return the cues of a subtitle file, sorted and without overlaps.

    `end_ms` is the length of the video or None; nothing is shown after it.
    """
    text = data.decode("utf-8-sig", "replace").replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    found: list[Subtitle] = []
    last: set[str] = set()
    rolling = _ROLLING in text
    for start_ms, until_ms, lines in _file_cues(text.split("\n")):
        shown = [line for line in lines if line not in last] if rolling else lines
        last = set(lines) or last
        if (joined := "\n".join(shown)) and (end_ms is None or start_ms < end_ms):
            found.append((start_ms, until_ms, joined))
    return list(_apart(sorted(found), end_ms))


def _file_cues(lines: list[str]) -> Iterator[tuple[int, int, list[str]]]:
    """Yield start and end of each cue in milliseconds, and its lines without markup."""
    index = 0
    while index < len(lines):
        times = _TIMES.match(lines[index])
        index += 1
        if not times:
            continue
        shown = []
        while index < len(lines) and lines[index] and not _TIMES.match(lines[index]):
            line = " ".join(html.unescape(_TAG.sub("", lines[index])).split())
            shown += ["".join(filter(str.isprintable, line))] if line else []
            index += 1
        yield _time_ms(times.groups("0")[:4]), _time_ms(times.groups("0")[4:]), shown


def _time_ms(fields: tuple[str, ...]) -> int:
    hours, minutes, seconds = map(int, fields[:3])
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(fields[3].ljust(3, "0"))


def _apart(subtitles: list[Subtitle], end_ms: int | None) -> Iterator[Subtitle]:
    """Yield the subtitles, each ending when the next starts or earlier; equal starts are joined."""
    texts: dict[int, list[str]] = {}
    longest_ms: dict[int, int] = {}
    for start_ms, until_ms, text in subtitles:
        texts.setdefault(start_ms, []).append(text)
        longest_ms[start_ms] = max(until_ms, longest_ms.get(start_ms, 0))
    followers = [*list(texts)[1:], end_ms]
    for (start_ms, shown), follower_ms in zip(texts.items(), followers, strict=False):
        until_ms = longest_ms[start_ms] if follower_ms is None else min(longest_ms[start_ms], follower_ms)
        if until_ms > start_ms:
            yield start_ms, until_ms, "\n".join(shown)
