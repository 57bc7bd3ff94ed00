"""Tests note formats: which one takes which text, what it makes of it, and that ordinary notes are left alone."""

from __future__ import annotations

import re
import sys
import time
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from importlib.metadata import DistributionFinder, distributions
from pathlib import Path
from typing import Any

import pytest

from convert import installed as state
from convert import reader
from convert.document.note import Video
from convert.installed import program_hash
from convert.pipeline import make as work
from convert.pipeline.tasks import NoteTask
from convert.reader import Reading
from convert.reader import formats as readers
from convert.reader.formats.base import stamp
from convert.reader.resolve import resolve_tree
from convert.request import Request
from convert.storage.location import BatchReader
from convert.storage.packed import unpack_tree
from convert.vault.vault import open_vault
from tests.support.command import Desk
from tests.support.needs import CORPUS, ROOT, needs
from tests.support.vaults import OTHER, VIDEO, all_diagnostics, build_files, lay_out, note, open_files

LINK = f"https://youtu.be/{VIDEO}?t="

YINOTE = f"""# How a rabbit was drawn

### [00:12](https://www.youtube.com/watch?v={VIDEO}&t=12s)
The first sketches.

### [1:02:05](https://www.youtube.com/watch?v={VIDEO}&t=3725)
Fur, hair by hair.
"""

MEDIA_EXTENDED = f"""---
title: A rabbit
media: https://www.youtube.com/watch?v={VIDEO}
---
## Fur

- [12:34](https://www.youtube.com/watch?v={VIDEO}#t=754) Every hair is a curve.

## Light

- [20:00](https://www.youtube.com/watch?v={VIDEO}#t=1200.5,1210) One sun, no lamp.
"""

DESCRIPTION = f"""A talk about how the film was made.
Watch it: https://www.youtube.com/watch?v={VIDEO}

0:00 Intro
1:02 - The wood & the rabbit
(59:30) C# in the tools
1:02:03 The end

Thanks to all
-------------
"""


def read(text: str, path: str = "notes/My talk.md") -> Reading:
    return reader.read_bytes(text.encode(), path, "notes", "my_talk")


def times(text: str, path: str = "notes/My talk.md") -> list[int | None]:
    return [fact.literal_ms for fact in read(text, path).facts.stamps]


def markers(folder: Path, text: str, name: str = "talk.md") -> str:
    """Build a text and return its chapters in YouTube's format."""
    build_files(folder, {f"talks/{name}": text}, "chapters", chapters_formats="youtube")
    (made,) = (folder / "output").rglob("*.youtube.txt")
    return made.read_text("utf-8")


def links_of_book(folder: Path, text: str) -> list[str]:
    """Return the addresses with a time in the EPUB of a text."""
    build_files(folder, {"talks/talk.md": text}, "epub")
    (book,) = (folder / "output").glob("*.epub")
    with zipfile.ZipFile(book) as pages:
        text = "".join(pages.read(name).decode() for name in pages.namelist() if name.endswith(".xhtml"))
    return re.findall(rf'href="(https://youtu\.be/{VIDEO}\?t=[0-9]+)"', text)


def test_yinote(tmp_path: Path) -> None:
    assert markers(tmp_path, YINOTE).splitlines() == [
        "0:00 How a rabbit was drawn",
        "0:12 The first sketches.",
        "1:02:05 Fur, hair by hair.",
    ]
    assert set(links_of_book(tmp_path, YINOTE)) == {LINK + "12", LINK + "3725"}


def test_media_extended(tmp_path: Path) -> None:
    assert markers(tmp_path, MEDIA_EXTENDED).splitlines() == ["0:00 A rabbit", "12:34 Fur", "20:00 Light"]
    assert set(links_of_book(tmp_path, MEDIA_EXTENDED)) == {LINK + "754", LINK + "1200"}


