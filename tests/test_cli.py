"""Tests the command: what it prints to which stream, its exit codes, and how it handles bad input."""

from __future__ import annotations

import importlib
import json
import os
import re
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from typer.models import OptionInfo

from convert import __version__
from convert.cli.lazy import COMMANDS
from convert.cli.summary import relative
from convert.push import ADDRESS
from convert.render.chapters import DEFAULT
from convert.writers import built_in
from tests.support.command import COMMAND, GOOD, Desk, Ran


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


# Messages when all is well


def test_version_and_help(desk: Desk) -> None:
    assert desk.run("--version").out == f"notebind {__version__}\n"
    shown = desk.run("--help")
    assert shown.code == 0
    for command in ("build", "check", "show", "schema", "writers", "readers", "doctor"):
        assert command in shown.out
        assert desk.run(command, "--help").code == 0


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["bild", "films"], "notebind: no such command 'bild' (did you mean build?); see `notebind --help`\n"),
        (["nonsense"], "notebind: no such command 'nonsense'; see `notebind --help`\n"),
        (["--foo"], "notebind: no such option: --foo; see `notebind --help`\n"),
        (
            ["two words", "--to", "epub"],
            "two words: is no command: to make books of it, type: notebind build 'two words'",
        ),
    ],
)
def test_a_missing_or_misspelt_command_is_named(desk: Desk, typed: list[str], says: str) -> None:
    desk.put("two words/good.md", GOOD)
    ran = desk.run(*typed)
    assert (ran.code, ran.out) == (2, "")
    assert says in ran.err


@pytest.mark.parametrize("command", COMMANDS)
def test_help_shows_every_option_whole_at_80_columns(desk: Desk, command: str) -> None:
    shown = desk.run(command, "--help", COLUMNS="80").out
    assert "…" not in shown
    assert max(map(len, shown.splitlines())) <= 80
    options = getattr(importlib.import_module(f"convert.cli.{COMMANDS[command].options}"), command.capitalize())
    for name, one in options.parameters().items():
        if isinstance(one.annotation.__metadata__[0], OptionInfo):
            assert re.search(rf"--(\[no-\])?{name.strip('_').replace('_', '-')}[, \n]", shown)


@pytest.mark.parametrize(
    ("command", "defaults"),
    [
        (
            "build",
            ("normal", "all", "video", "2; 1 to 6", "srt,ffmeta,vtt,xml,youtube", "a4", "typst"),
        ),
        ("serve", ("8780",)),
        ("mux", ("output", DEFAULT)),
        ("push", (ADDRESS,)),
    ],
)
def test_help_names_the_defaults(desk: Desk, command: str, defaults: tuple[str, ...]) -> None:
    shown = " ".join(desk.run(command, "--help", COLUMNS="80").out.split())
    for default in defaults:
        assert f"default: {default}" in shown
    assert "[default: 0; 0 to 65535]" not in shown


def test_help_explains_every_option(desk: Desk) -> None:
    shown = desk.run("build", "--help").out
    for option in ("--output", "-o", "--to", "-t", "--vault", "--one-book", "--jobs", "--strict", "--report", "--set"):
        assert re.search(rf" {option}[ ,]", shown)
    assert "Folders or files of notes" in shown
    assert "when none is named: epub,pdf,chapters,anki (serve: html)" in " ".join(shown.replace("│", "").split())
    assert "Options of chapters" in shown
    told = re.split(r"\n  (?=-)", "\n".join(re.findall(r"^  .+", shown.partition("\nOptions:\n")[2], re.M)))
    assert [one for one in told if not re.search(r"\.(?:\s+\[[^][]+\])?$", one.replace("\n", " "))] == []


def test_build_says_what_was_made_and_where(desk: Desk) -> None:
    ran = desk.build("films")
    assert ran.code == 0
    assert "films" in ran.out
    assert "4 files in output" in ran.out
    assert desk.made() == [f"films.chapters/aqz-KE-bpKQ.{end}" for end in ("chapters.xml", "ffmeta", "srt", "vtt")]


def test_every_format_has_its_name(desk: Desk) -> None:
    ran = desk.run("build", "films", "--output", "here")
    assert ran.code == 0, ran.err
    assert [name for name in desk.made("here") if "/" not in name] == ["films.apkg", "films.epub", "films.pdf"]


