"""Checks books with embedded notes with the validators of their formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from convert.pipeline.run import build
from convert.request import Request
from tests.readback.judged import *  # noqa: F403 - its tests take the fixture of this module
from tests.support.pictures import drawn
from tests.support.vaults import OTHER, lay_out, note
from tests.test_block_names import NAMED
from tests.test_embeds import FILES, HOST

MORE = "![[named]]\n\n![[named#^table]]\n\n![[named#^both]]\n\n> [!tip] Look\n> ![[host]]\n"
EXTRA = "\n\nA sum $x^2$ and ![[sea.png|A sea]] at [00:00:05].\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build notes that embed each other, with all kinds of blocks, and return the output folder."""
    folder = tmp_path_factory.mktemp("embeds")
    more = {
        "films/host.md": note(HOST + MORE, "Host", more="lang: en"),
        "films/named.md": note(NAMED + EXTRA + "\n![[host]]\n", "Named", OTHER),
        "films/sea.png": drawn(),
    }
    lay_out(folder, {**FILES, **more})
    report = build(Request((folder / "films",), folder / "out", ("epub", "pdf"), jobs=1))
    assert not report.failed()
    return folder / "out"
