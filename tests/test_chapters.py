"""Tests the chapter formats and their writer."""

from __future__ import annotations

import csv
import json
import pkgutil
import re
from collections.abc import Callable
from html import unescape
from itertools import pairwise
from xml.etree import ElementTree

import pysrt
import pytest
import srt

from convert.document import nodes as n
from convert.document.book import Book, Moment, NoteSummary, VideoNotes
from convert.document.note import HeadingFact, Video
from convert.errors import UsageError
from convert.extract.timeline import Timeline, timeline
from convert.render import chapters
from convert.render.chapters import FORMATS, cue, ffmeta, find_format, matroska, podcasting, vtt, youtube
from convert.report import Diagnostic
from convert.writers.base import Artifact, Job
from convert.writers.chapters import WRITER, ChapterOptions, chosen_formats
from tests.support.notes import FILM, note_of, summary
from tests.support.timelines import LOSSES, TORTURE, Rows, a_line, milliseconds, read_matroska


def read_srt(text: str) -> Rows:
    return [(item.start.ordinal, item.text) for item in pysrt.from_string(text, error_handling=pysrt.ERROR_RAISE)]


def read_ffmeta(text: str) -> Rows:
    titles = re.findall(r"^title=((?:[^\n\\]|\\.)*)$", text, re.MULTILINE)
    starts = re.findall(r"^START=(\d+)$", text, re.MULTILINE)
    plain = [re.sub(r"\\(.)", r"\1", title) for title in titles]
    return [(int(start), title) for start, title in zip(starts, plain, strict=True)]


def read_vtt(text: str) -> Rows:
    head, *blocks = text.strip().split("\n\n")
    assert head == "WEBVTT"
    cues = [block.split("\n") for block in blocks]
    return [(milliseconds(times.split(" --> ")[0]), unescape(title)) for _, times, title in cues]


def read_lines(text: str) -> Rows:
    rows = (line.split(" ", 1) for line in text.splitlines())
    return [(milliseconds(time if time.count(":") == 2 else "0:" + time), title) for time, title in rows]


def read_youtube(text: str) -> Rows:
    return [(start, title.replace("‹", "<").replace("›", ">")) for start, title in read_lines(text)]


def read_ogm(text: str) -> Rows:
    values = [line.split("=", 1)[1] for line in text.splitlines()]
    return [(milliseconds(time), title) for time, title in zip(values[::2], values[1::2], strict=True)]


