"""Tests full disks, forbidden folders and notes, and too little memory: one clear line, and old outputs stay.

Root may do everything, so when these tests run as root, they start the command without that right.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from convert.vault import scan
from tests.support.media import make_media
from tests.support.needs import ROOT
from tests.support.vaults import VIDEO, lay_out, note
from tests.test_faults import FILES, command, files, run, temporary
from tests.tools.hostile.outputs import complaints

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs mounts, rights and limits of Linux")

LONGER = {"films/a.md": note("## Other\n\n" + "word " * 99 + "[00:00:40]\n" * 20_000)}


def without_the_rights_of_root() -> None:
    """Apply permissions to root too, from the next program on (PR_CAPBSET_DROP; 1 and 2: read and write anything)."""
    for right in (1, 2):
        ctypes.CDLL(None).prctl(24, right, 0, 0, 0)


def ended(folder: Path, *arguments: str, prepare: Callable[[], None] | None = None) -> tuple[int, list[str]]:
    """Return the command's exit code and the lines that it prints."""
    process = command(folder, *arguments, "--quiet", prepare=prepare)
    _, err = process.communicate(timeout=60)
    assert "Traceback" not in err
    assert "internal error" not in err
    return process.returncode, err.splitlines()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a small disk as the output folder."""
    lay_out(tmp_path, FILES)
    output = tmp_path / "output"
    output.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", output], capture_output=True)
    if mounted.returncode:
        pytest.skip("may not mount a disk")
    yield output
    subprocess.run(["umount", "-l", output], check=True)


def whole(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(folder).items() if not name.endswith(".tmp")}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_disk_that_is_full_keeps_what_it_has(jobs: str, small_disk: Path, tmp_path: Path) -> None:
    assert not run(tmp_path).failed()
    before = whole(tmp_path)
    lay_out(tmp_path, LONGER)
    # This leaves room for some of the files, but not for all.
    room = os.statvfs(small_disk).f_bavail * os.statvfs(small_disk).f_frsize
    (small_disk / "else").write_bytes(b"x" * (room - 40_000))
    code, said = ended(tmp_path, "--to", "epub,chapters,anki", "--jobs", jobs)
    assert code == 1
    assert [line for line in said if "No space left on device): check the folder and the space on the disk" in line]
    after = whole(tmp_path)
    assert after["output/films.epub"] == before["output/films.epub"]
    assert before.keys() <= after.keys()
    assert temporary(tmp_path) == []
    (small_disk / "else").unlink()
    subprocess.run(["mount", "-o", "remount,size=100m", small_disk], check=True)
    assert not run(tmp_path).failed()
    made = whole(tmp_path)
    del after["output/else"]
    assert not [name for name, data in after.items() if data not in (before.get(name), made.get(name))]
    clean = lay_out(tmp_path / "clean", FILES)
    run(clean)
    lay_out(clean, LONGER)
    run(clean)
    assert made == whole(clean)


def test_mux_on_a_full_disk_leaves_nothing(small_disk: Path, tmp_path: Path) -> None:
    film = make_media(tmp_path / f"film [{VIDEO}].mp4", seconds=60)
    (small_disk / "else").write_bytes(b"x" * 200_000)
    assert film.stat().st_size > 110_000
    done = subprocess.run(
        [sys.executable, "-m", "convert", "mux", film, "--notes", tmp_path / "films", "--output", small_disk],
        capture_output=True, text=True, cwd=ROOT, check=False,
    )  # fmt: skip
    assert (done.returncode, len(done.stderr.splitlines())) == (1, 1), done.stderr
    assert [path.name for path in small_disk.iterdir()] == ["else"]


@pytest.mark.parametrize("wanted", ["epub", "chapters", "anki", "epub,pdf,chapters,anki"])
def test_an_output_that_may_not_be_written_is_one_line(wanted: str, tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    (tmp_path / "output").mkdir(mode=0o500)
    code, said = ended(tmp_path, "--to", wanted, prepare=without_the_rights_of_root)
    assert code == 1
    assert said == ["notebind: output: is not writable: change its permissions or choose another --output"]
    assert list((tmp_path / "output").iterdir()) == []


def test_an_output_that_became_forbidden_keeps_what_it_has(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    run(tmp_path)
    before = files(tmp_path)
    lay_out(tmp_path, LONGER)
    folders = [tmp_path / "output", *(path for path in (tmp_path / "output").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o500)
    code, said = ended(tmp_path, "--to", "epub,chapters,anki", prepare=without_the_rights_of_root)
    for folder in folders:
        folder.chmod(0o700)
    assert code == 1
    assert said == ["notebind: output: is not writable: change its permissions or choose another --output"]
    assert files(tmp_path) == before
    assert not run(tmp_path).failed()
    assert temporary(tmp_path) == []


def test_a_note_that_may_not_be_read_is_left_out(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    (tmp_path / "films" / "b.md").chmod(0)
    code, said = ended(tmp_path, "--to", "chapters", prepare=without_the_rights_of_root)
    assert (code, len(said)) == (1, 1)
    assert said == ["error: films/b.md: file-unreadable Permission denied: left out; check its permissions"]
    assert b"What is a?" in (tmp_path / f"output/films.chapters/{VIDEO}.srt").read_bytes()


def test_a_folder_that_may_not_be_read_is_left_out(tmp_path: Path) -> None:
    lay_out(tmp_path, {**FILES, "films/more/d.md": note()})
    (tmp_path / "films" / "more").chmod(0)
    code, said = ended(tmp_path, "--to", "chapters", prepare=without_the_rights_of_root)
    (tmp_path / "films" / "more").chmod(0o700)
    assert (code, len(said)) == (1, 1)
    assert "films/more: file-unreadable" in said[0]


def test_too_little_memory_leaves_whole_files(tmp_path: Path) -> None:
    lay_out(tmp_path, FILES)
    run(tmp_path)
    before = whole(tmp_path)
    lay_out(tmp_path, {"films/a.md": note("## A [00:00:10]\n\n" + "word *it* " * 300_000)})

    def little() -> None:
        resource.setrlimit(resource.RLIMIT_DATA, (140 << 20, 140 << 20))

    code, said = ended(tmp_path, "--to", "epub,anki", "--jobs", "1", prepare=little)
    # A Rust library that gets no memory aborts the process.
    assert code == -signal.SIGABRT or (code == 1 and [line for line in said if "memory" in line])
    assert whole(tmp_path).keys() >= before.keys()
    assert list(complaints(tmp_path / "output")) == []
    assert not run(tmp_path).failed()
    assert temporary(tmp_path) == []


def test_a_note_that_takes_all_memory_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = scan.read_unresolved

    def greedy(data: bytes, path: str, *names: str) -> object:
        if path.endswith("b.md"):
            raise MemoryError
        return read(data, path, *names)

    monkeypatch.setattr(scan, "read_unresolved", greedy)
    lay_out(tmp_path, FILES)
    report = run(tmp_path)
    assert [(one.code, Path(one.note).name) for one in report.all_diagnostics() if one.severity == "error"] == [
        ("file-unreadable", "b.md")
    ]
    assert {one.writer for book in report.books for one in book.artifacts} == {"epub", "chapters", "anki"}
