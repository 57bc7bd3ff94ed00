"""Zip archives whose bytes depend on nothing but their content.

Entries carry the date given (never the clock), one creator system and fixed attributes.
"""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Iterable

DOS_EPOCH = 315_532_800
"""1980-01-01, the first date that a zip archive can hold, in Unix seconds."""

REGULAR_FILE = 0o100644 << 16


def steady_zip(entries: Iterable[tuple[str, bytes]], epoch: int, stored: frozenset[str] = frozenset()) -> bytes:
    """An archive of (name, data) in the order given; names in `stored` are not compressed."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in entries:
            info = zipfile.ZipInfo(name, time.gmtime(max(epoch, DOS_EPOCH))[:6])
            info.create_system = 3
            info.external_attr = REGULAR_FILE
            info.compress_type = zipfile.ZIP_STORED if name in stored else zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return target.getvalue()
