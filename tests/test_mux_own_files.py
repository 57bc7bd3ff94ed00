"""Tests that `mux` replaces its own files only: what is the user's stays, in one clear line, and the rest is made."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest

from convert.errors import SaveError, ToolError, UsageError
from convert.mux import mux
from convert.mux.own_files import OwnFiles
from convert.mux.streams import chapters
from tests.support.command import Desk, Ran
from tests.support.media import make_media
from tests.support.timelines import a_line
from tests.support.vaults import VIDEO, note

FILM = f"film [{VIDEO}].mp4"
SRT = f"film [{VIDEO}].srt"
OTHER = "eRsGyueVLvQ"
TEXT = "## One [00:00:02]\n\n## Two [00:00:20]\n"
KEPT = "kept as it is; move it away, or give --replace"


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.put("films/good.md", note(TEXT))
    (tmp_path / "in").mkdir()
    make_media(tmp_path / "in" / FILM)
    return desk


def embed(desk: Desk, *arguments: str, **env: str) -> Ran:
    return desk.run("mux", *arguments, "--notes", "films", **env)


def beside(desk: Desk, *arguments: str, **env: str) -> Ran:
    return embed(desk, f"in/{FILM}", "--sidecar", "--chapters-formats", "srt,vtt", *arguments, **env)


def renote(desk: Desk, title: str) -> None:
    desk.put("films/good.md", note(TEXT.replace("One", title)))


def titles(path: Path) -> list[str]:
    return [title for _, title in chapters(path)]


def fails(ran: Ran, *lines: str) -> None:
    assert ran.code == 1
    assert ran.err.splitlines() == [f"notebind: {line}" for line in lines]


def test_subtitles_of_the_user_stay_and_the_rest_is_made(desk: Desk) -> None:
    own = desk.put(f"in/{SRT}", "my own subtitles")
    fails(beside(desk), f"in/{SRT}: is your own, or was changed since notebind wrote it: {KEPT}")
    assert own.read_text("utf-8") == "my own subtitles"
    assert "One" in (desk.folder / "in" / SRT.replace(".srt", ".vtt")).read_text("utf-8")
    assert beside(desk, "--replace").code == 0
    assert "One" in own.read_text("utf-8")


def test_own_files_are_replaced_until_the_user_changes_one(desk: Desk) -> None:
    srt = desk.folder / "in" / SRT
    for title in ("One", "Another", "A third"):
        renote(desk, title)
        assert beside(desk).code == 0
        assert title in srt.read_text("utf-8")
    assert beside(desk).code == 0
    srt.write_text(srt.read_text("utf-8").replace("A third", "A  mine"), "utf-8")
    renote(desk, "Later")
    fails(beside(desk), f"in/{SRT}: is your own, or was changed since notebind wrote it: {KEPT}")
    assert "A  mine" in srt.read_text("utf-8")


def test_an_own_copy_is_replaced_and_an_unrelated_file_is_not(desk: Desk) -> None:
    target = desk.put(f"out/{FILM}", "another film of mine")
    line = f"out/{FILM}: is your own, or was changed since notebind wrote it: {KEPT}"
    fails(embed(desk, f"in/{FILM}", "-o", "out"), line)
    fails(embed(desk, f"in/{FILM}", "-o", f"out/{FILM}"), line)
    assert target.read_text("utf-8") == "another film of mine"
    target.unlink()
    for title in ("One", "Another"):
        renote(desk, title)
        assert embed(desk, f"in/{FILM}", "-o", "out").code == 0
        assert titles(target) == [title, "Two"]
    with target.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        file.write(b"\0" if file.read(1) != b"\0" else b"\1")
    before = target.read_bytes()
    fails(embed(desk, f"in/{FILM}", "-o", "out"), line)
    assert target.read_bytes() == before


def test_of_two_films_of_one_name_the_first_is_made(desk: Desk) -> None:
    assert embed(desk, f"in/{FILM}", f"./in/{FILM}", str(desk.folder / "in" / FILM), "-o", "out").code == 0
    (desk.folder / "more").mkdir()
    make_media(desk.folder / "more" / FILM, seconds=30)
    ran = embed(desk, f"in/{FILM}", f"more/{FILM}", "-o", "out")
    made = f"more/{FILM}: out/{FILM} was just made of in/{FILM}: give this film another --output or name"
    fails(ran, made)
    assert ran.out.splitlines() == [f"out/{FILM}: 2 chapters"]
    length = (desk.folder / "out" / FILM).stat().st_size
    first = os.path.realpath(desk.folder / "in" / FILM)
    ran = embed(desk, f"more/{FILM}", "-o", "out")
    fails(ran, f"out/{FILM}: was made of {first}: kept as it is; choose another --output or give --replace")
    assert (desk.folder / "out" / FILM).stat().st_size == length
    shutil.move(desk.folder / "in" / FILM, desk.folder / "moved.mp4")
    assert embed(desk, "moved.mp4", "-o", f"out/{FILM}").code == 0


@pytest.mark.parametrize("change", [str.upper, lambda name: unicodedata.normalize("NFD", name)], ids=["case", "form"])
def test_names_that_another_disk_takes_for_one_are_one(desk: Desk, change: type[str]) -> None:
    first = f"Fête [{VIDEO}].mp4"
    second = change(first.partition("[")[0]) + first.partition("[")[1] + first.partition("[")[2]
    (desk.folder / "more").mkdir()
    make_media(desk.folder / "in" / first)
    make_media(desk.folder / "more" / second)
    ran = embed(desk, f"in/{first}", f"more/{second}", "-o", "out")
    assert (ran.code, "was just made of" in ran.err) == (1, True)
    assert [path.name for path in (desk.folder / "out").iterdir()] == [first]


def test_films_that_share_their_chapter_files_write_them_once(desk: Desk) -> None:
    make_media(desk.folder / "in" / FILM.replace(".mp4", ".mkv"))
    films = [f"in/{FILM}", f"in/{FILM}".replace(".mp4", ".mkv")]
    assert embed(desk, *films, "--sidecar", "--chapters-formats", "ogm").code == 0
    ran = embed(desk, *films, "--sidecar", "--chapters-formats", "xspf")
    assert (ran.code, ran.err.count("was just made of")) == (1, 1)


def test_a_broken_film_ends_its_own_line_only(desk: Desk) -> None:
    desk.put("films/other.md", note(TEXT, "Other", OTHER))
    whole = (desk.folder / "in" / FILM).read_bytes()
    broken = f"in/broken [{OTHER}].mp4"
    tried = [(b"", "-o", "out"), (b"no film", "--sidecar", "--replace"), (whole[:900], "--in-place")]
    for data, *arguments in (*tried, (whole[: len(whole) // 2], "-o", "new")):
        desk.put(broken, data)
        ran = embed(desk, broken, f"in/{FILM}", *arguments)
        assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran.err
        assert ran.err.startswith(f"notebind: {broken}: cannot be read: ")
        assert FILM.removesuffix(".mp4") in ran.out
        assert (desk.folder / broken).read_bytes() == data
    assert titles(desk.folder / "in" / FILM) == ["One", "Two"]


@pytest.mark.skipif(sys.platform == "win32", reason="needs links and pipes")
@pytest.mark.parametrize("kind", ["link", "dangling link", "link to the film", "folder", "pipe", "hard link"])
def test_what_is_no_file_of_ours_stays(desk: Desk, kind: str) -> None:
    mine = desk.put("mine.txt", "mine")
    (desk.folder / "out").mkdir()
    places = [desk.folder / "out" / FILM, desk.folder / "in" / SRT]
    for place in places:
        if kind == "folder":
            place.mkdir()
        elif kind == "pipe":
            os.mkfifo(place)
        elif kind == "hard link":
            place.hardlink_to(mine)
        else:
            film = desk.folder / "in" / FILM
            place.symlink_to({"link": mine, "link to the film": film}.get(kind, desk.folder / "absent"))
    before = [(place.lstat().st_ino, place.is_symlink()) for place in places]
    film = (desk.folder / "in" / FILM).read_bytes()
    for ran in (embed(desk, f"in/{FILM}", "-o", "out"), beside(desk, "--chapters-formats", "srt")):
        assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran.err
    assert [(place.lstat().st_ino, place.is_symlink()) for place in places] == before
    assert (mine.read_text("utf-8"), (desk.folder / "absent").exists()) == ("mine", False)
    assert (desk.folder / "in" / FILM).read_bytes() == film
    assert len(list((desk.folder / "out").iterdir())) == 1


def test_a_link_is_not_replaced_in_place(desk: Desk) -> None:
    (desk.folder / "link.mp4").symlink_to(desk.folder / "in" / FILM)
    before = (desk.folder / "in" / FILM).read_bytes()
    ran = embed(desk, "link.mp4", "--in-place")
    fails(ran, f"link.mp4: is a link: name the file that it leads to, {desk.folder.resolve() / 'in' / FILM}")
    assert (desk.folder / "in" / FILM).read_bytes() == before
    assert (desk.folder / "link.mp4").is_symlink()


def test_a_film_that_changes_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    film, changed = make_media(tmp_path / "film.mp4", seconds=20), b"longer now"

    def change(_: int) -> None:
        film.write_bytes(changed)

    with pytest.raises((ToolError, UsageError)):
        mux(film, film, a_line(step_ms=2_000), change)
    assert film.read_bytes() == changed
    assert [path.name for path in tmp_path.iterdir()] == ["film.mp4"]


def test_a_file_that_appears_meanwhile_is_kept(tmp_path: Path) -> None:
    target = tmp_path / "f.srt"
    with pytest.raises(SaveError, match="by another program"), OwnFiles().replaced(target, tmp_path / "f.mp4"):
        target.write_text("mine", "utf-8")
    assert target.read_text("utf-8") == "mine"
    target.unlink()
    OwnFiles().write(target, tmp_path / "f.mp4", b"1")
    with pytest.raises(SaveError, match="just now"), OwnFiles().replaced(target, tmp_path / "f.mp4"):
        target.write_text("mine", "utf-8")
    assert [path.read_text("utf-8") for path in tmp_path.iterdir()] == ["mine"]


def test_a_failure_leaves_no_placeholder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("convert.storage.folder.os.replace", fail)
    with pytest.raises(SaveError, match="No space left"), OwnFiles().replaced(tmp_path / "a", tmp_path / "b") as made:
        made.write_bytes(b"1")
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_killed_while_it_names_a_file_is_made_good_by_the_next(desk: Desk) -> None:
    kill = (
        "import os, sys; from convert.cli import main; rename = os.replace\n"
        "os.replace = lambda old, new, **k: rename(old, new, **k) if k else os._exit(9)\n"
        "main()"
    )
    place = desk.folder / "in" / SRT
    arguments = ["mux", f"in/{FILM}", "--notes", "films", "--sidecar", "--chapters-formats", "srt"]
    killed = subprocess.run([sys.executable, "-c", kill, *arguments], cwd=desk.folder, env=desk.env({}), timeout=60)
    assert (killed.returncode, place.read_bytes()) == (9, b"")
    renote(desk, "Another")
    ran = desk.run(*arguments)
    assert (ran.code, ran.err) == (0, "")
    assert "Another" in place.read_text("utf-8")
    assert {path.name for path in place.parent.iterdir()} == {FILM, SRT}


def test_an_empty_link_folder_or_pipe_is_not_an_empty_file(desk: Desk) -> None:
    place, empty = desk.folder / "in" / SRT, desk.put("empty", "")
    for make in (lambda: place.symlink_to(empty), place.mkdir, lambda: os.mkfifo(place)):
        make()
        ran = beside(desk, "--chapters-formats", "srt")
        assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran.err
        place.rmdir() if place.is_dir() else place.unlink()
    assert empty.read_bytes() == b""


def test_a_record_that_is_lost_or_damaged_keeps_files(desk: Desk, tmp_path_factory: pytest.TempPathFactory) -> None:
    state = tmp_path_factory.mktemp("state")
    env = {"XDG_STATE_HOME": str(state)}
    assert beside(desk, **env).code == 0
    records = list(state.rglob("*.record"))
    assert len(records) == 2
    renote(desk, "Another")
    for damage in (lambda data: data[:-9], lambda data: data.replace(b"film", b"gilm"), lambda data: b"\0" * len(data)):
        kept = {path: path.read_bytes() for path in records}
        for path, data in kept.items():
            path.write_bytes(damage(data))
        assert beside(desk, **env).err.count(KEPT) == 2
        for path, data in kept.items():
            path.write_bytes(data)
    assert beside(desk, **env).code == 0
    shutil.rmtree(state / "notebind")
    assert beside(desk, **env).code == 0, "files as they would be written are ours"
    renote(desk, "A third")
    assert beside(desk, **env).code == 0


def test_a_record_of_another_path_is_none(desk: Desk) -> None:
    """A folder that is copied, or comes from elsewhere with a file of the same bytes, brings no record along."""
    assert beside(desk).code == 0
    shutil.copytree(desk.folder / "in", desk.folder / "copied")
    renote(desk, "Another")
    ran = embed(desk, f"copied/{FILM}", "--sidecar", "--chapters-formats", "srt")
    fails(ran, f"copied/{SRT}: is your own, or was changed since notebind wrote it: {KEPT}")


def test_a_state_folder_that_cannot_be_written_is_one_line(desk: Desk) -> None:
    blocked = desk.put("blocked", "a file")
    ran = beside(desk, XDG_STATE_HOME=str(blocked))
    assert (ran.code, len(ran.err.splitlines())) == (0, 1), ran.err
    assert "a later run will take what was written for yours, and needs --replace" in ran.err
    assert (desk.folder / "in" / SRT).exists()


def test_a_state_folder_that_is_relative_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would lie where the command is called, and a record in it could call any file its own."""
    monkeypatch.chdir(tmp_path)
    # Older versions of the library take a relative folder from the environment.
    monkeypatch.setattr("platformdirs.user_state_path", lambda *_, **__: Path("state"))
    own = OwnFiles()
    own.write(tmp_path / "a.srt", tmp_path / "a.mp4", b"1")
    assert own.forgotten == "the user's state folder is not absolute"
    assert os.listdir(tmp_path) == ["a.srt"]
    with pytest.raises(SaveError, match="is your own"):
        OwnFiles().write(tmp_path / "a.srt", tmp_path / "a.mp4", b"2")