def test_quiet_is_quiet(desk: Desk) -> None:
    assert desk.build("films", "--quiet") == Ran(0, "", "")


def test_report_is_complete(desk: Desk) -> None:
    desk.put("films/other.md", GOOD.replace("Good note", "Other").replace("Some words", "See [[nowhere]]"))
    assert desk.build("films", "--report", "report.json").code == 0
    report = json.loads((desk.folder / "report.json").read_text("utf-8"))
    (book,) = report["books"]
    assert book["name"] == "films"
    assert {artifact["path"] for artifact in book["artifacts"]} == set(desk.made())
    assert all(len(artifact["sha256"]) == 64 and artifact["bytes"] > 0 for artifact in book["artifacts"])
    assert (book["counts"]["notes"], book["counts"]["stamps"], book["counts"]["links_missing"]) == (2, 2, 1)
    missing = next(one for one in book["diagnostics"] if one["code"] == "link-missing")
    assert (missing["severity"], missing["note"], missing["line"]) == ("info", "films/other.md", 8)


def test_one_file_is_its_own_book(desk: Desk) -> None:
    note = desk.put("My Note, 1.txt", GOOD)
    assert desk.build(str(note)).code == 0
    assert {name.split(".")[0] for name in desk.made()} == {"my-note-1"}


def test_one_book_of_several_channels(desk: Desk) -> None:
    desk.put("plays/other.md", GOOD)
    assert desk.build("films", "plays", "--one-book", "All of it").code == 0
    assert {name.split(".")[0] for name in desk.made()} == {"all-of-it"}


def test_check_reads_like_a_linter(desk: Desk) -> None:
    desk.put("films/other.md", GOOD + "\n[[nowhere]]\n")
    ran = desk.run("check", "films")
    assert ran.code == 0
    assert "films/other.md:10: link-missing " in ran.out


def test_show_prints_models_and_schema_describes_them(desk: Desk) -> None:
    (line,) = desk.run("show", "films").out.splitlines()
    note = json.loads(line)
    assert (note["schema"], note["title"], note["video"]["id"]) == (1, "Good note", "aqz-KE-bpKQ")
    assert '"start_ms":10000' in line.replace(" ", "")
    assert "Note" in json.loads(desk.run("schema").out)["$defs"]


def test_show_into_a_closed_pipe_is_quiet(desk: Desk) -> None:
    for number in range(50):
        desk.put(f"films/{number}.md", GOOD + "word " * 2000)
    line = f"{COMMAND[0]} -c '{COMMAND[2]}' show films --jobs 1 | head -c 10"
    line = line.replace(" --jobs 1", "")
    done = subprocess.run(
        line, shell=True, cwd=desk.folder, env=desk.env({}), capture_output=True, text=True, timeout=60
    )
    assert done.stderr == ""


def test_writers_lists_all_with_their_options(desk: Desk) -> None:
    shown = desk.run("writers").out
    assert all(f"{name} " in shown for name in built_in())
    assert "--chapters-formats" in shown


def test_doctor_names_what_is_there(desk: Desk) -> None:
    ran = desk.run("doctor")
    assert ran.code == 0
    assert "typst" in ran.out


