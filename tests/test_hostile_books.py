"""Builds hostile vaults with every writer: outputs are complete or diagnosed, and nothing else is touched.

`make hostile` runs each note alone and measures the time.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.records import Record, save_record
from convert.storage.folder import Folder
from tests.support import epub_validity
from tests.support.anki_cases import Anki
from tests.support.command import COMMAND, environment
from tests.support.needs import needs
from tests.support.vaults import VIDEO, lay_out, note
from tests.tools.hostile.guarded import Box, Ran
from tests.tools.hostile.notes import THEMES, with_secret
from tests.tools.hostile.outputs import active_links, artifacts, complaints
from tests.tools.hostile.places import FILES, FOLDERS, TRICKS, lay_out_names, lay_out_tricks
from tests.tools.hostile.sizes import HOSTILE
from tests.tools.hostile.sockets import CAN_FORBID, forbid

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs names as bytes, pipes and links")

SMALL = 2000
"""Notes made to hang a reader are cut to this fraction of their full size."""


@dataclass(frozen=True)
class Built:
    box: Box
    ran: Ran
    inputs: int


def lay_out_notes(box: Box) -> int:
    for theme, notes in THEMES.items():
        for name, text in notes.items():
            _put(box.vault / theme / f"{name}.md", with_secret(text, str(box.secrets / "secret.svg")))
    return sum(map(len, THEMES.values()))


def lay_out_sizes(box: Box) -> int:
    for name, (make, size) in HOSTILE.items():
        text = f"---\ntitle: {name}\nvideoId: {VIDEO}\n---\n\n" + make(max(size // SMALL, 10))
        _put(box.vault / "sizes" / f"{name}.md", text.encode())
    return len(HOSTILE)


def _put(path: Path, data: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


LAY_OUT = {
    "notes": lay_out_notes,
    "names": lambda box: lay_out_names(box.vault),
    "tricks": lambda box: lay_out_tricks(box.vault, box.secrets / "secret.md"),
    "sizes": lay_out_sizes,
}


@pytest.fixture(scope="module", params=LAY_OUT)
def built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    box = Box(tmp_path_factory.mktemp(request.param))
    inputs = LAY_OUT[request.param](box)
    return Built(box, box.build(seconds=150), inputs)


def test_there_are_enough_of_them() -> None:
    assert sum(map(len, (*THEMES.values(), FILES, FOLDERS, TRICKS, HOSTILE))) >= 120


def test_it_ends_in_outputs_and_diagnostics(built: Built) -> None:
    said = built.ran.out + built.ran.err
    assert built.ran.code in (0, 1), said
    assert "Traceback" not in said
    assert "internal error" not in said
    assert " failed: " not in said
    assert artifacts(built.box.output)


def test_what_it_prints_moves_no_terminal(built: Built) -> None:
    assert not [line for line in (built.ran.out + built.ran.err).split("\n") if not line.isprintable()]


def test_it_touches_nothing_else(built: Built) -> None:
    assert built.box.escapes(built.ran) == []
    assert {path.name for path in built.box.folder.iterdir()} == {"vault", "output", "tmp", "secrets", "audit.log"}
    assert list(built.box.temporary.iterdir()) == []


def test_every_artifact_is_whole_and_tells_no_secret(built: Built) -> None:
    assert list(complaints(built.box.output)) == []


def test_nothing_in_it_runs(built: Built) -> None:
    assert active_links(built.box.output) == []


@needs("epubcheck", "jpype")
def test_epubcheck_has_nothing_to_say(built: Built) -> None:
    books = [path for path in artifacts(built.box.output) if path.suffix == ".epub"]
    assert books
    # Two books are checked for all that differ only in their names.
    shown = books if len(books) < 12 else books[::10]
    assert {book.name: found for book in shown if (found := epub_validity.complaints(book))} == {}


@needs("anki")
def test_anki_takes_every_deck(built: Built, tmp_path: Path) -> None:
    anki = Anki(tmp_path)
    taken = [anki.imported(deck.read_bytes()) for deck in built.box.output.glob("*.apkg")]
    assert taken
    assert not [one for one in taken if one["conflicting"]]
    assert anki.with_collection(lambda col: list(col.get_empty_cards().notes)) == []


def test_check_and_show_take_it_too(built: Built) -> None:
    for command in ("check", "show"):
        ran = built.box.run(command, str(built.box.vault), seconds=180)
        assert ran.code in (0, 1)
        assert "Traceback" not in ran.err
        assert built.box.escapes(ran) == []


# The guarded command itself


def test_the_guard_sees_what_leaves_the_box(tmp_path: Path) -> None:
    box = Box(tmp_path)
    (box.vault / "a.md").write_text("[0:01]")
    ran = box.run("build", str(box.vault), "-t", "chapters", "-o", str(tmp_path / "elsewhere"))
    assert ("write", str(tmp_path / "elsewhere")) in box.escapes(ran)
    ran = box.run("check", str(box.secrets))
    assert ("read", str(box.secrets / "secret.md")) in box.escapes(ran)


@pytest.mark.skipif(not CAN_FORBID, reason="needs a kernel that filters calls")
def test_the_kernel_ends_what_opens_a_socket() -> None:
    for family, ended in (("AF_INET", -31), ("AF_INET6", -31), ("AF_UNIX", 0)):
        script = f"import socket; socket.socket(socket.{family})"
        done = subprocess.run([sys.executable, "-c", script], preexec_fn=forbid, capture_output=True, check=False)
        assert done.returncode == ended, done


# Names on the command line


@pytest.mark.parametrize("name", ["../../x", "/etc/x", "..", "a\\b", "nul", "\x1b[31m", "x" * 300, ""])
def test_the_name_of_one_book_stays_below_the_output(name: str, tmp_path: Path) -> None:
    box = Box(tmp_path)
    (box.vault / "a.md").write_text("[0:01] a")
    ran = box.build("--one-book", name, "--title", name, to="chapters,epub")
    assert ran.code == 0
    assert box.escapes(ran) == []


@pytest.mark.parametrize("where", [b"notes", b"output"])
def test_paths_that_are_no_text(where: bytes, tmp_path: Path) -> None:
    box = Box(tmp_path)
    odd = os.fsdecode(os.path.join(os.fsencode(tmp_path / "output"), where + b"\xff"))
    os.mkdir(odd)
    for folder in (odd, str(box.vault)):
        Path(folder, "a.md").write_text("[0:01] a")
    notes, output = (odd, str(box.output)) if where == b"notes" else (str(box.vault), odd)
    ran = box.run("build", notes, "--output", output, "-t", "chapters,epub")
    assert "Traceback" not in ran.err
    assert "internal error" not in ran.err
    assert ran.code == (1 if where == b"notes" else 0)


def test_a_report_of_hostile_names_is_json(tmp_path: Path) -> None:
    import json

    box = Box(tmp_path)
    lay_out_names(box.vault)
    box.build("--report", str(box.output / "report.json"), to="chapters")
    report: Any = json.loads((box.output / "report.json").read_text("utf-8"))
    assert len(report["books"]) >= len(FOLDERS) - 1


def test_pipes_for_settings_are_not_waited_for(tmp_path: Path) -> None:
    box = Box(tmp_path)
    (box.vault / "a.md").write_text("[0:01] a")
    for name in ("pyproject.toml", "notebind.toml"):
        os.mkfifo(box.vault / name)
    assert box.build(to="chapters", seconds=20).code == 0


@pytest.mark.parametrize("setting", ["css", "cover", "font-path"])
def test_settings_of_others_open_nothing_outside_their_folder(setting: str, tmp_path: Path) -> None:
    box = Box(tmp_path)
    (box.vault / "a.md").write_text("[0:01] a")
    (box.vault / "notebind.toml").write_text(f'{setting} = "../secrets/secret.svg"\n')
    ran = box.build(to="epub,chapters")
    assert (ran.code, box.escapes(ran)) == (0, [])
    assert f"not obeyed: {setting} (line 1)" in ran.err


BAD = "\x1b]0;x\x07\x9b2J\u202e[link=http://a.invalid][/red]"


def test_no_command_prints_escapes(tmp_path: Path) -> None:
    """Of folders, notes, films and records."""
    name = BAD.replace("/", "")
    text = note(f"## What is {BAD}?\n[00:00:10] A **{BAD}** is a word.\n\nQ{BAD}::A{BAD}\n", f"a{BAD}")
    folder = tmp_path / name / "[red]x[blue]"
    lay_out(folder, {f"a{name}.md": text, "[red].md": text, "x\x7fy.md": text})
    output = tmp_path / f"out{name}"
    record = Record("f", "gone\x1b]0;q\x07", f"ep{BAD}ub".replace("/", ""), ("/gone",), (), (), {})
    save_record(Folder(output), record)
    lines = [
        ["build", str(folder), "-o", str(output), "--to", "epub,chapters,anki"],
        ["build", str(folder), "-o", str(output), "--to", "epub,chapters,anki", "--prune", "--inline-cards"],
        ["cards", str(folder), "--explain", "--inline-cards"],
        *([command, str(folder)] for command in ("check", "show", "trust", "init", "push")),
        ["mux", f"{folder}/film.mp4", "--notes", str(folder)],
    ]
    for line in lines:
        done = subprocess.run([*COMMAND, *line], env=environment(), capture_output=True, timeout=60)
        for written in (done.stdout.decode(), done.stderr.decode()):
            assert "Traceback" not in written, line
            odd = [c for c in written if not c.isprintable() and c not in "\n\xa0"]
            assert not odd, (line, odd, written)
