"""Tests that names of folders tell the same about installed packages as importlib.metadata."""

from __future__ import annotations

import re
import sys
import tomllib
from importlib import metadata
from importlib.machinery import BuiltinImporter, PathFinder
from pathlib import Path

import pytest

from convert import installed
from tests.support.needs import ROOT

GROUPS = ("notebind.readers", "notebind.writers")
MAKES_NO_BYTES = {
    "platformdirs": "where settings and records of the user lie",
    "mutagen": "writes chapters for mux, whose files have no fingerprint",
    "tomlkit": "writes verdicts, which have a fingerprint of their own",
    "typer": "the command line",
    "rich": "what is printed",
    "watchfiles": "when to build again",
}
"""Dependencies whose versions change no output of a build, each with the reason."""


def lay(folder: Path, name: str, version: str, entry_points: str = "") -> Path:
    about = folder / f"{name}-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n", "utf-8")
    if entry_points:
        (about / "entry_points.txt").write_text(entry_points, "utf-8")
    return folder


def test_every_dependency_is_in_the_fingerprint_or_left_out_for_a_reason() -> None:
    """If the list lacked a library, its new versions would leave old outputs in place."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["dependencies"]
    names = [re.split(r"[<>=!~ ;\[]", line)[0] for line in declared]
    assert sorted(names) == sorted([*installed.LIBRARIES, *MAKES_NO_BYTES])
    told = installed.versions()
    assert all(f"{name} {metadata.version(name)}" in told for name in installed.LIBRARIES)


def test_versions_are_those_of_importlib_metadata() -> None:
    names = [one.metadata["Name"] for one in metadata.distributions()]
    assert names
    assert installed.versions_of(names) == [metadata.version(name) for name in names]


def test_names_are_one_however_they_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(lay(tmp_path, "My_Odd.Package", "1.2")))
    assert installed.versions_of(["my-odd-package", "My.Odd_Package", "no-such-package"]) == ["1.2", "1.2", ""]


def test_the_first_on_the_path_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(lay(tmp_path / "b", "odd", "2")))
    monkeypatch.syspath_prepend(str(lay(tmp_path / "a", "odd", "1")))
    assert installed.versions_of(["odd"]) == ["1"] == [metadata.version("odd")]


def test_a_package_with_entry_points_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = installed.plug_ins_of(GROUPS)
    monkeypatch.syspath_prepend(str(lay(tmp_path, "odd", "1.0", "[notebind.readers]\nodd = odd:READER\n")))
    assert installed.plug_ins_of(GROUPS) == sorted([*before, "odd 1.0"])
    assert installed.plug_ins_of(GROUPS[1:]) == before


def test_packages_in_an_archive_are_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import zipfile

    with zipfile.ZipFile(tmp_path / "all.zip", "w") as file:
        file.writestr("odd-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
        file.writestr("odd-1.0.dist-info/entry_points.txt", "[notebind.writers]\nodd = odd:WRITER\n")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "all.zip")])
    assert installed.plug_ins_of(GROUPS) == ["odd 1.0"]
    assert installed.versions_of(["odd"]) == ["1.0"]


def test_packages_of_another_finder_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    class Finder(PathFinder):
        pass

    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, Finder])
    monkeypatch.setattr(metadata, "entry_points", lambda group: asked.append(group) or [])
    assert installed.plug_ins_of(GROUPS) == []
    assert asked == [*GROUPS]


def test_nothing_is_asked_of_importlib_metadata_where_nothing_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(lay(tmp_path, "odd", "1.0", "[console_scripts]\nodd = odd:main\n"))])
    # The backport of importlib.metadata, which some libraries bring, adds a finder of its own.
    monkeypatch.setattr(sys, "meta_path", [BuiltinImporter, PathFinder])
    monkeypatch.setattr(metadata, "entry_points", None)
    monkeypatch.setattr(metadata, "version", None)
    assert installed.plug_ins_of(GROUPS) == []
    assert installed.versions_of(["odd"]) == ["1.0"]