# Wrong usage: exit code 2 and one line that tells what to do


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ["films", "--to", "epubb"],
            "the format 'epubb' is unknown (did you mean epub?): known are anki, chapters, epub, html, pdf",
        ),
        (["nowhere"], "nowhere: no such file or folder"),
        (["films", "--vault", "nowhere"], "nowhere: no such file or folder"),
        (["films", "--videos", "nowhere"], "nowhere: no such file or folder"),
        (
            ["films", "--set", "chapters.cuse=yes"],
            "the chapters option 'cuse' is unknown (did you mean cues?): known are",
        ),
        (["films", "--set", "chapters.cues=perhaps"], "chapters.cues takes yes or no, not 'perhaps'"),
        (["films", "--set", "cues"], "write it as --set writer.key=value"),
        (["films", "--set", "mobi.x=1"], "the format 'mobi' is unknown: known are"),
        (["films", "--language", "klingonx1111"], "--language 'klingonx1111' is no code of a language"),
        (["films", "--language", "xx yy"], "write it as en or pt-BR"),
        (["films", "--language", "e"], "write it as en or pt-BR"),
        (["films", "--language", "en--US"], "write it as en or pt-BR"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage_is_one_line(desk: Desk, arguments: list[str], says: str) -> None:
    ran = desk.build(*arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1), ran
    assert ran.err.startswith("notebind: ")
    assert says in ran.err


@pytest.mark.parametrize(
    "arguments", [["films", "--jobs", "-1"], ["films", "--no-such-option"], ["films", "--time-format", "x"], []]
)
def test_options_are_checked(desk: Desk, arguments: list[str]) -> None:
    ran = desk.build(*arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert re.fullmatch(r"notebind: .*; see `notebind build --help`\n", ran.err)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["films", "--too", "epub"], "no such option: --too (did you mean --to?)"),
        (["films", "--split", "vidoe"], "--split 'vidoe' is unknown (did you mean video?): known are video, none"),
        (["films", "--jobs", "two"], "--jobs takes a whole number; see `notebind build --help`"),
        (["films", "--jobs", "5000"], "--jobs takes 1000 or less; see"),
        (["films", "--chapters-depth", "0"], "--chapters-depth takes 1 or more; see"),
        (["films", "--time-format", "S"], "--time-format 'S' is unknown (did you mean ms?): known are auto, hms, ms"),
        (["films", "--times", "ye"], "--times 'ye' is unknown (did you mean yes?): known are auto, yes, no"),
        (
            ["films", "--to", "pdf", "--paper", "a7"],
            "--paper 'a7' is unknown (did you mean a6?): known are a3, a4, a5, a6, b5",
        ),
        (
            ["films", "--to", "pdf", "--pdf-engine", "typset"],
            "--pdf-engine 'typset' is unknown (did you mean typst?): known are typst",
        ),
        (
            ["films", "--to", "epub", "--device", "kobo,kidle"],
            "--device 'kidle' is unknown (did you mean kindle?): known are kindle, kobo",
        ),
        (
            ["films", "--to", "anki", "--cards", "strct"],
            "--cards 'strct' is unknown (did you mean strict?): known are strict, normal",
        ),
        (
            ["films", "--chapters-formats", "srt,xlm"],
            "--chapters-formats 'xlm' is unknown (did you mean xml?): known are",
        ),
        (["films", "--as", "Podcast"], "--as 'Podcast' is unknown (did you mean podcasts?): known are"),
        (["films", "--to", "epub,pfd"], "the format 'pfd' is unknown (did you mean pdf?): known are anki"),
        (
            ["films", "--to", "epub", "--set", "html.copy-vidoes=1"],
            "(did you mean copy-videos?): known are copy-videos",
        ),
        (["filns"], "filns: no such file or folder (did you mean films?): check the path"),
        (["films", "--cards"], "option '--cards' requires an argument; see `notebind build --help`"),
    ],
)
def test_a_slip_is_told_with_the_nearest_word(desk: Desk, arguments: list[str], says: str) -> None:
    ran = desk.build(*arguments)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert says in ran.err


@pytest.mark.parametrize("date", ["yesterday", "²", "-1", "1e9", "253402300800", "9" * 20, "9" * 5000])
def test_a_wrong_date_is_one_line(desk: Desk, date: str) -> None:
    ran = desk.build("films", SOURCE_DATE_EPOCH=date)
    assert (ran.code, ran.out) == (2, "")
    assert re.fullmatch(r"notebind: SOURCE_DATE_EPOCH is .*\n", ran.err)
    assert date[:40] in ran.err


@pytest.mark.parametrize("date", ["0", "4354819200", "253402300799"])
def test_any_date_before_the_year_10000_is_written(desk: Desk, date: str) -> None:
    ran = desk.build("films", "--to", "epub,pdf,chapters,anki,html", "-q", SOURCE_DATE_EPOCH=date)
    assert (ran.code, ran.err) == (0, "")


@pytest.mark.parametrize("language", ["de", "pt-BR", "zh-Hant-TW", "gsw", "und", "en_GB"])
def test_a_language_is_taken_as_it_is_written(desk: Desk, language: str) -> None:
    assert desk.build("films", "--language", language, "-t", "epub", "-q").code == 0


