"""Tests the examples of `docs/sources.md`: each gives the title, the stamps and the chapters that stand under it."""

from __future__ import annotations

import re
import time
import zipfile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from convert import reader
from convert.document.nodes import CodeBlock
from convert.document.note import Video
from convert.document.timecode import clock
from convert.document.video import watch_url
from convert.document.walk import all_blocks, block_text
from convert.extract.timeline import timeline
from convert.pipeline.run import build
from convert.reader import formats as readers
from convert.reader.video_address import video_lines, video_of
from convert.request import Request
from tests.support.artifacts import deck_view
from tests.support.command import Desk
from tests.support.needs import ROOT, SHARED, needs
from tests.support.pages import epub_pages, page_of, site_pages
from tests.support.pdf_reading import uris
from tests.support.vaults import OTHER, VIDEO, all_diagnostics, build_files, lay_out, note, open_files

ADDRESS, SECOND_ADDRESS = f"https://youtu.be/{VIDEO}", f"https://youtu.be/{OTHER}"

_EXAMPLE = re.compile(r"^### ([^\n]+)\n\n````markdown\n(.*?)````\n\n((?:- [^\n]*\n)+)", re.MULTILINE | re.DOTALL)
EXAMPLES = _EXAMPLE.findall((ROOT / "docs" / "sources.md").read_text("utf-8"))


def described(folder: Path, text: str) -> str:
    """Return what a note gives in the words of the examples."""
    vault = open_files(folder, {"talks/talk.md": text})
    book = vault.book(0)
    (note,) = book.summaries()
    said = [f"- title: `{note.title}`\n"]
    for part in (*book.parts, *book.others):
        part = part if part.video else msgspec.structs.replace(part, title=note.title)
        video = f"`{watch_url(part.video) or part.video.id}`" if part.video else "no video"
        times = ", ".join(f"`{clock(moment.start_ms)}`" for moment in note.about(part.video).moments)
        markers = ", ".join(f"`{clock(marker.start_ms)} {marker.title}`" for marker in timeline(part).markers)
        said.append(f"- stamps of {video}: {times}\n- chapters: {markers}\n")
    return "".join(said)


@pytest.mark.parametrize(("name", "text", "wanted"), EXAMPLES, ids=[name for name, _, _ in EXAMPLES])
def test_examples(name: str, text: str, wanted: str, tmp_path: Path) -> None:
    assert described(tmp_path, text) == wanted


def test_every_example_is_read() -> None:
    assert len(EXAMPLES) == (ROOT / "docs" / "sources.md").read_text("utf-8").count("````markdown\n") >= 7


EMBED, LATER = f"https://www.youtube.com/embed/{VIDEO}", "\n\n1:30 Sand\n2:30 Foam\n3:30 Salt\n"
SOURCES = '<video controls>\n<source src="a/sea.webm" type="video/webm">\n<source src="a/sea.mp4">\n</video>'


@pytest.mark.parametrize(
    ("text", "video", "seconds"),
    [
        (f'<video src="sea.mp4#t=12"></video>{LATER}', "sea.mp4", [12, 90, 150, 210]),
        (f'<video controls src="sea.mp4#t=5,9">No player.</video> Words{LATER}', "sea.mp4", [5, 90, 150, 210]),
        (f"<audio src='my%20sea.mp3'></audio>{LATER}", "my sea.mp3", [90, 150, 210]),
        (f"<video src=file:///C:/films/sea.mp4></video>{LATER}", "/C:/films/sea.mp4", [90, 150, 210]),
        (f"{SOURCES}{LATER}", "a/sea.webm", [90, 150, 210]),
        (f"{SOURCES.replace(chr(10), '')}{LATER}", "a/sea.webm", [90, 150, 210]),
        (f'<iframe width="9" src="{EMBED}?start=12"></iframe>{LATER}', VIDEO, [90, 150, 210]),
        (f'<iframe src="{EMBED[6:]}?start=12&amp;autoplay=1"></iframe>{LATER}', VIDEO, [90, 150, 210]),
        (
            f'<iframe src="{EMBED}?start=12"></iframe>\nA\n\n<iframe src="{EMBED}?start=72"></iframe>\nB',
            VIDEO,
            [12, 72],
        ),
        (f'<iframe src="{EMBED}?start=12"></iframe>\n\n[1:30]({ADDRESS}?t=90) a', VIDEO, [12, 90]),
        ('<audio src="https://example.org/a.mp3"></audio>\n\n[1:30] a', "https://example.org/a.mp3", [90]),
        ('```html\n<video src="sea.mp4"></video>\n```\n\n[1:30] a', "", [90]),
        ("<video src='a.mp4'></video>\n\n[1:30] a\n\n<video src='b.mp4'></video>\n\n[0:30] b", "a.mp4", [90, 30]),
        (f"<img src='sea.png'>{LATER}", "", []),
        (f"<AUDIO CONTROLS SRC = 'a/Sea.MP3'></AUDIO>{LATER}", "a/Sea.MP3", [90, 150, 210]),
        (f'<iframe\n  width="9"\n  src="{EMBED}?start=12"></iframe>{LATER}', VIDEO, [90, 150, 210]),
        ("- <video src='sea.mp4#t=12'></video> a\n- <video src='sea.mp4#t=99'></video> b\n", "sea.mp4", [12, 99]),
        ("`<video src='sea.mp4'></video>` is a tag [1:30]", "", [90]),
        ("<!-- <video src='sea.mp4'></video> -->\n\n[1:30] a", "", [90]),
        (f"<script src='sea.mp4'></script>{LATER}", "", []),
        (f"<iframe src='https://open.spotify.com/embed/episode/0a?t=12'></iframe>{LATER}", "", []),
    ],
)
def test_a_player_names_the_medium(text: str, video: str, seconds: list[int]) -> None:
    found, times = stamps_of(text)
    assert (found.id if found else "") == video
    assert times == [1000 * one for one in seconds]
    reading = reader.read_bytes(text.encode(), "talks/talk.md", "talks", "talk")
    dropped = [one.message for one in reading.diagnostics if one.code == "html-dropped"]
    assert not any(video in one for one in dropped if video)
    assert "controls" not in str(reading.note.blocks).replace("CodeBlock", "") or "```" in text


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
        ("```timestamp 12:34\nIt stands.\n```", 754_000),
        (f"```media-note\nurl: {ADDRESS}\ntime: 12:34\n---\nIt stands.\n```", 754_000),
        (f"```video\nurl: {ADDRESS}\ntimestamp: 754\nend: 13:00\n```", 754_000),
        (f"```vid\n{ADDRESS}&t=754s\n```", 754_000),
        (f"> ```audio-note\n> audio: {ADDRESS}#t=12:34,13:10\n> title: The gauge\n> ---\n> It stands.\n> ```", 754_000),
    ],
)
@pytest.mark.parametrize(
    "player", ["{{video %s}}", "{{[[youtube]]: %s}}", "{{youtube %s}}", "```timestamp-url\n%s\n ```"]
)
def test_macros(macro: str, ms: int, player: str) -> None:
    assert stamps_of(f"{player % ADDRESS}\n\n{macro}\n") == (Video("youtube", VIDEO), [ms])


@pytest.mark.parametrize("text", ["`{{youtube-timestamp 47}}`", "{{query (and 0:47)}}", "{{timestamp}}", "{{video https://x.org}}",
     "```\n{{youtube-timestamp 47}}\n```", "```timestamp\nno time\n```", "```timestamps\n0:47\n```",
     "```video\nffmpeg -i a -ss 0:47 b\n```", "```audio\nplay()\n```", "```media\n@media x\n```"])  # fmt: skip
def test_no_macros(text: str) -> None:
    assert readers.readers()["marked_times"].rewrite(text, "talk.md") is None