def test_an_error_of_the_system_names_the_film(desk: Desk) -> None:
    fail = (
        "from convert import mux; from convert.cli import main\n"
        "def sidecar(*_): raise OSError('the disk is gone')\n"
        "mux.sidecar = sidecar; main()"
    )
    arguments = ["mux", f"in/{FILM}", "--notes", "films", "--sidecar", "--chapters-formats", "srt"]
    failed = subprocess.run(
        [sys.executable, "-c", fail, *arguments], cwd=desk.folder, env=desk.env({}), capture_output=True, text=True
    )
    assert failed.stderr == f"notebind: in/{FILM}: the disk is gone: check the path\n"


def test_repairs_of_times_are_told(desk: Desk) -> None:
    desk.put("films/good.md", note("## One [00:02:00]\n\n## Two [00:20:00]\n\n## Three [00:40:00]\n"))
    desk.put("films/other.md", note("## One [00:02:00]\n\n## Two [99:99:99]\n", "Other", OTHER))
    ran = embed(desk, f"in/{FILM}", "-o", "out")
    assert ran.code == 0
    told, number = ran.err.splitlines()
    assert told.split()[:3:2] == ["warning:", "time-repaired"]
    assert "good.md:" in told
    assert number.startswith("3 warnings; see `notebind check films --videos in`")
    assert embed(desk, f"in/{FILM}", "-o", "out", "--quiet").err == ""


def test_names_with_escapes_are_printed_visibly(desk: Desk) -> None:
    name = f"in/\x1b[31mred [{VIDEO}].mp4"
    shutil.copy(desk.folder / "in" / FILM, desk.folder / name)
    for ran in (embed(desk, name, "-o", "out"), embed(desk, name.replace("red", "none"), "-o", "out")):
        assert "\x1b" not in ran.out + ran.err
        assert "\\x1b[31m" in ran.out + ran.err


def test_names_that_no_disk_holds_are_one_line(desk: Desk) -> None:
    for arguments in (("-o", "x" * 300 + "/y"), ("-o", "films/good.md")):
        ran = embed(desk, f"in/{FILM}", *arguments)
        assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran.err
    ran = embed(desk, "in/" + "x" * 300 + ".mp4", f"in/{FILM}", "-o", "out")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran.err
    assert (desk.folder / "out" / FILM).exists()