def test_an_unknown_chapter_format_is_named(desk: Desk) -> None:
    ran = desk.build("films", "--chapters-formats", "srt,mp5")
    assert ran.code == 2
    assert "--chapters-formats 'mp5' is unknown" in ran.err
    assert not (desk.folder / "output").exists()


@pytest.mark.parametrize("typed", [["--cards", "weird"], ["--set", "anki.cards=weird"], []])
def test_an_unknown_level_of_cards_is_refused_before_notes_are_read(desk: Desk, typed: list[str]) -> None:
    if not typed:
        desk.put("films/notebind.toml", 'cards = "weird"\n')
    ran = desk.run("build", "films", "--to", "anki", *typed)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert ran.err.startswith("notebind: --cards 'weird' is unknown: known are strict, normal, all, none")
    assert not (desk.folder / "output").exists()


def test_cards_takes_the_numbers_that_build_takes(desk: Desk) -> None:
    text = "The Republic of Artel was founded in 1911 by the engineer Ada Lindqvist."
    desk.put("films/good.md", f"{GOOD}\n{text} It is led by the Bureau of Old Bridges (BOB).\n")
    rules = {
        most: re.findall(
            r"^\S+: (\S+)", desk.run("cards", "films", "--section-cards", "--max-cards-per-note", most).out, re.M
        )
        for most in ("0", "9")
    }
    assert rules == {"0": ["section"], "9": ["section", "date"]}
    for command in ("cards", "build"):
        ran = desk.run(command, "films", "--max-cards-per-note", "-5")
        assert (ran.code, "--max-cards-per-note takes 0 or more; see" in ran.err) == (2, True)
    none = desk.run("cards", "films", "--max-cards-per-note", "0")
    assert (none.code, none.out, none.err.partition(":")[0]) == (0, "", "No cards")
    ran = desk.run("build", "films", "--set", "anki.max-cards-per-note=-5")
    assert (ran.code, ran.err) == (2, "notebind: anki.max-cards-per-note takes 0 to 1000, not -5\n")


# Bad notes: one line each, and the other notes are converted


