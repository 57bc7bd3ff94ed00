"""Gives the steps after reading inputs for which they once took quadratic time: drawings, links, times, subtitles."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest

from convert.errors import PictureError
from convert.extract.subtitles import read_subtitles, subtitles_of
from convert.tools.svg import drawing
from convert.vault.discovery import read_listings
from convert.vault.times.other_notes import OtherNotes, StampedNote, VideoNotes
from convert.writers.html.note_markup import _text
from tests.support.drawings import svg
from tests.support.limits import limit, needs_limit
from tests.support.vaults import note, open_files

MOST_SECONDS = 5
DRAWINGS = {
    "sheet without rules": svg("<style>" + "a" * 500_000 + "</style>"),
    "blanks after a reference": svg("<style>a{b:url(#" + " " * 500_000 + "x)}</style>"),
    "open references": svg('<path d="' + "url(#" * 150_000 + '"/>'),
    "blanks in a width": svg('<rect width="' + " " * 500_000 + 'x"/>'),
    "text after dropped elements": svg(("<metadata/>" + "x" * 60) * 60_000),
    "text at the start": svg("<g>" + "<desc/>" + ("<metadata/>" + "x" * 60) * 60_000 + "</g>"),
    "pages in a switch": svg("<switch>" + "<foreignObject/>" * 150_000 + "<g/></switch>"),
    "one rule for all": svg(
        "<style>*{" + "".join(f"a:url(#n{n});" for n in range(30_000)) + "}</style>"
        + "".join(f'<stop id="n{n}"/>' for n in range(30_000)) + "<g/>" * 30_000
    ),
    "many classes": svg(
        "<style>" + ",".join(f".c{n}" for n in range(30_000)) + "{" + "".join(f"a:url(#n{n});" for n in range(30_000))
        + "}</style>"
    ),
}  # fmt: skip


@needs_limit
@pytest.mark.parametrize("name", DRAWINGS)
def test_drawings_take_linear_time(name: str) -> None:
    with limit(MOST_SECONDS), suppress(PictureError):
        assert drawing(DRAWINGS[name])


def test_text_after_dropped_elements_stays_in_order() -> None:
    data, _, _ = drawing(svg("<text>a<metadata/>b<view/>c<tspan>d</tspan>e<metadata>x</metadata>f<view/>g</text>"))
    assert b"<text>abc<tspan>d</tspan>efg</text>" in data


@needs_limit
def test_links_to_blocks_take_linear_time(tmp_path: Path) -> None:
    count = 8_000
    text = "".join(f"a [[#^a{n:05}]] [[#^A{n:05}]] ^a{n:05}\n\n" for n in range(count))
    with limit(MOST_SECONDS):
        vault = open_files(tmp_path, {"films/a.md": note(text)})
    links = vault.resolved["films/a"].resolution.links
    assert [to.section for to in links if to] == [f"^a{n // 2:05}" for n in range(2 * count)]


@needs_limit
def test_stamps_of_one_second_take_linear_time() -> None:
    words = frozenset([1, 2])
    notes = [StampedNote([600] * 20_000, lambda: [words] * 20_000, 600) for _ in range(2)]
    others = OtherNotes(VideoNotes(notes), 0)
    with limit(MOST_SECONDS):
        found = {others._likeness(600, words) for _ in range(20_000)}
    assert len(found) == 1


CUES = 20_000
LINE = "0:10:00.000 --> 0:10:05.000\n"
SUBTITLES = {
    "cues of one moment": "".join(f"{LINE}{'a' * 50}{n}\n\n" for n in range(3 * CUES)),
    "lines of rolling captions": f"{LINE}<c>\n" + "".join(f"a{n}\n" for n in range(CUES)) + f"\n{LINE}"
    + "".join(f"b{n}\n" for n in range(CUES)),
    "blanks before a time": "".join(LINE.replace(" -->", " " * 300_000 + "x -->") for _ in range(3)),
}  # fmt: skip


@needs_limit
@pytest.mark.parametrize("name", SUBTITLES)
def test_subtitle_files_take_linear_time(name: str) -> None:
    with limit(MOST_SECONDS):
        read_subtitles(SUBTITLES[name].encode())


@needs_limit
def test_texts_of_one_moment_and_long_words_take_linear_time() -> None:
    with limit(MOST_SECONDS):
        found = subtitles_of([(600_000, f"{'same start ' * 4}{n}") for n in range(CUES)], None)
        long = subtitles_of([(600_000, "x" * 2_000_000)], None)
    assert "".join(text for _, _, text in found).count("same") == 4 * CUES
    assert "".join(text for _, _, text in long).count("x") == 2_000_000


@needs_limit
def test_headings_of_index_pages_and_text_for_the_search_take_linear_time() -> None:
    with limit(MOST_SECONDS):
        assert read_listings("# [a](https://youtu.be/x)" + " " * 300_000 + "x") == ()
        assert len(_text("a" + " " * 300_000 + "b")) == 3
