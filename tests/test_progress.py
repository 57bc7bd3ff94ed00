"""Tests progress: what a build reports, and how logs and terminals show it."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import shutil
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

import convert
from convert.cli.lazy import COMMANDS
from convert.cli.progress import Log, Pace
from convert.pipeline.run import CHUNK
from convert.request import Progress
from convert.workers.pool import _undisturbed
from tests.support.command import environment
from tests.support.needs import ROOT
from tests.support.vaults import note


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    for number in range(CHUNK + 2):
        path = tmp_path / "films" / f"note {number}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(note("## One [00:00:10]\n"), "utf-8")
    (tmp_path / "plays").mkdir()
    (tmp_path / "plays" / "a.md").write_text(note("## One [00:00:10]\n"), "utf-8")
    return tmp_path


def events(vault: Path, **more: object) -> Iterator[Progress]:
    seen: list[Progress] = []
    request = convert.Request((vault,), vault / "output", ("chapters", "anki"), jobs=1, **more)  # type: ignore[arg-type]
    report = convert.build(request, tell=seen.append)
    assert not report.failed()
    return iter(seen)


def test_events_count_notes_and_books_to_the_end(vault: Path) -> None:
    build = [event for event in events(vault) if event.stage == "build"]
    last = build[-1]
    assert (last.done, last.total, last.books_done, last.books_total) == (CHUNK + 3, CHUNK + 3, 2, 2)
    assert [(e.done, e.books_done) for e in build] == sorted((e.done, e.books_done) for e in build)
    halfway = next(event for event in build if event.done == CHUNK)
    assert (halfway.book, halfway.books_done) == ("films", 0), "a book is not done before its artifacts are"


def test_scan_comes_first_and_what_is_unchanged_counts_too(vault: Path) -> None:
    assert next(events(vault)) == Progress("scan", CHUNK, CHUNK + 3)
    build = [event for event in events(vault) if event.stage == "build"]
    assert (build[-1].done, build[-1].books_done) == (CHUNK + 3, 2)


def test_what_is_being_made_is_named_from_the_start(vault: Path) -> None:
    build = [event for event in events(vault) if event.stage == "build"]
    first = build[0]
    assert (first.done, first.book, first.writers) == (0, "films", ("anki", "chapters"))
    assert Pace().describe(first) == "0 of 2 books, making films (anki, chapters)"
    assembling = [event.writers for event in build if event.book == "films" and event.done >= CHUNK + 2]
    assert ("anki",) in assembling or ("chapters",) in assembling, "told when one of several formats is done"
    assert build[-1].writers == ()


def test_signals_wait_while_a_worker_starts_whichever_thread_takes_them() -> None:
    thread = threading.Thread(target=time.sleep, args=(2,), daemon=True)
    thread.start()  # as that of a progress bar: the mask of this thread does not hold it
    reached = False

    def start() -> None:
        nonlocal reached
        with _undisturbed():
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(0.2)
            reached = True

    with pytest.raises(KeyboardInterrupt):
        start()
    assert reached


def test_a_book_whose_writer_fails_is_done(vault: Path) -> None:
    seen: list[Progress] = []
    options = {"epub": {"cover": str(vault / "plays" / "a.md")}}
    report = convert.build(convert.Request((vault,), vault / "output", ("epub",), options, jobs=1), tell=seen.append)
    assert report.failed()
    assert seen[-1].books_done == 2


def test_pace_says_books_rate_and_rest() -> None:
    clock = Clock()
    pace = Pace(clock)
    clock.now = 10
    assert (
        pace.describe(Progress("build", 1000, 20_000, "films", 3, 1310)) == "3 of 1,310 books, 100 notes/s, 3:10 left"
    )
    clock.now = 100
    pace.describe(Progress("build", 1000, 20_000, "films", 3, 1310))
    clock.now = 110
    assert pace.describe(Progress("build", 1005, 20_000, "films", 3, 1310)).startswith(
        "3 of 1,310 books, 0.5 notes/s, 10:"
    )
    assert pace.describe(Progress("build", 20_000, 20_000, "films", 3, 4)) == "3 of 4 books, finishing films"
    assert pace.describe(Progress("build", 20_000, 20_000, "films", 4, 4)) == "4 of 4 books"


def test_a_log_has_a_line_in_ten_seconds() -> None:
    clock, lines = Clock(), []
    log = Log(lines.append, clock)
    for second in range(1, 26):
        clock.now = second
        log(Progress("scan", second * 64, 6400))
    assert lines == [
        "Reading notes: 640 of 6,400 files, 64 files/s, 1:30 left",
        "Reading notes: 1,280 of 6,400 files, 64 files/s, 1:20 left",
    ]


def on_a_terminal(folder: Path, *arguments: str, columns: int = 80, **env: str) -> tuple[int, str]:
    """Return the exit code of the command on a terminal, and all that it wrote there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = (sys.executable, "-c", "from convert.cli import main; main()", *arguments)
    own = environment(**{"TERM": "xterm", "NO_COLOR": "", **env})
    process = subprocess.Popen(command, cwd=folder, env=own, stdout=theirs, stderr=theirs, stdin=theirs)
    os.close(theirs)
    written = b""
    with suppress(OSError):  # the end of a terminal is an error
        while part := os.read(ours, 1 << 16):
            written += part
    os.close(ours)
    return process.wait(60), written.decode()


