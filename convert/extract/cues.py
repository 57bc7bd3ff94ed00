"""Subtitles made of a note: every stretch of text that ends (or starts) with a stamp, at the stamp's time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import zip_longest

import msgspec

from convert.document import nodes as n
from convert.document.note import Note
from convert.document.walk import child_blocks, child_inlines, own_inlines, plain_text, stamps

LINE = 42
"""Characters in a line of a subtitle; it has two lines at most."""

LEAST_MS = 1_500
MOST_MS = 10_000
CHARACTERS_A_SECOND = 17


class Cue(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What is said about a point of the video."""

    start_ms: int
    text: str


def note_cues(note: Note) -> list[Cue]:
    """The timestamped text of a note, in the order of the text."""
    return [cue for block in _all_blocks(note.blocks) for cue in _block_cues(tuple(own_inlines(block)))]


def _all_blocks(blocks: Iterable[n.Block]) -> Iterator[n.Block]:
    for block in blocks:
        if not isinstance(block, n.Table):
            yield block
        yield from _all_blocks(child_blocks(block))


def _block_cues(inlines: tuple[n.Inline, ...]) -> Iterator[Cue]:
    """A stamp times the text before it, or after it in a block that opens with one; stamps in a row share a text."""
    pieces = list(_pieces(inlines))
    leading = bool(pieces) and not pieces[0][0]
    text = ""
    for index, (before, stamp) in enumerate(pieces):
        said = pieces[index + 1][0] if leading and index + 1 < len(pieces) else before
        text = said or text
        if stamp is not None and stamp.start_ms is not None and text:
            yield Cue(stamp.start_ms, text)


def _pieces(inlines: tuple[n.Inline, ...]) -> Iterator[tuple[str, n.Stamp | None]]:
    """The text between the stamps of a block with the stamp behind each; the last has none."""
    run: list[n.Inline] = []
    for node in _opened(inlines):
        if isinstance(node, n.Stamp):
            yield _words(run), node
            run = []
        else:
            run.append(node)
    yield _words(run), None


def _opened(inlines: Iterable[n.Inline]) -> Iterator[n.Inline]:
    """The inlines, those that hold a stamp replaced by what is in them."""
    for node in inlines:
        if isinstance(node, n.Stamp) or not any(stamps((node,))):
            yield node
        else:
            yield from _opened(child_inlines(node))


def _words(run: list[n.Inline]) -> str:
    return plain_text(run).strip(" .,;:()[]\u2013\u2014-")


def timed_rows(cues: Iterable[Cue], end_ms: int | None) -> list[tuple[int, int, str]]:
    """(start, end, text) of readable subtitles: sorted, equal starts joined, each shown until the next at the latest.

    `end_ms` is the length of the video where it is known: nothing is shown past it.
    """
    texts: dict[int, list[str]] = {}
    for cue in sorted(cues, key=lambda cue: cue.start_ms):
        if end_ms is None or cue.start_ms < end_ms:
            said = texts.setdefault(cue.start_ms, [])
            if cue.text not in said:
                said.append(cue.text)
    starts = list(texts)
    return [
        row
        for start, follower in zip_longest(starts, starts[1:])
        for row in _rows(start, follower, end_ms, texts[start])
    ]


def _rows(start: int, follower: int | None, end_ms: int | None, texts: list[str]) -> list[tuple[int, int, str]]:
    """The subtitles for one start: as many of two lines, one after the other, as the text needs and time allows."""
    pages = _pages(" / ".join(texts))
    latest = min((time for time in (follower, end_ms) if time is not None), default=start + MOST_MS * len(pages))
    rows: list[tuple[int, int, str]] = []
    for index, page in enumerate(pages):
        # Where time is short the pages share it, so that nothing is left out.
        wanted = min(max(LEAST_MS, len(page) * 1000 // CHARACTERS_A_SECOND), MOST_MS)
        shared = (latest - start) // (len(pages) - index)
        end = min(start + (wanted if index + 1 == len(pages) else min(wanted, shared)), latest)
        if end > start:
            rows.append((start, end, page))
        start = end
    return rows


def _pages(text: str) -> list[str]:
    import textwrap

    lines = textwrap.wrap(text, LINE, break_on_hyphens=False)
    return ["\n".join(lines[index : index + 2]) for index in range(0, len(lines), 2)]