@pytest.mark.parametrize(
    ("content", "code", "line", "exit_code"),
    [
        (bytes(range(256)) * 8, "note-binary", 0, 1),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "note-binary", 0, 1),
        (GOOD.replace("Good", "Caf\u00e9").encode("latin-1"), "note-encoding", 2, 0),
        (GOOD.encode("utf-16"), "note-encoding", 0, 0),
        (GOOD.encode("utf-16-le"), "note-encoding", 0, 0),
        ((GOOD + "\u6d77" * 3000).encode("utf-16-le"), "note-encoding", 0, 0),
        ((GOOD + "\U0001f600" * 90).encode("utf-16-be"), "note-encoding", 0, 0),
        (b"\0a" * 5000, "note-binary", 0, 1),
        (GOOD.replace("Good", "\u4e00\u6d77").encode("utf-16-be"), "note-encoding", 0, 0),
        (GOOD.replace("videoId: aqz-KE-bpKQ\n", "").encode(), "video-missing", 1, 0),
        (GOOD.replace("aqz-KE-bpKQ", "no id at all").encode(), "video-id-invalid", 3, 0),
        (GOOD.replace("---\n\n", "videoId: eRsGyueVLvQ\n---\n\n").encode(), "video-id-duplicate", 4, 0),
        (GOOD.replace("---\n\n", "\n").encode(), "front-matter-unclosed", 1, 0),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_note_is_one_line(desk: Desk, content: bytes, code: str, line: int, exit_code: int) -> None:
    desk.put("films/bad.md", content)
    ran = desk.build("films")
    place = f"films/bad.md:{line}" if line else "films/bad.md"
    told = [said for said in ran.err.splitlines() if f"{place}: {code} " in said]
    assert len(told) == 1, ran.err
    assert ran.code == exit_code
    assert "films.chapters/aqz-KE-bpKQ.srt" in desk.made()


FURNITURE = {
    "Untitled.md": "",
    "films/Untitled 1.md": "\n \n",
    "films/Untitled 2.md": "\ufeff",
    "Templates/film.md": '---\ntitle: "{{title}}"\nvideoId: {{VALUE:id}}\n---\n\n# {{title}}\n\n- [00:10] A line\n',
    "Templates/talk.md": "---\nurl: <% tp.system.prompt() %>\n---\n\n# <% tp.file.title %>\n\n[0:10] [0:20]\n",
    "Templates/short.md": "# {{title}}\n\n- [0:10] A line\n",
    "Templates/bare.md": "---\ntitle:\nvideoId:\n---\n\n## Notes\n\n- [00:00] ...\n- [00:00:00] ...\n",
    "Daily/2026-03-08.md": "# 2026-03-08\n\n- 08:30 breakfast\n- 09:00 standup\n- 12:15 lunch\n\n- [ ] call\n",
    ".trash/old.md": "---\nvideoId: aqz-KE-bpKQ\n---\n\nGone [0:10].\n",
    "node_modules/player/README.md": "See https://youtu.be/aqz-KE-bpKQ?t=10 [0:10]\n",
    "README.md": "# My vault\n\nFilms, such as https://youtu.be/aqz-KE-bpKQ.\n",
    "export/all.txt": "\0\1\2\3" * 99,
    "Board.md": "---\nkanban-plugin: board\n---\n\n## To do\n\n- [ ] Look at films\n",
}


def test_what_every_vault_has_is_at_most_a_remark(desk: Desk) -> None:
    for name, text in FURNITURE.items():
        desk.put(f"vault/{name}", text)
    desk.put("vault/films/film.md", GOOD)
    ran = desk.build("vault")
    assert ran.code == 0, ran.err
    assert "error" not in ran.err
    assert "warning" not in ran.err
    assert {name.partition(".")[0].partition("/")[0] for name in desk.made()} == {"films"}
    told = desk.run("check", "vault").out
    assert {line.partition(": ")[0].partition(".md")[0] for line in told.splitlines() if ": note-empty " in line} == {
        "vault/Untitled",
        "vault/films/Untitled 1",
    }


def test_a_note_of_two_times_at_the_start_and_one_about_templates_are_no_templates(desk: Desk) -> None:
    desk.put("films/start.md", "---\nvideoId: aqz-KE-bpKQ\ntitle: The {{mustache}} language\n---\n\n[0:00] Hello.\n")
    desk.put("films/cloze.md", "---\ntitle: 'A {{c1::gap}}'\n---\n\n[0:10] {{c1::Text}} and {{this}}.\n")
    desk.build("films")
    assert "not-a-note" not in desk.run("check", "films").out


@pytest.mark.parametrize("kind", ["loop", "dangling", "pipe", "outside"])
def test_a_file_that_cannot_be_read_is_one_line(desk: Desk, kind: str) -> None:
    bad = desk.folder / "films" / "bad.md"
    match kind:
        case "loop":
            bad.symlink_to("bad.md")
        case "dangling":
            bad.symlink_to("nothing.md")
        case "pipe":
            os.mkfifo(bad)
        case "outside":
            bad.symlink_to(desk.put("elsewhere/secret.md", GOOD.replace("Good", "Secret")))
    ran = desk.build("films")
    said = desk.run("check", "films", "--to", "none")
    assert len([line for line in f"{said.out}{said.err}".splitlines() if "films/bad.md: file-" in line]) == 1, said
    assert ran.code == said.code == (1 if kind == "pipe" else 0)
    assert "films.chapters/aqz-KE-bpKQ.srt" in desk.made()


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="needs /proc")
def test_a_file_that_fails_while_read_is_one_line(desk: Desk) -> None:
    ran = desk.build("/proc/self/mem", "films")
    assert ran.code == 1
    assert "error: /proc/self/mem: file-unreadable Input/output error: left out; check its permissions" in ran.err
    assert "films.chapters/aqz-KE-bpKQ.srt" in desk.made()


def test_siblings_are_a_remark_not_a_fault(desk: Desk) -> None:
    desk.put("films/sibling.md", GOOD.replace("Good", "Second"))
    ran = desk.build("films", "--strict")
    assert ran.code == 0
    assert "films/sibling.md:1: video-shared " in desk.run("check", "films").out


