"""Tests a writer in another package: it is installed, found by its entry point and used, and its own tests pass."""

from __future__ import annotations

import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.needs import ROOT

PIP = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Install the example into its own folder, without network, and return the environment for it."""
    folder = tmp_path_factory.mktemp("plugin")
    source = shutil.copytree(ROOT / "examples" / "notebind-markdown", folder / "source")
    run(*PIP, "--target", str(folder / "site"), str(source))
    return {"PYTHONPATH": f"{folder / 'site'}{os.pathsep}{ROOT}"}


def run(*arguments: str, **env: str) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, env=os.environ | env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_it_is_listed_with_its_options(installed: dict[str, str]) -> None:
    listed = run("-m", "convert", "writers", **installed)
    assert "Plain Markdown with resolved links" in listed
    assert "Links to the seconds of the video" in listed


def test_it_writes_beside_the_built_in_formats(installed: dict[str, str], tmp_path: Path) -> None:
    out = ("--output", str(tmp_path), "--to", "markdown,chapters", "--set", "markdown.times=no")
    run("-m", "convert", "build", str(ROOT / "seeds"), *out, **installed)
    pages = sorted(tmp_path.glob("*.markdown/*.md"))
    assert len(pages) == len(list((ROOT / "seeds").glob("*/*.md"))) - 1
    assert all("?t=" not in page.read_text("utf-8") for page in pages)
    assert list(tmp_path.glob("*.chapters/*.srt"))


def test_its_own_tests_pass(installed: dict[str, str]) -> None:
    tests = ROOT / "examples" / "notebind-markdown"
    run("-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={tests}", f"{tests}/tests", **installed)


def test_a_broken_plugin_is_one_line_and_stops_no_other_format(tmp_path: Path) -> None:
    about = tmp_path / "broken-0.1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 0.1\n", "utf-8")
    (about / "entry_points.txt").write_text("[notebind.writers]\npapyrus = no_such_package:WRITER\n", "utf-8")
    env = {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    assert "epub" in run("-m", "convert", "writers", **env)
    build = [sys.executable, "-m", "convert", "build", "seeds", "--to", "papyrus"]
    done = subprocess.run(build, cwd=ROOT, env=os.environ | env, capture_output=True, text=True)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert "'papyrus' (no_such_package:WRITER) cannot be loaded: No module named 'no_such_package'" in done.stderr


def test_without_it_the_format_is_unknown() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "convert", "build", "seeds", "--to", "markdown"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert "the format 'markdown' is unknown" in done.stderr


def test_the_old_home_of_note_formats_forwards_and_warns() -> None:
    sys.modules.pop("convert.readers.base", None)
    with pytest.warns(DeprecationWarning, match=r"convert\.reader\.formats\.base"):
        old = importlib.import_module("convert.readers.base")
    new = importlib.import_module("convert.reader.formats.base")
    for name in ("NoteReader", "Rewritten", "front_matter", "named_video", "stamp"):
        assert getattr(old, name) is getattr(new, name)
