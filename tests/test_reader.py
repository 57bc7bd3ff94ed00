"""Compares the reader with `tests/spec/*.md`, which has rules in words, notes, and the trees that they must become.

A case is a fence ```` ````note ```` and a fence ```` ````tree ```` after it. Words after `note` tell how the file is
encoded: `crlf`, `bom`, `utf-16`, `nul` (each ␀ is a NUL byte). `NOTEBIND_GOLDEN=write` rewrites the trees; read
the diff before you commit it.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from convert.document.nodes import Link
from convert.document.note import dump, load
from convert.document.walk import inlines
from convert.reader import read_bytes
from tests.support.outline import outline

SPEC = Path(__file__).parent / "spec"
_CASE = re.compile(r"^(`{4,})note([^\n]*)\n(.*?)^\1\n+\1tree\n(.*?)^\1$", re.DOTALL | re.MULTILINE)
_FENCE = re.compile(r"^`{4,}(\w+)", re.MULTILINE)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
FILES = sorted(SPEC.glob("*.md"))


def cases() -> list[object]:
    found = []
    for path in FILES:
        text = path.read_text("utf-8")
        for number, case in enumerate(_CASE.finditer(text), 1):
            headings = _HEADING.findall(text, 0, case.start())
            name = f"{path.stem}-{number}-{headings[-1] if headings else ''}"
            found.append(pytest.param(case[2], case[3], case[4], id=name.replace(" ", "_")))
    return found


def as_file(text: str, how: str) -> bytes:
    """Return the bytes of a case's note."""
    text = text.removesuffix("\n")
    if "nul" in how.split():
        text = text.replace("␀", "\0")
    if "crlf" in how.split():
        text = text.replace("\n", "\r\n")
    if "utf-16" in how.split():
        return text.encode("utf-16")
    return (b"\xef\xbb\xbf" if "bom" in how.split() else b"") + text.encode()


def write() -> int:
    """Rewrite the tree of every case with the reader's result, and return the number of cases."""
    total = 0
    for path in FILES:
        text, count = _CASE.subn(_rewritten, path.read_text("utf-8"))
        path.write_text(text, "utf-8")
        total += count
    return total


def _rewritten(case: re.Match[str]) -> str:
    made = outline(read_bytes(as_file(case[3], case[2]), "note.md", "channel", "note"))
    return f"{case[1]}note{case[2]}\n{case[3]}{case[1]}\n\n{case[1]}tree\n{made}\n{case[1]}"


if os.environ.get("NOTEBIND_GOLDEN") == "write":
    write()


@pytest.mark.parametrize(("how", "note", "tree"), cases())
def test_spec(how: str, note: str, tree: str) -> None:
    reading = read_bytes(as_file(note, how), "note.md", "channel", "note")
    assert outline(reading) == tree.removesuffix("\n")
    assert load(dump(reading.note)) == reading.note


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_fence_of_a_spec_is_part_of_a_case(path: Path) -> None:
    text = path.read_text("utf-8")
    inside = {at for case in _CASE.finditer(text) for at in range(case.start(), case.end())}
    stray = [found[0] for found in _FENCE.finditer(text) if found.start() not in inside]
    assert not stray
    assert _CASE.search(text)


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle: Given\n---\n# First\n", "Given"),
        ("## Section\n\nText [00:10].\n\n# First\n", "First"),
        ("# First\n\nText [00:10].\n\n# Second\n", "High Water 2"),
        ("# First\n\n0:00 One\n1:00 Two\n2:00 Three\n", "First"),
        ("# First\n\n0:00 One\n1:00 Two\n2:00 Three\n\n# Second\n", "High Water 2"),
        ("## Section\n\nText [00:10].\n", "High Water 2"),
        ("### Section [00:10]\n\nText.\n", "High Water 2"),
        ("0:00 One\n1:00 Two\n2:00 Three\n", "High Water 2"),
        ("## Chapters\n0:00 One\n1:00 Two\n2:00 Three\n", "High Water 2"),
        ("# *First*\n", "First"),
    ],
)
def test_a_note_is_called_by_its_front_matter_its_only_heading_or_its_file(text: str, title: str) -> None:
    assert read_bytes(text.encode(), "sea/High_Water_2.md", "sea", "high_water_2").note.title == title


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("**Bold** and `code`, [[link|label]]", "Bold and code, label"),
        ("[A](https://example.org) ==m== ~~s~~ _i_", "A m s i"),
        ("<i>A</i> List<String>", "A List<String>"),
        ("The cow&#39;s &amp; the &quot;gold&quot;", 'The cow\'s & the "gold"'),
        ("C*-algebra 2 * 3 * 4", "C*-algebra 2 * 3 * 4"),
        ("snake_case_name [Draft] [^1]", "snake_case_name [Draft] [^1]"),
        ("# 1. AT&T: a<b and c>d, a == b == c", "# 1. AT&T: a<b and c>d, a == b == c"),
        ("- C:\\path", "- C:\\path"),
        ("***", "***"),
    ],
)
def test_a_title_has_no_marks_of_markdown(written: str, title: str) -> None:
    text = f"---\ntitle: {written}\n---\nText.\n"
    assert read_bytes(text.encode(), "note.md", "channel", "note").note.title == title