def test_fences_name_the_medium_of_their_times() -> None:
    note = "```audio-note\naudio: [[assets/tides.mp3#t=1:12,1:24]]\ntitle: The gauge\n---\nIt stands.\n```\n"
    other = f"{note}\n```audio-note\naudio: assets/tides.mp3#t=626\nmuted: true\n```\n"
    assert stamps_of(other) == (Video("file", "assets/tides.mp3"), [72_000, 626_000])
    assert stamps_of(f"```youtube\n{ADDRESS}\n```\n\nIt stands [1:12].\n") == (Video("youtube", VIDEO), [72_000])
    made = readers.readers()["marked_times"].rewrite(note, "talk.md")
    assert made is not None
    assert made.text.split("\n")[2:5] == ["The gauge", "", "It stands."]


@pytest.mark.parametrize("text", ["{{" * 50_000, "```video a\n" * 20_000, "```video\n" + "a: b\n" * 50_000,
     "{{a " + "[[" * 50_000, "```timestamp\n" * 20_000,
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
     f"<iframe src='https://www.youtube.com/embed/{VIDEO}'></iframe>", f"youtu.be/{VIDEO}",
     f"{{{{< youtube {VIDEO} >}}}}", f'{{{{< youtube id="{VIDEO}" autoplay="true" >}}}}', f"{{%  youtube {VIDEO} %}}",
     f"{{{{%youtube {VIDEO}%}}}}", f'{{% include youtube.html id="{VIDEO}" %}}', f'<YouTube id="{VIDEO}" />',
     f"<lite-youtube videoid='{VIDEO}'></lite-youtube>", f"{{% youtube {ADDRESS} %}}"],
)  # fmt: skip
def test_lines_that_name_a_video(line: str) -> None:
    assert video_lines(f"words\n{line}\nwords") == [(2, Video("youtube", VIDEO))]


@pytest.mark.parametrize("line", ["![[my films/a.mp4]]", "[[my films/a.mp4|the film]]", "Video: [[my films/a.mp4]]"])
def test_lines_that_name_a_file(line: str) -> None:
    assert video_lines(line) == [(1, Video("file", "my films/a.mp4"))]


@pytest.mark.parametrize(
    "line",
    [f"I saw {ADDRESS} there", f"[0:10]({ADDRESS}) words", f"[0:10]({ADDRESS}?t=10)", f"{ADDRESS}?t=10",
     f"See [one]({ADDRESS}) and two", "[[note]]", f"`{{{{< youtube {VIDEO} >}}}}`", "{{< youtube >}}",
     "<YouTubeIcon />", "{% youtube_playlist chapters=12 %}", "![](picture.png)", f"{ADDRESS} https://youtu.be/eRsGyueVLvQ"],
)  # fmt: skip
def test_lines_that_only_mention_a_video(line: str) -> None:
    assert video_lines(line) == []


def test_a_player_makes_moments_of_times_and_an_address_does_not() -> None:
    lines = "\n- 09:12 Woke\n- 10:47 Met a friend\n- 13:04 Ate\n"
    assert stamps_of(f"![]({ADDRESS})\n{lines}") == (Video("youtube", VIDEO), [552_000, 647_000, 784_000])
    assert stamps_of(f"{ADDRESS}\n{lines}")[1] == []


@pytest.mark.parametrize(
    ("lines", "seconds"),
    [
        ("1:05 The gauge\n2:12 The moon\n9:13 The table", [65, 132, 553]),
        ("- 02:34 The gauge\n- 09:51 The moon\n- 18:20 The table", [154, 591, 1100]),
        ("- 1:12:34 The gauge\n- 1:14:51 The moon\n- 1:18:20 The table", [4354, 4491, 4700]),
        ("12:34 The gauge\n24:51 The moon\n38:20 The table", [754, 1491, 2300]),
        ("(12:34) The gauge\n(14:51) The moon\n(18:20) The table", [754, 891, 1100]),
        ("`12:34` The gauge\n\n`14:51` The moon\n\n`18:20` The table", [754, 891, 1100]),
        ("- The gauge (12:34)\n- The moon (14:51)\n- The table (18:20)", [754, 891, 1100]),
        ("## The gauge (12:34)\n\nA\n\n## The moon (14:51)\n\nB", [754, 891]),
        ("| when | what |\n|---|---|\n| 1:34 | The gauge |\n| 2:51 | The moon |\n| 3:20 | The table |", [94, 171, 200]),
    ],
)
@pytest.mark.parametrize("above", [ADDRESS, f"# Tides\n\n<{ADDRESS}>", f"---\ntags: sea\n---\n[Tides]({ADDRESS})"])
def test_an_address_above_all_names_the_video_of_times_that_are_of_no_day(
    above: str, lines: str, seconds: list[int]
) -> None:
    assert stamps_of(f"{above}\n\n{lines}\n") == (Video("youtube", VIDEO), [1000 * one for one in seconds])
    day = "- 09:12 Woke\n- 10:47 Met a friend\n- 13:04 Ate\n"
    assert stamps_of(f"{above}\n\n{day}") == (None, [])
    assert stamps_of(f"# Tides\n\nWords.\n\n{lines}\n\n{ADDRESS}\n") == (
        Video("youtube", VIDEO),
        [1000 * one for one in seconds],
    )
    assert stamps_of(f"{day}\n{ADDRESS}\n") == (None, [])
    assert stamps_of(f"Words.\n\n{ADDRESS}\n\n1:05 The gauge\n2:12 The moon\n9:13 The table\n") == (None, [])
    assert stamps_of(f"{ADDRESS}\n{SECOND_ADDRESS}\n\n1:05 The gauge\n2:12 The moon\n9:13 The table\n")[1] == []


@pytest.mark.parametrize("key", ["lien", "enlace", "Quelle", "链接", "ссылка", "resource", "youtube talk"])
def test_any_key_may_name_the_only_video(key: str) -> None:
    times = "\n0:00 Hello\n1:24 The gauge\n10:26 The moon\n"
    assert stamps_of(f"---\n{key}: {ADDRESS}\n---\n{times}") == (Video("youtube", VIDEO), [0, 84_000, 626_000])
    both = f"---\n{key}: {ADDRESS}\nmore: {SECOND_ADDRESS}\n---\n{times}"
    assert stamps_of(both if "youtube" not in key else times)[0] is None


@pytest.mark.parametrize("key", ["related", "next", "Trailer", "see also", "channel"])
def test_keys_of_other_videos_name_none(key: str) -> None:
    assert stamps_of(f"---\n{key}: {ADDRESS}\n---\n\n0:00 Hello\n1:24 The gauge\n10:26 The moon\n")[0] is None


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (f"Title: Tides\nURL: {ADDRESS}", "Tides"),
        (f'Title: "Tides: one"\nVideo URL: {ADDRESS}\nTranscript:', "Tides: one"),
        (f"#+TITLE: Tides\n#+URL: {ADDRESS}", "Tides"),
        (f"\ntitle:   Tides  \nauthor: Anna\nurl: {ADDRESS}", "Tides"),
        (f"Title: Tides\n\nURL: {ADDRESS}", "talk"),
        (f"Title: Tides\nIt stands, and it is old.\nURL: {ADDRESS}", "talk"),
        (f"Title:\nURL: {ADDRESS}", "talk"),
    ],
)
def test_a_title_in_the_first_of_several_lines_with_keys(head: str, title: str) -> None:
    reading = reader.read_bytes(f"{head}\n\nIt stands [1:24].\n".encode(), "talks/talk.md", "talks", "talk")
    assert (reading.note.title, [fact.line for fact in reading.facts.stamps]) == (title, [head.count("\n") + 3])


# Several videos


def chapters_of(folder: Path, text: str) -> dict[str, list[str]]:
    """Return the chapters of each video of a note, by its id."""
    book = open_files(folder, {"talks/talk.md": text}).book(0)
    lines = [timeline(part) for part in (*book.parts, *book.others)]
    return {
        line.video.id if line.video else "": [f"{clock(one.start_ms)} {one.title}" for one in line.markers]
        for line in lines
    }