def test_the_list_of_a_description(tmp_path: Path) -> None:
    made = markers(tmp_path, DESCRIPTION, "talk.txt").splitlines()
    assert made == ["0:00 Intro", "1:02 The wood & the rabbit", "59:30 C# in the tools", "1:02:03 The end"]
    assert set(links_of_book(tmp_path, DESCRIPTION)) == {LINK + second for second in ("0", "62", "3570", "3723")}


@pytest.mark.parametrize(
    ("link", "ms"),
    [
        (f"[12:34]({LINK}754)", 754_000),
        (f"[12:34](<{LINK}754s>)", 754_000),
        (f'[12:34]({LINK}12m34s "there")', 754_000),
        (f"[1:02:03]({LINK}1h2m3s)", 3_723_000),
        (f"[12:34](https://www.youtube.com/watch?v={VIDEO}&t=754&x=1)", 754_000),
        (f"[**12:34**](https://youtube.com/watch?v={VIDEO}#t=754.25)", 754_250),
        (f"[[12:34]](https://youtu.be/{VIDEO}#t=12:34)", 754_000),
        (f"[0:10](https://youtu.be/{VIDEO}#t=10,20)", 10_000),
        (f"[0:00](https://youtu.be/{VIDEO}#t=,30)", 0),
        ("[12:34](film.mp4#t=754)", 754_000),
        ("[12:34](#t=754)", 754_000),
        ("[12:34](file:///C:/a%20b/film.mp4#t=754)", 754_000),
        ("[[film.mp4#t=754|12:34]]", 754_000),
        ("![[talks/film.mp4#t=1:02:03,e&loop]]", 3_723_000),
        (r"| a | b |" + "\n|---|---|\n" + r"| [[film.mp4#t=754\|12:34]] | x |", 754_000),
        (f"[16:40:01]({LINK}60001)", 60_001_000),
    ],
)
def test_links_at_a_second(link: str, ms: int) -> None:
    assert times(f"# Talk\n\nWords {link}\n" if "\n" not in link else f"# Talk\n\n{link}\n") == [ms]


def test_the_address_decides_not_its_label() -> None:
    assert times(f"[12:00]({LINK}754)") == [754_000]


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://vimeo.com/76979871#t=754s", "vimeo"),
        ("https://tube.example.org/w/9c9de5e8-0a1e-484a-b099-e80766180a6d?start=12m34s", "peertube"),
        ("https://example.org/films/sea.mp4#t=754", "file"),
    ],
)
def test_links_to_other_providers(address: str, provider: str) -> None:
    reading = read(f"[12:34]({address})")
    assert reading.note.video is not None
    assert reading.note.video.provider == provider
    assert [fact.literal_ms for fact in reading.facts.stamps] == [754_000]


def test_words_of_a_link_stay_before_its_stamp() -> None:
    text = f"[0:05]({LINK}5) and [the *long* shot]({LINK}65), then {LINK}70\n"
    vault_note = read(text).note
    assert times(text) == [5_000, 65_000, 70_000]
    assert vault_note.video == Video("youtube", VIDEO)
    assert "long" in str(vault_note.blocks)


def test_the_video_is_the_one_most_links_are_about() -> None:
    text = f"[0:05](https://youtu.be/{OTHER}?t=5) [0:06]({LINK}6) [0:07]({LINK}7)\n"
    reading = read(text)
    assert reading.note.video == Video("youtube", VIDEO)
    assert [fact.literal_ms for fact in reading.facts.stamps] == [6_000, 7_000]
    assert f"https://youtu.be/{OTHER}?t=5" in str(reading.note.blocks)


@pytest.mark.parametrize(
    "text",
    [
        f"See [the demo]({LINK}34) of it.\n",
        f"`[12:34]({LINK}754)`\n",
        f"```\n[12:34]({LINK}754)\n```\n",
        "[12:34](https://example.org/film?t=754)\n",
        f"[12:34](https://example.org/?v={VIDEO})\n",
        "A list of links: https://youtu.be/ and ?t=1\n",
    ],
)
def test_no_timed_links(text: str) -> None:
    assert readers.readers()["timed_links"].rewrite(text, "a.md") is None


