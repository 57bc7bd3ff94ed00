"""notebind: turn a folder of timestamped video notes into books, chapters and flashcards.

From Python: `read_note` for one file, `open_vault` for folders with everything resolved, `build` to make books;
docs/python.md tells of each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convert.api import Vault, open_vault, read_note
    from convert.pipeline.build import build
    from convert.pipeline.reports import Report
    from convert.pipeline.request import Progress, Request

__version__ = "0.1.0"
__all__ = ["Progress", "Report", "Request", "Vault", "build", "open_vault", "read_note"]

_HOMES = {
    "read_note": "convert.api",
    "open_vault": "convert.api",
    "Vault": "convert.api",
    "build": "convert.pipeline.build",
    "Report": "convert.pipeline.reports",
    "Request": "convert.pipeline.request",
    "Progress": "convert.pipeline.request",
}
"""Imported when they are asked for: the command line starts without them."""


def __getattr__(name: str) -> Any:
    import importlib

    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_HOMES[name]), name)
