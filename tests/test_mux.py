"""Tests embedded chapters: streams, tags and length are kept, chapters are exact, failures leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import av
import pytest

from convert.errors import NotebindError, ToolError, UsageError
from convert.extract.timeline import Timeline
from convert.mux import SUFFIXES, fitted, media_duration_ms, mux, sidecar, timelines
from convert.mux.streams import chapters, stream_hashes
from convert.render.chapters import FORMATS
from tests.support.media import make_media
from tests.support.timelines import TORTURE, a_line
from tests.support.vaults import VIDEO, lay_out, note

KINDS = (".mp4", ".m4v", ".m4a", ".m4b", ".mov", ".mkv", ".webm", ".mp3", ".opus", ".ogg", ".oga")
COVERED = (".mp4", ".m4a", ".mkv", ".mp3")


def rows(line: Timeline) -> list[tuple[int, str]]:
    return [(marker.start_ms, marker.title) for marker in line.markers]


def nothing_else(folder: Path, *names: str) -> bool:
    return {path.name for path in folder.iterdir()} == set(names)


@pytest.mark.parametrize("kind", KINDS)
def test_chapters_are_embedded_and_the_rest_is_kept(kind: str, tmp_path: Path) -> None:
    source = make_media(tmp_path / f"film{kind}")
    target, line = tmp_path / f"out{kind}", a_line(step_ms=4_000)
    before, length = stream_hashes(source, lambda _: None), media_duration_ms(source)
    assert length is not None
    assert mux(source, target, line).chapters == len(TORTURE)
    assert chapters(target) == rows(line)
    assert stream_hashes(target, lambda _: None) == before
    assert abs((media_duration_ms(target) or 0) - length) <= 50
    assert nothing_else(tmp_path, source.name, target.name)


@pytest.mark.parametrize("kind", KINDS)
def test_chapters_that_are_there_are_replaced(kind: str, tmp_path: Path) -> None:
    file, again = make_media(tmp_path / f"film{kind}"), a_line(("new", "newer"), step_ms=30_000)
    mux(file, file, a_line(step_ms=4_000))
    mux(file, file, again)
    assert chapters(file) == rows(again)
    with av.open(str(file)) as container:
        assert sum(stream.type == "data" for stream in container.streams) <= 1
    assert nothing_else(tmp_path, file.name)


@pytest.mark.parametrize("kind", COVERED)
def test_covers_tags_and_languages_are_kept(kind: str, tmp_path: Path) -> None:
    file = make_media(tmp_path / f"film{kind}", cover=True)
    mux(file, file, a_line(step_ms=4_000))
    with av.open(str(file)) as container:
        pictures = [s for s in container.streams.video if s.disposition & av.stream.Disposition.attached_pic]
        assert len(pictures) == 1
        assert container.metadata["title"] == "A film"
        assert kind == ".mp3" or container.streams.audio[0].language == "swe"


@pytest.mark.parametrize("kind", [".mp4", ".m4a", ".mkv", ".opus"])
def test_300_chapters_survive(kind: str, tmp_path: Path) -> None:
    file, line = make_media(tmp_path / f"film{kind}"), a_line(tuple(f"part {n}" for n in range(300)), step_ms=200)
    assert mux(file, file, line).chapters == 300
    assert chapters(file) == rows(line)


def test_chapters_past_the_end_are_left_out_and_none_ends_past_it(tmp_path: Path) -> None:
    file = make_media(tmp_path / "film.mp4", seconds=30)
    assert mux(file, file, a_line(step_ms=8_000)).chapters == 4
    assert abs((media_duration_ms(file) or 0) - 30_000) <= 100


def test_markers_fit_a_length() -> None:
    markers = a_line(("a", "b", "c"), step_ms=10_000).markers
    assert [(m.start_ms, m.end_ms) for m in fitted(markers, 15_000)] == [(0, 10_000), (10_000, 15_000)]
    assert [(m.start_ms, m.end_ms) for m in fitted(markers, 99_000)][-1] == (20_000, 99_000)
    assert fitted(markers, None) == markers


@pytest.mark.parametrize("kind", [".mp4", ".mkv", ".mp3", ".ogg"])
@pytest.mark.parametrize("data", [b"", b"no film " * 999])
def test_a_broken_file_leaves_nothing_behind(kind: str, data: bytes, tmp_path: Path) -> None:
    source = tmp_path / f"film{kind}"
    source.write_bytes(data)
    with pytest.raises(ToolError, match="film"):
        mux(source, tmp_path / f"out{kind}", a_line())
    assert nothing_else(tmp_path, source.name)
    assert source.read_bytes() == data


def test_a_failure_leaves_a_file_in_place_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = make_media(tmp_path / "film.mp4", seconds=20)
    before = file.read_bytes()
    monkeypatch.setattr("convert.mux.chapters", lambda _: [])
    with pytest.raises(ToolError, match="left as it was"):
        mux(file, file, a_line(step_ms=2_000))
    assert file.read_bytes() == before
    assert nothing_else(tmp_path, "film.mp4")


def test_what_holds_no_chapters_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"\.mkv"):
        mux(tmp_path / "film.avi", tmp_path / "out.avi", a_line())
    with pytest.raises(UsageError, match="same suffix"):
        mux(tmp_path / "film.mp4", tmp_path / "out.mkv", a_line())
    with pytest.raises(NotebindError, match=r"film\.mp4"):
        mux(tmp_path / "film.mp4", tmp_path / "out.mp4", a_line())
    assert {".mp4", ".m4v", ".mkv", ".webm", ".m4a", ".mp3", ".opus", ".ogg"} <= set(SUFFIXES)


def test_a_timeline_without_markers_is_refused(tmp_path: Path) -> None:
    file = make_media(tmp_path / "film.mp3", seconds=5)
    with pytest.raises(UsageError, match="no chapters"):
        mux(file, file, a_line(()))


def test_each_film_of_a_video_has_its_own_length(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`00:40:00` is 40 s in a film of a minute, and 40 minutes in the whole one."""
    monkeypatch.setattr("convert.mux.duration_ms", lambda path: 60_000 if "cut" in path.parts else 3_000_000)
    stamps = "".join(f"## Part {n}\n\n[00:{10 * n:02}:00] Words.\n\n" for n in range(1, 5))
    films = [tmp_path / place / f"f [{VIDEO}].mp4" for place in ("cut", "whole")]
    lay_out(tmp_path, {"notes/a.md": note(stamps), **{str(film.relative_to(tmp_path)): b"" for film in films}})
    short, whole = films
    for several in ([short, whole], [whole, short], [short], [whole], [short, whole, short]):
        for film, line in zip(several, timelines(several, [tmp_path / "notes"]), strict=True):
            assert isinstance(line, Timeline)
            step_ms = 10_000 if film is short else 600_000
            assert [one.start_ms for one in line.markers][-3:] == [n * step_ms for n in range(2, 5)]