def test_files_with_times_that_are_left_out_are_named(desk: Desk) -> None:
    for number in range(5):
        desk.put(f"films/talk{number}.txt", f"10:1{number} we met\n11:2{number} and later\n12:30 go\n")
    told = [line.partition(" not-a-note")[0] for line in desk.build("films").err.splitlines()]
    assert sum("films/talk0.txt" in line for line in told) == 1
    assert told[-6:-1] == [
        "notebind: 5 files with times left out:",
        *[f"  films/talk{number}.txt:1:" for number in range(3)],
        "  and 2 more: `notebind check films --to chapters` shows all",
    ]
    for number in range(1, 5):
        (desk.folder / f"films/talk{number}.txt").unlink()
    assert "more: `notebind check" not in desk.build("films").err


@pytest.mark.parametrize(
    ("text", "fails"),
    [
        ("# Talk\n\nAnna Berg  0:02\nhello\n\nBen Cho  0:09\nthanks\n\nAnna Berg  0:15\nbye\n", False),
        ("# Episode\n\n\U0001f3a7 03:12 - 05:18\nwords\n\n\U0001f3a7 06:12 - 07:18\nmore\n", False),
        ("---\nPodcast: The wind\n---\n\nA word [00:00:10].\n", False),
        ("---\ntitle: A film\n---\n\nA word [00:00:10].\n", True),
    ],
)
def test_only_notes_that_lack_a_video_fail_when_strict(desk: Desk, text: str, fails: bool) -> None:
    desk.put("films/sound.md", text)
    ran = desk.run("check", "films", "--strict")
    assert (ran.code, "video-missing" in ran.out) == (int(fails), fails)
    assert fails or "films/sound.md:1: video-none" in ran.out
    desk.put("walks/rain.md", "---\ntitle: Rain\n---\n\nIt rains at [00:00:10].\n")
    assert "walks/rain.md:1: video-none" in desk.run("check", "walks").out


def test_strict_fails_on_warnings(desk: Desk) -> None:
    desk.put("films/bad.md", GOOD.replace("videoId: aqz-KE-bpKQ\n", ""))
    assert desk.build("films").code == 0
    for command, typed in (("build", []), ("build", ["-q"]), ("check", [])):
        ran = desk.run(command, "films", "--to", "chapters", "--strict", *typed)
        assert (ran.code, ran.err.splitlines()[-1]) == (1, "notebind: --strict fails on 1 warning")


def test_check_says_that_all_is_well(desk: Desk) -> None:
    assert desk.run("check", "films", "--to", "epub") == Ran(0, "", "Nothing to remark; notes read: 1.\n")
    assert desk.run("check", "films", "--quiet") == Ran(0, "", "")
    desk.put("films/good.md", GOOD + "\n[[nowhere]] and [[nothing]]\n")
    assert desk.run("check", "films", "--to", "none").err == "2 remarks: link-missing 2\n"


def test_paths_are_named_from_the_current_folder(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(desk.folder)
    assert relative(f"{desk.folder}/a.md: 1 / 2 of {desk.folder}/b c.md") == "a.md: 1 / 2 of b c.md"
    monkeypatch.chdir("/")
    assert relative("/films/a.md: 1 / 2 of /films/b.md") == "/films/a.md: 1 / 2 of /films/b.md"


def test_check_makes_no_secret(desk: Desk) -> None:
    desk.put("output/own.txt", "of the user")
    state = desk.folder / "state"
    assert desk.run("check", "films", "--to", "epub,anki", XDG_STATE_HOME=str(state)).code == 0
    assert not state.exists()


@pytest.mark.parametrize("command", ["build", "check", "show", "cards"])
@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (None, "give a folder with .md, .markdown or .txt notes, or a file"),
        ("Nothing to see.\n", "1 text file, but no stamp such as [00:12:34] and no videoId in front matter"),
    ],
)
def test_a_folder_without_notes_is_one_line(desk: Desk, command: str, content: str | None, cause: str) -> None:
    (desk.folder / "bare").mkdir()
    if content:
        desk.put("bare/README.md", content)
    ran = desk.run(command, "bare")
    assert ran.code == 1
    assert f"notebind: no notes found: {cause}" in ran.err.splitlines()