def read_cue(text: str) -> Rows:
    titles = re.findall(r'^    TITLE "(.*)"$', text, re.MULTILINE)
    times = [tuple(map(int, found)) for found in re.findall(r"INDEX 01 (\d+):(\d+):(\d+)", text)]
    return [((m * 60 + s) * 1000 + f * 1000 // 75, title) for (m, s, f), title in zip(times, titles, strict=True)]


def read_json(text: str) -> Rows:
    return [(round(chapter["startTime"] * 1000), chapter["title"]) for chapter in json.loads(text)["chapters"]]


def read_psc(text: str) -> Rows:
    return [(milliseconds(row.attrib["start"]), row.attrib["title"]) for row in ElementTree.fromstring(text)]


def read_xspf(text: str) -> Rows:
    option = next(e.text or "" for e in ElementTree.fromstring(text).iter() if e.tag.endswith("option"))
    pairs = re.findall(r"\{name=([^{}]*),time=([\d.]+)\}", option)
    return [(round(float(time) * 1000), title) for title, time in pairs]


def read_pbf(text: str) -> Rows:
    head, *rows, last = text.splitlines()
    assert (head, last) == ("[Bookmark]", f"{len(rows)}=")
    found = [re.fullmatch(r"(\d+)=(\d+)\*([^*]*)\*", row) for row in rows]
    assert [one and int(one[1]) for one in found] == list(range(len(rows)))
    return [(int(one[2]), one[3]) for one in found if one]


def read_edl(text: str) -> Rows:
    """Return the markers of an edit decision list of 25 frames in a second that begins at an hour."""
    found = re.findall(r"^\d{3}  001      V     C        (\S+) .*\n \|C:\w+ \|M:([^|]*) \|D:1$", text, re.MULTILINE)
    times = [tuple(map(int, time.split(":"))) for time, _ in found]
    starts = [(((h - 1) * 60 + m) * 60 + s) * 1000 + f * 40 for h, m, s, f in times]
    return [(start, title) for start, (_, title) in zip(starts, found, strict=True)]


def read_csv(text: str) -> Rows:
    return [(round(float(start) * 1000), title) for start, _, title in csv.reader(text.splitlines())]


def read_labels(text: str) -> Rows:
    return [(round(float(start) * 1000), title) for start, _, title in (row.split("\t") for row in text.splitlines())]


READERS: dict[str, Callable[[str], Rows]] = {
    "srt": read_srt,
    "ffmeta": read_ffmeta,
    "vtt": read_vtt,
    "xml": read_matroska,
    "youtube": read_youtube,
    "ogm": read_ogm,
    "xchp": read_lines,
    "cue": read_cue,
    "json": read_json,
    "psc": read_psc,
    "xspf": read_xspf,
    "pbf": read_pbf,
    "edl": read_edl,
    "losslesscut": read_csv,
    "audacity": read_labels,
}

# Characters that a format cannot hold, and their replacements.


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_tells_the_same_starts_and_titles(name: str) -> None:
    line = a_line()
    expected = [(m.start_ms, m.title.translate(LOSSES.get(name, {}))) for m in line.markers]
    assert READERS[name](FORMATS[name].render(line, "film.mp4")) == expected


def test_every_module_of_the_package_is_a_format() -> None:
    modules = {module.name for module in pkgutil.iter_modules(chapters.__path__)}
    assert {kind.render.__module__.rpartition(".")[2] for kind in FORMATS.values()} == modules


@pytest.mark.parametrize("name", FORMATS)
def test_text_ends_with_one_newline_and_has_no_byte_order_mark(name: str) -> None:
    text = FORMATS[name].render(a_line(), "film.mp4")
    assert text.endswith("\n")
    assert not text.startswith("\ufeff")
    assert "\r" not in text


def test_srt_is_read_by_an_independent_parser() -> None:
    text = FORMATS["srt"].render(a_line(), "")
    assert [item.content for item in srt.parse(text)] == list(TORTURE)


def test_ffmeta_says_where_each_chapter_ends() -> None:
    assert [int(end) for end in re.findall(r"^END=(\d+)$", ffmeta.render(a_line()), re.MULTILINE)] == [
        m.end_ms for m in a_line().markers
    ]


def test_ffmeta_has_no_backslash_before_a_line_end() -> None:
    """FFmpeg would read the end of the line as escaped."""
    assert "title=slash \\\\\N{FULLWIDTH REVERSE SOLIDUS}\n" in ffmeta.render(a_line(("slash \\\\",)))


def test_vtt_spells_long_times() -> None:
    line = a_line(("a", "b"), step_ms=40 * 3_600_000)
    assert "40:00:00.000 --> 80:00:00.000" in vtt.render(line)


def test_nested_matroska_holds_the_same_rows() -> None:
    text = matroska.render_nested(a_line())
    assert read_matroska(text) == [(m.start_ms, m.title) for m in a_line().markers]
    first = ElementTree.fromstring(text).find("EditionEntry/ChapterAtom")
    assert first is not None
    assert len(first.findall("ChapterAtom")) == 2
    assert first.findtext("ChapterTimeEnd") == "00:01:00.000000000"


def test_matroska_ids_are_numbers_of_their_own() -> None:
    ids = re.findall(r"<ChapterUID>(\d+)<", matroska.render(a_line()))
    assert len(set(ids)) == len(TORTURE)
    assert all(0 < int(uid) < 2**63 for uid in ids)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (a_line(("a", "b")), "at least 3"),
        (a_line(("a", "b", "c"), step_ms=9_000), "10 seconds"),
        (a_line(("long title " * 9,) * 60), "5000 characters"),
        (a_line(), ""),
    ],
)
def test_youtubes_rules(line: Timeline, reason: str) -> None:
    said = youtube.refusal(line)
    assert reason in said
    assert bool(said) is bool(reason)


