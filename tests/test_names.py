"""Tests that the names of files that are made are safe on every system, whatever a note says."""

from __future__ import annotations

import re
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest

from convert.document import names
from convert.document.book import Book, VideoNotes
from convert.document.names import LONGEST_NAME_BYTES, channel_title, file_stem, safe_stem, title_of, unique_name
from convert.document.note import Video
from convert.vault.books import book_name
from tests.support.command import Desk
from tests.support.notes import note_of, summary_of

DEVICES = ("nul", "CON", "Prn", "aux", "com1", "COM0", "lpt9", "com¹", "LPT³", "conin$", "CONOUT$")
HOSTILE = (
    *DEVICES,
    *(f"{name}.tar" for name in DEVICES),
    *(f"{name} .x.y" for name in DEVICES),
    *("影" * 110, "é" * 200, "e\u0301" * 200, "😀" * 90, "x" * 5000, "a" * 199 + "影", "a" * 199 + "." * 80 + "b"),
    *("a.", "a. . .", " a", ".a", "..", ".", "", " ", "...hidden", "\u3000", "~", "-", "-rf", "--output=x"),
    *(
        "\u202egpj.exe",
        "\u2066a\u2069",
        "a\u200f",
        "a\x1b[31mb",
        "a\x7fb",
        "a\nb",
        "a\x85b",
        "\ufeffa",
        "\ud800a",
        "\U0010ffff",
    ),
    *("a/b", "a\\b", "../a", "C:", "a:b", "a*b?", 'a"b', "a<b>|c", "a\0b", "https://example.org/a?b#c"),
)
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]')