@pytest.mark.parametrize(
    "line",
    ["{} {}", "{} - {}", "{} – {}", "{} | {}", "- {} {}", "* [{}] {}", "1. ({}): {}", "**{}** {}", "▶ {} → {}",
     "[{}](https://www.youtube.com/watch?v=" + VIDEO + ") {}", "{} - 9:59 {}"],
)  # fmt: skip
def test_spellings_of_a_list(line: str) -> None:
    rows = [("00:00", "Start"), ("1:05", "Middle of it"), ("1:00:00", "End")]
    reading = read("\n".join(line.format(*row) for row in rows))
    assert [heading.text for heading in reading.facts.headings] == ["Start", "Middle of it", "End"]
    assert [fact.literal_ms for fact in reading.facts.stamps] == [0, 65_000, 3_600_000]
    assert [fact.line for fact in reading.facts.stamps] == [1, 2, 3]


@pytest.mark.parametrize(
    "text",
    [
        "10:00 Breakfast\n11:30 A meeting\n13:00 Lunch\n",
        "0:00 Start\n1:00 End\n",
        "0:00 Start\n2:00 Later\n1:00 Before\n",
        "The score was 0:00 at first, 1:00 later\nand 2:00\n",
        "```\n0:00 a\n1:00 b\n2:00 c\n```\n",
    ],
)
def test_no_list(text: str) -> None:
    assert readers.readers()["chapter_list"].rewrite(text, "a.md") is None


def test_a_list_names_its_video_and_title() -> None:
    rows = "0:00 a\n1:00 b\n2:00 c\n"
    named = read(rows, f"talks/How it was made [{VIDEO}].txt").note
    assert (named.title, named.video) == ("How it was made", Video("youtube", VIDEO))
    assert read(f"# Above\n{rows}").note.title == "Above"
    assert read(f"{rows}{LINK}3\nhttps://youtu.be/{OTHER}\n").note.video is None
    with_id = read(note(rows, "Own title"))
    assert (with_id.note.title, with_id.note.video) == ("Own title", Video("youtube", VIDEO))
    assert [heading.line for heading in with_id.facts.headings] == [5, 6, 7]


def test_times_of_other_notes_are_never_repaired(tmp_path: Path) -> None:
    """`1:14:00` in a chapter list is more than an hour, even where an ordinary note would mean 74 seconds."""
    rows = "0:00 a\n0:55:00 b\n1:14:00 c\n1:30:00 d\n"
    vault = open_files(tmp_path, {"talks/a.txt": rows, "talks/b.md": note("x [00:00:10]")})
    assert [moment.start_ms for moment in vault.resolved["talks/a"].summary.moments] == [
        0,
        3_300_000,
        4_440_000,
        5_400_000,
    ]
    assert not vault.repaired


