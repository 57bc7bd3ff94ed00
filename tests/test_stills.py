"""Tests the stills of films: the right frame of every kind of film, once, in every output."""

from __future__ import annotations

import bisect
import random
import re
import zipfile
from collections.abc import Iterator, Sequence
from itertools import accumulate
from pathlib import Path

import pytest
from PIL import Image

from convert.document import nodes as n
from convert.document.nodes import Picture
from convert.document.note import StillFrame
from convert.pipeline.run import build
from convert.reader.resolve import with_stills
from convert.request import Request, Stills
from convert.tools.stills import stills
from tests.support.films import RATE, SIZE, film, number_of, numbered, turned

FRAMES = 700
STILLS = 200
HDR = {"x264-params": "transfer=smpte2084:colorprim=bt2020:colormatrix=bt2020nc"}


def even() -> list[int]:
    return [number * 1000 // RATE for number in range(FRAMES)]


def uneven() -> list[int]:
    chance = random.Random(1)
    return [0, *accumulate(chance.choice((20, 40, 40, 90)) for _ in range(FRAMES - 1))]


def pictures() -> Iterator[Image.Image]:
    return map(numbered, range(FRAMES))


KINDS = {
    "h264.mp4": ({}, even()),
    "h264.mkv": ({}, even()),
    "vp9.webm": ({"codec": "libvpx-vp9", "deadline": "realtime", "cpu-used": "8"}, even()),
    "uneven.mp4": ({}, uneven()),
    "uneven.mkv": ({}, uneven()),
    "hdr.mp4": (HDR, even()),
}


@pytest.mark.parametrize("name", KINDS)
def test_a_still_is_the_frame_that_is_shown(tmp_path: Path, name: str) -> None:
    options, starts = KINDS[name]
    path = film(tmp_path / name, pictures(), iter(starts), **options)
    chance = random.Random(name)
    times = sorted({chance.randrange(starts[-1]) for _ in range(STILLS)})
    found = [(still.asked_ms, number_of(still.picture)) for still in stills(path, times, 360)]
    assert found == [(ms, bisect.bisect_right(starts, ms) - 1) for ms in times]


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a film of 28 seconds whose frames show their numbers."""
    return film(tmp_path_factory.mktemp("films") / "A talk [abcdefghi01].mp4", pictures(), iter(even()))


def test_a_film_of_a_phone_is_upright(talk: Path, tmp_path: Path) -> None:
    (still,) = stills(turned(talk, tmp_path / "turned.mp4"), [8_000], 360)
    assert still.picture.size == (SIZE[1], SIZE[0])
    assert number_of(still.picture.rotate(90, expand=True)) == 200


def test_a_still_is_as_high_as_asked_and_never_higher_than_the_film(talk: Path) -> None:
    assert [still.picture.size for still in stills(talk, [0], 90)] == [(160, 90)]
    assert [still.picture.size for still in stills(talk, [0], 360)] == [SIZE]


def test_a_film_of_high_dynamic_range_is_as_bright_as_others(tmp_path: Path) -> None:
    """White of 203 nits has the value 148 of 255, and would be grey; black stays black."""
    greys = [Image.new("RGB", SIZE, (148, 148, 148)), Image.new("RGB", SIZE)]
    path = film(tmp_path / "hdr.mp4", greys, iter([0, 1000]), **HDR)
    bright, dark = [still.picture.convert("L").getextrema() for still in stills(path, [0, 1000], 90)]
    assert 180 < bright[0] <= bright[1] < 200
    assert dark[1] < 10


def test_a_time_behind_the_end_has_no_still(talk: Path) -> None:
    assert [still.asked_ms for still in stills(talk, [28_000, 27_900, 99_000_000], 90)] == [27_900]


def black(numbers: Sequence[int]) -> Iterator[Image.Image]:
    for number, picture in enumerate(pictures()):
        yield Image.new("RGB", SIZE) if number in numbers else picture


def test_a_black_frame_gives_way_to_the_nearest_good_one(tmp_path: Path) -> None:
    path = film(tmp_path / "fade.mp4", black(range(200, 240)), iter(even()))
    found = [(still.ms, number_of(still.picture)) for still in stills(path, [8_000, 9_500], 180)]
    assert found == [(7_920, 198), (9_600, 240)]  # 199 is the last before a cut


def test_a_film_that_is_black_for_long_keeps_the_exact_frame(tmp_path: Path) -> None:
    path = film(tmp_path / "night.mp4", black(range(100, 500)), iter(even()))
    assert [still.ms for still in stills(path, [12_000], 180)] == [12_000]


# In the outputs

NOTE = """---
videoId: abcdefghi01
---
# A talk

Words at the start. [00:00:03]

## The river

It is two metres deep. [00:00:10] It falls. [00:00:12]

- Seen from here. [00:00:14]

## Without a time

Nothing.
"""


def built(
    tmp_path: Path, films: Path, mode: Stills, formats: Sequence[str] = ("epub",), note: str = NOTE, **more: object
) -> list[str]:
    notes = tmp_path / "notes"
    notes.mkdir(exist_ok=True)
    (notes / "talk.md").write_text(note, encoding="utf-8")
    request = Request((notes,), tmp_path / "out", tuple(formats), videos=films, stills=mode, jobs=1, **more)  # type: ignore[arg-type]
    report = build(request)
    return [one.code for one in report.diagnostics if one.code.startswith("stills")]


def shown_in(book: Path) -> list[tuple[str, int]]:
    """Return the description and the number of the frame of each picture in the notes of an e-book."""
    found = []
    with zipfile.ZipFile(book) as archive:
        for name in archive.namelist():
            if name.endswith(".xhtml") and "talk" in name:
                for image in re.findall(r"<img[^>]*>", archive.read(name).decode()):
                    source = re.search(r'src="([^"]*)"', image)
                    alt = re.search(r'alt="([^"]*)"', image)
                    assert source
                    assert alt
                    with archive.open(f"EPUB/{source[1]}") as file:
                        found.append((alt[1], number_of(Image.open(file))))
    return found


def test_each_section_has_its_still(tmp_path: Path, talk: Path) -> None:
    assert built(tmp_path, talk.parent, "sections") == []
    assert shown_in(tmp_path / "out" / "notes.epub") == [("A talk (0:03)", 75), ("The river (0:10)", 250)]


def test_each_stamp_has_its_still(tmp_path: Path, talk: Path) -> None:
    built(tmp_path, talk.parent, "stamps")
    assert [number for _, number in shown_in(tmp_path / "out" / "notes.epub")] == [75, 250, 300, 350]


def test_a_card_shows_the_moment_of_its_sentence_and_keeps_its_identity(tmp_path: Path, talk: Path) -> None:
    marked = "How deep is the river::Two metres. [00:00:10]\n\nWhere is it seen from::Here. [00:00:14]\n"
    options = {"anki": {"tsv": True}}
    built(tmp_path, talk.parent, "stamps", ("anki",), options=options, note=NOTE + marked)
    with_stills = (tmp_path / "out" / "notes.anki.txt").read_text("utf-8")
    built(tmp_path, talk.parent, "none", ("anki",), options=options, note=NOTE + marked)
    without = (tmp_path / "out" / "notes.anki.txt").read_text("utf-8")
    guids = [[row.split("\t")[0] for row in text.splitlines() if "\t" in row] for text in (with_stills, without)]
    assert len(guids[0]) == 2
    assert guids[0] == guids[1]
    assert len(re.findall(r'<img src=""notebind-[0-9a-f]+\.jpg"" alt=""0:1[04]""', with_stills)) == 2
    assert ".jpg" not in without


def test_without_the_option_the_book_is_the_same_with_and_without_films(tmp_path: Path, talk: Path) -> None:
    assert built(tmp_path, talk.parent, "none") == ["stills-possible"]
    with_films = (tmp_path / "out" / "notes.epub").read_bytes()
    (tmp_path / "empty").mkdir()
    built(tmp_path, tmp_path / "empty", "none", force=True)
    assert b".jpg" not in with_films
    assert not (tmp_path / "out" / ".notebind" / "stills").exists()


def test_stills_are_taken_once_and_stay_when_the_film_goes(tmp_path: Path, talk: Path) -> None:
    films = tmp_path / "films"
    films.mkdir()
    copy = films / talk.name
    copy.write_bytes(talk.read_bytes())
    built(tmp_path, films, "sections")
    book = tmp_path / "out" / "notes.epub"
    first = book.read_bytes()
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / ".notebind" / "stills").iterdir()}
    assert len(kept) == 2
    copy.unlink()
    book.unlink()
    built(tmp_path, films, "sections")
    assert len(shown_in(book)) == 2
    assert kept == {path: path.stat().st_mtime_ns for path in (tmp_path / "out" / ".notebind" / "stills").iterdir()}
    assert len(first) - len(book.read_bytes()) < 2_000


def test_sound_has_no_stills_and_no_remark(tmp_path: Path) -> None:
    (tmp_path / "sounds").mkdir()
    (tmp_path / "sounds" / "A talk [abcdefghi01].mp3").write_bytes(b"x")
    assert built(tmp_path, tmp_path / "sounds", "sections") == []
    assert built(tmp_path, tmp_path / "sounds", "none") == []


def test_stills_that_nothing_shows_any_more_make_room(
    tmp_path: Path, talk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("convert.vault.stills.MOST_KEPT", 1)
    built(tmp_path, talk.parent, "stamps")
    built(tmp_path, talk.parent, "sections")
    assert len(list((tmp_path / "out" / ".notebind" / "stills").iterdir())) == 2


@pytest.mark.parametrize("content", [b"", b"no film", b"\0" * 5_000, None])
def test_a_film_that_cannot_be_read_is_one_warning(tmp_path: Path, talk: Path, content: bytes | None) -> None:
    films = tmp_path / "films"
    films.mkdir()
    data = talk.read_bytes()
    (films / talk.name).write_bytes(data[: len(data) // 2] if content is None else content)
    assert built(tmp_path, films, "sections") == ["stills-missing"]
    assert (tmp_path / "out" / "notes.epub").exists()


PICTURE = Picture("0" * 32 + ".jpg", 320, 180)


def test_stills_stand_below_their_heading_or_behind_the_block_of_their_stamp() -> None:
    line = n.Paragraph((n.Text("seen"), n.Stamp("[0:09]", 9_000)), 4)
    items = n.List((n.Item((line,), 4),), 4)
    section = n.Section("a", 2, (n.Text("A"),), (items,), 2)
    (shown,) = with_stills((section,), [StillFrame(2, 5_000, PICTURE), StillFrame(4, 9_000, PICTURE)])
    assert isinstance(shown, n.Section)
    first, listed = shown.children
    assert first == n.Paragraph((n.Image("", "A (0:05)", picture=PICTURE),), 2)
    assert isinstance(listed, n.List)
    assert listed.items[0].children == (line, n.Paragraph((n.Image("", "A (0:09)", picture=PICTURE),), 4))