def is_safe(stem: str) -> bool:
    """Return whether Windows, macOS and Linux take a file name without suffix as it is."""
    device = stem.partition(".")[0].rstrip(" ").lower()
    return (
        0 < len(stem.encode()) <= LONGEST_NAME_BYTES + len("_")
        and not _FORBIDDEN.search(stem)
        and stem == stem.strip(" .")
        and device not in {name.lower() for name in DEVICES}
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_every_name_is_safe(name: str) -> None:
    for made in (safe_stem(name, "video"), file_stem(Video("file", f"{name}.mp4")), file_stem(Video("youtube", name))):
        assert is_safe(made), made
    assert is_safe(book_name(name))


@pytest.mark.parametrize(
    "name", ["aqz-KE-bpKQ", "-qz-KE-bpK_", "Talk 1.2", "Straße", "Café", "Cafe\u0301", "console", "nullify.a"]
)
def test_a_safe_name_stays_as_it_is(name: str) -> None:
    assert safe_stem(name, "video") == name


@pytest.mark.parametrize(
    ("one", "other"),
    [("AbC", "aBc"), ("Café", "Cafe\u0301"), ("CAFÉ", "cafe\u0301"), ("ÀÉ", "àé"), ("\u1100\u1161", "가"), ("a", "a")],
)
def test_names_that_a_disk_takes_for_one_are_told_apart(one: str, other: str) -> None:
    taken: set[str] = set()
    assert [unique_name(name, taken) for name in (one, other)] == [one, f"{other}-2"]


def test_every_file_about_a_video_has_a_name_of_its_own() -> None:
    videos = [Video("file", f"{name}.mp4") for name in HOSTILE]
    videos += [Video("file", "x.mp4"), Video("file", "X.mkv"), Video("file", "x.cues.mp4"), Video("youtube", "x-2")]
    parts = [VideoNotes(video=one, title="T", notes=()) for one in dict.fromkeys(videos)]
    alone = [summary_of(note_of((), f"films/{slug}", "T", None)) for slug in ("x", "nul", "é" * 150)]
    book = Book(name="b", title="B", parts=(*parts, VideoNotes(video=None, title="", notes=tuple(alone))))
    stems = list(book.stems.values())
    files = [
        unicodedata.normalize("NFC", f"{stem}{suffix}").casefold() for stem in stems for suffix in (".srt", ".cues.srt")
    ]
    assert len(set(files)) == 2 * (len(parts) + len(alone))
    assert [stem for stem in stems if len(stem.encode()) > LONGEST_NAME_BYTES + 5] == []


def test_no_name_of_a_video_costs_a_book_its_chapters(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    names = ("影" * 110, "nul", "NUL", "nul.tar", "com¹", "Café", "Cafe\u0301", "x", "x.cues")
    for number, name in enumerate(names):
        desk.put(f"films/{number}.md", f"---\ntitle: F{number}\nvideo: {name}.mp4\n---\n\n## W\n\nWord [00:00:03].\n")
    ran = desk.build("films", "--cues", "--to", "chapters,html")
    assert ran.code == 0, ran
    made = {name.rpartition("/")[2].removesuffix(".ffmeta") for name in desk.made() if name.endswith(".ffmeta")}
    wanted = {"影" * 66, "nul_", "NUL_-2", "nul_.tar", "com¹_", "Café", "Cafe\u0301-2", "x", "x.cues_", "aqz-KE-bpKQ"}
    assert made == wanted


def test_thousands_of_equal_names_are_found_in_leaps(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []
    monkeypatch.setattr(names, "disk_key", lambda name: tries.append(name) or name.lower())
    taken: set[str] = set()
    found = [unique_name("Same", taken) for _ in range(3_000)]
    assert len({*found}) == 3_000
    assert found[:3] + found[-1:] == ["Same", "Same-2", "Same-3", "Same-3000"]
    assert len(tries) < 3_000 * 150


@pytest.mark.parametrize(
    ("file", "title"),
    [
        ("The Song of IKAR - part 3.md", "The Song of IKAR - part 3"),
        ("Lesson-07--Wind-and-Sail.md", "Lesson 07 - Wind and Sail"),
        ("Öl & Wasser – Teil 4 (ARD).md", "Öl & Wasser – Teil 4 (ARD)"),
        ("04 Getriebe.md", "04 Getriebe"),
        ("storm_at_sea.md", "storm at sea"),
        ("Storm_at_Sea_2.txt", "Storm at Sea 2"),
        ("2024-03-08.md", "2024-03-08"),
        ("2024-03-08-high-water.md", "2024-03-08 high water"),
        ("high-water-mark.md", "high water mark"),
        ("high--water.md", "high - water"),
        ("Why-tides-come-twice.md", "Why tides come twice"),
        ("self-hosting.md", "self-hosting"),
        ("Jean-Luc.md", "Jean-Luc"),
        ("Süd-Österreich.md", "Süd-Österreich"),
        ("Süd-Österreich_2.md", "Süd-Österreich 2"),
        ("Rhein-Main-Gebiet.md", "Rhein-Main-Gebiet"),
        ("Санкт-Петербург.md", "Санкт-Петербург"),
        ("東京-大阪.md", "東京-大阪"),
        ("e-mail.md", "e-mail"),
        ("-ab-cdef-gh.md", "-ab-cdef-gh"),
        ("High water： part 2 [aqz-KE-bpKQ].md", "High water: part 2"),
        ("High water-aqz-KE-bpKQ.md", "High water"),
        ("High water 0123456789abcdef0123456789abcdef.md", "High water"),
        ("High%20water.md", "High water"),
        ("The moon&#39;s day &amp; night.md", "The moon's day & night"),
        ("R&D; AT&T.md", "R&D; AT&T"),
        ("Cafe\u0301.md", "Café"),
        ("Mr. Smith v2.1.md", "Mr. Smith v2.1"),
        ("[aqz-KE-bpKQ].md", ""),
    ],
)
def test_a_file_gives_the_title_that_a_person_would_write(file: str, title: str) -> None:
    assert title_of(f"notes/{file}", Video("youtube", "aqz-KE-bpKQ")) == title


def test_a_file_that_is_called_by_the_id_of_its_video_keeps_it() -> None:
    assert title_of("aq-z_KE-bpK.md", Video("youtube", "aq-z_KE-bpK")) == "aq-z_KE-bpK"


CHANNELS = """
blender_studio=Blender Studio|DrTutoriales=Dr Tutoriales|the-sea-room=The Sea Room|the_art_of_war=The Art of War
mit_opencourseware=MIT Opencourseware|BBC_News=BBC News|Sea_Tales=Sea Tales|LinusTechTips=Linus Tech Tips
día_a_día=Día a Día|hu-po=hu-po|3blue1brown=3blue1brown|aidotengineer=aidotengineer|YouTube=YouTube|OpenAI=OpenAI
McDonald=McDonald|TED-Ed=TED-Ed|Rhein-Main-Gebiet=Rhein-Main-Gebiet|dr-tides=dr-tides|-=-|_=_|As it is_=As it is_
"""


@pytest.mark.parametrize("case", CHANNELS.strip().replace("\n", "|").split("|"))
def test_a_folder_gives_the_title_that_a_person_would_write(case: str) -> None:
    folder, _, title = case.partition("=")
    assert channel_title(folder) == title


def test_the_names_of_a_channel_in_humps_are_read_in_linear_time() -> None:
    began = time.process_time()
    for one in ("Ab" * 100_000, "Ab" * 100_000 + "1", "a-" * 100_000, "a_" * 100_000, "A" * 200_000):
        channel_title(one)
    assert time.process_time() - began < 1


def test_only_what_is_shown_has_the_title_of_the_folder(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.put("notes/dr_tides/one.md", "---\nvideoId: aqz-KE-bpKQ\n---\n## High [0:10]\n\nThe moon pulls. [0:20]\n")
    desk.run("build", "notes", "-t", "epub,html,chapters", "-o", "books")
    assert sorted(one.name for one in (desk.folder / "books").iterdir() if one.name[0] != ".") == [
        "dr_tides.chapters",
        "dr_tides.epub",
        "dr_tides.html",
    ]
    assert "<h1>Dr Tides</h1>" in (desk.folder / "books" / "dr_tides.html" / "index.html").read_text("utf-8")
    with zipfile.ZipFile(desk.folder / "books" / "dr_tides.epub") as book:
        package = next(book.read(name).decode() for name in book.namelist() if name.endswith(".opf"))
    assert "<dc:title>Dr Tides</dc:title>" in package
    assert "dr_tides" not in package
    assert "dc:creator" not in package, "the title again"
    assert "dc:date" not in package