@pytest.mark.parametrize("ms", [0, 500, 59_999, 3_600_000, 59_999_000, 60_001_000])
def test_a_stamp_says_its_time_in_one_way(ms: int) -> None:
    (fact,) = reader.read_bytes(stamp(ms).encode(), "a.md", "c", "a").facts.stamps
    assert fact.literal_ms == (ms if ms < 60_000_000 else ms // 1000 * 1000)


def test_every_way_to_a_note_takes_the_same_reader(tmp_path: Path) -> None:
    """The scan keeps the same tree that reading the file again gives."""
    lay_out(tmp_path, {"talks/talk.md": MEDIA_EXTENDED})
    request = Request((tmp_path / "talks",), tmp_path / "output")
    vault = open_vault(request, 1, lambda _: None, scratch=str(tmp_path))
    kept = unpack_tree(vault.trees["talks/talk"])
    assert kept is not None
    kept = resolve_tree(kept, vault.resolved["talks/talk"].resolution)
    assert kept.video == Video("youtube", VIDEO)
    assert kept == vault.note("talks/talk")
    task = NoteTask(vault.sources["talks/talk"], vault.digests["talks/talk"], vault.resolved["talks/talk"].resolution)
    assert kept == work._read(task, [], BatchReader(()))


def test_an_index_page_stays_one(tmp_path: Path) -> None:
    page = f"# Films\n\n### [A film](https://www.youtube.com/watch?v={VIDEO})\n- [[a]]\n"
    vault = open_files(tmp_path, {"films/films.md": page, "films/a.md": note("x [00:00:10]")})
    assert list(vault.sources) == ["films/a"]
    assert vault.book(0).parts[0].title == "A film"


OURS = (
    note(f"Text [00:00:10], [00:00:20] and [12:34]({LINK}754)\n\n1:00 a\n2:00 b\n3:00 c\n"),
    f'Two videos <a class="yt-timestamp" data-t="00:00:10">[00:00:10]</a> [12:34]({LINK}754)\n0:00 a\n1:00 b\n2:00 c\n'
    f"https://youtu.be/{OTHER}",
)


@pytest.mark.parametrize("text", OURS)
def test_our_notes_are_shown_to_no_plug_in(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readers, "readers", lambda: pytest.fail("a plug-in was asked"))
    here = (text.encode(), "notes/My talk.md", "notes", "my_talk")
    made = reader.read_unresolved(*here)
    assert replace(made, diagnostics=()) == replace(reader._read_ours(*here, None), diagnostics=())


@needs("corpus")
def test_real_notes_are_read_without_plug_ins() -> None:
    files = [
        path
        for path in sorted(CORPUS.rglob("*.md"))
        if b"data-t" not in (data := path.read_bytes()) or len(data) < 2000
    ]
    for path in files:
        data = path.read_bytes()
        unresolved = reader.read_unresolved(data, path.name, "c", "s")
        assert unresolved == reader._read_ours(data, path.name, "c", "s", None)
    assert len(files) > 40


PLUG_IN = """
from convert.reader.formats.base import Rewritten, stamp


class Bang:
    name = "bang"
    summary = "Lines that say !seconds."

    def rewrite(self, text, path):
        if "!explode" in text:
            raise ValueError("boom")
        if not text.startswith("!bang"):
            return None
        return Rewritten("\\n".join(line if line[:1] != "!" else "## At " + stamp(7000) for line in text.split("\\n")))


READER = Bang()
"""


@pytest.fixture
def plug_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Install a package with a note format, as pip does; calling the fixture changes its version."""
    site = tmp_path / "site"

    def installed(version: str) -> None:
        info = f"Metadata-Version: 2.1\nName: notebind-bang\nVersion: {version}\n"
        about = site / "notebind_bang-1.dist-info"
        lay_out(about, {"METADATA": info, "entry_points.txt": "[notebind.readers]\nbang = bang_reader:READER\n"})
        forget()

    def forget() -> None:
        for found in (readers.readers, state.plug_ins, state.versions, program_hash):
            found.cache_clear()

    lay_out(site, {"bang_reader.py": PLUG_IN})
    monkeypatch.syspath_prepend(str(site))
    installed("1.0")
    yield installed
    sys.modules.pop("bang_reader", None)
    monkeypatch.undo()
    forget()


def test_a_reader_of_another_package(plug_in: Any, tmp_path: Path) -> None:
    assert "notebind-bang" in {one.name for one in distributions(context=DistributionFinder.Context())}
    assert list(readers.readers()) == ["bang", *readers.built_in()]
    vault = open_files(tmp_path, {"talks/a.md": "!bang\n!\nwords\n"})
    assert [moment.start_ms for moment in vault.resolved["talks/a"].summary.moments] == [7_000, 7_000]


def test_a_reader_that_cannot_be_loaded(plug_in: Any, tmp_path: Path) -> None:
    lay_out(tmp_path / "site", {"bang_reader.py": "import no_such_module"})
    readers.readers.cache_clear()
    assert "no_such_module" in readers.readers()["bang"].summary
    vault = open_files(tmp_path, {"talks/a.md": f"[12:34]({LINK}754)\n", "talks/b.md": note("x [00:00:10]")})
    assert [(one.code, one.note[-4:]) for one in all_diagnostics(vault) if one.severity == "warning"] == [
        ("reader-failed", "a.md")
    ]


def test_its_version_counts_for_what_is_kept(plug_in: Any) -> None:
    before, mark = state.versions(), program_hash()
    assert "notebind-bang 1.0" in before[-1]
    plug_in("1.1")
    assert program_hash() != mark
    assert "notebind-bang 1.1" in state.versions()[-1]
    assert len(state.versions()) == len(before)


def test_the_recipe_for_a_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The recipe "Add a reader in one file" in CONTRIBUTING.md works as it is written."""
    recipe = (ROOT / "CONTRIBUTING.md").read_text("utf-8").split("## Add a reader in one file", 1)[1]
    lay_out(tmp_path, {"more/seconds.py": recipe.split("```python\n", 1)[1].split("```", 1)[0]})
    monkeypatch.setattr(readers, "__path__", [*readers.__path__, str(tmp_path / "more")])
    readers.readers.cache_clear()
    try:
        assert times("@754 The bridge\n@760 The river\n") == [754_000, 760_000]
    finally:
        sys.modules.pop("convert.reader.formats.seconds", None)
        readers.readers.cache_clear()


def test_a_reader_that_fails_is_said_and_passed_over(plug_in: Any, tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"talks/a.md": f"!explode\n\n[12:34]({LINK}754)\n"})
    assert "boom" in next(one.message for one in all_diagnostics(vault) if one.code == "reader-failed")
    assert [moment.start_ms for moment in vault.resolved["talks/a"].summary.moments] == [754_000]