FIRST, SECOND = ["0:00 Hello", "0:24 Waves", "1:26 End"], ["0:00 Welcome", "1:30 Moons", "9:00 Bye"]
LISTS = {
    "links": (
        f"### One\n\n- [0:00]({ADDRESS}?t=0) Hello\n- [0:24]({ADDRESS}?t=24) Waves\n- [1:26]({ADDRESS}?t=86) End\n\n"
        f"### Two\n\n- [0:00]({SECOND_ADDRESS}?t=0) Welcome\n- [1:30]({SECOND_ADDRESS}?t=90) Moons\n"
        f"- [9:00]({SECOND_ADDRESS}?t=540) Bye\n"
    ),
    "headings": (
        f"## [One]({ADDRESS})\n\n0:00 Hello\n0:24 Waves\n1:26 End\n\n"
        f"## [Two]({SECOND_ADDRESS})\n\n0:00 Welcome\n1:30 Moons\n9:00 Bye\n"
    ),
    "lines above": (
        f"{ADDRESS}\n0:00 Hello\n0:24 Waves\n1:26 End\n\n"
        f"Talk two: {SECOND_ADDRESS}\n0:00 Welcome\n1:30 Moons\n9:00 Bye\n"
    ),
    "lines below": (
        f"## One\n- 0:00 Hello\n- 0:24 Waves\n- 1:26 End\n\n{ADDRESS}\n\n"
        f"## Two\n- 0:00 Welcome\n- 1:30 Moons\n- 9:00 Bye\n\nVideo: {SECOND_ADDRESS}\n"
    ),
    "players": (
        f"![]({ADDRESS})\n\n(0:00) Hello\n(0:24) Waves\n(1:26) End\n\n"
        f"<iframe src='https://www.youtube.com/embed/{OTHER}'></iframe>\n\n(0:00) Welcome\n(1:30) Moons\n(9:00) Bye\n"
    ),
    "beside front matter": (
        f"---\nvideoId: {VIDEO}\n---\n0:00 Hello\n0:24 Waves\n1:26 End\n\n"
        f"# [Two]({SECOND_ADDRESS})\n\n0:00 Welcome\n1:30 Moons\n9:00 Bye\n"
    ),
    "tables": (
        f"# {ADDRESS}\n\n| | |\n|---|---|\n| 0:00 | Hello |\n| 0:24 | Waves |\n| 1:26 | End |\n\n"
        f"# {SECOND_ADDRESS}\n\n| | |\n|---|---|\n| 0:00 | Welcome |\n| 1:30 | Moons |\n| 9:00 | Bye |\n"
    ),
}