@pytest.mark.parametrize(
    ("rate", "timecode"),
    [("25", "01:30:00:12"), ("29.97", "01:29:58:21"), ("23.976", "01:29:58:17"), ("60", "01:30:00:30")],
)
def test_markers_of_an_edl_are_at_frames_of_the_rate(rate: str, timecode: str) -> None:
    """29.97 frames in a second counted as 30, without drops, fall behind the clock by 3.6 seconds in an hour."""
    line = a_line(("a", "b"), step_ms=1_800_500)
    options = ChapterOptions("edl", chapters_rate=rate)
    assert f"C        {timecode} " in chosen_formats(options)[0].render(line, "")


def test_bookmarks_of_potplayer_are_in_utf_16_with_its_mark() -> None:
    data = FORMATS["pbf"].data(a_line(), "film.mp4")
    assert data.startswith(b"\xff\xfe[\0")
    assert read_pbf(data.decode("utf-16"))


def test_podcast_chapters_have_ends_addresses_and_no_invented_entry_in_the_contents() -> None:
    shown = json.loads(podcasting.render(timeline(a_part((Moment(0, 30_000), Moment(1, 60_500))))))["chapters"]
    assert shown == [
        {"startTime": 0, "endTime": 30, "title": "A film", "url": "https://youtu.be/aqz-KE-bpKQ?t=0", "toc": False},
        {"startTime": 30, "endTime": 60.5, "title": "Part 0", "url": "https://youtu.be/aqz-KE-bpKQ?t=30"},
        {"startTime": 60.5, "endTime": 120.5, "title": "Part 1", "url": "https://youtu.be/aqz-KE-bpKQ?t=60"},
    ]


def test_a_cue_sheet_has_99_tracks_at_most() -> None:
    assert cue.refusal(a_line(("a",) * 99)) == ""
    assert "99" in cue.refusal(a_line(("a",) * 100))


@pytest.mark.parametrize("name", ["xml", "chapters.xml", ".chapters.xml"])
def test_formats_are_found_by_name_or_suffix(name: str) -> None:
    assert find_format(name) is FORMATS["xml"]


# The writer


def a_note(slug: str, video: Video | None, moments: tuple[Moment, ...]) -> NoteSummary:
    return summary(
        f"films/{slug}",
        video=video,
        headings=tuple(HeadingFact(f"s{i}", 2, f"Part {i}", i + 5) for i in range(3)),
        moments=moments,
    )


def a_part(moments: tuple[Moment, ...]) -> VideoNotes:
    return VideoNotes(video=FILM, title="A film", notes=(a_note("birds", FILM, moments),))


MOMENTS = (Moment(0, 0), Moment(1, 30_000), Moment(2, 60_500))


def a_job(
    options: ChapterOptions, entries: dict[Video | None, list[NoteSummary]], said: list[Diagnostic]
) -> Job[ChapterOptions]:
    parts = tuple(VideoNotes(video=video, title="A film", notes=tuple(notes)) for video, notes in entries.items())
    return Job(Book(name="films", title="Films", parts=parts), options, 0, said.append)


def written(
    options: ChapterOptions, entries: dict[Video | None, list[NoteSummary]], said: list[Diagnostic]
) -> dict[str, bytes]:
    job = a_job(options, entries, said)
    made = WRITER.assemble([b""] * len(job.book.summaries()), job)
    return {made.path: made.data for made in made if isinstance(made, Artifact)}


def test_files_are_named_after_the_video() -> None:
    files = written(ChapterOptions(), {FILM: [a_note("birds", FILM, MOMENTS)]}, [])
    suffixes = (".srt", ".ffmeta", ".vtt", ".chapters.xml", ".youtube.txt")
    assert list(files) == [f"films.chapters/aqz-KE-bpKQ{suffix}" for suffix in suffixes]


def test_notes_without_a_video_have_files_under_their_slugs() -> None:
    notes = [a_note("birds", None, MOMENTS), a_note("trees", None, MOMENTS), a_note("empty", None, ())]
    files = written(ChapterOptions("srt"), {None: notes}, [])
    assert list(files) == ["films.chapters/birds.srt", "films.chapters/trees.srt"]
    assert b"birds" not in files["films.chapters/trees.srt"]