def test_one_title_for_several_books_is_one_line(desk: Desk) -> None:
    desk.put("plays/good.md", GOOD)
    code = "title-shared"
    said = f"warning: Both: {code} is the title of 2 books: give each its own in [channel.NAME], or use --one-book"
    assert said in desk.build("films", "plays", "--title", "Both").err.splitlines()
    for arguments in (["films"], ["films", "plays", "--one-book", "both"]):
        assert code not in desk.build(*arguments, "--title", "Both").err
    desk.put("notebind.toml", 'title = "Both"\n[channel.plays]\ntitle = "Plays"\n')
    assert code not in desk.build(".").err


def test_a_table_of_no_channel_is_one_line(desk: Desk) -> None:
    desk.put("plays/good.md", GOOD)
    settings = desk.put("notebind.toml", '[channel.filns]\ntitle = "x"\n[channel.plays]\ntitle = "y"\n')
    shown = settings.relative_to(desk.folder)
    said = f"warning: {shown}: channel-unknown [channel.filns]: no folder of notes has this name (did you mean films?)"
    assert [line for line in desk.build(".").err.splitlines() if " channel-unknown " in line] == [said]
    code = "channel-unknown"
    assert code not in desk.build("films").err  # the other folders are not looked at


def test_a_build_without_anything_to_do_says_so(desk: Desk) -> None:
    desk.put("plays/good.md", GOOD.replace("aqz-KE-bpKQ", "aqz-KE-bpKX"))
    assert "8 files in output/\n" in desk.build("films", "plays").out
    assert "8 files in output/: up to date\n" in desk.build("films", "plays").out
    desk.put("films/good.md", GOOD.replace("A start", "Another start"))
    assert "8 files in output/, 4 of them made now\n" in desk.build("films", "plays").out


def test_prune_says_what_it_removed(desk: Desk) -> None:
    desk.put("plays/good.md", GOOD)
    desk.run("build", "films", "plays", "-t", "epub,chapters,anki")
    desk.put("output/plays.epub", "mine")
    desk.put("output/plays.chapters/aqz-KE-bpKQ.srt", "mine")
    (desk.folder / "plays" / "good.md").unlink()
    out = desk.run("build", "films", "plays", "-t", "epub,chapters,anki", "--prune").out
    assert [line for line in out.splitlines() if "are gone" in line] == [
        "The notes of plays are gone: plays.apkg removed.",
        "The notes of plays are gone: plays.chapters (in part) removed.",
        "The notes of plays are gone: nothing of epub removed.",
    ]


@pytest.mark.parametrize(
    ("inputs", "command"),
    [(["films"], "check films"), (["films", "two words"], "check films 'two words'"), (["films"] * 4, "check NOTES")],
)
def test_the_end_says_what_to_type_to_see_all_remarks(desk: Desk, inputs: list[str], command: str) -> None:
    desk.put("films/good.md", GOOD.replace("Some words", "See [[nowhere]]"))
    desk.put("two words/good.md", GOOD)
    last = desk.build(*inputs).err.splitlines()[-1]
    assert re.fullmatch(rf"[1-9]\d* remarks?; see `notebind {command} --to chapters`", last)
    last = desk.run("build", *inputs, "--to", "anki,epub", "-o", str(desk.folder / "made")).err.splitlines()[-1]
    assert last.endswith(f" see `notebind {command} --to anki,epub --output made`")


def test_diagnostics_are_grouped_by_code_with_an_example_and_their_number(desk: Desk) -> None:
    for number in range(12):
        desk.put(f"films/{number:02}.md", GOOD.replace("Some words", f"See [[nowhere {number}]]\0"))
    for number in range(7):
        desk.put(f"films/x{number}.md", bytes(range(256)) * 8)
    told = desk.build(str(desk.folder / "films")).err.splitlines()
    assert [line.partition(" ")[0] for line in told].count("error:") == 5
    assert "error: films/x4.md: note-binary no text file: left out; give Markdown or plain text (and 2 more)" in told
    assert "warning: films/00.md:8: note-nul NUL characters read as U+FFFD (and 11 more)" in told
    assert "remark: films/00.md:8: link-missing [[nowhere 0]] names no note: kept as text (and 11 more)" in told
    assert told[-1].startswith("7 errors, 12 warnings, ")
    assert told[-1].endswith("; see `notebind check films --to chapters`"), "paths are those from here"
    quiet = desk.build("films", "--quiet", "--force").err.splitlines()
    assert [line.partition(" ")[0] for line in quiet] == ["error:"] * 5


