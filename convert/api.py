"""The functions for other programs: read one note, or open a vault with everything resolved."""

from __future__ import annotations

import os
from pathlib import Path

from convert.errors import UsageError
from convert.reader import Reading, read_bytes
from convert.request import Request, TimeFormat
from convert.vault import vault as vaults
from convert.vault.vault import Vault

StrPath = str | os.PathLike[str]


def read_note(path: StrPath, data: bytes | None = None) -> Reading:
    """Read one note by itself: `note` (the tree), `facts` (headings, links, stamps, words) and `diagnostics`.

    Without its vault, links have no destination, and `Stamp.start_ms` is the literal time in milliseconds. If `data`
    is given, no file is read and `path` only names the note. Faults of the text are diagnostics. Raises OSError if the
    file cannot be read.
    """
    file = Path(path)
    content = file.read_bytes() if data is None else data
    return read_bytes(content, str(path), file.absolute().parent.name, file.stem)


def open_vault(
    *notes: StrPath,
    vault: StrPath | None = None,
    videos: StrPath | None = None,
    time_format: TimeFormat = "auto",
    jobs: int = 1,
) -> Vault:
    """Read the files and folders `notes` (recursively) and resolve them; nothing is written.

    Links, times and titles are also looked up in the folder `vault`. The media files in the folder `videos` give
    lengths, which decide doubtful stamps. `jobs` is the number of processes. Raises UsageError if a path does not
    exist; faulty files are diagnostics.
    """
    paths = tuple(map(Path, notes))
    context, films = (Path(one) if one is not None else None for one in (vault, videos))
    for path in (*paths, context, films):
        if path is not None and not os.path.exists(path):
            raise UsageError(f"{path}: no such file or folder")
    request = Request(paths, vault=context, videos=films, time_format=time_format)
    return vaults.open_vault(request, jobs, lambda _: None)
