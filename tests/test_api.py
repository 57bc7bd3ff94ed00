"""Tests the functions for other programs: what they return and raise, and that importing them loads nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import convert
from convert.document.nodes import Paragraph, Section, Stamp, WikiLink
from convert.errors import UsageError
from tests.support.needs import ROOT

HARE = "---\ntitle: Hare\nvideoId: aqz-KE-bpKQ\n---\n\n## Meadow\n\nSee [[river]] [00:00:02] and [[nowhere]].\n"
RIVER = "---\ntitle: River\nvideoId: aqz-KE-bpKQ\n---\n\nWater [00:03:00].\n"


@pytest.fixture
def films(tmp_path: Path) -> Path:
    folder = tmp_path / "films"
    folder.mkdir()
    (folder / "hare.md").write_text(HARE, "utf-8")
    (folder / "river.md").write_text(RIVER, "utf-8")
    return folder


def test_one_note(films: Path) -> None:
    reading = convert.read_note(films / "hare.md")
    assert (reading.note.id, reading.note.title) == ("films/hare", "Hare")
    assert [(stamp.raw, stamp.literal_ms) for stamp in reading.facts.stamps] == [("00:00:02", 2000)]
    assert convert.read_note(str(films / "hare.md")) == reading


def test_one_note_of_bytes_needs_no_file() -> None:
    reading = convert.read_note("films/new.md", b"No title [00:00:09")
    assert reading.note.slug == "new"
    assert reading.note.video is None


def test_a_missing_file_is_an_os_error(films: Path) -> None:
    with pytest.raises(FileNotFoundError):
        convert.read_note(films / "none.md")


def test_a_vault_resolves(films: Path) -> None:
    vault = convert.open_vault(films)
    (book,) = vault.books()
    assert [entry.slug for entry in book.summaries()] == ["hare", "river"]
    section = vault.note("films/hare").blocks[0]
    assert isinstance(section, Section)
    assert isinstance(section.children[0], Paragraph)
    inlines = section.children[0].children
    assert [link.to.note if link.to else None for link in inlines if isinstance(link, WikiLink)] == [
        "films/river",
        None,
    ]
    assert [stamp.start_ms for stamp in inlines if isinstance(stamp, Stamp)] == [2000]
    assert [note.title for note in vault.notes()] == ["Hare", "River"]
    by_code = {found.code: found.line for found in vault.diagnostics()}
    assert by_code["link-missing"] == 8


def test_a_file_with_the_vault_around_it(films: Path) -> None:
    (book,) = convert.open_vault(films / "hare.md", vault=films).books()
    assert [entry.slug for entry in book.summaries()] == ["hare"]


def test_wrong_calls_are_errors_of_ours(films: Path) -> None:
    with pytest.raises(UsageError, match="no such file or folder"):
        convert.open_vault(films / "none")
    with pytest.raises(UsageError, match=r"the format .* is unknown"):
        convert.build(convert.Request((films,), films / "out", ("papyrus",)))
    with pytest.raises(KeyError):
        convert.open_vault(films).note("films/none")


def test_a_build_reports(films: Path, tmp_path: Path) -> None:
    report = convert.build(convert.Request((films,), tmp_path / "out", ("chapters",), jobs=1))
    assert not report.failed()
    assert all((tmp_path / "out" / saved.path).is_file() for book in report.books for saved in book.artifacts)


def test_the_names_are_all_there_and_load_late() -> None:
    assert all(getattr(convert, name) for name in convert.__all__)
    with pytest.raises(AttributeError):
        _ = convert.no_such_name
    loaded = "import convert, sys; print([m for m in sys.modules if m.startswith('convert.') or m == 'msgspec'])"
    done = subprocess.run([sys.executable, "-c", loaded], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['convert.version']"


def test_python_m_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "convert", "--version"], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout == f"notebind {convert.__version__}\n"
