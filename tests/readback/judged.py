"""Validates any book: tests for modules that have a fixture `made`, the folder with `films.*`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.epub_validity import complaints
from tests.support.needs import needs
from tests.support.pdf_reading import faults


@needs("epubcheck", "jpype")
def test_epubcheck_has_nothing_to_say(made: Path) -> None:
    assert complaints(made / "films.epub") == []


@needs("page-validation")
@pytest.mark.parametrize("profile", ["ua1", "2a"])
def test_the_pdf_conforms(made: Path, profile: str) -> None:
    assert faults((made / "films.pdf").read_bytes(), profile) == []
