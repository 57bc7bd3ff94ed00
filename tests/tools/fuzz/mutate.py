"""Mutates notes, and checks what must be true for every result."""

from __future__ import annotations

import random
import time
import traceback
from collections.abc import Callable
from xml.etree import ElementTree

from convert.document.note import dump, load
from convert.reader import read_bytes
from convert.render.xhtml import Policy, render_blocks
from tests.support.needs import ROOT

SAMPLES = [path.read_bytes() for path in sorted((ROOT / "seeds").rglob("*.md"))]
MOST_SECONDS = 10.0

TOKENS = (
    b"[[", b"]]", b"|", b"![[", b"#", b"[", b"](", b")", b"<a class=\"yt-timestamp\" data-t=\"", b"\">", b"</a>",
    b"<br/>", b"[00:01:02]", b"(1:2:3)", b"[99:99:99:99]", b"> [!note]- ", b"> ", b"- ", b"    ", b"1. ", b"- [x] ",
    b"```", b"~~~", b"`", b"$", b"$$", b"\\frac{", b"*", b"**", b"_", b"~~", b"==", b"[^1]", b"[^1]: ",
    b"| a | b |\n|--|--|\n", b"---\n", b"<div>", b"</div>", b"<!--", b"-->", b"<?", b"<script>", b"&amp;", b"&#0;",
    b"&", b"<", b"\0", b"\r", b"\xff", b"\xe2\x80\xae", b"\xef\xbf\xbe", b"\xed\xa0\x80", b"\x1f",
    b"\xf0\x9f\x91\xa9\xe2\x80\x8d", b"{{c1::", b"}}", b"\n\n", b"\n", b"title: ", b"videoId: ",
)  # fmt: skip


def mutated(sample: bytes, rng: random.Random) -> bytes:
    """Return the sample with a few random changes."""
    data = bytearray(sample)
    for _ in range(rng.randint(1, 12)):
        rng.choice(CHANGES)(data, rng)
    return bytes(data)


def _insert(data: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(data))
    data[at:at] = rng.choice(TOKENS) * rng.choice((1, 1, 1, 2, 3, 40))


def _delete(data: bytearray, rng: random.Random) -> None:
    at = rng.randint(0, len(data))
    del data[at : at + rng.choice((1, 2, 8, 100))]


def _move(data: bytearray, rng: random.Random) -> None:
    at, length = rng.randint(0, len(data)), rng.choice((1, 10, 200))
    piece = data[at : at + length]
    del data[at : at + length]
    to = rng.randint(0, len(data))
    data[to:to] = piece


def _flip(data: bytearray, rng: random.Random) -> None:
    if data:
        data[rng.randrange(len(data))] = rng.randrange(256)


CHANGES: tuple[Callable[[bytearray, random.Random], None], ...] = (_insert, _insert, _insert, _delete, _move, _flip)

POLICY = Policy(link=lambda to: "x.xhtml", watch=lambda ms: f"https://youtu.be/aqz-KE-bpKQ?t={ms // 1000}", epub=True)
FRAME = '<div xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops">{}</div>'


def broken_promise(data: bytes) -> str:
    """Read and render a note of these bytes; return what is wrong, or ""."""
    start = time.process_time()
    try:
        note = read_bytes(data, "fuzz.md", "fuzz", "fuzz").note
        if load(dump(note)) != note:
            return "dump and load disagree"
        ElementTree.fromstring(FRAME.format(render_blocks(note.blocks, POLICY)))
    except Exception:
        return traceback.format_exc()
    seconds = time.process_time() - start
    return f"took {seconds:.1f} s" if seconds > MOST_SECONDS else ""
