"""Tests settings files: search, types, errors with a line number, precedence, and the file that `init` writes."""

from __future__ import annotations

import re
import shutil
import time
import tomllib
from pathlib import Path

import pytest

from convert.cli.config import settings_text
from convert.cli.settings import REFUSED, keys, settings_of
from convert.config.read import file_bytes, find_settings, line_of, lines_of_keys, read_settings
from convert.errors import UsageError
from convert.writers import built_in
from tests.support.command import Desk, Ran
from tests.support.needs import ROOT
from tests.support.vaults import note

GOOD = note("## A start\n\nSome words [00:00:10].\n", "Good note")


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    desk = Desk(tmp_path)
    desk.put("plays/one.md", GOOD)
    return desk


def wrong(desk: Desk, text: str) -> str:
    """Return the error message for a file with this text."""
    path = desk.put("notebind.toml", text)
    with pytest.raises(UsageError) as caught:
        read_settings(path, file_bytes(path), keys(), REFUSED)
    return str(caught.value).replace(str(path), "FILE")


# Search


def test_it_is_found_upwards_and_the_nearest_wins(desk: Desk) -> None:
    above = desk.put("notebind.toml", "")
    assert find_settings([desk.folder / "films"]) == above
    assert find_settings([desk.folder / "films" / "good.md"]) == above
    near = desk.put("films/notebind.toml", "")
    assert find_settings([desk.folder / "films" / "good.md"]) == near
    assert find_settings([desk.folder / "films", desk.folder / "plays"]) == above, "it has to hold for all"


def test_a_project_file_counts_when_it_speaks_of_us(desk: Desk) -> None:
    project = desk.put("pyproject.toml", "[project]\nname = 'x'\n")
    assert find_settings([desk.folder / "films"]) is None
    project.write_text(
        "[project]\nname = 'x'\n\n[tool.notebind]\ntitle = 'Films'\n[tool.notebind.channel.films]\ncover = 'a.png'\n"
    )
    found = settings_of([desk.folder / "films"])
    assert found
    assert (found.values["title"].value, found.values["title"].line) == ("Films", 5)
    assert found.channels["films"]["cover"].line == 7
    assert find_settings([desk.folder / "films"]) == project
    own = desk.put("notebind.toml", "")
    assert find_settings([desk.folder / "films"]) == own


def test_without_notes_of_this_machine_there_is_none() -> None:
    assert find_settings([]) is None


