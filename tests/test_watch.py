"""Tests `notebind watch` as a process: it builds once for each burst of changes, and only Ctrl-C ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from convert.cli import main
from convert.errors import NotebindError, UsageError
from convert.pipeline import watch as watching
from convert.pipeline.report import Report
from convert.pipeline.watch import watch
from convert.request import Request
from tests.support.command import COMMAND, environment

NOTE = "---\ntitle: Good note\nvideoId: aqz-KE-bpKQ\n---\n\n## A start\n\nSome words [00:00:10].\n"
SECONDS = 30


class Watched:
    """A folder of notes, the command that watches it, and the lines that it prints."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[str] = []
        self.put("films/good.md", NOTE)

    def put(self, name: str, text: str) -> Path:
        """Write a file as editors do, by renaming a new file."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_name(path.name + "~")
        beside.write_text(text, "utf-8")
        beside.replace(path)
        return path

    def start(self, *arguments: str) -> None:
        env = environment(PYTHONUNBUFFERED="1")
        command = [*COMMAND, "watch", "--to", "chapters", "--jobs", "1", *arguments]
        self.process = subprocess.Popen(
            command, cwd=self.folder, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        self.until(lambda: any("Watching for changes" in line for line in self.lines))

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line.rstrip())

    def until(self, holds: Callable[[], bool]) -> None:
        end = time.monotonic() + SECONDS
        while not holds():
            assert self.process.poll() is None, self.lines
            assert time.monotonic() < end, self.lines
            time.sleep(0.02)

    def says(self, text: str) -> None:
        """Wait for a new line with this text, then forget the lines so far."""
        self.until(lambda: any(text in line for line in self.lines))
        self.lines.clear()

    def made(self) -> str:
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("output/*.chapters/*.srt")))

    def rebuilds(self) -> list[str]:
        return [line for line in self.lines if ": chapters (" in line]

    def rests(self) -> None:
        """Wait as long as five builds would need to begin."""
        time.sleep(1.0)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(SECONDS)
        self.reader.join(SECONDS)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path)
    yield watched
    watched.stop()


def test_a_saved_note_changes_its_artifact_and_ctrl_c_ends(desk: Watched) -> None:
    desk.start(".")
    desk.rests()
    assert desk.rebuilds() == [], "what it wrote itself must not wake it"
    desk.put("films/good.md", NOTE.replace("A start", "Another start"))
    desk.until(lambda: "Another start" in desk.made())
    desk.says("films: chapters (")
    desk.stop()
    assert desk.process.returncode == 0
    assert desk.lines[-1].strip() == "Ended; what was made is saved."
    assert not any("interrupted" in line or "Traceback" in line for line in desk.lines)


@pytest.mark.parametrize("command", ["watch", "serve"])
def test_ctrl_c_in_the_first_build_interrupts_it(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press(*_: object) -> None:
        raise KeyboardInterrupt

    (tmp_path / "good.md").write_text(NOTE, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("convert.pipeline.watch.build", press)
    monkeypatch.setattr("sys.argv", ["notebind", command, "good.md", "--to", "html"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
    assert "notebind: interrupted" in capsys.readouterr().err


def test_a_burst_of_saves_is_one_build(desk: Watched) -> None:
    desk.start("films", "--force")
    for number in range(20):
        desk.put("films/good.md", NOTE.replace("A start", f"Start {number}"))
        desk.put(f"films/more {number}.md", NOTE)
        time.sleep(0.02)
    desk.until(lambda: "Start 19" in desk.made())
    desk.rests()
    assert len(desk.rebuilds()) == 1, desk.lines


def test_a_changed_result_that_is_moved_aside_is_told(desk: Watched) -> None:
    desk.start("films")
    (made,) = desk.folder.glob("output/*/*.srt")
    made.write_text("mine", "utf-8")
    desk.put("films/good.md", NOTE.replace("A start", "Once"))
    desk.says("artifact-moved was changed since it was made: kept as")
    desk.put("films/good.md", NOTE.replace("A start", "Twice"))
    desk.until(lambda: bool(desk.rebuilds()) and "Twice" in desk.made())
    desk.rests()
    assert not any("artifact-moved" in line for line in desk.lines)


def test_broken_notes_are_named_and_survived(desk: Watched) -> None:
    desk.start("films")
    (desk.folder / "films/lost.md").write_bytes(b"\0\1" * 999)
    desk.says("lost.md: ")
    (desk.folder / "films/lost.md").unlink()
    desk.says("right again")
    desk.put("films/good.md", NOTE.replace("A start", "Still there"))
    desk.until(lambda: "Still there" in desk.made())


def test_renamed_and_deleted_notes_are_noticed(desk: Watched) -> None:
    desk.put("films/second.md", NOTE.replace("A start", "Second").replace("00:10", "01:10"))
    desk.start("films")
    assert "Second" in desk.made()
    (desk.folder / "films/second.md").unlink()
    desk.until(lambda: "Second" not in desk.made())
    (desk.folder / "films/good.md").rename(desk.folder / "films/other.md")
    desk.says("films: chapters (")


def test_a_folder_that_goes_and_comes_back(desk: Watched) -> None:
    desk.start("films")
    (desk.folder / "films").rename(desk.folder / "elsewhere")
    desk.says("no such file or folder")
    (desk.folder / "elsewhere").rename(desk.folder / "films")
    desk.rests()
    desk.put("films/good.md", NOTE.replace("A start", "Back again"))
    desk.until(lambda: "Back again" in desk.made())


def test_a_named_note_and_files_of_options(desk: Watched) -> None:
    desk.put("more.css", "p { color: navy }")
    desk.start("films/good.md", "--to", "epub", "--css", "more.css", "--split", "video")
    desk.put("films/good.md", NOTE.replace("A start", "Alone"))
    desk.says("good: epub (")
    desk.put("more.css", "p { color: teal }")
    desk.says("good: epub (")
    desk.put("films/unasked.md", NOTE)
    desk.put("video", "the value of --split, which names no file")
    desk.rests()
    assert desk.lines == []


def test_output_and_report_among_the_notes(desk: Watched) -> None:
    desk.start(".", "--output", ".", "--report", "films/report.json")
    desk.put("films/good.md", NOTE.replace("A start", "Once"))
    desk.says("films: chapters (")
    desk.rests()
    assert desk.lines == []


def test_wrong_usage_ends_at_once(tmp_path: Path) -> None:
    env = environment()
    done = subprocess.run(
        [*COMMAND, "watch", "nowhere"], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=SECONDS
    )
    assert (done.returncode, done.stderr) == (2, "notebind: nowhere: no such file or folder: check the path\n")


class Enough(BaseException):
    """Ends a loop that otherwise only Ctrl-C ends."""


def test_own_files_hidden_ones_and_leftovers_wake_nobody(tmp_path: Path) -> None:
    good = tmp_path / "films" / "good.md"
    good.parent.mkdir()
    good.write_text(NOTE, "utf-8")
    request = Request((tmp_path,), tmp_path / "output", ("chapters",), jobs=1)
    results: list[Report | NotebindError] = []

    def later() -> None:
        for name in ("good.md~", ".good.md.swp", ".obsidian/workspace.md", "node_modules/a.md"):
            time.sleep(0.5)
            path = good.parent / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(NOTE, "utf-8")
        time.sleep(1)
        good.write_text(NOTE.replace("A start", "Saved"), "utf-8")

    def on_result(result: Report | NotebindError) -> None:
        results.append(result)
        if len(results) == 1:
            threading.Thread(target=later).start()
        elif "Saved" in next(tmp_path.glob("output/*/*.srt")).read_text("utf-8"):
            raise Enough

    with pytest.raises(Enough):
        watch(lambda: request, lambda _: None, on_result)
    assert [isinstance(result, Report) for result in results] == [True, True]


def test_notes_in_a_store_cannot_be_watched() -> None:
    request = Request(("s3://bucket/notes",), writers=("chapters",))
    with pytest.raises(UsageError, match="s3://bucket/notes: only folders of this machine can be watched"):
        watch(lambda: request, lambda _: None, lambda _: None)


def test_a_settings_file_saved_while_it_builds_is_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "notebind.toml"
    settings.write_text("first", "utf-8")
    seen: list[str] = []

    def ask() -> Request:
        seen.append(settings.read_text("utf-8"))
        return Request((tmp_path,), tmp_path / "output", settings=settings)

    def slow(request: Request, tell: object) -> Report:
        if len(seen) < 3:  # one is asked before the loop
            settings.write_text("saved meanwhile", "utf-8")
        return Report([], [])

    def on_result(result: object) -> None:
        if seen[-1] == "saved meanwhile" or len(seen) > 4:
            raise KeyboardInterrupt

    def changes(*_: object) -> Iterator[set[str]]:
        yield from [set[str]()] * 10
        raise KeyboardInterrupt

    monkeypatch.setattr(watching, "build", slow)
    monkeypatch.setattr(watching, "_changes", changes)
    with pytest.raises(KeyboardInterrupt):
        watching.watch(ask, lambda _: None, on_result)
    assert seen == ["first", "first", "saved meanwhile"]


def watched_until(request: Request, enough: int, seconds: float) -> list[Report | NotebindError]:
    """Return the results of `enough` builds, or of those that happen in so many seconds."""
    results: list[Report | NotebindError] = []
    end = time.monotonic() + seconds

    def ask() -> Request:
        return request

    def on_result(result: Report | NotebindError) -> None:
        results.append(result)
        if len(results) == enough:
            raise Enough

    def matters(loop: object, changed: set[str]) -> bool:
        if results and time.monotonic() > end:
            raise Enough
        return asked(loop, changed)

    asked = watching._Loop._is_news
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watching._Loop, "_is_news", matters)
        with pytest.raises(Enough):
            watch(ask, lambda _: None, on_result)
    return results


@pytest.mark.skipif(sys.platform == "win32", reason="needs the right to make links")
def test_links_are_not_followed(tmp_path: Path) -> None:
    """Eighty links that all lead to one folder are more paths than can be walked."""
    (tmp_path / "films" / "deep" / "in").mkdir(parents=True)
    (tmp_path / "films" / "good.md").write_text(NOTE, "utf-8")
    for number in range(80):
        (tmp_path / "films" / "deep" / f"{number}").symlink_to("..")
        (tmp_path / "films" / f"{number}").symlink_to("/usr")
    request = Request((tmp_path / "films",), tmp_path / "output", ("chapters",), jobs=1)
    folders = watching._folders(watching._roots(request), request.output)
    assert [os.path.relpath(folder, tmp_path) for folder in folders] == ["films", "films/deep", "films/deep/in"]
    assert [isinstance(one, Report) for one in watched_until(request, 1, 0)] == [True]


def test_a_writer_that_fails_among_the_notes_is_not_tried_for_ever(tmp_path: Path) -> None:
    (tmp_path / "films.chapters").mkdir()
    (tmp_path / "good.md").write_text(NOTE, "utf-8")
    (tmp_path / f"{tmp_path.name}.chapters").symlink_to("films.chapters")
    request = Request((tmp_path,), tmp_path, ("chapters",), jobs=1)
    results = watched_until(request, 9, 4)
    assert all(isinstance(one, Report) and one.failed() for one in results)
    assert len(results) <= 3


def test_a_new_folder_is_watched(desk: Watched) -> None:
    desk.start(".")
    desk.put("plays/deep/new.md", NOTE.replace("A start", "Another"))
    desk.until(lambda: "Another" in desk.made())
    desk.put("plays/deep/new.md", NOTE.replace("A start", "Again"))
    desk.until(lambda: "Again" in desk.made())
