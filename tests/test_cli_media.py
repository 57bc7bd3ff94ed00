"""Tests the commands `mux`, `cards` and `push`."""

from __future__ import annotations

import json
import re
from itertools import chain
from pathlib import Path

import pytest

from convert.mux.streams import chapters
from convert.render.chapters import FORMATS
from tests.support.command import Desk
from tests.support.media import make_media
from tests.test_diagnostics import RAISED

VIDEO = "aqz-KE-bpKQ"
NOTE = f"""---
title: A short film
videoId: {VIDEO}
---

Words before [00:00:02].

## The meadow

The term "bokeh" was coined in 1997 by editors of a magazine [00:00:15].

## The river

Some more words [00:00:40].
"""
STARTS = [0, 15_000, 40_000]


@pytest.fixture
def media(tmp_path: Path) -> Desk:
    """Write a note, a media file that names its video, and one that does not."""
    desk = Desk(tmp_path)
    desk.put("films/good.md", NOTE)
    (tmp_path / "in").mkdir()
    make_media(tmp_path / "in" / f"film [{VIDEO}].mp4")
    make_media(tmp_path / "in" / "other.mkv")
    return desk


def starts(path: Path) -> list[int]:
    return [start for start, _ in chapters(path)]


def test_many_files_go_to_a_folder(media: Desk) -> None:
    ran = media.run("mux", f"in/film [{VIDEO}].mp4", "in/other.mkv", "--notes", "films", "--output", "out")
    assert ran.code == 0
    assert starts(media.folder / "out" / f"film [{VIDEO}].mp4") == STARTS
    assert starts(media.folder / "out" / "other.mkv") == STARTS
    assert starts(media.folder / "in" / "other.mkv") == []


def test_one_file_may_be_named(media: Desk) -> None:
    assert media.run("mux", "in/other.mkv", "--notes", "films", "-o", "deep/new.mkv").code == 0
    assert starts(media.folder / "deep" / "new.mkv") == STARTS


def test_in_place_replaces_and_leaves_nothing_else(media: Desk) -> None:
    assert media.run("mux", "in/other.mkv", "--notes", "films", "--in-place").code == 0
    assert starts(media.folder / "in" / "other.mkv") == STARTS
    assert sorted(path.name for path in (media.folder / "in").iterdir()) == [f"film [{VIDEO}].mp4", "other.mkv"]


def test_sidecars_lie_beside_the_file(media: Desk) -> None:
    assert media.run("mux", "in/other.mkv", "--notes", "films", "--sidecar", "--chapters-formats", "srt,vtt").code == 0
    assert {path.suffix for path in (media.folder / "in").glob("other.*")} == {".mkv", ".srt", ".vtt"}
    assert starts(media.folder / "in" / "other.mkv") == []


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["in/none.mp4", "--notes", "films"], "none.mp4: no such file"),
        (["films/good.md", "--notes", "films"], "good.md: cannot be read"),
        (["in/other.mkv", "--notes", "nowhere"], "nowhere: no such file or folder"),
        (["in/other.mkv", "--notes", "films", "--video-id", "xxxxxxxxxxx"], "no note is about video xxxxxxxxxxx"),
        (["in/other.mkv", "--notes", "films", "--sidecar", "--in-place"], "exclude each other"),
        (
            ["in/other.mkv", "--notes", "films", "--sidecar", "--chapters-formats", "x"],
            "'x' is unknown",
        ),
        (["in/other.mkv", "--notes", "films", "-o", "in"], "use --in-place"),
        (["in/other.mkv", "--notes", "films", "-o", "out.mp4"], "name it out.mkv"),
        (["in/other.mkv", "in/other.mkv", "--notes", "films", "-o", "one.mkv"], "name a folder"),
        (["in/other.mkv", "--notes", "films", "--sidecar", "-o", "x"], "--output and --sidecar exclude each other"),
        (["in/other.mkv", "--notes", "films", "--in-place", "-o", "x"], "--output and --in-place exclude each other"),
        (["in/other.mkv", "--notes", "films", "--chapters-formats", "srt"], "give --sidecar too"),
        (["in/broken.mp4", "--notes", "films"], "broken.mp4: cannot be read"),
    ],
)
def test_wrong_calls_are_one_line_and_leave_nothing(media: Desk, arguments: list[str], says: str) -> None:
    media.put("in/broken.mp4", b"no film")
    before = sorted(media.folder.rglob("*"))
    ran = media.run("mux", *arguments)
    assert ran.code in (1, 2)
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert [path for path in sorted(media.folder.rglob("*")) if path not in before] == []


def test_all_among_chapter_formats_is_all(media: Desk) -> None:
    ran = media.run("mux", "in/other.mkv", "--notes", "films", "--sidecar", "--chapters-formats", "srt,all")
    assert (ran.code, len(ran.out.splitlines()), ran.err) == (0, len(FORMATS), "")


def test_settings_that_mux_does_not_use_are_not_told(media: Desk) -> None:
    media.put("films/notebind.toml", 'output = "/elsewhere"\nvideos = "/elsewhere"\njobs = 3\n')
    assert media.run("mux", "in/other.mkv", "--notes", "films").err == ""


MISREAD = NOTE.replace("00:00:02", "00:02:00").replace("00:00:15", "00:15:00").replace("00:00:40", "00:40:00")


