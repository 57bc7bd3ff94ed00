"""Tests that a settings file among notes only changes looks until its user trusts it, whatever it says and is."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from convert.cli.settings import REFUSED, keys
from convert.config import trust
from convert.config.effects import EFFECTS, OBEYED
from convert.config.read import file_bytes, lines_of_keys, read_settings, user_file
from convert.errors import UsageError
from tests.support.command import Desk
from tests.support.needs import ROOT

POWER = {
    "vault": '"."',
    "videos": '"."',
    "jobs": "37",
    "prune": "true",
    "set": '["other.key=value"]',
    "max-note-size": "17",
    "max-picture-size": "21",
    "max-minutes": "61",
    "output": '"../elsewhere"',
    "cover": '"a.png"',
    "css": '"a.css"',
    "font": '"A font"',
    "font-path": '"fonts"',
    "copy-videos": "true",
    "pdf-engine": '"xelatex"',
}
"""A value of each setting that asks for power."""


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "own"))
    return Desk(tmp_path / "desk")


# The table


def test_every_setting_has_an_effect() -> None:
    assert list(keys()) == list(EFFECTS)
    assert {key.name for key in keys().values() if key.effect not in ("looks", "formats")} == POWER.keys()


def test_every_number_has_bounds() -> None:
    numbers = [key for key in keys().values() if key.kind is int]
    assert len(numbers) == 7
    assert [key.name for key in numbers if key.least is None or key.most is None] == []


def page_table() -> str:
    """Return the table of docs/configuration.md."""
    rows = [
        f"| `{key.name}` | {OBEYED[key.effect]} | {f'{key.least} to {key.most}' if key.kind is int else ''} |"
        for key in keys().values()
    ]
    return "\n".join(["| setting | obeyed | numbers |", "| --- | --- | --- |", *rows])


def test_the_page_has_the_table() -> None:
    page = ROOT / "docs" / "configuration.md"
    text = page.read_text("utf-8")
    if os.environ.get("NOTEBIND_GOLDEN") == "write":
        text = re.sub(r"^\| setting \| obeyed.*?(?=\n\n|\Z)", page_table(), text, flags=re.DOTALL | re.MULTILINE)
        page.write_text(text.rstrip() + "\n", "utf-8")
    assert page_table() in text, "run `make golden`"


# What is obeyed


def test_power_is_not_obeyed_in_a_file_that_came_with_notes(desk: Desk) -> None:
    desk.put("films/notebind.toml", "".join(f"{key} = {value}\n" for key, value in POWER.items()))
    ran = desk.run("build", "films", "--to", "epub,html,chapters")
    assert ran.code == 0, ran.err
    names = ", ".join(f"{key} (line {line})" for line, key in enumerate(POWER, 1))
    assert ran.err.splitlines()[0] == (
        f"notebind: films/notebind.toml:1: not obeyed: {names}: settings that read or write other files, "
        "or cost more, wait for trust; if you trust it, type: notebind trust films/"
    )
    assert not (desk.folder / "elsewhere").exists()


@pytest.mark.parametrize("key", POWER)
def test_channels_have_no_power_either(desk: Desk, key: str) -> None:
    path = desk.put("films/notebind.toml", f"{key} = {POWER[key]}\n")
    assert not read_settings(path, file_bytes(path), keys(), REFUSED).values[key].is_obeyed
    assert read_settings(path, file_bytes(path), keys(), REFUSED, is_trusted=True).values[key].is_obeyed
    if keys()[key].of_channel:
        path = desk.put("films/notebind.toml", f"[channel.films]\n{key} = {POWER[key]}\n")
        assert not read_settings(path, file_bytes(path), keys(), REFUSED).channels["films"][key].is_obeyed


def test_looks_and_lower_limits_are_obeyed(desk: Desk) -> None:
    lines = ['title = "A"', "max-minutes = 5", "max-note-size = 16", 'output = "out"', 'paper = "a5"', "strict = true"]
    path = desk.put("films/notebind.toml", "\n".join(lines))
    assert all(one.is_obeyed for one in read_settings(path, file_bytes(path), keys(), REFUSED).values.values())
    assert "not obeyed" not in desk.build("films").err


@pytest.mark.parametrize("value", [0, 61, 10_080])
def test_no_limit_is_a_raised_limit(desk: Desk, value: int) -> None:
    path = desk.put("films/notebind.toml", f"max-minutes = {value}")
    assert not read_settings(path, file_bytes(path), keys(), REFUSED).values["max-minutes"].is_obeyed


def test_formats_of_plug_ins_are_not_run(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convert.cli.settings.writers", lambda: {"epub": None, "theirs": None})
    for formats, is_obeyed in (("epub, pdf", True), ("epub,theirs", False), ("epbu", True), ("", True)):
        path = desk.put("films/notebind.toml", f'to = "{formats}"\n[channel.films]\nto = ["{formats}"]')
        found = read_settings(path, file_bytes(path), keys(), REFUSED)
        assert found.values["to"].is_obeyed == found.channels["films"]["to"].is_obeyed == is_obeyed


def test_engines_are_not_run(desk: Desk) -> None:
    desk.put("films/notebind.toml", 'pdf-engine = "weasyprint"\n[channel.films]\npdf-engine = "xelatex"\n')
    for name in ("weasyprint", "xelatex"):
        desk.put(f"bin/{name}", "#!/bin/sh\ntouch ran\n").chmod(0o755)
    ran = desk.run("build", "films", "--to", "pdf", PATH=f"{desk.folder / 'bin'}{os.pathsep}{os.environ['PATH']}")
    assert ran.code == 0, ran.err
    assert not (desk.folder / "ran").exists()
    assert "not obeyed: pdf-engine (line 1), pdf-engine (line 3)" in ran.err


def test_private_files_are_not_copied_into_the_site(desk: Desk) -> None:
    secret = desk.put("id_rsa", "a secret")
    (desk.folder / "films/media").mkdir()
    (desk.folder / "films/media/f [aqz-KE-bpKQ].mp4").symlink_to(secret)
    desk.put("films/notebind.toml", 'videos = "media"\ncopy-videos = true\nto = "html"\noutput = "out"\n')
    ran = desk.run("build", "films", "--jobs", "1")
    assert ran.code == 0, ran.err
    made = [path for path in (desk.folder / "films/out").rglob("*") if path.is_file()]
    assert made
    assert not any(b"a secret" in path.read_bytes() for path in made)


@pytest.mark.parametrize("command", ["check", "show", "cards"])
def test_commands_that_read_have_the_same_rule(desk: Desk, command: str) -> None:
    desk.put("films/notebind.toml", 'vault = ".."\ncss = "a.css"\n')
    ran = desk.run(command, "films")
    css = ", css (line 2)" if command == "check" else ""  # which tries what build would make
    assert f"films/notebind.toml:1: not obeyed: vault (line 1){css}: settings that" in ran.err
    assert "not obeyed" not in desk.run(command, "films", "--trust-settings").err


def test_watch_and_mux_have_the_same_rule(desk: Desk) -> None:
    desk.put("films/notebind.toml", "max-note-size = 900\n")
    assert "not obeyed: max-note-size" in desk.run("mux", "a.mp4", "--notes", "films").err
    assert "not obeyed" not in desk.run("mux", "a.mp4", "--notes", "films", "--trust-settings").err


COMMANDS = (
    ["build", "."],
    ["watch", "."],
    ["serve", ".", "--no-open"],
    ["mux", "a.mp4", "--notes", "."],
    ["build", ".", "--to", "html", "--force"],
)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("target", ["elsewhere", "elsewhere/none", "chain"])
def test_the_default_output_is_no_link_out_of_the_folder(desk: Desk, command: list[str], target: str) -> None:
    elsewhere = desk.put("elsewhere/mine.txt", "mine").parent
    vault = Desk(desk.folder / "vault")
    (vault.folder / "chain").symlink_to(elsewhere)
    (vault.folder / "output").symlink_to(target if target == "chain" else desk.folder / target)
    ran = vault.run(*command)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("notebind: output: is a link out of this folder, which is not followed: if you want it,")
    assert f"give -o {elsewhere}" in ran.err
    assert os.listdir(elsewhere) == ["mine.txt"]


def test_an_output_that_was_named_may_be_a_link(desk: Desk) -> None:
    (desk.folder / "elsewhere").mkdir()
    (desk.folder / "output").symlink_to("elsewhere")
    assert desk.build("films").code == 0, "a link inside of the folder"
    (desk.folder / "films" / "output").symlink_to("../elsewhere")
    vault = Desk(desk.folder / "films")
    assert vault.build(".").code == 2
    assert vault.build(".", "--output", "output").code == 0


def test_links_to_nothing_are_one_line(desk: Desk) -> None:
    for name, leads in {"output": "output", "broken": "nowhere/x", "file": "films/good.md"}.items():
        (desk.folder / name).symlink_to(leads)
        ran = desk.build("films", "--output", name)
        said = f"{name}: cannot be made a folder (a link that leads to no folder is there): choose another --output\n"
        assert (ran.code, ran.err) == (1, f"notebind: {said}")
    assert "(a link that leads to no folder is there)" in desk.build("films").err
    desk.put("films/notebind.toml", 'output = "here"')
    (desk.folder / "films" / "here").symlink_to("here")
    assert "cannot be made a folder (a link that leads to no folder is there)" in desk.build("films").err
    assert "(a file is there)" in desk.build("films", "--output", "films/good.md").err


@pytest.mark.parametrize("name", ["trust-settings", "force", "debug", "report", "executor", "push", "quiet", "notes"])
def test_what_no_file_may_say(desk: Desk, name: str) -> None:
    desk.put("own/notebind/config.toml", f"{name} = true")
    ran = desk.run("check", "films", XDG_CONFIG_HOME=str(desk.folder / "own"))
    assert ran.code == 2
    assert "command line" in ran.err


# Trust


def test_a_trusted_file_is_obeyed_until_it_changes(desk: Desk) -> None:
    desk.put("films/notebind.toml", 'output = "../books"\njobs = 1\n')
    ran = desk.run("trust", "films")
    assert ran.out == (
        "films/notebind.toml: trusted until it changes; obeyed from now on: output (line 1), jobs (line 2)\n"
    )
    assert desk.run("trust", "--list").out == f"{desk.folder / 'films/notebind.toml'}\n"
    assert "not obeyed" not in desk.build("films").err
    assert (desk.folder / "books/films.chapters").is_dir()
    desk.put("films/notebind.toml", 'output = "../other"\njobs = 1\n')
    assert "not obeyed: output (line 1), jobs (line 2)" in desk.build("films").err
    assert not (desk.folder / "other").exists()
    assert "(changed since: not trusted)" in desk.run("trust", "--list").out
    desk.run("trust", "films/notebind.toml")
    assert len(desk.run("trust", "--list").out.splitlines()) == 1
    assert desk.run("trust", "films", "--remove").out == "films: trusted no longer\n"
    assert desk.run("trust", "--list").out == ""
    assert "not obeyed" in desk.build("films").err


def test_trust_is_for_one_place(desk: Desk) -> None:
    text = "jobs = 2\n"
    desk.put("films/notebind.toml", text)
    desk.run("trust", "films")
    desk.put("others/one.md", (desk.folder / "films/good.md").read_text("utf-8"))
    desk.put("others/notebind.toml", text)
    (desk.folder / "same").symlink_to(desk.folder / "films")
    assert "not obeyed" in desk.build("others").err
    assert "not obeyed" not in desk.build("same").err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["films"], "films: no notebind.toml in this folder: name the one that has it"),
        (["nowhere"], "nowhere: no such file or folder"),
        ([], "name the folder whose settings file you trust, or use --list"),
        (["films", "--remove"], "films: was not trusted"),
    ],
)
def test_what_cannot_be_trusted_is_said(desk: Desk, arguments: list[str], said: str) -> None:
    ran = desk.run("trust", *arguments)
    assert ran.code == 2
    assert ran.err.startswith(f"notebind: {said}")


def test_a_project_file_has_the_same_rule(desk: Desk) -> None:
    desk.put("pyproject.toml", '[tool.notebind]\nprune = true\n[tool.notebind.channel.films]\ncss = "a.css"\n')
    ran = desk.build("films")
    assert "pyproject.toml:2: not obeyed: prune (line 2), css (line 4)" in ran.err
    assert ran.err.splitlines()[0].endswith("notebind trust ./")
    assert "obeyed from now on: prune (line 2), css (line 4)" in desk.run("trust", ".").out


# The user's own file


def test_the_users_own_file_has_power_and_the_least_say(desk: Desk, tmp_path: Path) -> None:
    own = tmp_path / "own/notebind/config.toml"
    own.parent.mkdir(parents=True)
    own.write_text(f'output = "{tmp_path / "mine"}"\nmax-minutes = 5\nauthor = "Me"\ntitle = "Mine"\n', "utf-8")
    desk.put("films/notebind.toml", 'title = "Theirs"\nmax-minutes = 60\n')
    ran = desk.run("config", "films")
    lines = [re.split(r"  +", line) for line in ran.out.splitlines()]
    assert ["title", '"Theirs"', "films/notebind.toml:1"] in lines
    assert ["author", '"Me"', f"{own}:3"] in lines
    assert ["max-minutes", "5", f"{own}:2 (not obeyed: films/notebind.toml:2)"] in lines
    assert desk.build("films").code == 0
    assert (tmp_path / "mine/films.chapters").is_dir()
    own.write_text("[channel.films]\njobs = 1\n", "utf-8")
    assert "jobs holds for the whole build" in desk.build("films").err
    own.write_text('[channel.films]\ntitle = "X"\n', "utf-8")
    assert "settings of a channel stand in the file beside its notes" in desk.build("films").err


def test_notes_choose_no_folder_of_the_user(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("conf/notebind", "conf/.config/notebind"):
        desk.put(f"{name}/config.toml", "no-such-setting = 1")
    for name in ("XDG_CONFIG_HOME", "HOME"):
        monkeypatch.setenv(name, "conf")
    monkeypatch.chdir(desk.folder)
    assert desk.build("films").code == 0
    # Older versions of the library take a relative folder from the environment.
    monkeypatch.setattr("platformdirs.user_config_path", lambda *_, **__: Path("conf/notebind"))
    assert user_file() is None
    with pytest.raises(UsageError, match="is not absolute"):
        trust.trust(desk.folder / "films/notebind.toml", b"")


# What the file is


def wrong(desk: Desk, text: str | bytes) -> str:
    path = desk.put("films/notebind.toml", text)
    with pytest.raises(UsageError) as caught:
        read_settings(path, file_bytes(path), keys(), REFUSED)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400
    return str(caught.value).rpartition("notebind.toml")[2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max-minutes = 99999999999999999999", ":1: max-minutes takes 10080 or less, not 99999999999999999999"),
        ("max-minutes = -99999999999999999999", ":1: max-minutes takes 0 or more"),
        (f"max-minutes = 0x{'f' * 9000}", ":1: max-minutes takes 10080 or less, not this"),
        (f"max-minutes = {'9' * 9000}", ": a number or date in it is too long"),
        ("jobs = 1001", ":1: jobs takes 1000 or less"),
        ("max-note-size = 1001", ":1: max-note-size takes 1000 or less"),
        ("chapters-depth = 7", ":1: chapters-depth takes 6 or less"),
        ("max-cards-per-note = -1", ":1: max-cards-per-note takes 0 or more"),
        ("max-minutes = inf", ":1: max-minutes takes a whole number, not Infinity"),
        (f'title = "{"a" * 1001}"', ":1: title takes at most 1000 characters"),
        ('output = "a\\u0000b"', ":1: output takes at most 1000 characters, none of them NUL"),
        (f"title = {'[' * 3000}{']' * 3000}", ": is nested too deeply"),
        (f"title = {'[' * 150}{']' * 150}", ":1: title takes a text in quotes"),
        (f"{'a.' * 90_000}b = 1", ":1: no setting has so many names between dots"),
        (f"[{'a . ' * 45_000}b]", ":1: no setting has so many names between dots"),
        (b"title = '" + b"a" * 200_000 + b"'", ": cannot be read (has more than 0.2 MB)"),
        (b"\xef\xbb\xbf\xff", ": is not UTF-8"),
        ("title = 2024-02-31", ":1: is no TOML"),
    ],
)
def test_values_without_measure_are_one_line(desk: Desk, text: str | bytes, said: str) -> None:
    began = time.process_time()
    assert wrong(desk, text).startswith(said)
    assert time.process_time() - began < 2


def test_numbers_of_the_command_line_have_the_same_bounds(desk: Desk) -> None:
    for option, number in (
        ("--max-minutes", "99999999999999999999"),
        ("--jobs", "1001"),
        ("--max-note-size", "9" * 5000),
        ("--chapters-depth", "7"),
    ):
        ran = desk.build("films", option, number)
        assert ran.code == 2
        assert f"notebind: {option} takes " in ran.err
    assert "chapters.chapters_depth takes 1 to 6" in desk.build("films", "--set", "chapters.chapters_depth=99").err


def test_a_settings_file_is_an_ordinary_file_of_its_folder(desk: Desk) -> None:
    secret = desk.put("private.toml", 'title = "A secret"\n')
    link = desk.folder / "films/notebind.toml"
    link.symlink_to(secret)
    ran = desk.run("config", "films")
    assert "films/notebind.toml: is a link out of its folder, which is not followed" in ran.err
    assert "secret" not in ran.out
    assert "is a link out of its folder" in desk.run("trust", "films").err
    link.unlink()
    link.symlink_to("/dev/zero")
    assert desk.build("films").code == 0
    link.unlink()
    with link.open("wb") as file:
        file.truncate(6 << 30)
    assert desk.build("films").err == "notebind: films/notebind.toml: cannot be read (has more than 0.2 MB)\n"


@pytest.mark.parametrize(
    "piece", ['"', '"a', "'", "'a", '"""', '"""a', "'''", "'''a\n", "\\", '"\\"', "#", "a.", '"a".']
)
def test_broken_text_is_searched_in_linear_time(piece: str) -> None:
    import convert.config.read as reading

    def seconds(times: int) -> float:
        began = time.process_time()
        list(re.finditer(reading._TOKEN, piece * times, re.DOTALL))
        re.search(reading._LONG_KEY, piece.replace(".", "-") * times)
        return time.process_time() - began

    assert min(seconds(200_000) for _ in range(3)) < 2


def test_lines_are_the_same_for_closing_quotes() -> None:
    assert lines_of_keys('a = """x"""""\nb = \'\'\'y\'\'\'\'\nc = "\\""\nd = 1') == {
        ("a",): 1, ("b",): 2, ("c",): 3, ("d",): 4,
    }  # fmt: skip


def test_what_became_of_a_trusted_file_is_told(desk: Desk) -> None:
    settings = desk.put("films/notebind.toml", "jobs = 2\n")
    assert desk.run("trust", "films").code == 0
    assert "not obeyed" not in desk.build("films").err
    desk.put("films/notebind.toml", "jobs = 3\n")
    assert "not obeyed: jobs (line 1): this file was trusted, but has changed since; if you" in desk.build("films").err
    assert desk.run("trust", "--list").out == f"{settings}  (changed since: not trusted)\n"
    settings.unlink()
    assert desk.run("trust", "--list").out == f"{settings}  (gone)\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "nowhere: no such file or folder: check the path"),
        (["films"], "films: no notebind.toml in this folder: name the one that has it"),
        (["--list", "--remove"], "--list stands alone: it shows all files that are trusted"),
        (["films", "--list"], "--list stands alone: it shows all files that are trusted"),
    ],
)
def test_trust_in_nothing_is_one_line(desk: Desk, arguments: list[str], says: str) -> None:
    ran = desk.run("trust", *arguments)
    assert (ran.code, ran.err) == (2, f"notebind: {says}\n")