@pytest.mark.parametrize("how", LISTS)
def test_each_list_belongs_to_its_video(how: str, tmp_path: Path) -> None:
    assert chapters_of(tmp_path, LISTS[how]) == {VIDEO: FIRST, OTHER: SECOND}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (f"[0:10]({ADDRESS}?t=10) [0:20]({SECOND_ADDRESS}?t=20) [0:30]({ADDRESS}?t=30) [0:40]({SECOND_ADDRESS}?t=40)",
         [(VIDEO, 10), (OTHER, 20), (VIDEO, 30), (OTHER, 40)]),
        (f"# [One]({ADDRESS})\nA wave [0:10]\n## More\n[0:50]\n# [Two]({SECOND_ADDRESS})\nA moon [0:05]\n",
         [(VIDEO, 10), (VIDEO, 50), (OTHER, 5)]),
        (f"- {{{{video {ADDRESS}}}}}\n\t- {{{{youtube-timestamp 47}}}} a\n- {{{{video {SECOND_ADDRESS}}}}}\n"
         "\t- {{youtube-timestamp 7}} b\n", [(VIDEO, 47), (OTHER, 7)]),
        ("[[a.mp4#t=10|0:10]] a\n[[films/b c.mp4#t=20]] b ![[b c.mp4#t=0:30,40]]\n[0:05](a.mp4#t=5)\n",
         [("a.mp4", 10), ("films/b c.mp4", 20), ("films/b c.mp4", 30), ("a.mp4", 5)]),
        (f"# C\n## W\n### L\n{ADDRESS}\n[0:10]\n## V\n### L\n{SECOND_ADDRESS}\n[0:20]\n### N\n[0:30]\n",
         [(VIDEO, 10), (OTHER, 20), (OTHER, 30)]),
        (f"**One** {ADDRESS}\n\n[0:10] a\n\n**Two** {SECOND_ADDRESS}\n\n[0:20] b\n", [(VIDEO, 10), (OTHER, 20)]),
        (f"---\nvideos:\n  - {ADDRESS}\n  - {SECOND_ADDRESS}\n---\nA [0:10]({ADDRESS}?t=10), "
         f"b [0:20]({SECOND_ADDRESS}?t=20) [0:30]({SECOND_ADDRESS}?t=30)\n", [(VIDEO, 10), (OTHER, 20), (OTHER, 30)]),
        (f"```\n{SECOND_ADDRESS}\n```\n{ADDRESS}\n\n[0:10] a\n", [(VIDEO, 10)]),
        (f"# See [one]({ADDRESS})\n[0:10] and [0:20]\n# See also\n- {SECOND_ADDRESS}\n", [(VIDEO, 10), (VIDEO, 20)]),
        (f"- [0:10]({ADDRESS}?t=10) a, as in [3:00]({SECOND_ADDRESS}?t=180)\n- [1:10]({ADDRESS}?t=70) b\n",
         [(VIDEO, 10), (VIDEO, 70)]),
    ],
)  # fmt: skip
def test_each_stamp_belongs_to_its_video(text: str, wanted: list[tuple[str, int]]) -> None:
    facts = reader.read_bytes(text.encode(), "talks/talk.md", "talks", "talk").facts
    videos = [one.video or facts.video for one in facts.stamps]
    found = [
        (video and video.id, (one.literal_ms or 0) // 1000) for video, one in zip(videos, facts.stamps, strict=True)
    ]
    assert found == wanted
    assert {video.id for video in facts.videos} == ({name for name, _ in wanted} if len(dict(wanted)) > 1 else set())


@pytest.mark.parametrize(
    "text",
    ["".join(f"[[f{i}.mp4#t={i}]]\n" for i in range(8_000)), f"{ADDRESS}\n[0:10]\n{SECOND_ADDRESS}\n[0:20]\n" * 5_000,
     f"[0:10]({ADDRESS}?t=10) [0:20]({SECOND_ADDRESS}?t=20)\n" * 5_000],
)  # fmt: skip
def test_many_videos_take_time_that_grows_with_the_text(text: str) -> None:
    began = time.process_time()
    facts = reader.read_bytes(text.encode(), "talks/talk.md", "talks", "talk").facts
    assert len(facts.videos) <= 100
    assert time.process_time() - began < 5


def test_references_beside_the_video_of_the_front_matter_stay_links() -> None:
    text = note(f"A wave [0:10], see ([0:20]({SECOND_ADDRESS}?t=20)) and ([0:30]({SECOND_ADDRESS}?t=30)).\n")
    assert stamps_of(text) == (Video("youtube", VIDEO), [10_000])


def test_outputs_of_several_videos(tmp_path: Path) -> None:
    text = LISTS["links"] + f"\nQ: What pulls?\nA: The moon [1:30]({SECOND_ADDRESS}?t=90)\n"
    for writer in ("epub", "html", "chapters", "anki"):
        build_files(tmp_path, {"talks/talk.md": text}, writer)
    made = tmp_path / "output"
    assert {path.name.split(".")[0] for path in (made / "talks.chapters").iterdir()} == {VIDEO, OTHER}
    with zipfile.ZipFile(made / "talks.epub") as pages:
        book = "".join(pages.read(name).decode() for name in pages.namelist() if name.endswith(".xhtml"))
    (page,) = [path for path in (made / "talks.html").glob("*.html") if path.name != "index.html"]
    for markup in (book, page.read_text("utf-8")):
        assert f'class="stamp" href="{ADDRESS}?t=86"' in markup
        assert f'class="stamp-elsewhere" href="{SECOND_ADDRESS}?t=540"' in markup
        assert f"{ADDRESS}?t=540" not in markup
    cards = deck_view((made / "talks.apkg").read_bytes())
    assert f"{SECOND_ADDRESS}?t=90" in cards
    assert f"{ADDRESS}?t=90" not in cards


SEVERAL = (
    f"# Two shows\n\n## Show one\n\n{ADDRESS}\n\n- 0:00 Hello\n- 1:24 Sand\n- 5:00 Foam\n\n"
    f"## [Show two]({SECOND_ADDRESS})\n\n- 0:00 Welcome\n- 2:30 Salt\n- 6:00 Ice\n"
)
THIRD = "\n### The stars\n\nhttps://vimeo.com/76979871\n\n- 0:00 Welcome\n- 1:30 The sun\n- 5:00 The moon\n"


@pytest.mark.parametrize("split", ["note", "video"])
def test_every_output_leads_to_all_videos_of_a_note(split: str, tmp_path: Path) -> None:
    lay_out(tmp_path, {"talks/talk.md": SEVERAL + THIRD})
    options = {"epub": {"split": split}}
    request = Request((tmp_path / "talks",), tmp_path / "out", ("epub", "html", "pdf", "chapters"), options, jobs=1)
    assert not [failure for book in build(request).books for failure in book.failures]
    wanted = [ADDRESS, SECOND_ADDRESS, "https://vimeo.com/76979871"]
    pages = epub_pages(tmp_path / "out" / "talks.epub")
    for page in (pages["title.xhtml"], pages["videos.xhtml"], page_of(pages, 'class="note-head"')):
        assert re.findall(r'class="watch" href="([^"]+)"', page) == wanted
    assert "Show two</a>" in page_of(pages, 'class="note-head"')
    with zipfile.ZipFile(tmp_path / "out" / "talks.epub") as book:
        package = book.read("EPUB/content.opf").decode()
    assert re.findall(r"<dc:source>([^<]+)</dc:source>", package) == wanted
    page = page_of(site_pages(tmp_path / "out" / "talks.html"), 'class="note"')
    assert set(re.findall(r'class="watch" href="([^"]+)"', page)) == set(wanted)
    assert "../talks.chapters/76979871.srt" in page
    assert set(wanted) <= set(uris((tmp_path / "out" / "talks.pdf").read_bytes()))


def test_a_note_about_several_videos_says_so(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"talks/talk.md": LISTS["headings"], "talks/b.md": note("x [5:00]", video=OTHER)})
    assert [one.code for one in all_diagnostics(vault) if one.note.endswith("talk.md")] == ["video-several"]
    book = vault.book(0)
    assert book.others == ()
    (line,) = [timeline(part) for part in book.parts if part.video == Video("youtube", OTHER)]
    assert [marker.start_ms // 1000 for marker in line.markers] == [0, 90, 300, 540]


UUID = "9c9de5e8-0a1e-484a-b099-e80766180a6d"


@pytest.mark.parametrize(
    ("address", "to"),
    [
        ("https://vimeo.com/76979871#t=12m34s", "https://vimeo.com/76979871#t=754s"),
        ("https://www.dailymotion.com/video/x8abcde?start=754", "https://www.dailymotion.com/video/x8abcde?start=754"),
        ("https://dai.ly/x8abcde?start=754", "https://www.dailymotion.com/video/x8abcde?start=754"),
        ("https://www.twitch.tv/videos/1234567890?t=0h12m34s", "https://www.twitch.tv/videos/1234567890?t=754s"),
        ("https://www.twitch.tv/tides/v/1234567890?t=754s", "https://www.twitch.tv/videos/1234567890?t=754s"),
        ("https://www.bilibili.com/video/BV1xx411c7mD?t=754", "https://www.bilibili.com/video/BV1xx411c7mD?p=1&t=754"),
        ("https://m.bilibili.com/video/BV1xx411c7mD/?p=3&t=754", "https://www.bilibili.com/video/BV1xx411c7mD?p=3&t=754"),
        (f"https://www.loom.com/share/Tides-{'0' * 31}a?t=754", f"https://www.loom.com/share/{'0' * 31}a?t=754"),
        ("https://acme.wistia.com/medias/abc123defg?wtime=754", "https://acme.wistia.com/medias/abc123defg?wtime=754"),
        (f"https://uni.hosted.panopto.com/Panopto/Pages/Viewer.aspx?id={UUID}&start=754.5",
         f"https://uni.hosted.panopto.com/Panopto/Pages/Viewer.aspx?id={UUID}&start=754"),
    ],
)  # fmt: skip
def test_links_to_seconds_of_other_sites(address: str, to: str, tmp_path: Path) -> None:
    video, times = stamps_of(f"# Talk\n\n[12:34]({address}) words\n")
    assert video
    assert [(ms or 0) // 1000 for ms in times] == [754]
    assert watch_url(video, 754_000) == to
    assert video_of(to) == video
    build_files(tmp_path, {"talks/talk.md": f"---\nurl: {address}\n---\nwords [12:34]\n"}, "epub")
    with zipfile.ZipFile(tmp_path / "output" / "talks.epub") as pages:
        book = "".join(pages.read(name).decode() for name in pages.namelist() if name.endswith(".xhtml"))
    assert f'class="stamp" href="{to.replace("&", "&amp;")}"' in book


@pytest.mark.parametrize("address", ["https://www.twitch.tv/tides", "https://www.bilibili.com/read/cv123",
     "https://www.loom.com/share/tides", "https://example.org/Panopto/Pages/Home.aspx?id=1",
     "https://www.dailymotion.com/tides"])  # fmt: skip
def test_pages_of_sites_that_are_no_videos(address: str) -> None:
    assert video_of(address) is None


# Transcripts

TALK = [("Anna Berg", "0:03", "The gauge stands in a well."), ("Jonas", "0:48", "And the moon?"),
        ("Anna Berg", "12:03", "It pulls."), ("Jonas", "1:02:03", "Thank you.")]  # fmt: skip
SPOKEN = [3_000, 48_000, 723_000, 3_723_000]


@pytest.mark.parametrize(
    "turn",
    ["{n}  {t}\n{x}\n", "{n} ({t})\n{x}", "{n} ({t}):\n{x}\n", "{n}: {t}\n{x}", "[{n}] [{t}] {x}",
     "{t} {n}\n{x}\n",
     "**{n}** [{t}]: {x}\n", "**{n}** ({t}): {x}", "- **{n}** — {t} — {x}", "{n} - {t}\n{x}",
     "[{t}] {n}: {x}", "{n} | {t}\n{x}",
     "{t} - {n}: {x}", "({t}) **{n}:** {x}\n", "> **{n}** {t}\n> {x}\n", "**{n}:** [{t}] {x}",
     "## {n} ({t})\n\n{x}\n",
     "**[{t}] {n}:** {x}\n", "### {t}\n\n**{n}:** {x}\n", "{n}, {t}\n{x}\n"],
)  # fmt: skip
def test_turns_of_speakers_are_stamps_and_no_chapters(turn: str, tmp_path: Path) -> None:
    text = "\n".join(turn.format(n=name, t=at, x=words) for name, at, words in TALK)
    for number, one in enumerate((text, note(text, "Talk"), f"## Tides\n\n{text}")):
        (part,) = open_files(tmp_path / str(number), {"talks/talk.md": one}).book(0).parts
        assert [moment.start_ms for moment in part.notes[0].moments] == SPOKEN
        assert len(timeline(part).markers) <= 2
        reading = reader.read_bytes(one.encode(), "talks/talk.md", "talks", "talk")
        assert "Anna Berg" in str(reading.note.blocks)
        assert "Jonas" not in [heading.text for heading in reading.facts.headings]


@pytest.mark.parametrize(
    "speaker", ["Speaker {}", "SPEAKER_0{}", "Speaker_{}", "Unknown speaker {}", "Sprecher {}", "Guest {}"]
)
def test_two_turns_of_nameless_speakers_may_begin_late(speaker: str) -> None:
    text = f"{speaker.format(1)} 05:12\nThe gauge.\n\n{speaker.format(2)} 06:01\nThe moon.\n"
    assert stamps_of(text) == (None, [312_000, 361_000])


@pytest.mark.parametrize(
    ("cue", "words"),
    [
        ("[00:01.230 --> 00:04.660]  The gauge", "The gauge"),
        ("[00:00:01.230 --> 00:00:04.660] The gauge", "The gauge"),
        ("[1.23s -> 4.66s] The gauge", "The gauge"),
        ("SPEAKER_00: [00:01.230 --> 00:04.660] The gauge", "The gauge"),
        ("7\n00:00:01,230 --> 00:00:04,660\nThe gauge", "The gauge"),
        ("00:01.230 --> 00:04.660 align:start position:0%\nThe <c>gauge</c>", "The gauge"),
        ("WEBVTT\n\n00:00:01.230 --> 00:00:04.660\n<v Anna Berg>The gauge</v>", "Anna Berg: The gauge"),
        ("0:0:1.23 --> 0:0:4.66\nThe gauge", "The gauge"),
        ("start\tend\ttext\n1230\t4660\tThe gauge", "The gauge"),
        ("start end text\n1230 4660 The gauge", "The gauge"),
        ("```srt\n7\n00:00:01,230 --> 00:00:04,660\nThe gauge\n```", "The gauge\n"),
        ("~~~ vtt\nWEBVTT\n\n00:01.230 --> 00:04.660\nThe gauge\n~~~~", "The gauge\n"),
        ("```tsv\nstart\tend\ttext\n1230\t4660\tThe gauge\n```", "The gauge\n"),
    ],
)
def test_cues(cue: str, words: str) -> None:
    made = readers.readers()["transcripts"].rewrite(cue, "talk.txt")
    assert made is not None
    assert made.text.count("\n") == cue.count("\n")
    assert made.text.endswith(words)
    assert "7" not in made.text
    assert "WEBVTT" not in made.text
    assert stamps_of(cue)[1] == [1_230]


@pytest.mark.parametrize(
    "text",
    [
        "Anna 09:15\nhello\nJonas 09:16\nhi\nAnna 09:17\nbye\n",
        "[Anna] 10:02:11\nhello\n[Jonas] 10:02:48\nhi\n[Anna] 10:14:20\nbye\n",
        "Line 5 0:15\nLine 6 0:20\nLine 5 0:35\nLine 6 0:40\n",
        "Line 5: 09:15 from the harbour\nLine 6: 09:20 from the school\nLine 5: 09:35 from the harbour\n",
        "Races\n\nAnna 3:45\nA good run.\nJonas 4:10\nSlow.\nAnna 4:50\nBetter.\n",
        note("John 3:16\nFor so it was.\nJohn 3:18\nAnd it is.\nJohn 4:01\nAnd will be.\n"),
        "Dough 0:30\nKnead it.\nRest 1:00\nLet it rest.\nDough 1:30\nKnead again.\n",
        "**Anna** 9:15 AM\nhello\n**Jonas** 9:16 AM\nhi\n**Anna** 9:17 AM\nbye\n",
        "12/11/26, 21:15 - Anna: hello.\n12/11/26, 21:16 - Jonas: hi.\n12/11/26, 21:17 - Anna: bye.\n",
        "10:00 --> 11:00 a meeting\n",
        "```\n[00:01.230 --> 00:04.660] The gauge\n```\n",
    ],
)
def test_no_transcripts(text: str) -> None:
    assert readers.readers()["transcripts"].rewrite(text, "talk.md") is None


def test_what_is_said_is_no_list_of_chapters(tmp_path: Path) -> None:
    words = "we went down to the harbour in the rain and looked for the gauge, which was"
    lines = "\n".join(f"0:{second} {words} {second}" for second in ("00", "20", "40", "59"))
    (part,) = open_files(tmp_path, {"talks/talk.md": note(lines, "Talk")}).book(0).parts
    assert [moment.start_ms for moment in part.notes[0].moments] == [0, 20_000, 40_000, 59_000]
    assert [marker.title for marker in timeline(part).markers] == ["Talk"]


@pytest.mark.parametrize("line", ["[{}] we talk about the sea {}\n", "{} and about the moon {}", "- {} it pulls, {}"])
def test_hundreds_of_lines_are_no_chapters(line: str, tmp_path: Path) -> None:
    text = "\n".join(line.format(clock(at * 17_000), at) for at in range(300))
    (part,) = open_files(tmp_path, {"talks/talk.md": note(text, "Talk")}).book(0).parts
    assert len(part.notes[0].moments) == 300
    assert [marker.title for marker in timeline(part).markers] == ["Talk"]


def test_stamps_below_a_list_of_chapters_are_no_part_of_it(tmp_path: Path) -> None:
    own = f"[1:10]({ADDRESS}?t=70) a thought\n[12:30]({ADDRESS}?t=750) more"
    text = f"---\ntitle: Talk\nsource: {ADDRESS}\n---\n0:00 Hello\n1:05 The gauge\n12:02 The moon\n\n{own}\n"
    vault = open_files(tmp_path, {"talks/talk.md": text})
    (part,) = vault.book(0).parts
    assert [moment.start_ms // 1000 for moment in part.notes[0].moments] == [0, 65, 722, 70, 750]
    assert [marker.title for marker in timeline(part).markers] == ["Hello", "The gauge", "The moon"]
    assert not all_diagnostics(vault)


# Podcasts

SNIP, AIRR = "https://share.snipd.com/snip/1", "https://www.airr.io/quote/1"


@pytest.mark.parametrize(
    "mark",
    ["🎧 12:34 - 13:10 (00:36)", "🎧 12:34", f"([Time 0:12:34]({SNIP}))", f"[🎧 Play - 1min️ (12:34 - 13:10)]({SNIP})",
     f"[12:34]({SNIP})", f"[The gauge]({SNIP}) 12:34 - 13:10", f"[The gauge]({SNIP}) `12:34`",
     f"[The gauge]({SNIP}): [12:34]",
     "[00:12:34](obsidian://podnotes?episodeName=A&url=https%3A%2F%2Fexample.org&time=754)",
     "https://overcast.fm/+AbC/12:34",
     "Moon (Time 0:12:34)", f"12:34 – 13:10 | [Listen]({SNIP})", "[Time 12:34](https://readwise.io/open/1)", "[The gauge](https://pca.st/episode/1?t=754)",
     "https://open.spotify.com/episode/1?si=2&t=754", "[▶ 12:34](https://fountain.fm/clip/1)",
     "<https://podcasts.apple.com/de/podcast/a/id1?i=2&r=754>",
     f"[AirrQuote]({AIRR}) - **12:34** It stands.", f"**[AirrQuote]({AIRR})** *12:34*\nIt stands.",
     f"**12:34** [AirrQuote]({AIRR}) It stands.", f"It stands. **12:34** ([AirrQuote]({AIRR}))",
     f"[AirrQuote]({AIRR}) **12:34 - 13:10**: It stands.",
     "It stands. ([Location 0:12:34](https://read.readwise.io/read/01h2))", "Moon (Location 0:12:34)",
     "— [View Highlight](https://read.readwise.io/read/01h2) · 12:34",
     "https://overcast.fm/+AbC\n\n- 00:12:34 It stands.", "[Play](https://pca.st/episode/1)\n\n0:12:34 It stands."],
)  # fmt: skip
def test_marks_of_podcasts(mark: str) -> None:
    made = readers.readers()["podcasts"].rewrite(f"# Tides\n\n{mark}\n", "talk.md")
    assert made is not None
    assert stamps_of(f"# Tides\n\n{mark}\n") == (None, [754_000])
    assert ("https://" in mark and "obsidian" not in mark) == ("https://" in made.text)


@pytest.mark.parametrize(
    "head",
    [
        "---\npodcast: The harbour\n---\n",
        "---\ncategory: podcasts\nepisode_url: https://example.org/12\n---\n",
        "---\nlink: https://podcasts.apple.com/us/podcast/x/id1?i=2\n---\n",
        "# Tides\n\n**Listen:** [Overcast](https://overcast.fm/+AbC)\n\n",
        "# [Tides](https://pca.st/episode/1)\n\n",
        "# Tides\n\n- Category: #podcasts\n\n",
        "[Open](obsidian://podnotes?episodeName=Tides&url=https%3A%2F%2Fexample.org)\n\n",
        "---\nasset: /audio/tides.m4a\n---\n# Tides\n\n",
        "# Tides\n\nWith Anna.\n\n### Show Notes\n\n",
        "## Shownotes:\n\n",
    ],
)
def test_times_of_a_note_about_an_episode(head: str) -> None:
    assert stamps_of(f"{head}- 00:12:34 It stands.\n- 00:20:00 It pulls.\n") == (None, [754_000, 1_200_000])
    assert stamps_of(f"{head}12:34 It stands.\n\n20:07 It pulls.\n\n31:10 It is.\n") == (
        None,
        [754_000, 1_207_000, 1_870_000],
    )
    assert stamps_of(f"{head}- 9:00 It stands.\n- 10:30 It pulls.\n- 12:00 It is.\n") == (None, [])
    assert stamps_of(f"{head}- 3:16 It stands.\n- 3:17 It pulls.\n- 3:18 It is.\n") == (None, [])


def test_times_below_properties_that_are_no_front_matter() -> None:
    head = "title=Tides\naudio.url=https://example.org/mp3/tides-104.mp3\ndate=2021-09-12\n----\n\n"
    assert stamps_of(f"{head}* 00:00:16 It stands\n    * 00:04:01 It pulls\n* 00:52:51 It is\n")[1] == [
        16_000,
        241_000,
        3_171_000,
    ]
    assert stamps_of(f"{head}- 9:00 It stands.\n- 10:30 It pulls.\n- 12:00 It is.\n")[1] == []


@pytest.mark.parametrize(
    "text",
    [
        "- 9:12 Woke\n- 10:47 Heard [Tides](https://open.spotify.com/episode/1)\n- 13:04 Ate\n",
        "- [Tides](https://open.spotify.com/episode/1) (45:10)\n- [Moons](https://pca.st/episode/2) (52:30)\n",
        "- [Tides (45:10)](https://podcasts.apple.com/us/podcast/x/id1?i=2)\n",
        "- 🎧 10:30 - 11:00 headphones on\n",
        "---\ntitle: How to cut an mp3\n---\n- 12:34 It stands.\n- 20:00 It pulls.\n- 31:10 It is.\n",
        "Play tides.mp3 first.\n\n- 12:34 It stands.\n- 20:00 It pulls.\n- 31:10 It is.\n",
        "These show notes are old.\n\n- 12:34 It stands.\n- 20:00 It pulls.\n- 31:10 It is.\n",
        "Meet at 9:15: https://open.spotify.com/episode/1?si=1234\n",
        "- The gauge. ([Location 142](https://readwise.io/to_kindle?action=open&asin=B0&location=142))\n",
        f"`[12:34]({SNIP})`\n",
        "[12:34](https://snipd.com.example.org/snip/1)\n",
        "[12:34](https://[snipd.com/snip/1)\n",
    ],
)
def test_no_marks_of_podcasts(text: str) -> None:
    assert readers.readers()["podcasts"].rewrite(text, "talk.md") is None


@pytest.mark.parametrize("text", ["🎧 1:00 " * 20_000, "[Time 0:1" * 30_000, f"[a]({SNIP}" * 20_000,
     "https://pca.st/" * 20_000,     "Anna Berg 0:03\n" * 20_000, "Anna (" * 50_000 + "0:03", "0:03 --> " * 30_000,
     "## 0:00:00\n" * 20_000,
     "[00:01.230 --> 00:04.660] <v a" * 10_000, "A b c d e f g " * 20_000 + ":"])  # fmt: skip
@pytest.mark.parametrize("name", ["podcasts", "transcripts"])
def test_podcasts_and_transcripts_take_time_that_grows_with_the_text(name: str, text: str) -> None:
    began = time.process_time()
    readers.readers()[name].rewrite(text, "talk.md")
    assert time.process_time() - began < 2


@needs("cases")
@pytest.mark.parametrize(
    ("case", "times", "chapters"),
    [
        ("bracket_list", "0:00 2:58 12:02 1:30:09", "0:00 Hello|2:58 The gauge|12:02 The moon|1:30:09 The table"),
        ("code_span_ranges", "5:20 8:20 40:10 44:20", "0:00 Tides|5:20 One: the gauge|40:10 Two: the moon"),
        ("paren_chapters", "0:00 2:58 12:02 30:09", "0:00 Hello|2:58 The gauge|12:02 The moon|30:09 The table"),
        ("heading_dash", "0:43 4:16", "0:00 Tides|0:43 The gauge|4:16 The moon"),
        ("parent_heading_steals", "20:43 34:16 49:17", "0:00 Tides|20:43 The gauge|34:16 The moon|49:17 The table"),
        ("readwise_podcast", "11:42 14:02 1:02:10", "0:00 Tides|11:42 Highlights"),
        ("snipd_export", "3:12 44:03", "0:00 Tides|3:12 The gauge|44:03 The moon"),
        ("speaker_colon", "0:01 0:55 1:54", "0:00 Tides"),
        ("speaker_paren_mmss", "0:00 0:52 12:06", "0:00 Tides"),
        ("whisper_txt", "0:00 0:04 0:59", "0:00 note"),
        ("double_brackets", "0:00 1:26 2:43", "0:00 1. The gauge|2:43 2. The moon"),
        ("logseq_timestamp", "0:47 3:25", "0:00 Tides"),
        ("multi_video_list", "0:00 0:24 1:26 0:00 1:30 5:00 9:00", "0:00 Hello|0:24 The gauge|1:26 The well"),
        ("table_wikilink_stamp", "12:34 14:14 15:00", "0:00 Tides|12:34 One"),
        ("timestamp_notes_plugin", "2:28 5:35", "0:00 note|2:28 The gauge|5:35 The moon"),
        ("table_times", "0:00 5:30 15:20", "0:00 Hello|5:30 The gauge|15:20 The moon"),
        ("heading_times_no_video", "0:00 1:24 10:26", "0:00 Hello|1:24 The gauge|10:26 The moon"),
    ],
)
def test_cases(case: str, times: str, chapters: str, tmp_path: Path) -> None:
    path = next(path for name in ("note.*", "*.md") for path in (SHARED / "cases" / case).glob(name))
    (part,) = open_files(tmp_path, {f"talks/{path.name}": path.read_text("utf-8")}).book(0).parts
    (one,) = part.notes
    assert " ".join(clock(moment.start_ms) for moment in one.moments) == times
    part = part if part.video else msgspec.structs.replace(part, title=one.title)
    assert "|".join(f"{clock(marker.start_ms)} {marker.title}" for marker in timeline(part).markers) == chapters


# Which reader

MIXED = {
    "talks/own.md": note("## The sea [00:10]\n\nx [00:20]\n\n## The moon [01:10]\n", "Own"),
    "talks/odd.md": f"# Odd\n\n### The gauge\n🎧 03:12 - 05:18 (02:05)\n\n[12:34]({SNIP})\n",
    "talks/talk.txt": "Anna 0:03\nThe gauge.\n\nJonas 0:48\nThe moon.\n\nAnna 12:03\nThe end.\n",
    "talks/list.md": note("0:00 a\n1:00 b\n2:00 c\n", "List", OTHER),
    "talks/diary.md": "# Monday\n\n- 12:30 lunch\n- 14:10 walk\n",
}


def readers_of(folder: Path, **settings: Any) -> dict[str, tuple[str, int]]:
    """Return the reader and the number of stamps of each note."""
    book = open_files(folder, MIXED, **settings).book(0)
    return {one.slug: (one.reader, len(one.moments)) for one in book.summaries()}


def test_each_file_finds_its_own_reader(tmp_path: Path) -> None:
    alone = {}
    for number, (name, text) in enumerate(MIXED.items()):
        if "diary" not in name:
            (one,) = open_files(tmp_path / str(number), {name: text}).book(0).summaries()
            alone[one.slug] = (one.reader, len(one.moments))
    found = readers_of(tmp_path / "all")
    assert found == alone
    assert found == {"own": ("", 3), "odd": ("podcasts", 2), "talk": ("transcripts", 3), "list": ("chapter_list", 3)}


def test_a_reader_can_be_named(tmp_path: Path) -> None:
    assert readers_of(tmp_path / "notes", read_as="notes") == {"own": ("", 3), "list": ("", 0)}
    found = readers_of(tmp_path / "list", read_as="chapter_list")
    assert found["diary"] == ("chapter_list", 2)
    vault = open_files(tmp_path / "talk", MIXED, read_as="podcasts")
    unfit = [one for one in all_diagnostics(vault) if one.code == "reader-unfit"]
    assert {Path(one.note).name for one in unfit} == {"own.md", "talk.txt", "list.md"}
    assert all(one.severity == "warning" for one in unfit)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_the_command_line_names_readers(desk: Desk) -> None:
    for name, text in MIXED.items():
        desk.put(name, text)
    checked = desk.run("check", "talks")
    said = {line.partition(":")[0]: line for line in checked.out.splitlines() if "read-as" in line}
    assert set(said) == {"talks/odd.md", "talks/talk.txt", "talks/list.md"}
    assert "podcasts" in said["talks/odd.md"]
    assert "read-as" not in desk.run("check", "talks", "-q").out
    assert '"reader":"transcripts"' in desk.run("show", "talks/talk.txt").out
    assert '"reader"' not in desk.run("show", "talks/own.md").out
    assert '"start_ms":750000' in desk.run("show", "talks", "--as", "chapter_list").out
    desk.put("notebind.toml", 'as = "chapter_list"\n')
    assert '"start_ms":750000' in desk.run("show", "talks").out
    assert '"start_ms":750000' not in desk.run("show", "talks", "--as", "notes").out
    wrong = desk.run("check", "talks", "--as", "podcast")
    assert wrong.code == 2
    assert "did you mean podcasts?" in wrong.err


def test_another_reader_is_no_news_twice(desk: Desk) -> None:
    """A build after one with another `--as` reads and makes all again."""
    desk.put("talks/diary.md", MIXED["talks/diary.md"])
    desk.put("talks/own.md", MIXED["talks/own.md"])
    build = ("build", "talks", "-t", "html", "-o", "out")
    desk.run(*build)
    desk.run(*build, "--as", "chapter_list")
    assert any("lunch" in path.read_text("utf-8") for path in (desk.folder / "out").rglob("monday*.html"))


@needs("cases")
@pytest.mark.parametrize("name", "abcde")
def test_cases_of_lists_of_links(name: str, tmp_path: Path) -> None:
    text = (SHARED / "cases" / "link_list_video" / f"{name}.md").read_text("utf-8")
    ids = {"a": OTHER, "b": VIDEO, "c": "M1POAEPATFo", "d": "nO5N_x2so0g", "e": ""}
    assert chapters_of(tmp_path, text) == {ids[name]: ["0:00 Hello", "1:30 The gauge", "5:00 The moon"]}


@needs("cases")
def test_the_case_of_two_videos(tmp_path: Path) -> None:
    text = (SHARED / "cases" / "multi_video_list" / "note.md").read_text("utf-8")
    assert chapters_of(tmp_path, text)[OTHER] == ["0:00 Welcome", "1:30 The moon", "5:00 The table", "9:00 The end"]


@needs("cases")
@pytest.mark.parametrize(
    ("case", "chapters"),
    [
        ("heading-paren", "0:00 A talk on bees|1:28 Why they dance|44:10 What they hear|1:03:20 Winter"),
        ("list-of-links", "0:00 Flour|4:10 Water|25:02 Oven"),
        ("data-t", "0:00 Lamps of the workshop"),
        ("h2-takes-chapter", "0:00 Rivers|2:50 Where they rise|12:00 Where they end"),
    ],
)
def test_cases_of_vaults(case: str, chapters: str, tmp_path: Path) -> None:
    (path,) = (SHARED / "cases" / "vaults" / case).glob("*.md")
    assert chapters_of(tmp_path, path.read_text("utf-8")) == {VIDEO: chapters.split("|")}


def test_one_broken_address_costs_its_own_line() -> None:
    _, times = stamps_of("- x ([Time 0:11:42](https://[x/))\n- y ([Time 0:12:42](https://share.snipd.com/snip/1))\n")
    assert 762_000 in times


def test_lines_are_of_the_video_of_the_front_matter_before_another_is_named() -> None:
    lines = "05:11 words here are\n06:12 more words are\n08:33 yet more of it\n\n"
    shown = f"### [Show two]({SECOND_ADDRESS})\n\n- 0:00 Welcome\n- 1:30 The moon\n- 5:00 The table\n"
    _, times = stamps_of(f"---\nvideoId: {VIDEO}\n---\n\n{lines}{shown}")
    assert times == [311_000, 372_000, 513_000, 0, 90_000, 300_000]


def test_what_is_told_is_told_when_the_video_is_in_the_text_too() -> None:
    plain = "13:00 sleep x\n14:00 wake x\n15:00 dinner y\n16:00 gym\n"
    text = f"I saw {ADDRESS} today.\n\n- [0:10] one\n- [0:20] two\n- [0:40] x\n\n{plain}"
    reading = reader.read_bytes(text.encode(), "talks/talk.md", "talks", "talk")
    assert {"times-plain", "video-from-text"} <= {one.code for one in reading.diagnostics}


def test_a_word_in_brackets_in_a_file_name_is_no_video() -> None:
    for name, video in (("Oceans [Documentary].md", None), (f"Oceans [{VIDEO}].md", Video("youtube", VIDEO))):
        reading = reader.read_bytes(b"# T\n\n- [0:10] a\n- [0:20] b\n", f"talks/{name}", "talks", "talk")
        assert reading.note.video == video


LISTED = "0:00 Introduction\n2:15 The sea\n5:30 The end\n"
FENCED = {
    "quotes": (
        "```plaintext\n[01:25] Yeah *so* <b>\n```\n\n~~~text {wrap}\n[04:31] So $5\n~~~",
        "85 Yeah *so* <b>|271 $5",
    ),
    "a list": (f"```\n{LISTED}```", "0 Introduction|135 The sea|330 The end"),
    "a copied transcript": (
        "```transcript\n0:00\nhello\n0:05\n- [[we]]\n0:09\n# %%sea%%\n```",
        "0 hello|5 - [[we]]|9 # %%sea%%",
    ),
    "within a quote": ("> ```\n> [01:25] Yeah `x`\n> [01:30] ~~No~~ [a](b)\n> ```", "85 Yeah `x`|90 ~~No~~ [a](b)"),
    "beside stamps": (
        "[00:01:00] a\n\n[00:02:00] b\n\n[00:03:00] c\n\n```\n[00:04:00] Yes\n```",
        "60 a|120 b|180 c|240 Yes",
    ),
    "after other code": (f"```python\nx = 1\n```\n```\n{LISTED}```", "0 Introduction|135 The sea|330 The end"),
}
CODE = {
    "another language": f"```python\n{LISTED}```",
    "subtitles are read as such, a log is not": "```log\n[00:01] pump on\n[00:02] pump off\n```",
    "something else beside times": f"```\nResults\n{LISTED}```",
    "a log without a language": "```\n[00:01] INFO started\n[00:02] INFO done\n[00:03] WARN slow\n```",
    "what a program tells": "```\n[00:01] Starting 'build'...\n[00:02] Finished 'build' after 3 ms\n```",
    "times of a day": "```\n09:00 Breakfast\n10:30 Walk\n12:00 Lunch\n```",
    "a clock with seconds": "```\n[12:01:33] pump on\n[12:05:40] pump off\n```",
    "verses": "```\n3:16 For God\n3:17 For God did\n3:18 Whoever\n```",
    "one bare time": "```\n1:25 Yeah\n```",
    "settings": "```\n0:1 x\n1:2 y\n2:3 z\n```",
    "times that run backward": "```\n[05:00] a\n[01:00] b\n[03:00] c\n```",
    "a fence within a fence": f"````\n```\n{LISTED}```\n````",
    "a fence that never ends": f"```\n{LISTED}",
    "a comment": f"<!--\n```\n{LISTED}```\n-->",
}


def fenced_reading(text: str, front: str = f"source: {ADDRESS}") -> Any:
    return reader.read_bytes(f"---\n{front}\n---\n\nWords.\n\n{text}\n".encode(), "talks/talk.md", "talks", "talk")


@pytest.mark.parametrize("how", FENCED)
def test_times_in_fences_of_plain_text_are_those_of_a_note_that_names_its_medium(how: str) -> None:
    fenced, wanted = FENCED[how]
    reading = fenced_reading(fenced)
    pairs = [one.split(" ", 1) for one in wanted.split("|")]
    assert [f"{stamp.literal_ms // 1000}" for stamp in reading.facts.stamps] == [time for time, _ in pairs]
    shown = block_text(reading.note.blocks)
    assert all(words in shown for _, words in pairs), shown
    assert not fenced_reading(fenced if how != "beside stamps" else "", "tags: sea").facts.stamps


@pytest.mark.parametrize("how", CODE)
def test_fences_of_anything_else_stay_code(how: str) -> None:
    reading = fenced_reading(CODE[how])
    assert not reading.facts.stamps
    assert how == "a comment" or any(isinstance(block, CodeBlock) for block in all_blocks(reading.note.blocks))


def test_fences_of_times_are_read_in_linear_time() -> None:
    for text in ("```\n" * 20_000, "> " * 20_000 + "```\n0:00 a\n", "```\n" + "0:00 a\n" * 20_000, "```\n0:0" * 20_000):
        start = time.process_time()
        fenced_reading(text)
        assert time.process_time() - start < 8


STYLED = '<span style="color: black; font-family: Arial; font-size: 15px; white-space: pre-wrap;">'
HTML = {
    "spans that close": "".join(
        f'<ul><li dir="ltr"><div>\n{STYLED}Of the {one}. ({at})</span></div>\n</li></ul>\n'
        for one, at in (("sea", "3:45"), ("land", "7:50"), ("sky", "11:43"))
    ),
    "spans that open": "".join(
        f"<div>{STYLED}<b data-target=a>{at} &ndash; The </b></span><span>{one}</span></div><div><br></div>"
        for one, at in (("sea", "3:45"), ("land", "7:50"), ("sky", "11:43"))
    ),
    "brackets around time and title": "<div><span>[03:45 - The sea]</span></div>"
    "<div><span>[07:50 - The land]</span></div>"
    "<div><span>[11:43 - The sky]</span></div>",
    "paragraphs": '<p class="a">3:45 The sea</p>\n<p>7:50 The land</p>\n<p>11:43 The sky</p>',
    "lines of a paragraph": "<p>3:45 The sea<br>7:50 The land<br/>11:43 The sky</p>",
    "upper case": "<DIV>&nbsp;3:45 The sea</DIV><BR><DIV>&nbsp;7:50 The land</DIV><DIV>&nbsp;11:43 The sky</DIV></p>",
    "rows": "<table><tr><td>3:45</td><td>The sea</td></tr><tr><td>7:50</td><td>The land</td></tr>"
    "<tr><td>11:43</td><td>The sky</td></tr></table>",
    "terms": "<dl><dt>3:45</dt><dd>The sea</dd><dt>7:50</dt><dd>The land</dd><dt>11:43</dt><dd>The sky</dd></dl>",
}
NO_HTML_TIMES = {
    "times of day": "<div><span>9:00 Breakfast</span></div><div>10:30 Walk</div><div>12:00 Lunch</div>",
    "words around them": "<div>We meet at 3:45 by</div><div>the sea, at 7:50 on</div><div>land and 11:43 in bed</div>",
    "lines of the source": "<p>We meet at\n<b class=a>3:45</b> by sea, at\n"
    "<b class=a>7:50</b> by\n<b class=a>11:43</b> or so.</p>",
    "code": "<div>Log</div><pre>3:45 The sea\n</pre><pre>7:50 The land</pre><pre>11:43 The sky</pre>",
    "verses": "<p>3:16 For God</p><p>3:17 For God did</p><p>3:18 Whoever</p>",
    "lengths": "<table><tr><th>Song</th><th>Length</th></tr><tr><td>The sea</td><td>3:45</td></tr>"
    "<tr><td>The land</td><td>7:50</td></tr><tr><td>The sky</td><td>11:43</td></tr></table>",
    "attributes": '<div title="3:45 The sea"><p title="7:50 x">a</p></div><div title="11:43 The sky">b</div>',
    "comments": "<div>a</div><!--<div>3:45 The sea</div><div>7:50 The land</div><div>11:43 The sky</div>-->",
}


@pytest.mark.parametrize("how", HTML)
def test_times_in_html_are_those_of_a_note_that_names_its_medium(how: str) -> None:
    for front in (f"source: {ADDRESS}", "audio_url: https://example.org/talk.mp3"):
        reading = fenced_reading(HTML[how], front)
        assert [stamp.literal_ms // 1000 for stamp in reading.facts.stamps] == [225, 470, 703]
        assert all(word in block_text(reading.note.blocks) for word in ("sea", "land", "sky"))
    assert not fenced_reading(HTML[how], "tags: sea").facts.stamps


@pytest.mark.parametrize("how", NO_HTML_TIMES)
def test_other_times_in_html_stay_text(how: str) -> None:
    assert not fenced_reading(NO_HTML_TIMES[how]).facts.stamps


def test_a_list_in_html_that_begins_at_the_start_is_one_of_chapters() -> None:
    listed = "".join(f"<div>{line}</div>" for line in LISTED.strip().split("\n"))
    reading = fenced_reading(f'<div dir="ltr"><div>Times:</div>{listed}</div>')
    assert [one.title for one in reading.facts.listed] == ["Introduction", "The sea", "The end"]
    assert len(reading.facts.stamps) == 3


def test_times_in_html_are_read_in_linear_time() -> None:
    for part in (
        "<div ",
        "<div>0:0",
        "<div>\n",
        "</p>&nbsp;",
        "<td>0:00 a</td>",
        "<p>[0:00 a",
        "<br>1:00 a",
        "\n <p>",
        "<i>(0:00) ",
    ):
        start = time.process_time()
        fenced_reading("<div>1:00</div>" + part * 20_000)
        assert time.process_time() - start < 8, part