@pytest.mark.parametrize("command", ["check", "show", "cards"])
def test_lengths_of_films_count_for_what_only_reads(media: Desk, command: str) -> None:
    media.put("films/good.md", MISREAD)
    alone, beside = media.run(command, "films"), media.run(command, "films", "--videos", "in")
    assert (alone.out != beside.out, beside.code) == (command != "cards", 0)
    assert ("time-repaired" in beside.out) == (command == "check")
    assert media.run(command, "films", "--videos", "nowhere").err == (
        "notebind: nowhere: no such file or folder: check the path\n"
    )


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["build", "films", "--videos", "in", "--to", "chapters"], "`notebind check films --videos in --to chapters`"),
        (
            ["mux", f"in/film [{VIDEO}].mp4", "--notes", "films"],
            "13 warnings; see `notebind check films --videos in`",
        ),
        (["mux", "in/other.mkv", "--notes", "films"], "It looks at films with [videoId] in their names."),
    ],
)
def test_the_end_says_how_to_see_all_repairs(media: Desk, typed: list[str], says: str) -> None:
    media.put("films/good.md", MISREAD + "".join(f"- A word [00:{second}:00].\n" for second in range(41, 51)))
    assert says in media.run(*typed).err.splitlines()[-1]
    shown = media.run("check", "films", "--videos", "in").out
    assert shown.count("time-repaired") == 13


ALL = "epub,pdf,chapters,anki,html"


def test_check_says_all_that_build_says(media: Desk) -> None:
    for code, (files, _, _) in RAISED.items():
        for name, content in files.items():
            media.put(f"vault/{code}/{name}", content)
    media.put("vault/repaired/a.md", MISREAD)
    media.put("vault/writers/a.md", f"{NOTE}\n## \U0010fffd\n\nTide::moon\n\n$\\frac{{1}}$\n\n![](a.png)\n")
    media.put("vault/writers/b.md", f"{NOTE}\nTide::sun\n\n[[a]] [^1]\n\n[^1]: a[^2]\n\n[^2]: b\n")
    media.put("vault/writers/a.png", b"no picture")
    media.put("vault/notes.srt", "1\n00:00:01,000 --> 00:00:02,000\nA word\n")
    options = ("vault", "--videos", "in", "--to", ALL)
    before = media.run("check", *options)
    assert not (media.folder / "output").exists()
    media.run("build", *options, "--report", "report.json")
    report = json.loads((media.folder / "report.json").read_text("utf-8"))
    found = chain(report["diagnostics"], *(book["diagnostics"] for book in report["books"]))
    said = {(one["note"], one["line"], one["code"]) for one in found}
    assert {"time-repaired", "pdf-character", "chapters-refused", "card-collision", "note-binary"} <= {
        c for *_, c in said
    }
    kept = sorted(path.stat().st_mtime_ns for path in (media.folder / "output").rglob("*"))
    for ran in (before, media.run("check", *options)):
        assert ran.code == 1
        lines = [re.match(r"(.*?)(?::(\d+))?: ([a-z-]+) ", line) for line in ran.out.splitlines()]
        told = {(line[1], int(line[2] or 0), line[3]) for line in lines if line}
        assert {one for one in told if one[2] != "read-as"} == said
    again = media.run("check", *options, "--force").out
    assert "deck-changes 0 new, 0 changed, 1 unchanged" in again, "the decks that were built are known"
    assert kept == sorted(path.stat().st_mtime_ns for path in (media.folder / "output").rglob("*"))
    only_read = media.run("check", "vault", "--to", "none").out
    assert "note-binary" in only_read
    assert "pdf-character" not in only_read


def test_a_file_of_unknown_video_says_how_to_name_it(media: Desk) -> None:
    media.put("films/other.md", NOTE.replace(VIDEO, "eRsGyueVLvQ"))
    ran = media.run("mux", "in/other.mkv", "--notes", "films")
    assert ran.code == 1
    assert "--video-id" in ran.err
    assert media.run("mux", "in/other.mkv", "--notes", "films", "--video-id", VIDEO).code == 0


@pytest.mark.parametrize(
    ("name", "says"), [("in/none.mp4", "no such file: check the path"), ("in", "is a folder: name the files in it")]
)
def test_what_is_no_file_is_not_asked_for_its_video(media: Desk, name: str, says: str) -> None:
    media.put("films/other.md", NOTE.replace(VIDEO, "eRsGyueVLvQ"))
    ran = media.run("mux", name, "--notes", "films")
    assert (ran.code, ran.err.startswith(f"notebind: {name}: {says}")) == (1, True), ran.err


def test_the_length_of_the_file_decides_how_stamps_are_read(media: Desk) -> None:
    text = NOTE.replace("00:00:02", "00:02:00").replace("00:00:15", "00:15:00").replace("00:00:40", "00:40:00")
    media.put("films/good.md", text)
    assert media.run("mux", "in/other.mkv", "--notes", "films").code == 0
    assert starts(media.folder / "output" / "other.mkv") == STARTS


def test_cards_are_printed_with_their_reasons(media: Desk) -> None:
    media.put("films/good.md", NOTE + "\nThe Peace of Westphalia was signed in 1648 by envoys of the empire.\n")
    plain = media.run("cards", "films", "--section-cards")
    assert plain.code == 0
    assert "good.md:8: section" in plain.out.replace("films/", "")
    explained = media.run("cards", "films", "--section-cards", "--explain")
    assert len(explained.out) > len(plain.out)


@pytest.mark.parametrize("arguments", [["cards", "films", "--cards", "best"], ["push", "none.apkg"]])
def test_wrong_cards_are_one_line(media: Desk, arguments: list[str]) -> None:
    ran = media.run(*arguments)
    assert ran.code in (1, 2)
    assert len(ran.err.strip().splitlines()) == 1
