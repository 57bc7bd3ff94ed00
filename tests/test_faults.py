"""Tests broken disks and killed runs: old outputs stay complete, leftovers are removed, messages tell what to do."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from convert.pipeline import make as work
from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.request import Request
from convert.storage.folder import Folder
from convert.workers.pool import TookTooLong, time_limit
from convert.writers.base import Writer
from tests.support.command import COMMAND, environment
from tests.support.needs import ROOT
from tests.support.process_groups import all_ended, commands_of
from tests.support.vaults import lay_out, note

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs limits, forks and signals")

FORMATS = ("epub", "chapters", "anki")
FILES = {f"films/{name}.md": note(f"## What is {name}?\n\nA **{name}** is a word [00:00:10].\n") for name in "abc"}
EDITED = {"films/a.md": note("## Something else\n\nOther words ==here== [00:00:40].\n")}


def run(folder: Path) -> Report:
    return build(Request((folder / "films",), folder / "output", FORMATS, jobs=1))


def files(folder: Path) -> dict[str, bytes]:
    """Return the artifacts and states of writers, which an undisturbed run determines."""
    found = (path for path in (folder / "output").rglob("*") if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in found
        if ".notebind" not in path.parts or path.suffix == ".state"
    }


def temporary(folder: Path) -> list[str]:
    return [path.name for path in (folder / "output").rglob(".notebind-*")]


def command(folder: Path, *arguments: str, prepare: Callable[[], None] | None = None) -> subprocess.Popen[str]:
    """Start the command in a folder, in its own process group."""
    return subprocess.Popen(
        [*COMMAND, "build", "films", *arguments],
        cwd=folder,
        env=environment(),
        preexec_fn=prepare,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def wait_for(folder: Path, pattern: str, seconds: float = 20) -> None:
    """Wait until a run has left a file or folder with such a name in its output."""
    end = time.monotonic() + seconds
    while not any((folder / "output").rglob(pattern)):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_damaged_files_of_the_last_run_cost_time_only(tmp_path: Path) -> None:
    """A run that finds damage in caches or records makes the same files as if there were none."""
    lay_out(tmp_path, FILES)
    for path in (tmp_path / "films").iterdir():
        os.utime(path, (1_000_000_000, 1_000_000_000))  # files modified a moment ago are not cached
    run(tmp_path)
    expected = files(tmp_path)
    folder = tmp_path / "output" / ".notebind"
    kept = {path: path.read_bytes() for path in folder.iterdir() if path.suffix in (".msgpack", ".json")}
    assert len(kept) > len(FORMATS)
    chance = Random(7)
    for _ in range(30):
        for path, data in kept.items():
            start = chance.randrange(len(data))
            path.write_bytes(data[:start] + chance.randbytes(4) + data[start + 4 :])
        assert run(tmp_path).failed() is False
        assert files(tmp_path) == expected


def in_a_child(action: Callable[[], object]) -> int:
    """Run an action in a forked process, and return its exit code, which is 0 unless something kills it."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    try:
        action()
    finally:
        os._exit(0)