def test_the_video_of_its_text_makes_links_of_stamps(tmp_path: Path) -> None:
    text = f"# A talk\n\n<iframe src='https://www.youtube.com/embed/{VIDEO}'></iframe>\n\nSea {stamp(754_000)}\n"
    assert set(links_of_book(tmp_path, text)) == {LINK + "754"}
    vault = open_files(tmp_path, {"talks/talk.md": text})
    assert [one.code for one in all_diagnostics(vault) if one.note.endswith(".md")] == ["video-from-text"]


def test_what_a_plug_in_failed_on_is_said_of_a_note_with_the_video_of_its_text(plug_in: Any) -> None:
    said = read(f"!explode https://youtu.be/{VIDEO} [0:10]").diagnostics
    assert [one.code for one in said] == ["reader-failed", "video-from-text"]


def test_an_index_page_of_several_videos_stays_one_whatever_its_stamps(tmp_path: Path) -> None:
    listing = "### [A film](https://youtu.be/{})\n- [[a]] [0:10]\n\n"
    page = f"# Films\n\n{listing.format(VIDEO)}{listing.format(OTHER)}"
    vault = open_files(tmp_path, {"films/films.md": page, "films/a.md": note("x [00:00:10]")})
    assert list(vault.sources) == ["films/a"]


def test_times_that_may_be_of_the_day_are_said_and_kept() -> None:
    said = read(note("9:00 Breakfast\n9:30 Work\n12:30 Lunch\n")).diagnostics
    assert [(one.code, one.severity, one.line) for one in said] == [("times-plain", "warning", 4)]


