"""Tests what must be true of every note, with random bytes and random pieces of markup."""

from __future__ import annotations

import re
from collections.abc import Iterable
from xml.etree import ElementTree

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from convert.document import nodes as n
from convert.document.nodes import Destination
from convert.document.note import Note, Resolution, dump, load
from convert.document.walk import child_blocks, inlines
from convert.reader import Reading, _read_ours, read_bytes
from convert.reader.frontmatter import _plain, load_yaml
from convert.reader.math import escape_money
from convert.reader.source_repairs import REPAIRS
from convert.render.xhtml import Policy, render_blocks
from tests.support.outline import outline

MARKUP = [
    "[[", "]]", "|", " | ", "[", "]", "(", ")", "![[", "#", "## ", "^a", "*", "**", "_", "~~", "==", "`", "```",
    "```markdown", "```ad-note", "$", "$$", "\\(", "\\)", "\\[", "\\]", "\\", "> ", "> [!info]", "[!note]", "- ",
    "1. ", "    ", "\n", "\n\n", "|---|", "---", "| a |", "<a ", 'class="yt-timestamp" ', 'data-t="', "00:03:10",
    '">', "[00:03:10]", "</a>", "<br/>", "<div>", "</div>", "<b>", "</b>", "<!--", "-->", "<?", "&amp;", "&#0;", "\0",
    "\r\n", "\ufeff", "\u202e", "\U0001f30a", "[^1]", "[^1]: ", "[x]", "http://a.b", "](", "sea", "E=mc^2", "5", " ",
    "title: x", "videoId: aqz-KE-bpKQ", "%5B", "\u2028",
]  # fmt: skip
SOURCES = st.lists(st.sampled_from(MARKUP), max_size=40).map("".join)


def read(data: bytes, *resolution: Resolution) -> Reading:
    return read_bytes(data, "note.md", "channel", "note", *resolution)


@settings(max_examples=300)
@given(st.binary(max_size=300))
def test_any_bytes_are_read(data: bytes) -> None:
    hold_promises(data)


@settings(max_examples=1000)
@given(SOURCES)
def test_any_markup_is_read(source: str) -> None:
    hold_promises(source.encode())


@settings(max_examples=200)
@given(st.text(max_size=200))
def test_any_text_is_read(source: str) -> None:
    hold_promises(source.encode("utf-8", "surrogatepass"))


LINES = st.lists(
    st.tuples(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True),
        st.sampled_from((": ", ":", " : ", ":  ")),
        st.text(st.sampled_from("aZ09é水:#'\"\\-,[]{}&*!|>%@`~? \t=./\u00a0\u2028"), max_size=12),
    ).map("".join),
    max_size=4,
)


@settings(max_examples=500)
@given(LINES)
def test_plain_lines_of_front_matter_mean_what_they_mean_in_yaml(lines: list[str]) -> None:
    if (plain := _plain(lines)) is not None:
        assert plain == (yaml.load("\n".join(lines), yaml.BaseLoader) or {})


@settings(max_examples=300)
@given(
    st.recursive(
        st.text(max_size=8),
        lambda one: st.lists(one, max_size=3) | st.dictionaries(st.text(max_size=8), one, max_size=3),
    )
)
def test_yaml_of_front_matter_is_read_as_pyyaml_reads_it(value: object) -> None:
    block = yaml.safe_dump({"x": value}, allow_unicode=True, default_style='"')
    assert load_yaml(block) == (yaml.load(block, yaml.BaseLoader), "")


def hold_promises(data: bytes) -> None:
    """Reading ends, dump and load agree, the page is XML, the vault's decisions find their places again."""
    reading = read(data)
    assert load(dump(reading.note)) == reading.note
    ElementTree.fromstring(f"<div xmlns:epub='x'>{render_blocks(reading.note.blocks, Policy())}</div>")
    again = read(data, decided(reading))
    assert len(again.facts.links) == len(reading.facts.links)
    assert [stamp.literal_ms for stamp in again.facts.stamps] == [stamp.literal_ms for stamp in reading.facts.stamps]
    found = list(all_inlines(again.note))
    assert all(node.to for node in found if isinstance(node, n.WikiLink | n.Embed))
    assert all(node.start_ms == 7000 for node in found if isinstance(node, n.Stamp))


def decided(reading: Reading) -> Resolution:
    """Return a resolution that sends every link to one note and every stamp to one second."""
    to = Destination("films/sea", "", "Sea")
    return Resolution((to,) * len(reading.facts.links), (7000,) * len(reading.facts.stamps))


def all_inlines(note: Note) -> Iterable[n.Inline]:
    return inlines(note.blocks)


