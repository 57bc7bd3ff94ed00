"""Tests the examples of `docs/sources.md`: each gives the title, the stamps and the chapters that stand under it."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest

from convert import reader
from convert.document.note import Video
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.extract.timeline import timeline
from convert.reader import formats as readers
from convert.reader.video_address import video_lines
from tests.support.needs import ROOT
from tests.support.vaults import VIDEO, open_files

ADDRESS = f"https://youtu.be/{VIDEO}"

_EXAMPLE = re.compile(r"^### ([^\n]+)\n\n````markdown\n(.*?)````\n\n((?:- [^\n]*\n)+)", re.MULTILINE | re.DOTALL)
EXAMPLES = _EXAMPLE.findall((ROOT / "docs" / "sources.md").read_text("utf-8"))


def described(folder: Path, text: str) -> str:
    """Return what a note gives in the words of the examples."""
    vault = open_files(folder, {"talks/talk.md": text})
    (part,) = vault.book(0).parts
    (note,) = part.notes
    video = f"`{watch_url(part.video) or part.video.id}`" if part.video else "no video"
    times = ", ".join(f"`{clock(moment.start_ms)}`" for moment in note.moments)
    markers = ", ".join(f"`{clock(marker.start_ms)} {marker.title}`" for marker in timeline(part).markers)
    return f"- title: `{note.title}`\n- stamps of {video}: {times}\n- chapters: {markers}\n"


@pytest.mark.parametrize(("name", "text", "wanted"), EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_examples(name: str, text: str, wanted: str, tmp_path: Path) -> None:
    assert described(tmp_path, text) == wanted


def test_every_example_is_read() -> None:
    assert len(EXAMPLES) == (ROOT / "docs" / "sources.md").read_text("utf-8").count("````markdown\n") >= 7


def stamps_of(text: str) -> tuple[Video | None, list[int | None]]:
    """Return the video and the stamps of a note."""
    reading = reader.read_bytes(text.encode(), "talks/talk.md", "talks", "talk")
    return reading.note.video, [fact.literal_ms for fact in reading.facts.stamps]


@pytest.mark.parametrize(
    ("macro", "ms"),
    [
        ("{{youtube-timestamp 47}}", 47_000),
        ("{{youtube-timestamp 00:00:47}}", 47_000),
        ("{{youtube-timestamp 1:02:03}}", 3_723_000),
        ("{{ youtube-timestamp 1h2m3s }}", 3_723_000),
        ("{{renderer :media-timestamp, 754}}", 754_000),
        ("{{renderer :yt-timestamp,12:34,words}}", 754_000),
        ("{{[[youtube-timestamp]]: 12:34}}", 754_000),
        ("{{[[video-timestamp]]: ((a-Bc_12)) 12:34}}", 754_000),
        ("{{[[yt-gif/timestamp]]: 12:34 13:10}}", 754_000),
        ("```timestamp\n12:34\n```", 754_000),
        ("> ```timestamp\n> 12:34\n> ```", 754_000),
        ("~~~ timestamp\n 12:34 words\n~~~", 754_000),
    ],
)
@pytest.mark.parametrize(
    "player", ["{{video %s}}", "{{[[youtube]]: %s}}", "{{youtube %s}}", "```timestamp-url\n%s\n ```"]
)
def test_macros(macro: str, ms: int, player: str) -> None:
    assert stamps_of(f"{player % ADDRESS}\n\n{macro}\n") == (Video("youtube", VIDEO), [ms])


@pytest.mark.parametrize("text", ["`{{youtube-timestamp 47}}`", "{{query (and 0:47)}}", "{{timestamp}}", "{{video https://x.org}}",
     "```\n{{youtube-timestamp 47}}\n```", "```timestamp\nno time\n```", "```timestamps\n0:47\n```"])  # fmt: skip
def test_no_macros(text: str) -> None:
    assert readers.readers()["marked_times"].rewrite(text, "talk.md") is None


@pytest.mark.parametrize("text", ["{{" * 50_000, "{{a " + "[[" * 50_000, "```timestamp\n" * 20_000,
     "a:: b\n" * 20_000 + "{{a-timestamp 1}}"])  # fmt: skip
def test_macros_take_time_that_grows_with_the_text(text: str) -> None:
    began = time.process_time()
    readers.readers()["marked_times"].rewrite(text, "talk.md")
    video_lines(text)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "line",
    [ADDRESS, f"- <{ADDRESS}>", f"[A talk]({ADDRESS})", f"![]({ADDRESS})", f"**Video:** {ADDRESS}",
     f"Talk 1 – {ADDRESS}", f"url:: {ADDRESS}", f"## [A talk]({ADDRESS})", f"# A talk {ADDRESS}", f"> {ADDRESS}",
     f"<iframe src='https://www.youtube.com/embed/{VIDEO}'></iframe>", f"youtu.be/{VIDEO}"],
)  # fmt: skip
def test_lines_that_name_a_video(line: str) -> None:
    assert video_lines(f"words\n{line}\nwords") == [(2, Video("youtube", VIDEO))]


@pytest.mark.parametrize("line", ["![[my films/a.mp4]]", "[[my films/a.mp4|the film]]", "Video: [[my films/a.mp4]]"])
def test_lines_that_name_a_file(line: str) -> None:
    assert video_lines(line) == [(1, Video("file", "my films/a.mp4"))]


@pytest.mark.parametrize(
    "line",
    [f"I saw {ADDRESS} there", f"[0:10]({ADDRESS}) words", f"[0:10]({ADDRESS}?t=10)", f"{ADDRESS}?t=10",
     f"See [one]({ADDRESS}) and two", "[[note]]", "![](picture.png)", f"{ADDRESS} https://youtu.be/eRsGyueVLvQ"],
)  # fmt: skip
def test_lines_that_only_mention_a_video(line: str) -> None:
    assert video_lines(line) == []


def test_a_player_makes_moments_of_times_and_an_address_does_not() -> None:
    lines = "\n- 09:12 Woke\n- 10:47 Met a friend\n- 13:04 Ate\n"
    assert stamps_of(f"![]({ADDRESS})\n{lines}") == (Video("youtube", VIDEO), [552_000, 647_000, 784_000])
    assert stamps_of(f"{ADDRESS}\n{lines}")[1] == []
