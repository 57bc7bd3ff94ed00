"""Tests that data files are in the wheel. `make package` builds wheel and sdist and makes books with both."""

from __future__ import annotations

import tomllib

from tests.support.needs import ROOT

MADE = {"__pycache__", ".mypy_cache", ".ruff_cache"}


def test_every_data_file_is_in_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    patterns = project["tool"]["setuptools"]["package-data"]["convert"]
    packed = {path for pattern in patterns for path in (ROOT / "convert").glob(pattern)}
    beside = {
        path
        for path in (ROOT / "convert").rglob("*")
        if path.is_file() and path.suffix != ".py" and MADE.isdisjoint(path.parts)
    }
    assert beside
    assert beside <= packed


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for path in (ROOT / "convert").rglob("*.py")}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