def test_a_terminal_shows_a_bar_and_clears_it(vault: Path) -> None:
    code, shown = on_a_terminal(vault, "build", "films", "--to", "chapters", columns=160)
    assert code == 0
    assert "Making books" in shown
    assert f"{CHUNK + 2}/{CHUNK + 2}" in shown
    assert "1 of 1 books" in shown
    assert "Making" not in shown.rpartition("\x1b[2K")[2], "nothing of the bar stays"


def test_a_word_longer_than_its_column_ends_in_it(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    target = "data_flywheels_in_effective_agents_and_what_they_need_to_turn_at_all"
    (tmp_path / "films" / "a.md").write_text(note(f"One [[{target}]] [00:00:10]\n"), "utf-8")
    _, shown = on_a_terminal(tmp_path, "check", "films", "--to", "none")
    lines = plain_lines(shown)
    first = next(number for number, line in enumerate(lines) if "link-missing" in line)
    column = lines[first].index("[[")
    assert lines[first + 1][:column].strip() == ""
    assert target in "".join(line[column:] for line in lines[first : first + 3])
    assert max(map(len, lines[first:])) < 80


@pytest.mark.parametrize("columns", [60, 80])
def test_a_result_on_a_terminal_wraps_at_words_and_shows_severities(vault: Path, columns: int) -> None:
    for number in range(3):
        (vault / "films" / f"bad {number}.md").write_text(note("a\0b [[nowhere]] " + "<b>word " * 9), "utf-8")
    _, shown = on_a_terminal(vault, "build", "films", "--to", "chapters,epub", columns=columns)
    ended = shown.rpartition("\x1b[2K")[2]
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", ended).replace("\r", "").splitlines()
    assert max(map(len, plain)) < columns
    assert "\x1b[33m\x1b[1mwarning: note-nul (3)" in ended
    assert "\x1b[1mfilms/bad 0.md:4" in ended
    made = next(number for number, line in enumerate(plain) if line.startswith("5 files in output/ ("))
    assert plain[made + 1 : made + 3] == ["", "warning: note-nul (3)"], "what was made comes first"
    assert "\x1b[33m\x1b[1m3 warnings\x1b[0m" in ended
    assert not any(a == b == "" for a, b in pairwise(plain))
    assert plain[-1]
    assert [len(line) for line in plain if line.endswith(" kB")] == [33]
    _, shown = on_a_terminal(vault, "build", "films", "--to", "chapters,epub", "--force", "--jobs", "1", NO_COLOR="1")
    assert "\x1b[1m" not in shown.rpartition("\x1b[2K")[2]
    _, shown = on_a_terminal(vault, "build", "films", "--to", "chapters,epub", columns=120)
    assert len(shown.rpartition("\x1b[2K")[2].splitlines()) == 2, "what is unchanged is counted, and told in a line"
    _, shown = on_a_terminal(vault, "build", "films", "--to", "chapters,epub", columns=columns)
    assert "`notebind check films --to chapters,epub`" in shown, "what is to be typed is not wrapped"


def plain_lines(shown: str) -> list[str]:
    """Return the lines that stay on a terminal, without colours."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.rpartition("\x1b[2K")[2]).replace("\r", "").splitlines()


def test_many_remarks_are_a_number_and_many_books_a_line_each(tmp_path: Path) -> None:
    for number in range(11):
        (tmp_path / "notes" / f"book {number:02}").mkdir(parents=True)
        text = note("## One [00:00:10]\n[[nowhere]]\n## Two [00:00:10]\n", title=f"Note {number}")
        (tmp_path / "notes" / f"book {number:02}" / "a.md").write_text(text, "utf-8")
    options = ("--to", "chapters,anki", "--jobs", "1")
    told = plain_lines(on_a_terminal(tmp_path, "build", "notes", *options)[1])
    assert re.fullmatch(r"\d+ remarks of [2-9] kinds; see `notebind check notes --to chapters,anki`", told[-1]), told
    assert told[:2] == ["11 books, each as chapters, anki:", "  book-00  1 note  2 stamps"]
    assert (len(told), told[-3].partition(" in ")[0], told[-2]) == (15, "55 files", "")
    few = plain_lines(on_a_terminal(tmp_path, "build", "notes/book 00", "notes/book 01", *options, "-o", "few")[1])
    assert [index for index, line in enumerate(few) if not line] == [3, 7, 9], few
    assert not any("\u2026" in line for line in told + few)


def test_many_books_are_sorted_by_name_with_numbers_in_columns(tmp_path: Path) -> None:
    names = ["zoo", *(f"book {number:02}" for number in range(9)), "apes"]
    for name in names:
        for number in range(12 if name == "apes" else 1):
            path = tmp_path / "notes" / name / f"{number}.md"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(note("## One [00:00:10]\n", title=f"{name} {number}"), "utf-8")
    build = ("build", "notes", "--jobs", "1", "--to", "chapters,anki")
    told = plain_lines(on_a_terminal(tmp_path, *build)[1])
    told = told[told.index("11 books, each as chapters, anki:") + 1 :]
    assert told[:2] == ["  apes     12 notes  12 stamps", "  book-00   1 note    1 stamp"]
    assert told[10] == "  zoo       1 note    1 stamp"
    for path in (*(tmp_path / "output").glob("*.apkg"), *(tmp_path / "output" / "zoo.chapters").iterdir()):
        path.unlink()
    told = plain_lines(on_a_terminal(tmp_path, *build)[1])
    assert "11 books:" in told, "formats differ"
    assert "  apes     12 notes  12 stamps  anki" in told
    assert "  zoo       1 note    1 stamp   chapters, anki" in told


def test_check_names_a_file_once_on_a_terminal(tmp_path: Path) -> None:
    for name in ("a", "a second note with a name that is long"):
        (tmp_path / "films").mkdir(exist_ok=True)
        text = note("## One [00:00:10]\na\0b [[nowhere]] and [[a place of which no note of this folder speaks]]\n")
        (tmp_path / "films" / f"{name}.md").write_text(text, "utf-8")
    _, shown = on_a_terminal(tmp_path, "check", "films", "--to", "none")
    assert "\x1b[33m\x1b[1mwarning note-nul " in shown
    told = plain_lines(shown)
    names = ["films/a second note with a name that is long.md", "films/a.md"]
    assert [line for line in told if line[:1] not in {"", " "}][:-2] == names
    assert told[told.index(names[1]) - 1] == "", "files are apart"
    assert "  5  remark  link-missing  [[nowhere]] names no note: kept as text" in told
    assert "  5  warning note-nul      NUL characters read as U+FFFD" in told
    assert sum(line.startswith(" " * 27) and line[27] != " " for line in told) >= 2, "what is wrapped hangs"
    assert max(map(len, told)) < 80
    narrow = plain_lines(on_a_terminal(tmp_path, "check", "films", "--to", "none", columns=40)[1])
    assert max(map(len, narrow)) < 50
    piped = (sys.executable, "-c", "from convert.cli import main; main()", "check", "films", "--to", "none")
    out = subprocess.run(piped, cwd=tmp_path, env=environment(), capture_output=True, text=True).stdout
    assert "films/a.md:5: link-missing [[nowhere]] names no note: kept as text\n" in out


def test_check_folds_what_is_alike_in_a_file_on_a_terminal_only(tmp_path: Path) -> None:
    (tmp_path / "films").mkdir()
    links = "".join(f"Line [[nowhere {number}]]\n" for number in range(4))
    (tmp_path / "films" / "a.md").write_text(note(f"## One [00:00:10]\n{links}a\0b\n"), "utf-8")
    (tmp_path / "films" / "b.md").write_text(note("## Two [00:00:10]\n[[x]] [[y]] [[z]]\n", title="Two"), "utf-8")
    check = ("check", "films", "--to", "none")
    told = plain_lines(on_a_terminal(tmp_path, *check, columns=120)[1])
    first = told.index("films/a.md")
    said = "5 remark link-missing 4 times, lines 5 to 8, e.g. [[nowhere 0]] names no note: kept as text"
    assert " ".join(told[first + 1].split()) == said
    assert told[first + 2].split()[:3] == ["9", "warning", "note-nul"]
    assert sum("link-missing" in line for line in told[told.index("films/b.md") :]) == 4, "three are told, and the sum"
    assert told[-4:-1] == ["", "Add `| less` to see each finding in a line.", "1 warning: note-nul 1"]
    assert told[-1].startswith("8 remarks: link-missing 7")
    piped = (sys.executable, "-c", "from convert.cli import main; main()", *check)
    out = subprocess.run(piped, cwd=tmp_path, env=environment(), capture_output=True, text=True).stdout
    assert (out.count("link-missing"), "times" in out) == (7, False)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (
            "build films --outpt x",
            [
                "error: no such option: --outpt",
                "  tip: did you mean --output?",
                "For more information, try `notebind build --help`",
            ],
        ),
        (
            "biuld films",
            [
                "error: no such command 'biuld'",
                "  tip: did you mean build?",
                "For more information, try `notebind --help`",
            ],
        ),
        ("check", ["error: missing argument 'NOTES'", "For more information, try `notebind check --help`"]),
        (
            "build films --cards strct",
            [
                "error: --cards 'strct' is unknown",
                "  tip: did you mean strict?",
                "  known: strict, normal, all, none, reviewed",
            ],
        ),
        ("build nowhere", ["error: nowhere: no such file or folder: check the path"]),
    ],
)
def test_a_slip_on_a_terminal_has_its_tip_on_a_line_of_its_own(tmp_path: Path, typed: str, told: list[str]) -> None:
    (tmp_path / "films").mkdir()
    code, shown = on_a_terminal(tmp_path, *typed.split())
    assert (code, plain_lines(shown)) == (2, told)
    assert shown.startswith("\x1b[31m\x1b[1merror:")
    assert ("did you mean" in shown) == ("\x1b[0m?" in shown), "the mark is not of the word to type"


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("build empty", "error: no notes found: give a folder with .md, .markdown or .txt notes, or a"),
        ("mux empty/film.mp4 --notes films", "error: empty/film.mp4: no such file: check the path"),
        ("push empty", "error: empty: is a folder: name the deck in it, as empty/*.apkg"),
    ],
)
def test_every_error_looks_the_same_on_a_terminal(tmp_path: Path, typed: str, told: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "films").mkdir()
    (tmp_path / "films/good.md").write_text(note("x"), "utf-8")
    code, shown = on_a_terminal(tmp_path, *typed.split())
    lines = plain_lines(shown)
    assert (code, told in lines, "notebind:" in shown) == (1, True, False)
    assert max(map(len, lines)) < 80


def test_wide_characters_count_double(tmp_path: Path) -> None:
    name = "\u6620\u753b" * 8
    (tmp_path / name).mkdir()
    (tmp_path / name / f"{name}.md").write_text(note(f"a\0b {name} [[{name}x]]"), "utf-8")
    _, shown = on_a_terminal(tmp_path, "build", name, "--to", "epub", columns=60)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.rpartition("\x1b[2K")[2]).replace("\r", "").splitlines()
    assert name in "".join(plain)
    assert max(sum(1 + (one > "\u2fff") for one in line) for line in plain if " " in line.strip()) <= 60


@pytest.mark.parametrize("columns", [60, 80])
@pytest.mark.parametrize("command", [*([name, "--help"] for name in COMMANDS), ["--help"], ["writers"], ["doctor"]])
def test_help_and_lists_wrap_at_words_on_a_terminal(tmp_path: Path, command: list[str], columns: int) -> None:
    code, shown = on_a_terminal(tmp_path, *command, columns=columns)
    plain, wide = (
        re.sub(r"\x1b\[[0-9;]*m", "", one) for one in (shown, on_a_terminal(tmp_path, *command, columns=500)[1])
    )
    assert code == 0
    assert max(map(len, plain.splitlines())) < columns
    assert "\x1b[" in shown
    if command != ["doctor"] and "--help" not in command:  # help is never wider than 80 columns
        assert plain.split() == wide.split(), "no word is cut"


def test_help_has_the_commands_in_groups_with_names_in_colour(tmp_path: Path) -> None:
    shown = on_a_terminal(tmp_path, "--help")[1]
    lines = plain_lines(shown)
    groups = [lines.index(f"{title}:") for title in ("Make", "Look", "Set up", "Options")]
    listed = [line for line in lines[groups[0] : groups[-1]] if line.startswith("  ")]
    assert [line.split()[0] for line in listed] == list(COMMANDS)
    assert {line.index(COMMANDS[line.split()[0]].help) for line in listed} == {11}, "all groups have the same columns"
    assert {*re.findall(r"\x1b\[36m\x1b\[1m([a-z]+)\x1b\[0m", shown)} == {*COMMANDS}
    assert "\x1b" not in shown.partition("Start with")[2], "the last sentence is no name"


def test_the_script_of_the_papers_runs(tmp_path: Path) -> None:
    *_, script = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "python.md").read_text("utf-8"), re.DOTALL)
    (tmp_path / "script.py").write_text(script, "utf-8")
    shutil.copytree(ROOT / "seeds", tmp_path / "seeds")
    env = environment()
    done = subprocess.run([sys.executable, "script.py"], cwd=tmp_path, env=env, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Progress(stage='build'" in done.stdout
    assert "open_movies.epub" in done.stdout
