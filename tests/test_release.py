"""Tests that the wheel contains every file of the package, and that the check finds missing files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from convert import __version__
from tests.support.needs import ROOT
from tests.tools import release

pytestmark = pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs the repository")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel of all files that git tracks, without network."""
    folder = tmp_path_factory.mktemp("release")
    for name in [*release.package(), *release.ALSO]:
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, target)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(folder), str(folder / "source")], check=True, timeout=120)
    return folder


def test_the_wheel_is_complete(made: Path) -> None:
    assert list(release.of_wheel(made)) == []


def test_a_missing_file_is_found(made: Path, tmp_path: Path) -> None:
    name = f"notebind-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(made / name) as whole, zipfile.ZipFile(tmp_path / name, "w") as part:
        for one in whole.namelist():
            if one != "convert/render/typst_book.typ":
                part.writestr(one, whole.read(one))
        part.writestr("tests/stray.py", "")
    assert list(release.of_wheel(tmp_path)) == [
        "wheel: convert/render/typst_book.typ is missing",
        "wheel: tests/stray.py does not belong there",
    ]


def test_the_changelog_knows_the_version() -> None:
    assert [found for found in release.of_version() if "tagged" not in found] == []


def test_archives_that_are_not_there_are_named(tmp_path: Path) -> None:
    assert all("make package" in found for found in [*release.of_wheel(tmp_path), *release.of_sdist(tmp_path)])