def test_each_file_is_a_line_without_padding_or_colour_in_a_pipe(desk: Desk) -> None:
    out = desk.run("build", "films", "--to", "epub,chapters", FORCE_COLOR="1").out
    assert re.sub(r"\d+ kB", "N kB", out).splitlines() == [
        "films: 1 video, 1 note, 5 words, 1 stamp",
        "  output/films.epub  N kB",
        "  output/films.chapters/  N kB  4 files",
        "5 files in output/",
    ]
    assert desk.run("build", "films", "--to", "epub,chapters").out.count("\n") == 1


# Outputs that cannot be written: exit code 1 and one line


@pytest.mark.parametrize("output", ["films/good.md", "films/good.md/deeper", "/proc/nowhere"])
def test_an_output_that_cannot_be_is_one_line(desk: Desk, output: str) -> None:
    ran = desk.build("films", "--output", output)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (1, "", 1), ran
    assert f"{output}: cannot be made a folder" in ran.err
    assert (desk.folder / "films/good.md").read_text("utf-8") == GOOD


def test_a_blocked_artifact_leaves_the_others(desk: Desk) -> None:
    desk.put("output/films.chapters", "a file in place of a folder")
    ran = desk.run("build", "films", "--to", "epub,chapters", "--jobs", "1")
    assert ran.code == 1
    assert "notebind: films: chapters failed: " in ran.err
    assert "films.chapters: is not a folder: move it away" in ran.err
    assert desk.made() == ["films.chapters", "films.epub"]


def test_a_report_that_cannot_be_written_is_one_line(desk: Desk) -> None:
    ran = desk.build("films", "--quiet", "--report", "films/good.md/report.json")
    assert (ran.code, len(ran.err.splitlines())) == (1, 1), ran
    assert "report.json: cannot be written" in ran.err


def test_ctrl_c_says_so(desk: Desk) -> None:
    os.mkfifo(desk.folder / "report.json")
    command = [*COMMAND, "build", "films", "--to", "chapters", "--quiet", "--report", "report.json"]
    with subprocess.Popen(
        command, cwd=desk.folder, env=desk.env({}), stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        while not desk.made():  # it waits for somebody who reads the report then
            time.sleep(0.05)
        os.killpg(process.pid, signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err == "notebind: interrupted; what was finished is saved, run it again for the rest\n"


@pytest.mark.parametrize(
    ("command", "kind"),
    [
        *[(command, "pipe") for command in ("build", "watch", "serve", "check", "show", "cards", "review")],
        *[("build", kind) for kind in ("device", "socket", "link")],
    ],
)
def test_a_pipe_in_place_of_notes_is_one_line_at_once(desk: Desk, command: str, kind: str) -> None:
    path = desk.folder / "notes.md"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as own:
            own.bind(str(path))
    else:
        path.symlink_to("/dev/null" if kind == "device" else "/dev/zero")
    ran = desk.run(command, "films", "notes.md")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.splitlines()[-1] == (
        "notebind: notes.md: is a pipe, a socket or a device: save what it gives to a file, and name that"
    )
    assert desk.made() == []


def test_notes_from_another_command_are_one_line(desk: Desk) -> None:
    reading, writing = os.pipe()
    command = [*COMMAND, "build", f"/dev/fd/{reading}"]
    ran = subprocess.run(command, cwd=desk.folder, env=desk.env({}), pass_fds=[reading], capture_output=True, text=True)
    os.close(writing)
    os.close(reading)
    assert (ran.returncode, ran.stderr.count("\n")) == (2, 1)
    assert "is a pipe, a socket or a device" in ran.stderr


@pytest.mark.parametrize("option", ["--vault", "--videos"])
@pytest.mark.parametrize("command", ["build", "watch", "check", "show", "cards", "review"])
def test_a_file_in_place_of_a_folder_is_one_line(desk: Desk, command: str, option: str) -> None:
    if (command, option) != ("review", "--videos"):
        ran = desk.run(command, "films", option, "films/good.md")
        assert (ran.code, ran.err) == (2, f"notebind: films/good.md: is a file: {option} takes a folder\n")
        ran = desk.run(command, "films", option, "nowhere")
        assert (ran.code, ran.err) == (2, "notebind: nowhere: no such file or folder: check the path\n")
