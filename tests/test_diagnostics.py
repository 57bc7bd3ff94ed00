"""Tests that every diagnostic is raised; the tests of each writer raise the codes of that writer."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from convert.pipeline import make as work
from convert.pipeline.tasks import NoteTask
from convert.report import CODES, Diagnostic
from convert.storage import location as places
from convert.vault.scan import digest
from convert.writers.anki.deck import distinct
from convert.writers.anki.deck_cards import DeckCard
from tests.support.needs import ROOT
from tests.support.vaults import OTHER, Files, all_diagnostics, lay_out, note, open_files

ANCHOR = '<a class="yt-timestamp" data-t="{}">[{}]</a>'

RAISED: dict[str, tuple[Files, str, int]] = {
    "book-renamed": ({"C/a.md": note(), "C++/a.md": note()}, "", 0),
    "callout-mended": ({"films/a.md": note("[!note] Tides\ntext")}, "films/a.md", 4),
    "chapter-out-of-order": ({"films/a.md": note("0:00 a\n1:00 b\n0:30 c\n2:00 d\n3:00 e")}, "films/a.md", 6),
    "code-stamps": ({"films/a.md": note(f"x\n\n`y {ANCHOR.format('0:10', '0:10')}`")}, "films/a.md", 6),
    "fence-stray": ({"films/a.md": note("```markdown\n# A\n```")}, "films/a.md", 4),
    "field-card": ({"films/a.md": note("hare:: Hase")}, "films/a.md", 4),
    "field-property": ({"films/a.md": note("year:: 2012\nlength:: 12:34")}, "films/a.md", 4),
    "front-matter-invalid": ({"films/a.md": note(more="x: [")}, "films/a.md", 3),
    "front-matter-unclosed": ({"films/a.md": "---\nvideoId: x\n\n[03:10]"}, "films/a.md", 1),
    "heading-missing": ({"films/a.md": note("[[b#c]]"), "films/b.md": note()}, "films/a.md", 4),
    "html-dropped": ({"films/a.md": note("a <span class=x>b</span>")}, "films/a.md", 4),
    "indent-stray": ({"films/a.md": note("a\n\n    - [[sea]]")}, "films/a.md", 6),
    "leftover-dropped": ({"films/a.md": note("a\n\n<% tp.file.title %> `= this.b`")}, "films/a.md", 6),
    "link-ambiguous": (
        {"films/a.md": note("\n[[Sea]]"), "films/b.md": note(title="Sea"), "films/c.md": note(title="Sea")},
        "films/a.md",
        5,
    ),
    "link-missing": ({"films/a.md": note("[[b]]")}, "films/a.md", 4),
    "nesting-deep": ({"films/a.md": note(">" * 80 + " a")}, "films/a.md", 4),
    "not-a-note": ({"films/a.md": note(), "films/README.md": "# Films"}, "films/README.md", 0),
    "note-binary": ({"films/a.md": bytes(range(256)) * 9}, "films/a.md", 0),
    "note-empty": ({"films/a.md": " \n"}, "films/a.md", 0),
    "note-encoding": ({"films/a.md": note("caf\xe9").encode("latin-1")}, "films/a.md", 4),
    "note-nul": ({"films/a.md": note("a\0b")}, "films/a.md", 4),
    "note-wordless": ({f"films/{x}.md": note("It rains." * (x == "a")) for x in "abcd"}, "films/b.md", 1),
    "obsidian-settings": (
        {"films/a.md": note(), "films/.obsidian/app.json": '{"strictLineBreaks": tru'},
        "films/.obsidian/app.json",
        0,
    ),
    "stamp-mended": ({"films/a.md": note('<a class="yt-timestamp" data-t="0:10">[0:10] a')}, "films/a.md", 4),
    "stamp-unreadable": ({"films/a.md": note(ANCHOR.format("N/A", "soon"))}, "films/a.md", 4),
    "title-long": ({"films/a.md": note(title="Tide " * 300)}, "films/a.md", 1),
    "video-id-duplicate": ({"films/a.md": note(more=f"url: https://youtu.be/{OTHER}")}, "films/a.md", 3),
    "video-id-invalid": ({"films/a.md": note("[0:10]", video="short")}, "films/a.md", 2),
    "video-missing": ({"films/a.md": note("[0:10]", video=""), "films/b.md": note()}, "films/a.md", 1),
    "video-none": ({"films/a.md": "# A walk\n\nAt [0:10] it rains."}, "films/a.md", 1),
    "video-shared": ({"films/a.md": note(), "films/b.md": note()}, "films/b.md", 1),
    "time-repaired": (
        {"films/a.md": note("\n".join(ANCHOR.format(f"{m:02}:{m * 7 % 60:02}:00", "x") for m in range(1, 40)))},
        "films/a.md",
        4,
    ),
}
"""The files, note and line (0 for none) of each code."""


@pytest.mark.parametrize("code", RAISED)
def test_raised(code: str, tmp_path: Path) -> None:
    files, name, line = RAISED[code]
    vault = open_files(tmp_path, files)
    found = [one for one in all_diagnostics(vault) if one.code == code]
    assert found
    assert found[0].severity == CODES[code].severity
    assert found[0].message
    if name:
        assert found[0].note == str(tmp_path / name)
        assert found[0].line == line


def test_an_invalid_video_id_is_one_warning(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note("[0:10]", video="short")})
    assert [one.code for one in all_diagnostics(vault)] == ["video-id-invalid"]


def test_a_sound_vault_raises_nothing(tmp_path: Path) -> None:
    files = {
        "films/a.md": note(f"# A\n\n[[b#B]] {ANCHOR.format('00:00:10', '00:00:10')}"),
        "films/b.md": note("# B", video=OTHER),
    }
    assert all_diagnostics(open_files(tmp_path, files)) == []


@pytest.mark.parametrize("settings", [b"", b"[]", b'{"x":' + b"[" * 200_000, b" " * 1_000_001, None])
def test_settings_of_obsidian_that_cannot_be_read(tmp_path: Path, settings: bytes | None) -> None:
    path = tmp_path / ".obsidian" / "app.json"
    path.parent.mkdir()
    path.mkdir() if settings is None else path.write_bytes(settings)
    vault = open_files(tmp_path, {"films/a.md": note("a\nb"), "films/b.md": note("a", video=OTHER)})
    assert [(one.code, one.note) for one in vault.file_diagnostics] == [("obsidian-settings", str(path))]
    assert vault.resolved["films/a"].summary.breaks


@pytest.mark.parametrize(
    ("settings", "breaks"),
    [
        ("{}", True),
        ('\ufeff{"strictLineBreaks": true}', False),
        ('{"strictLineBreaks": 1}', True),
        ('{"a": {"strictLineBreaks": true}}', True),
    ],
)
def test_settings_of_obsidian(tmp_path: Path, settings: str, breaks: bool) -> None:
    vault = open_files(tmp_path, {"films/a.md": note("a"), "films/.obsidian/app.json": settings, "b/c.md": note("b")})
    assert not vault.file_diagnostics
    assert [vault.resolved[one].summary.breaks for one in ("films/a", "b/c")] == [breaks, False]


def test_file_missing(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note()}, "films", "none")
    assert [(one.code, one.note) for one in vault.file_diagnostics] == [("file-missing", str(tmp_path / "none"))]


def test_file_outside(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": note(), "other/b.md": note()})
    (tmp_path / "films" / "b.md").symlink_to(tmp_path / "other" / "b.md")
    vault = open_files(tmp_path, {}, "films")
    assert [(one.code, one.note) for one in vault.file_diagnostics] == [
        ("file-outside", str(tmp_path / "films" / "b.md"))
    ]


@pytest.mark.parametrize("target", ["b.md", "nothing.md"])
def test_file_gone(tmp_path: Path, target: str) -> None:
    lay_out(tmp_path, {"films/a.md": note()})
    (tmp_path / "films" / "b.md").symlink_to(target)
    vault = open_files(tmp_path, {}, "films")
    assert [(one.code, one.severity) for one in vault.file_diagnostics] == [("file-gone", "info")]


def test_file_unreadable(tmp_path: Path) -> None:
    lay_out(tmp_path, {"films/a.md": note()})
    os.mkfifo(tmp_path / "films" / "b.md")
    vault = open_files(tmp_path, {}, "films")
    assert [one.code for one in vault.file_diagnostics] == ["file-unreadable"]


def test_note_changed(tmp_path: Path) -> None:
    vault = open_files(tmp_path, {"films/a.md": note("a")})
    (source,) = vault.sources.values()
    task = NoteTask(source, digest(b"before"), vault.resolved[source.id].resolution)
    said: list[Diagnostic] = []
    work._read(task, said, places.BatchReader(()))
    assert [one.code for one in said] == ["note-changed"]


def test_card_collision() -> None:
    said: list[Diagnostic] = []
    rows = [
        DeckCard("section", "section", "youtube:x", "end", ("How?", answer), (), "How?", None, "films/a.md", line)
        for line, answer in ((4, "Well."), (9, "Badly."))
    ]
    kept, _ = distinct(rows, said.append)
    assert kept == rows[:1]
    assert [(one.code, one.note, one.line) for one in said] == [("card-collision", "films/a.md", 9)]


def test_letters_that_notes_spell_out_differently() -> None:
    said: list[Diagnostic] = []
    spelled = {
        "films/a.md": ("What does CSF stand for?", "<p>Cable stay force</p>"),
        "films/b.md": ("What does CSF stand for?", "<p>Cable-stay forces</p>"),
        "films/c.md": ("What does CSF stand for?", "<p>Cable sway force</p>"),
        "films/d.md": ("What does CSF stand for?", "<p>Cerebrospinal fluid</p>"),
        "films/e.md": ("What does ROD stand for?", "<p>Rule of deck</p>"),
        "films/f.md": ("What does ROD stand for?", "<p>Rate of deck</p>"),
    }
    rows = [
        DeckCard("basic", "acronym", "", f"{fields[0]} {path}", fields, (), fields[0], None, path, 4)
        for path, fields in spelled.items()
    ]
    kept, _ = distinct(rows, said.append)
    assert [card.path for card in kept] == ["films/a.md", "films/d.md"]
    assert [(one.code, one.note) for one in said] == [
        ("card-doubtful", "films/c.md"),
        ("card-doubtful", "films/e.md"),
        ("card-doubtful", "films/f.md"),
    ]


def test_every_code_has_a_test() -> None:
    tests = "".join(path.read_text("utf-8") for path in sorted((ROOT / "tests").rglob("test_*.py")))
    named = set(re.findall(r'"([a-z]+(?:-[a-z]+)+)"', tests)) | set(RAISED)
    missing = {code for code in CODES if code not in named}
    assert missing == set()


def test_every_code_has_a_line_in_the_docs() -> None:
    lines = (ROOT / "docs" / "diagnostics.md").read_text("utf-8").splitlines()
    documented = {line.split("`")[1]: line for line in lines if line.startswith("| `")}
    assert set(documented) == set(CODES)
    for code, known in CODES.items():
        assert f"| {known.severity} | {known.meaning} |" in documented[code]


def test_every_code_is_used() -> None:
    modules = set((ROOT / "convert").rglob("*.py")) - {ROOT / "convert" / "report.py"}
    source = "".join(path.read_text("utf-8") for path in modules)
    assert [code for code in CODES if f'"{code}"' not in source] == []


def test_a_diagnostic_reads_like_a_linters() -> None:
    assert str(Diagnostic("link-missing", "info", "films/a.md", 4, "gone")) == "films/a.md:4: link-missing gone"
    assert str(Diagnostic("note-empty", "error", "films/a.md", 0, "empty")) == "films/a.md: note-empty empty"
