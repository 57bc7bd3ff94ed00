"""notebind: turn a folder of timestamped video notes into books, chapters and flashcards.

From Python: `read_note` for one file, `open_vault` for folders with everything resolved, `build` to make books;
docs/python.md tells of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convert.version import __version__

if TYPE_CHECKING:
    from convert.api import open_vault, read_note
    from convert.pipeline.report import Report
    from convert.pipeline.run import build
    from convert.request import Progress, Request
    from convert.vault.vault import Vault

__all__ = ["Progress", "Report", "Request", "Vault", "__version__", "build", "open_vault", "read_note"]

_HOMES = {
    "read_note": "convert.api",
    "open_vault": "convert.api",
    "Vault": "convert.vault.vault",
    "build": "convert.pipeline.run",
    "Report": "convert.pipeline.report",
    "Request": "convert.request",
    "Progress": "convert.request",
}
"""Imported when they are asked for: the command line starts without them."""


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
