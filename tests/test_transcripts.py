"""Tests subtitles beside notes: which file belongs to which note, what is read from it, and when it is read again."""

from __future__ import annotations

import os
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pysrt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from convert.extract.subtitles import read_subtitles
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.vault.discovery import Source
from convert.vault.video_files import Transcripts
from tests.support.notes import book_of, summary
from tests.support.vaults import VIDEO, Files, lay_out, note

TALK = note("## Fur\nEvery hair is a curve [00:00:20].\n", "Fur")
SRT = """1
00:00:01,000 --> 00:00:03,500
We drew <i>every</i> hair.
Twice.

2
00:00:04,000 --> 00:00:06,000
Then light.
"""
ROLLING = """WEBVTT
Kind: captions
Language: en

00:00:01.000 --> 00:00:03.000 align:start position:0%
@
we<00:00:01.400><c> drew</c>

00:00:03.000 --> 00:00:03.010 align:start position:0%
we drew
@

00:00:03.010 --> 00:00:05.000 align:start position:0%
we drew
every<00:00:03.400><c> hair</c>

""".replace("@", " ")


def rows(text: str | bytes, end_ms: int | None = None) -> list[tuple[int, int, str]]:
    return read_subtitles(text if isinstance(text, bytes) else text.encode(), end_ms)


def cues(folder: Path, files: Files, **settings: Any) -> list[tuple[int, str]]:
    """Build the files and return (start in ms, text) of the cue track."""
    made(folder, files, **settings)
    (track,) = (folder / "output").rglob("*.cues.srt")
    return [(item.start.ordinal, item.text) for item in pysrt.open(str(track), error_handling=pysrt.ERROR_RAISE)]


def made(folder: Path, files: Files, asked: bool = True, **settings: Any) -> Report:
    lay_out(folder, files)
    places = (folder / "talks",)
    return build(Request(places, folder / "output", ("chapters",), {"chapters": {"cues": asked}}, jobs=1, **settings))


SAID = [(1_000, "We drew every hair.\nTwice."), (4_000, "Then light.")]
WRITTEN = [(20_000, "Every hair is a curve")]


@pytest.mark.parametrize(
    "name",
    ["fur.srt", "fur.en.srt", f"A film [{VIDEO}].srt", f"A film [{VIDEO}].en-orig.srt", "fur.SRT"],
)
def test_a_transcript_beside_a_note_is_the_cue_track(name: str, tmp_path: Path) -> None:
    assert cues(tmp_path, {"talks/fur.md": TALK, f"talks/{name}": SRT}) == SAID


@pytest.mark.parametrize("name", ["other.srt", "fur2.srt", "A film [R6MlUcmOul8].srt", "deeper/fur.srt"])
def test_files_of_others_are_none_of_its_own(name: str, tmp_path: Path) -> None:
    assert cues(tmp_path, {"talks/fur.md": TALK, f"talks/{name}": SRT}) == WRITTEN


def test_subtitles_lie_in_the_folder_of_videos_too(tmp_path: Path) -> None:
    files = {"talks/fur.md": TALK, f"films/a/A film [{VIDEO}].en.srt": SRT}
    assert cues(tmp_path, files, videos=tmp_path / "films") == SAID


def test_the_nearest_wins(tmp_path: Path) -> None:
    def saying(text: str) -> str:
        return f"WEBVTT\n\n00:01.000 --> 00:02.000\n{text}\n"

    names = [f"A [{VIDEO}].de.vtt", f"A [{VIDEO}].en.vtt", f"A [{VIDEO}].vtt", "fur.de.vtt", "fur.en.vtt", "fur.vtt"]
    files = {"talks/fur.md": TALK}
    for name in names:
        files[f"talks/{name}"] = saying(name)
        assert cues(tmp_path, files, language="en") == [(1_000, name)]


def test_a_file_without_cues_is_said_and_the_note_is_used(tmp_path: Path) -> None:
    report = made(tmp_path, {"talks/fur.md": TALK, "talks/fur.srt": "Nothing here.\n"})
    said = [one for book in report.books for one in book.diagnostics if one.code == "transcript-unreadable"]
    assert "fur.srt" in said[0].message
    assert cues(tmp_path, {}) == WRITTEN


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    lay_out(tmp_path, {"talks/fur.md": TALK, "else/fur.srt": SRT})
    (tmp_path / "talks" / "fur.srt").symlink_to(tmp_path / "else" / "fur.srt")
    assert cues(tmp_path, {}) == WRITTEN


