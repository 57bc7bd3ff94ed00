"""The functions that are fuzzed. Each takes bytes and raises AssertionError or any other exception when it fails.

`make fuzz-guided` runs them under atheris, which follows the branches of our Python code. Of the parts in Rust and C
(pyromark, msgspec, the XML parser) it sees only the results.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from xml.etree import ElementTree

from convert.document.note import dump, load
from convert.document.timecode import clock, parse_timestamp
from convert.extract.timeline import Marker, Timeline, clean_title
from convert.reader import read_bytes
from convert.reader.frontmatter import read_front_matter
from convert.render.chapters import FORMATS
from convert.render.pandoc_text import BLANKS, UNPRINTABLE, typst_string
from convert.render.xhtml import render_blocks
from tests.tools.fuzz.mutate import FRAME, POLICY


def reader(data: bytes) -> None:
    """Check that any bytes can be read as a note, which is unchanged by dump and load."""
    note = read_bytes(data, "fuzz.md", "fuzz", "fuzz").note
    assert load(dump(note)) == note


def front_matter(data: bytes) -> None:
    """Check that any front matter is read and gives values that can be encoded as UTF-8."""
    text = "---\n" + data.decode("utf-8", "replace") + "\n---\n"
    found = read_front_matter(text, lambda *_: None)
    assert 0 <= found.body_start <= len(text)
    for word in (found.title, *found.aliases, *found.meta, *found.meta.values()):
        word.encode("utf-8")
    assert found.video is None or re.fullmatch(r"[A-Za-z0-9_-]{11}", found.video.id)


def stamps(data: bytes) -> None:
    """Check that a time is whole milliseconds or None, and that its clock text gives the same second."""
    ms = parse_timestamp(data.decode("utf-8", "replace"))
    assert ms is None or (isinstance(ms, int) and ms >= 0)
    if ms is not None and ms < 360_000_000:
        assert parse_timestamp(clock(ms)) == ms // 1000 * 1000


def xhtml(data: bytes) -> None:
    """Check that the page of any note is well-formed XML without scripts."""
    page = render_blocks(read_bytes(data, "fuzz.md", "fuzz", "fuzz").note.blocks, POLICY)
    root = ElementTree.fromstring(FRAME.format(page))
    for element in root.iter():
        assert not element.tag.endswith(("script", "iframe", "object", "embed"))
        assert not [name for name in element.attrib if name.startswith("on")]


def typst(data: bytes) -> None:
    """Check that a Typst string is a single literal with the same text."""
    text = data.decode("utf-8", "surrogateescape")
    literal = typst_string(text)
    assert re.fullmatch(r'"(?:[^"\\\n]|\\["\\])*"', literal)
    assert re.sub(r"\\(.)", r"\1", literal[1:-1]) == BLANKS.sub(" ", UNPRINTABLE.sub("", text))


def typst_tree(data: bytes) -> None:
    """Check that all raw nodes of a note's pandoc tree are calls of our template's functions."""
    from convert.render.pandoc import BEFORE_MATH, BEHIND_MATH, Context
    from convert.render.pandoc_tree import note_body

    note = read_bytes(data, "fuzz.md", "fuzz", "fuzz").note
    tree = json.loads(json.dumps(note_body(note.blocks, Context())))
    for kind, content in raws(tree):
        assert kind == "typst"
        code = LITERAL.sub("", content).replace(BEFORE_MATH, "").replace(BEHIND_MATH, "")
        assert CODE.fullmatch(code), content
        assert ACTS.isdisjoint(re.findall("[a-z]+", code)), content


LITERAL = re.compile(r'"(?:[^"\\\n]|\\["\\])*"')
CODE = re.compile(r"[\w#()\[\];:,.<> \n-]*")
"""Calls of our template, without their literals."""

ACTS = {
    "panic",
    "read",
    "include",
    "image",
    "import",
    "eval",
    "plugin",
    "sys",
    "csv",
    "json",
    "xml",
    "yaml",
    "toml",
    "cbor",
}


def raws(tree: object) -> list[tuple[str, str]]:
    """Yield format and text of the raw nodes of a pandoc tree."""
    if isinstance(tree, list):
        return [one for part in tree for one in raws(part)]
    if not isinstance(tree, dict):
        return []
    own = [tuple(tree["c"])] if tree.get("t") in ("RawInline", "RawBlock") else []
    return own + raws(tree.get("c"))


def ffmetadata(data: bytes) -> None:
    """Check that titles come back unchanged from FFMETADATA, unescaped by FFmpeg's rules."""
    line = timeline(data)
    text = FORMATS["ffmeta"].render(line, "film.mp4")
    entries = re.split(r"(?<!\\)\n", text)
    titles = [re.sub(r"\\(.)", r"\1", one[6:], flags=re.DOTALL) for one in entries if one.startswith("title=")]
    assert titles == [re.sub(r"\\\Z", "\N{FULLWIDTH REVERSE SOLIDUS}", marker.title) for marker in line.markers]
    assert entries.count("[CHAPTER]") == len(line.markers)


def subtitles(data: bytes) -> None:
    """Check that titles and times come back unchanged from SRT, read by another library."""
    import srt

    line = timeline(data)
    cues = list(srt.parse(FORMATS["srt"].render(line, "film.mp4"), ignore_errors=False))
    times = [round(cue.start.total_seconds() * 1000) for cue in cues]
    assert times == [marker.start_ms for marker in line.markers]
    assert [cue.content for cue in cues] == [marker.title.strip() for marker in line.markers]


def timeline(data: bytes) -> Timeline:
    """Return a timeline whose titles are the lines of a text, cleaned like titles of notes."""
    titles = [title for text in data.decode("utf-8", "replace").split("\n")[:20] if (title := clean_title(text))]
    starts = range(0, 7_001 * len(titles), 7_001)
    markers = tuple(Marker(start, start + 7_001, title, 1) for start, title in zip(starts, titles, strict=True))
    return Timeline(title="Fuzz", video=None, markers=markers)


HARNESSES: dict[str, Callable[[bytes], None]] = {
    "reader": reader,
    "front-matter": front_matter,
    "stamps": stamps,
    "xhtml": xhtml,
    "typst": typst,
    "typst-tree": typst_tree,
    "ffmetadata": ffmetadata,
    "subtitles": subtitles,
}