@pytest.mark.parametrize(
    "held", ["<br>", "<br/> <br/>", "<hr>", "<b></b>", '<a id="top"></a>', "<span>\n</span>", "&nbsp;"]
)
def test_nothing_behind_an_empty_heading_of_html_is_lost(held: str) -> None:
    text = f"<h2>The gauge</h2><p>It stands.</p><h3>{held}</h3><h3>The moon</h3><p>It pulls.</p>\n\n## After\n\nMore.\n"
    read = read_bytes(f"---\nvideoId: aqz-KE-bpKQ\n---\n{text}".encode(), "a.md", "a", "a")
    shown = outline(read)
    assert all(words in shown for words in ("It stands.", "The moon", "It pulls.", "After", "More.")), shown
    assert [fact.text for fact in read.facts.headings if fact.text] == ["The gauge", "The moon", "After"]


ADDRESSES = """
See https://a.example/b_c_(d). End|https://a.example/b_c_(d)
And (https://a.example/x), ok|https://a.example/x
見てhttps://a.example/見て。と|https://a.example/
ここ https://a.example/wiki/日本_の、と|https://a.example/wiki/日本_の
はhttps://a.example/abcを見て|https://a.example/abc
"https://a.example/q" “https://b.example”|https://a.example/q https://b.example
**https://a.example/x**|https://a.example/x
https://a.example:8080/?a=1&b=2#t, https://b.example!|https://a.example:8080/?a=1&b=2#t https://b.example
[0:10] https://a.example/[0:20]|https://a.example/
- https://a.example/...|https://a.example/
https://münchen.example/straße;|https://münchen.example/straße
https://a.example/a)b)))|https://a.example/a)b
[see https://a.example](https://b.example)|https://b.example
<a href="https://b.example">https://a.example</a>|https://b.example
<https://a.example/>|https://a.example/
`https://a.example` xhttps://b.example ftp://c.example|
http://localhost:8000 https://nodot https://me@a.example/x|
![a](https://a.example/a.png)|
See www.a.example/b_c_(d). (www.b.example) end|http://www.a.example/b_c_(d) http://www.b.example
見てwww.a.example/見て。**www.b.example:80/?a=1&b=2,**|http://www.a.example/ http://www.b.example:80/?a=1&b=2
www.foo www. www... awww.a.example /www.a.example x.www.a.example WWW.a.example|
[www.a.example](https://b.example) `www.a.example` <a href="https://b.example">me@a.example</a>|https://b.example https://b.example
To me.to+x_y@mail.a-b.example. Or (you@b.example)!|mailto:me.to+x_y@mail.a-b.example mailto:you@b.example
mailto:me@a.example <me@b.example>: me@a.example|mailto:me@a.example mailto:me@b.example mailto:me@a.example
- **me@a.example**, _you@b.example_|mailto:me@a.example mailto:you@b.example
@name @2x user@ a@b @1:05 a @ b.example @me@a.example sea@2x.png tides@1.2.3 tides@18.x me@a..example me@a.b|
git@host.example:me/sea.git user:word@a.example https://me@a.example/x www.a.example/me@b.example|http://www.a.example/me@b.example
`me@a.example` [[me@a.example]] ![me@a.example](a.png)|
me@a.example_x me@a.example1 me@a.example@b jürgen@a.example o'neil@a.example o’neil@a.example|
'me@a.example' ‘you@a.example’|mailto:me@a.example mailto:you@a.example
0:10 me@a.example [0:20] www.a.example [0:30]|mailto:me@a.example http://www.a.example
"""


@pytest.mark.parametrize("case", ADDRESSES.strip().split("\n"))
def test_bare_addresses_are_links(case: str) -> None:
    source, _, wanted = case.rpartition("|")
    found = inlines(read_bytes(f"---\nvideoId: aqz-KE-bpKQ\n---\n{source}\n".encode(), "a.md", "c", "a").note.blocks)
    assert " ".join(node.url for node in found if isinstance(node, Link)) == wanted


@pytest.mark.parametrize(
    "piece",
    [
        "https://",
        "https://a.bc/)",
        "https://a.bc/.).",
        "https://a.bc/あ",
        "://",
        "https://a.",
        "www.a.bc ",
        "www.",
        "a@",
        "a@b.cd ",
        "a.",
        "a@a.a.a.a.a.",
    ],
)
def test_bare_addresses_are_found_in_linear_time(piece: str) -> None:
    began = time.process_time()
    read_bytes(f"[0:01] a\n\n{piece * (300_000 // len(piece))}\n".encode(), "a.md", "c", "a")
    assert time.process_time() - began < 3