@settings(max_examples=300)
@given(SOURCES)
def test_repairs_keep_the_lines(source: str) -> None:
    for repair in REPAIRS:
        assert repair(source, lambda *_: None).count("\n") == source.count("\n"), repair.__name__
    assert (escape_money(source) or source).count("\n") == source.count("\n")


@settings(max_examples=300)
@given(SOURCES)
def test_blocks_stand_on_lines_of_the_file(source: str) -> None:
    last = source.count("\n") + source.count("\r") + 1
    reading = read(source.encode())
    assert all(0 <= one.line <= last for one in reading.diagnostics)
    pending = list(reading.note.blocks)
    while pending:
        block = pending.pop()
        assert 1 <= block.line <= last + 1
        pending += child_blocks(block)


# Links and stamps in every position

PLACES = [
    "{}", "a {} b", "**{}**", "*a {}* b", "***{}***", "~~{}~~", "=={} a==", "- {}", "1. a\n   - {}", "> {}",
    "> [!info] {}", "> [!tip]- a\n> - {}", "[!note] a {}", "## {}", "### a {}", "| a | b |\n|---|---|\n| {} | c |",
    "<br/>\n{}", "<div>\n{}\n</div>", "<sup>{}</sup>", "(see {})", "\"{}\"", "{}, {}", "- [ ] {}",
    "[^1] a\n\n[^1]: {}", "<details>\n<summary>{}</summary>\n</details>", "$x^2$ and {}", "for $5 {} or $6",
    "a\n{}\nb", "From: {}", "{}:", "'{}'", "<span style=\"x\">{}</span>", "<table>\n<tr><td>{}</td></tr>\n</table>",
]  # fmt: skip
LINKS = [
    "[[t{i}]]", "[[t{i} | l]]", "[[t{i}|l *m*]]", "[[t{i}#h | l]]", "![[t{i}]]", "[l](t{i}.md)", "[[t{i}| ]]",
    "[[t{i}|[0:09]]]",
]  # fmt: skip
STAMPS = [
    '<a class="yt-timestamp" data-t="00:{i:02}:07">[00:{i:02}:07]</a>', "[00:{i:02}:07]", "[{i:02}:07]",
    "(00:{i:02}:07)", '<a class="yt-timestamp" data-t="00:{i:02}:07">**[00:{i:02}:07]**</a>',
    "[00:{i:02}:07 - 00:59:59]", '[{i:02}:07](<a class="yt-timestamp" data-t="00:{i:02}:07">[00:{i:02}:07]</a>)',
    '<a class="yt-timestamp" data-t="">[00:{i:02}:07]</a>',
    '<a class="yt="yt-timestamp" data-t="00:{i:02}:07">[00:{i:02}:07]</a>', "[00:{i:02}:07](#t={i}m7s)",
]  # fmt: skip


@st.composite
def notes(draw: st.DrawFn, pieces: list[str]) -> tuple[str, int]:
    """A note with numbered pieces in places, and how many they are."""
    count, blocks = 0, []
    for place in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=6)):
        filled = []
        for _ in range(place.count("{}")):
            filled.append(draw(st.sampled_from(pieces)).format(i=count))
            count += 1
        blocks.append(place.format(*filled))
    return "Intro.\n\n" + "\n\n".join(blocks), count


@settings(max_examples=1500)
@given(notes(LINKS))
def test_every_link_is_a_link(made: tuple[str, int]) -> None:
    source, count = made
    reading = read(source.encode())
    targets = sorted(re.sub(r"\W.*", "", link.target) for link in reading.facts.links)
    assert targets == sorted(f"t{i}" for i in range(count)), outline(reading)


@settings(max_examples=1500)
@given(notes(STAMPS))
def test_every_stamp_is_a_stamp(made: tuple[str, int]) -> None:
    source, count = made
    # Read as an ordinary note: a note format would take the time from the address.
    reading = _read_ours(source.encode(), "note.md", "channel", "note", None)
    times = sorted(stamp.literal_ms or 0 for stamp in reading.facts.stamps)
    assert times == [(i * 60 + 7) * 1000 for i in range(count)], outline(reading)


@settings(max_examples=500)
@given(notes(["w{i}", "**w{i}**", "`w{i}`", "<b>w{i}</b>", "w{i} <T>", "[w{i}](http://a.b)", "$w_{i}$"]))
def test_every_word_stays(made: tuple[str, int]) -> None:
    source, count = made
    shown = outline(read(source.encode()))
    assert all(re.search(rf"w_?{i}\b", shown) for i in range(count)), shown