def die_at(call: int, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Kill the process, as `kill -9` does, at a certain call of a function of `os`."""
    real, count = getattr(os, name), iter(range(10_000))

    def call_or_die(*arguments: object, **named: object) -> object:
        if next(count) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **named)

    monkeypatch.setattr(os, name, call_or_die)


@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize("name", ["replace", "fdopen"])
def test_killed_at_every_save(name: str, edited: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clean, torn = (lay_out(tmp_path / "x" / one, FILES) for one in ("clean", "torn"))
    if edited:
        for folder in (clean, torn):
            run(folder)
            lay_out(folder, EDITED)
    before = files(torn)
    run(clean)
    wanted = files(clean)
    shutil.copytree(torn, tmp_path / "start")
    call = 0
    while True:
        shutil.rmtree(torn)
        shutil.copytree(tmp_path / "start", torn)
        with monkeypatch.context() as patch:
            die_at(call, name, patch)
            if in_a_child(lambda: run(torn)) == 0:
                break
        for path, data in files(torn).items():
            assert ".tmp" in path or data in (before.get(path), wanted.get(path)), (call, path)
        run(torn)
        assert files(torn) == wanted, call
        assert temporary(torn) == []
        call += 1
    assert call >= len(wanted)


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    run(tmp_path)
    before = files(tmp_path)
    lay_out(tmp_path, {"films/a.md": note("## Other\n\n" + "word " * 99 + "[00:00:40]\n" * 99)})

    def small_disk() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))

    process = command(tmp_path, "--to", "epub,anki", "--jobs", "1", prepare=small_disk)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "Traceback" not in err
    assert "films.epub: cannot be written (File too large): check the folder and the space on the disk" in err
    assert {name: data for name, data in files(tmp_path).items() if not name.endswith(".tmp")} == before
    assert temporary(tmp_path) == []
    assert not run(tmp_path).failed()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_an_output_without_permission_is_one_line(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    (tmp_path / "output").mkdir(mode=0o500)
    process = command(tmp_path, "--to", "chapters")
    _, err = process.communicate(timeout=30)
    assert (process.returncode, len(err.splitlines())) == (1, 1)


def test_leftovers_are_swept_but_not_those_of_a_run_at_work(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    run(tmp_path)
    left = [tmp_path / "output" / name for name in (".notebind-x.tmp", "films.chapters/.notebind-y.tmp")]
    for path in left:
        path.write_bytes(b"half")
    with Folder(tmp_path / "elsewhere").locked():
        assert all(path.exists() for path in left)
    script = "import sys; from pathlib import Path; from convert.storage.folder import Folder\n"
    script += f"with Folder(Path({str(tmp_path / 'output')!r})).locked(): print(flush=True); sys.stdin.read()"
    other = [sys.executable, "-c", script]
    for path in left:
        path.unlink()
    with subprocess.Popen(other, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout
        process.stdout.readline()
        left[0].write_bytes(b"half")
        run(tmp_path)
        assert left[0].exists()
    run(tmp_path)
    assert temporary(tmp_path) == []


def test_workers_end_with_their_parent(tmp_path: Path) -> None:
    lay_out(tmp_path, {f"films/{name}.md": note("## A [00:00:10]\n\n" + "word " * 200) for name in range(150)})
    process = command(tmp_path, "--to", "epub,chapters", "--jobs", "2")
    wait_for(tmp_path, ".notebind-*/*")
    process.kill()
    process.wait()
    assert all_ended(process.pid), "processes are left"
    process.communicate()


def test_ctrl_c_while_books_are_made_says_so(tmp_path: Path) -> None:
    lay_out(tmp_path, {f"films/{name}.md": note("## A [00:00:10]\n\n" + "word " * 2000) for name in range(150)})
    process = command(tmp_path, "--to", "epub,pdf,chapters", "--jobs", "2")
    wait_for(tmp_path, "*.chapters")
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "notebind: interrupted; what was finished is saved, run it again for the rest"
    assert "Traceback" not in err


@pytest.mark.parametrize(("jobs", "delay_s"), [("1", 0.3), ("2", 0.0), ("2", 0.6)])
def test_sigterm_leaves_no_temporary_files(
    jobs: str, delay_s: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It reaches the command alone, as from a service manager; its workers end with it, and remove what they began."""
    lay_out(tmp_path, {f"films/{name}.md": note("## A [00:00:10]\n\n" + "word " * 2000) for name in range(150)})
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    process = command(tmp_path, "--to", "epub,pdf,chapters,anki", "--jobs", jobs)
    wait_for(tmp_path, "*.chapters")
    time.sleep(delay_s)
    process.terminate()
    _, err = process.communicate(timeout=20)
    assert process.returncode == 143
    assert err.splitlines()[-1] == "notebind: ended by a signal; what was finished is saved, run it again for the rest"
    assert "Traceback" not in err
    assert all_ended(process.pid), "processes are left"
    assert temporary(tmp_path) == []
    assert [path.name for path in (tmp_path / "tmp").iterdir() if path.name.startswith("notebind-")] == []


@pytest.mark.parametrize(
    ("name", "ends"),
    [("build", "; what was finished is saved, run it again for the rest"), ("check", ""), ("show", "")],
)
def test_sigterm_is_the_cause_whatever_the_end_of_the_workers_looks_like(name: str, ends: str) -> None:
    """A command that finds its workers dead ends with 1 while the process is being ended; some save nothing."""
    script = """if True:
        import os, signal, sys
        from convert import cli
        def app(prog_name):
            try:
                os.kill(os.getpid(), signal.SIGTERM)
            finally:
                sys.exit(1)
        cli.app = app
        cli.main()
    """
    done = subprocess.run([sys.executable, "-c", script, name], capture_output=True, text=True, check=False)
    assert done.returncode == 143
    assert done.stderr == f"notebind: ended by a signal{ends}\n"


@pytest.mark.parametrize("delay_s", [0, 0.05, 0.1, 0.2])
def test_ctrl_c_while_workers_start_says_so(delay_s: float, tmp_path: Path) -> None:
    """The process that forks workers imports our modules first: Ctrl-C must not make it print a traceback."""
    lay_out(tmp_path, {f"films/{name}.md": note("## A [00:00:10]\n\n" + "word " * 200) for name in range(150)})
    process = command(tmp_path, "--to", "epub,chapters", "--jobs", "2")
    end = time.monotonic() + 20
    while not any("multiprocessing.forkserver" in line for line in commands_of(process.pid)):
        assert time.monotonic() < end
        time.sleep(0.005)
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGINT)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "notebind: interrupted; what was finished is saved, run it again for the rest"
    assert "Traceback" not in err