def test_a_build_says_that_lines_with_times_are_no_stamps(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put("talks/talk.md", note("05:10 Waves\n11:25 A ship\n12:40 A hill\n"))
    ran = desk.build("talks", "-t", "epub")
    assert (ran.code, "3 times, the first 05:10" in ran.err, "write [05:10]" in ran.err) == (0, True, True)


def test_a_single_time_of_the_day_in_a_note_with_stamps_is_no_warning() -> None:
    said = read(note("12:30 Lunch\n\nWaves [0:10]\n")).diagnostics
    assert "times-plain" not in [one.code for one in said]


def test_lines_that_begin_with_times_are_links_to_the_video(tmp_path: Path) -> None:
    text = note("## Sea\n- 01:10 Waves\n- 02:25 A ship\n## Land\n12:30 - a hill\n", "A walk")
    assert set(links_of_book(tmp_path, text)) == {LINK + "70", LINK + "145", LINK + "750"}
    assert markers(tmp_path, text).splitlines()[1:] == ["1:10 Sea", "12:30 Land"]


@pytest.mark.parametrize("lead", ["- [[a]] ", "Time 0", "https://x.org/", "2026-01-02 ", "~", "1"])
def test_a_time_behind_something_else_opens_no_line(lead: str) -> None:
    assert times(note("\n".join(f"{lead}{minute}01:37 words" for minute in range(2, 7)))) == []


def test_times_that_open_lines_are_found_wherever_letters_take_several_bytes() -> None:
    assert times(note("é `x`\n\n`1:10` Wörter\n\n2:20\u3001言葉\n\n• 3:30 · `4:40`\n")) == [70_000, 140_000, 210_000]


@pytest.mark.parametrize("text", [" " * 100_000, "> " * 50_000, "- " * 50_000, "`1:10` " * 20_000, "1:10\n" * 20_000,
     "x" + " " * 100_000 + "0:00", "0:00 - " * 20_000, "|---|\n" + "|0:00" * 20_000, "[a](b?t=1)\n" * 20_000,
     "[[" * 20_000 + "0:00", "0:00 a\n0:11 b\n0:05 c\n" * 7_000])  # fmt: skip
def test_hostile_lines_take_no_longer(text: str) -> None:
    began = time.process_time()
    read(note(f"{text}\n2:20 a"))
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    ("head", "links"),
    [
        ("video: '[[film.mp4]]'", "[[film.mp4#t=1:23]] a\n[[film.mp4#t=2:10|2:10]] b\n[[film.mp4#t=10:05]] c"),
        ("video: '[[film.mp4]]'", "[[film.mp4#t=83|1:23]] a [[film.mp4#t=130|2:10]] b [[film.mp4#t=605|10:05]] c"),
        (f"videoId: {VIDEO}", f"[the start]({LINK}83) a\n[2:10]({LINK}130) b\n[ten]({LINK}605) c"),
    ],
)
def test_links_with_words_beside_others_with_times(head: str, links: str) -> None:
    assert times(f"---\n{head}\n---\n{links}\n") == [83_000, 130_000, 605_000]
    assert read(f"---\n{head}\n---\n{links}\n").facts.links == ()


@pytest.mark.parametrize(
    "words",
    [
        "the attribute data-toggle in the page",
        "the attribute data-t = 5",
        '`data-t="5"`',
        "https://example.org/?data-t=3",
        "[a page](https://example.org/?data-t=3)",
        '<a href="https://example.org/?data-t=3">a page</a>',
        '<div data-t="5">a box</div>',
        "metadata-t=5",
    ],
)
def test_the_letters_data_t_make_no_note_native(words: str) -> None:
    first, second = ("https://youtu.be/aqz-KE-bpKQ?t=75", "https://youtu.be/aqz-KE-bpKQ?t=250")
    text = f"# Lamps\n\n[1:15]({first}) One.\n\n[4:10]({second}) {words}.\n"
    reading = reader.read_bytes(text.encode(), "a/lamps.md", "a", "lamps")
    assert [one.literal_ms for one in reading.facts.stamps] == [75_000, 250_000]
    assert reading.note.video == Video("youtube", "aqz-KE-bpKQ")


@pytest.mark.parametrize(
    "tag", ['<a class="yt-timestamp" data-t=', '<a%20class="yt-timestamp"%20data-t=', "<A\ndata-t="]
)
def test_an_anchor_of_ours_makes_a_note_native(tag: str) -> None:
    text = f'---\nvideoId: aqz-KE-bpKQ\n---\n\n0:00 One\n1:00 Two\n2:00 Three {tag}"0:10">[0:10]</a>\n'
    assert not reader.read_bytes(text.encode(), "a/lamps.md", "a", "lamps").facts.reader