def test_a_name_that_no_disk_takes_is_made_safe() -> None:
    strange = Video("youtube", "../a:b")
    assert list(written(ChapterOptions("srt"), {strange: [a_note("birds", strange, MOMENTS)]}, [])) == [
        "films.chapters/-a-b.srt"
    ]


def test_a_refused_format_is_left_out_and_the_reason_said() -> None:
    said: list[Diagnostic] = []
    files = written(ChapterOptions("youtube,srt"), {FILM: [a_note("birds", FILM, MOMENTS[:1])]}, said)
    assert list(files) == ["films.chapters/aqz-KE-bpKQ.srt"]
    assert "chapters-refused" in {remark.code for remark in said}


def test_an_unknown_format_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match=r"'plex' is unknown: known are srt, ffmeta"):
        chosen_formats(ChapterOptions("srt,plex"))


def test_all_formats() -> None:
    assert [kind.name for kind in chosen_formats(ChapterOptions("all"))] == list(FORMATS)


# Cues


def stamp(seconds: int) -> n.Stamp:
    return n.Stamp(raw=f"00:00:{seconds:02}", start_ms=seconds * 1000)


def subtitles(*blocks: n.Block) -> list[tuple[int, int, str]]:
    options = ChapterOptions(chapters_formats="srt", cues=True)
    job = a_job(options, {FILM: [a_note("birds", FILM, MOMENTS)]}, [])
    parts = [WRITER.part(note_of(blocks, "films/birds", "Birds"), job)]
    files = {made.path: made.data.decode() for made in WRITER.assemble(parts, job)}
    assert "films.chapters/aqz-KE-bpKQ.cues.vtt" in files
    items = pysrt.from_string(files["films.chapters/aqz-KE-bpKQ.cues.srt"], error_handling=pysrt.ERROR_RAISE)
    return [(item.start.ordinal, item.end.ordinal, item.text) for item in items]


def test_cues_hold_the_text_before_each_stamp() -> None:
    block = n.Paragraph((n.Text("A bird sings. "), stamp(3), n.Text(" It builds a nest ("), stamp(40), n.Text(").")), 5)
    assert subtitles(block) == [(3_000, 4_500, "A bird sings"), (40_000, 41_500, "It builds a nest")]


def test_a_block_that_opens_with_a_stamp_is_timed_by_it() -> None:
    block = n.Paragraph((stamp(3), n.Text(" A bird sings. "), stamp(40), n.Text(" It builds a nest.")), 5)
    assert [text for _, _, text in subtitles(block)] == ["A bird sings", "It builds a nest"]


def test_stamps_inside_emphasis_and_in_a_row_count() -> None:
    inner = n.Emphasis((n.Text("A bird sings "), stamp(3)))
    assert [(start, text) for start, _, text in subtitles(n.Paragraph((inner, stamp(40)), 5))] == [
        (3_000, "A bird sings"),
        (40_000, "A bird sings"),
    ]


def test_cues_never_overlap_and_lose_no_text() -> None:
    words = [f"word{i}" for i in range(60)]
    block = n.Paragraph((n.Text(" ".join(words)), stamp(3), n.Text("Short."), stamp(8)), 5)
    rows = subtitles(block)
    assert [word for _, _, text in rows for word in text.split()] == [*words, "Short"]
    assert all(len(line) <= 42 for _, _, text in rows for line in text.split("\n"))
    assert all(text.count("\n") <= 1 for _, _, text in rows)
    assert all(end <= start for (_, end, _), (start, _, _) in pairwise(rows))


def test_equal_starts_are_joined() -> None:
    blocks = [n.Paragraph((n.Text(text), stamp(3)), 5) for text in ("One", "Two", "One")]
    assert [text for _, _, text in subtitles(*blocks)] == ["One / Two"]


def test_without_cues_a_part_is_empty() -> None:
    assert WRITER.part(note_of([]), a_job(ChapterOptions(), {}, [])) == b""