class Greedy(Writer[Any]):
    """A writer that runs out of memory on one note."""

    def part(self, note: object, job: object) -> bytes:
        raise MemoryError

    def assemble(self, parts: object, job: object) -> list[object]:
        return []


def test_a_writer_without_memory_fails_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    find = work.find_writer
    monkeypatch.setattr(work, "find_writer", lambda name: Greedy() if name == "epub" else find(name))
    lay_out(tmp_path, FILES)
    (book,) = run(tmp_path).books
    assert list(book.failures) == ["epub"]
    assert "out of memory" in book.failures["epub"]
    assert {one.writer for one in book.artifacts} == {"chapters", "anki"}


# Limits


def test_a_note_that_is_too_big_is_one_line(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    with (tmp_path / "films" / "big.md").open("wb") as file:
        file.truncate(100_000_000)
    for size, code in (("16", "note-too-big"), ("200", "note-binary")):
        process = command(tmp_path, "--to", "chapters", "--jobs", "1", "--max-note-size", size)
        _, err = process.communicate(timeout=30)
        assert process.returncode == 1
        assert f"films/big.md: {code} " in err
    assert "films/big.md" not in str(files(tmp_path))


def test_what_takes_too_long_ends_with_a_message() -> None:
    with pytest.raises(TookTooLong, match=r"took longer than 0\.05 s: raise --max-minutes"), time_limit(0.05):
        time.sleep(5)
    with time_limit(0.05):
        pass
    time.sleep(0.1)


def test_a_format_that_takes_too_long_stops_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Slow(Greedy):
        def part(self, note: object, job: object) -> bytes:
            return b""

        def assemble(self, parts: object, job: object) -> list[object]:
            time.sleep(9)
            return []

    find = work.find_writer
    monkeypatch.setattr(work, "find_writer", lambda name: Slow() if name == "epub" else find(name))
    lay_out(tmp_path, FILES)
    (book,) = build(Request((tmp_path / "films",), tmp_path / "output", FORMATS, jobs=1, max_seconds=1)).books
    assert list(book.failures) == ["epub"]
    assert "took longer than" in book.failures["epub"]