def test_a_transcript_that_changes_is_read_again(tmp_path: Path) -> None:
    files = {"talks/fur.md": TALK, "talks/fur.srt": SRT}
    lay_out(tmp_path, files)
    for path in (tmp_path / "talks").iterdir():
        os.utime(path, ns=(10**18, 10**18))
    assert cues(tmp_path, {}) == SAID
    assert made(tmp_path, {}).books[0].unchanged == ["chapters"]
    assert cues(tmp_path, {"talks/fur.srt": SRT.replace("light", "dark")})[1] == (4_000, "Then dark.")
    (tmp_path / "talks" / "fur.srt").unlink()
    assert cues(tmp_path, {}) == WRITTEN
    # Without cues, new subtitles change nothing.
    made(tmp_path, {}, asked=False)
    assert made(tmp_path, {"talks/fur.srt": SRT}, asked=False).books[0].unchanged == ["chapters"]


def test_what_youtube_hears_is_said_once() -> None:
    assert rows(ROLLING) == [(1_000, 3_000, "we drew"), (3_010, 5_000, "every hair")]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("1\n00:00:02,000 --> 00:00:01,000\nback\n", []),
        ("00:01.5 --> 00:02.25 line:0\na &amp; b\n", [(1_500, 2_250, "a & b")]),
        ("\ufeffWEBVTT\r\n\r\nNOTE no cue\r\n\r\nid\r\n99:00:00.000 --> 99:00:01.000\r\nlate\r\n",
         [(356_400_000, 356_401_000, "late")]),
        ("00:03.000 --> 00:09.000\nb\n\n00:01.000 --> 00:05.000\na\n", [(1_000, 3_000, "a"), (3_000, 9_000, "b")]),
        ("00:01.000 --> 00:02.000\na\n00:02.000 --> 00:03.000\nb", [(1_000, 2_000, "a"), (2_000, 3_000, "b")]),
        ("00:01.000 --> 00:02.000\n{\\an8}a\n\n00:01.000 --> 00:03.000\n<v Ann>b</v>\n", [(1_000, 3_000, "a\nb")]),
        ("00:01.000 --> 00:02.000\n \u202e\n", []),
    ],
)  # fmt: skip
def test_spellings(text: str, found: list[tuple[int, int, str]]) -> None:
    assert rows(text) == found


def test_nothing_is_shown_past_the_end() -> None:
    text = "00:01.000 --> 00:09.000\na\n\n00:06.000 --> 00:09.000\nb\n"
    assert rows(text, 5_000) == [(1_000, 5_000, "a")]


def test_bytes_that_are_no_text() -> None:
    assert rows(b"\xff\xfe\x00" * 99) == []
    assert rows(b"00:01.000 --> 00:02.000\nna\xefve\n") == [(1_000, 2_000, "na\ufffdve")]


def test_many_notes_and_subtitles_are_matched_at_once(tmp_path: Path) -> None:
    """Files are looked up by name, because a channel has thousands of notes and files."""
    count = 3_000
    lay_out(tmp_path, {f"talks/talk{number}.en.vtt": "" for number in range(count)})
    folder = str(tmp_path / "talks")
    names = [f"talk{number}" for number in range(count)]
    sources = {f"talks/{name}": Source(f"{folder}/{name}.md", f"{name}.md", folder, "talks", name) for name in names}
    book = book_of([summary(f"talks/{name}", video=None) for name in names])
    began = time.process_time()
    found = Transcripts(sources, None).find(book)
    assert {name: path.name for name, path in found.items()} == {f"talks/{name}": f"{name}.en.vtt" for name in names}
    assert time.process_time() - began < 2


CUES = st.lists(
    st.sampled_from(
        (
            "00:01.000 --> 00:02.000\n", "00:01.500 --> 00:01.2\n", "00:00:01,0 --> 00:00:09,000\n",
            "0:05.0 --> 0:06.0 a:0\n",
            "a\n", "b\n", "\n", " \n", "<c>a\n", "{\\an8}\n", "&#10;\n", "7\n",
        )
    )
)  # fmt: skip


@given(CUES.map("".join))
def test_rows_are_in_order_and_apart_whatever_the_text(text: str) -> None:
    found = rows(text)
    assert all(start < end and said.strip() and "\n\n" not in said for start, end, said in found)
    assert all(len(line) > 0 for _, _, said in found for line in said.split("\n"))
    assert all(one[1] <= after[0] for one, after in pairwise(found))