# Reading


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('titel = "x"', "FILE:1: no setting is called 'titel' (did you mean title?)"),
        ('\none_book = "x"', "FILE:2: no setting is called 'one_book' (did you mean one-book?)"),
        ("[chanel.films]\n", "FILE:1: no setting is called 'chanel' (did you mean channel?)"),
        ('[channel.films]\n\nauthr = "x"', "FILE:3: no setting is called 'authr' (did you mean author?)"),
        ('jobs = "four"', 'FILE:1: jobs takes a whole number, not "four"'),
        ("jobs = true", "FILE:1: jobs takes a whole number, not true"),
        ("jobs = -1", "FILE:1: jobs takes 0 or more, not -1"),
        ("quiet = true", "FILE:1: quiet is an option of the command line only"),
        ("strict = 1", "FILE:1: strict takes true or false, not 1"),
        ("title = 2001", "FILE:1: title takes a text in quotes, not 2001"),
        ('title = ["a"]', 'FILE:1: title takes a text in quotes, not ["a"]'),
        ("to = [1]", "FILE:1: to takes a text or a list of texts, not [1]"),
        ('time-format = "hm"', 'FILE:1: time-format takes one of auto, hms, ms, not "hm" (did you mean hms?)'),
        ('links = "some"', 'FILE:1: links takes one of all, first, none, not "some"'),
        ('executor = "dask://a:1"', "FILE:1: executor is an option of the command line only"),
        ('report = "r.json"', "FILE:1: report is an option of the command line only"),
        ('set = ["epub.css=a"]', "FILE:1: set is for formats of plug-ins: css of epub is a setting itself"),
        ("channel = 3", "FILE:1: channel is a table: write [channel.NAME] above"),
        ("channel.films = 3", "FILE:1: settings of a channel stand below [channel.NAME]"),
        ("[channel.films]\njobs = 3", "FILE:2: jobs holds for the whole build"),
        ("strict = true\ntitle = x", "FILE:2: is no TOML: Invalid value (a text stands in quotes)"),
        ("a = 1\na = 2", "FILE:2: is no TOML: Cannot overwrite a value"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(desk: Desk, text: str, said: str) -> None:
    assert wrong(desk, text).startswith(said)


@pytest.mark.parametrize("key", ["css", "vault", "videos", "cover", "font-path", "output"])
def test_settings_choose_no_place_of_the_machine(desk: Desk, key: str) -> None:
    (desk.folder / "films/link").symlink_to(desk.folder)
    for name in ("../elsewhere", "/", "~", "~nobody/x", "s3://bucket/notes", "file:///etc", "link", "link/../../x"):
        path = desk.put("films/notebind.toml", f'{key} = "{name}"')
        found = read_settings(path, file_bytes(path), keys(), REFUSED).values[key]
        assert (found.value, found.is_obeyed) == (name, False)


def test_paths_start_at_the_file_and_empty_ones_are_the_default(desk: Desk) -> None:
    path = desk.put("films/notebind.toml", 'output = "out/../books"\nvideos = "media"\nvault = ""\ncss = "a.css"\n')
    values = read_settings(path, file_bytes(path), keys(), REFUSED, is_trusted=True).values
    assert values["output"].value == str(path.parent / "out" / ".." / "books")
    assert values["videos"].value == path.parent / "media"
    assert values["css"].value == str(path.parent / "a.css")
    assert not values["vault"].value


def test_a_trusted_file_leads_anywhere(desk: Desk) -> None:
    path = desk.put("films/notebind.toml", 'output = "../books"\nvideos = "~/media"\nvault = "s3://bucket/notes"\n')
    values = read_settings(path, file_bytes(path), keys(), REFUSED, is_trusted=True).values
    assert values["output"].value == str(path.parent / ".." / "books")
    assert values["videos"].value == Path("~/media").expanduser()
    assert values["vault"].value == "s3://bucket/notes"


def test_lines_are_found_in_all_spellings() -> None:
    lines = lines_of_keys('a = 1\n"b c" = """\n"""\nd.e = 2\n[f."g.h"] # x\n  i = 3\n[[k]]\n')
    keys = (("a",), ("b c",), ("d", "e"), ("d",), ("f", "g.h", "i"), ("k",))
    assert [line_of(names, lines) for names in keys] == [1, 2, 4, 4, 6, 7]
    assert line_of(("f", "g.h", "unknown"), lines) == 5
    assert line_of(("nothing",), lines) == 0


@pytest.mark.parametrize(
    "value",
    ['"""\ntitle = 1 # "\n\\"""\n""""', "'''\ntitle = 1\n[x]\n'''", '[\n"[", # ]\n{title = "]"},\n]', '"#\\"="'],
)
def test_a_value_of_several_lines_holds_no_keys(value: str) -> None:
    text = f"author = {value}\n\t [ x . y ]#[z]\n'title=' . a=1\ntitle = 2"
    tomllib.loads(text)
    after = 2 + value.count("\n")
    x = ("x", "y")
    assert lines_of_keys(text) == {
        ("author",): 1, ("x",): after, x: after, (*x, "title="): after + 1, (*x, "title=", "a"): after + 1,
        (*x, "title"): after + 2,
    }  # fmt: skip


def test_lines_are_found_in_linear_time() -> None:
    began = time.process_time()
    lines_of_keys("a = [\n" + '["x", """\n"""],\n' * 100_000 + "]\n" + "b" + ".b" * 2000 + " = 1\n")
    assert time.process_time() - began < 5


def test_broken_bytes_are_one_line(desk: Desk) -> None:
    desk.put("notebind.toml", b"title = '\xff'")
    ran = desk.build("films")
    assert (ran.code, ran.err) == (2, "notebind: notebind.toml: is not UTF-8: save it as UTF-8\n")


# Precedence


def made(desk: Desk) -> list[str]:
    return sorted(str(path.relative_to(desk.folder)) for path in desk.folder.rglob("*.chapters/*"))


def test_the_command_line_wins_over_the_channel_over_the_file(desk: Desk) -> None:
    desk.put(
        "notebind.toml",
        'to = "chapters"\nchapters-formats = ["srt", "vtt"]\noutput = "books"\n'
        '[channel.films]\nchapters-formats = "vtt"\n',
    )
    ran = desk.run("build", "films", "plays", "--jobs", "1")
    assert ran.code == 0, ran.err
    assert f"Settings are those of {desk.folder / 'notebind.toml'}." in ran.out
    names = [
        f"books/{name}"
        for name in ("films.chapters/aqz-KE-bpKQ.vtt", *(f"plays.chapters/aqz-KE-bpKQ.{e}" for e in ("srt", "vtt")))
    ]
    assert made(desk) == names
    desk.run("build", "films", "plays", "--jobs", "1", "--chapters-formats", "cue", "--output", "other")
    assert made(desk) == [*names, "other/films.chapters/aqz-KE-bpKQ.cue", "other/plays.chapters/aqz-KE-bpKQ.cue"]


def test_commands_that_only_read_obey_too(desk: Desk) -> None:
    desk.put("films/good.md", GOOD.replace("00:00:10", "01:02:00"))
    desk.put("notebind.toml", 'time-format = "ms"\ncards = "none"\n')
    assert '"start_ms":62000' in desk.run("show", "films").out
    assert '"start_ms":3720000' in desk.run("show", "films", "--time-format", "hms").out
    assert "time-" in desk.run("check", "films").out
    assert "time-" not in desk.run("check", "films", "--time-format", "hms").out
    desk.put("notebind.toml", "titel = 1")
    assert desk.run("cards", "films").err.startswith("notebind: notebind.toml:1: no setting is called 'titel'")


@pytest.mark.parametrize("command", ["check", "show", "cards"])
def test_the_most_that_a_note_may_have_holds_everywhere(desk: Desk, command: str) -> None:
    desk.put("films/good.md", GOOD + "words " * 200_000)
    ran = desk.run(command, "films", "--max-note-size", "1")
    assert ran.code == 1
    assert command == "cards" or "note-too-big" in ran.out + ran.err


def test_switches_can_be_taken_back(desk: Desk) -> None:
    desk.put("notebind.toml", 'to = "anki"\nsection-cards = false\ntsv = true\n')
    assert desk.run("build", "films", "--no-tsv").code == 0
    assert not list(desk.folder.glob("output/*.txt"))


def test_an_edited_file_makes_again_what_depends_on_it(desk: Desk) -> None:
    def unchanged(ran: Ran) -> list[str]:
        report = (desk.folder / "report.json").read_text("utf-8")
        assert ran.code == 0, ran.err
        return re.findall(r'"unchanged": \[\s*"chapters"', report)

    arguments = ("films", "plays", "--report", "report.json")
    desk.build(*arguments)
    desk.put("notebind.toml", "[channel.films]\nchapters-depth = 1\n")
    assert len(unchanged(desk.build(*arguments))) == 1
    assert len(unchanged(desk.build(*arguments))) == 2


def test_a_setting_that_the_writer_refuses_names_the_file(desk: Desk) -> None:
    desk.put("notebind.toml", 'to = "epbu"')
    ran = desk.run("build", "films")
    assert ran.code == 2
    assert "the format 'epbu' is unknown (did you mean epub?)" in ran.err
    assert ran.err.endswith("(settings were read from notebind.toml)\n")


# Commands


def test_init_writes_every_setting_as_it_is_by_default(desk: Desk) -> None:
    ran = desk.run("init", "films")
    assert (ran.code, ran.err) == (0, "")
    text = (desk.folder / "films/notebind.toml").read_text("utf-8")
    assert tomllib.loads(text) == {}, "nothing in it holds yet"
    free = re.sub(r"^# (?=[a-z-]+ = )", "", text, flags=re.MULTILINE)
    free = free.replace('title = "Its title"', "")
    path = desk.put("films/notebind.toml", free)
    read = read_settings(path, file_bytes(path), keys(), REFUSED).values
    assert list(read) == list(keys())
    defaults = {key.name: key.default for key in keys().values() if key.path is None}
    assert {name: read[name].value for name in defaults} == defaults
    plain = desk.build("films")
    path.unlink()
    assert plain.code == 0, plain.err


def test_init_keeps_what_is_there(desk: Desk) -> None:
    desk.put("notebind.toml", "# mine")
    ran = desk.run("init")
    assert (ran.code, ran.err) == (2, "notebind: notebind.toml: is there already: edit it, or remove it first\n")
    assert (desk.folder / "notebind.toml").read_text("utf-8") == "# mine"


def test_every_option_of_build_is_a_setting_or_refused(desk: Desk) -> None:
    shown = set(re.findall(r"--(?:\[no-\]|(?!no-))([a-z-]+)", desk.run("build", "--help").out)) - {
        "help",
        "audio",
    }  # another name of --videos
    assert shown - set(keys()) == set(REFUSED) - {"notes"}
    assert set(keys()) <= shown
    assert {key.group for key in keys().values()} == {
        "",
        *(name for name in built_in() if f"Options of {name}" in settings_text()),
    }


def test_config_says_where_each_value_comes_from(desk: Desk) -> None:
    desk.put("notebind.toml", '\ntitle = "Films"\n[channel.films]\ncover = "a.png"\n[channel.flims]\nplain = true\n')
    ran = desk.run("config", "films")
    assert ran.code == 0, ran.err
    lines = [re.split(r"  +", line) for line in ran.out.splitlines()]
    assert ["title", '"Films"', "notebind.toml:2"] in lines
    assert ["jobs", "0", "default"] in lines
    channel = lines.index(["[channel.films]"])
    assert lines[channel + 1] == ["cover", '""', "default (not obeyed: notebind.toml:4)"]
    assert ["[channel.flims]", "(no folder of notes has this name)"] in lines
    assert {line[0] for line in lines} >= set(keys())
    assert any(line.startswith("Obeyed if trusted: vault, videos, jobs, prune") for line in ran.out.splitlines())
    ran = desk.run("config", "films", "--trust-settings")
    assert f'"{desk.folder}/a.png"' in ran.out
    assert "not obeyed" not in ran.out
    assert "Settings: no notebind.toml here or above" in desk.run("config", "/").out


def test_watch_sees_the_file_change(desk: Desk) -> None:
    from tests.test_watch import Watched

    watched = Watched(desk.folder)
    watched.put("notebind.toml", "chapters-depth = 1\n")
    try:
        watched.start("films")
        watched.put("notebind.toml", "chapters-depth = 'x'\n")
        watched.says("notebind.toml:1: chapters-depth takes a whole number")
        watched.put("notebind.toml", "chapters-formats = 'cue'\n")
        watched.until(lambda: bool(list(desk.folder.glob("output/films.chapters/*.cue"))))
    finally:
        watched.stop()


def test_the_file_of_the_papers_works(desk: Desk) -> None:
    (text,) = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / "configuration.md").read_text("utf-8"), re.DOTALL)
    desk.put("notebind.toml", text)
    shutil.copytree(ROOT / "seeds" / "open_movies", desk.folder / "open_movies")
    ran = desk.run("build", "open_movies", "--jobs", "1")
    assert ran.code == 0, ran.err
    assert (desk.folder / "books" / "open_movies.epub").exists()