def test_films_are_found_by_file_name_and_title(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.mux.duration_ms", lambda path: 600_000)
    several = "# Week\n\n![[one.mp3]]\n\n0:00 a\n1:00 b\n2:00 c\n\n![[two.mp3]]\n\n0:00 d\n1:30 e\n3:00 f\n"
    names = ["one.mp3", "two.mp3", "Tides of the North.mp4", "tides_of_the_north.mp4", f"x [{VIDEO}].mp4"]
    notes = {"notes/a.md": several, "notes/b.md": note("## g\n[0:00]\n## h\n[4:00]\n", "Tides of the North")}
    lay_out(tmp_path, {**notes, **{f"films/{name}": b"" for name in (*names, "three.mp3")}})
    found = timelines([tmp_path / "films" / name for name in (*names, "three.mp3")], [tmp_path / "notes"])
    told = [" ".join(one.title for one in line.markers) for line in found if isinstance(line, Timeline)]
    assert told == ["a b c", "d e f", "g h", "g h", "g h"]
    assert isinstance(found[-1], UsageError)


def test_progress_counts_the_copy_and_the_comparison(tmp_path: Path) -> None:
    file, told = make_media(tmp_path / "film.mp4", seconds=20), list[int]()
    mux(file, file, a_line(step_ms=2_000), told.append)
    assert 1.5 < sum(told) / file.stat().st_size < 2.1


def test_files_beside_the_video_are_named_after_it(tmp_path: Path) -> None:
    file = make_media(tmp_path / "A film [aqz-KE-bpKQ].mp4", seconds=40)
    written = sidecar(file, a_line(), [FORMATS["ffmeta"], FORMATS["xspf"], FORMATS["youtube"]])
    assert [path.name for path in written] == ["A film [aqz-KE-bpKQ].ffmeta", "A film [aqz-KE-bpKQ].xspf"]
    assert "A%20film%20%5Baqz-KE-bpKQ%5D.mp4" in written[1].read_text("utf-8")
    assert written[0].read_text("utf-8").count("[CHAPTER]") == 2
    (tmp_path / "new").touch()
    assert {path.stat().st_mode for path in written} == {(tmp_path / "new").stat().st_mode}


def test_a_failure_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    film = make_media(tmp_path / "film.mkv", 5)
    (tmp_path / "there").mkdir()
    monkeypatch.setattr("convert.mux.stream_hashes", lambda *_: {})
    for target in ("new/deep/film.mkv", "there/film.mkv"):
        with pytest.raises(ToolError, match="not the same"):
            mux(film, tmp_path / target, a_line(step_ms=500))
    assert nothing_else(tmp_path, "film.mkv", "there")
