"""What other programs call: one note, or a vault of notes with everything resolved. `convert.build` makes the files."""

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

    Without its vault, links have no destination and stamps their literal time (`Stamp.start_ms`, milliseconds). With
    `data` nothing is read and `path` names the note only. What is wrong with the text is a diagnostic; OSError when
    the file cannot be read.
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
    """Read the files and folders `notes`, searched down, and resolve them; nothing is written.

    `vault` is a folder that links, times and titles are looked up in beside them, `videos` one of media files, whose
    length decides doubtful stamps. `jobs` processes read. UsageError when a path is not there; a bad file is a
    diagnostic.
    """
    paths = tuple(map(Path, notes))
    context, films = (Path(one) if one is not None else None for one in (vault, videos))
    for path in (*paths, context, films):
        if path is not None and not path.exists():
            raise UsageError(f"{path}: no such file or folder")
    request = Request(paths, vault=context, videos=films, time_format=time_format)
    return vaults.open_vault(request, jobs, lambda _: None)
