"""Checks books with pictures with EPUBCheck, page-validation and Anki."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.readback.judged import *  # noqa: F403 - its tests take the fixture of this module
from tests.support.anki_cases import Anki
from tests.support.drawings import PLAN
from tests.support.needs import needs
from tests.support.pdf_reading import opened
from tests.support.pictures import drawn
from tests.support.vaults import lay_out, note

TEXT = """
## Waves [00:01:00]

Waves are water that the wind moves. ![A calm sea](sea.png)

- ![[moving.gif|A square|20]] moves
- ![[small.webp]]
- ![[plan.svg|A plan]]

> ![[tall.jpg]] and ![](sea.png) ![gone](gone.png)

| a |
| --- |
| ![Clear \\| clean](clear.png) |

### ![A calm sea](sea.png) in a heading

[![A link](sea.png)](https://example.org) and a mark[^1].

[^1]: ![[sea.png]]
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a note with pictures in every possible position and return the output folder."""
    folder = tmp_path_factory.mktemp("pictures")
    pictures = {
        "sea.png": drawn(size=(900, 400)),
        "clear.png": drawn(mode="RGBA", color="red"),
        "moving.gif": drawn("GIF"),
        "small.webp": drawn("WEBP"),
        "tall.jpg": drawn("JPEG", size=(200, 3000)),
        "grey.png": drawn(mode="I;16"),
        "plan.svg": PLAN,
    }
    files = {f"films/{name}": data for name, data in pictures.items()}
    lay_out(folder, {**files, "films/a.md": note(TEXT + "\n![Sixteen bits](grey.png)", "Waves", more="lang: en")})
    options = {"anki": {"section_cards": True}}
    report = build(Request((folder / "films",), folder / "output", ("epub", "pdf", "anki"), options, jobs=1))
    assert not report.failed()
    said = {one.code for one in report.all_diagnostics() if one.severity != "info"}
    assert said == {"picture-missing"}
    return folder / "output"


def test_every_picture_of_the_pdf_is_described(made: Path) -> None:
    pdf = opened((made / "films.pdf").read_bytes())
    figures = [str(one.Alt) for one in pdf.objects if getattr(one, "get", {}.get)("/S") == "/Figure"]
    shown = ["A calm sea", "A link", "A plan", "A square", "Clear | clean", "Sixteen bits"]
    shown += ["sea.png", "small.webp", "tall.jpg"]
    assert sorted({alt for alt in figures if not alt.startswith("QR code")}) == shown


@needs("anki")
def test_anki_takes_the_media(made: Path, tmp_path: Path) -> None:
    anki = Anki(tmp_path)
    anki.imported((made / "films.apkg").read_bytes())

    def look(col: Any) -> Any:
        return sorted(Path(col.media.dir()).iterdir()), list(col.media.check().missing), list(col.media.check().unused)

    files, missing, unused = anki.with_collection(look)
    assert len(files) > 1
    assert (missing, unused) == ([], [])
