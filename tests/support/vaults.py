"""Small vaults for tests: files in a temporary folder, opened or built in this process."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from convert.pipeline.report import Report
from convert.pipeline.run import build
from convert.report import Diagnostic
from convert.request import Request
from convert.vault.vault import Vault, open_vault

Files = Mapping[str, str | bytes]

VIDEO = "aqz-KE-bpKQ"
OTHER = "eRsGyueVLvQ"


def note(text: str = "", title: str = "", video: str = VIDEO, more: str = "") -> str:
    """Return the text of a note file; an empty `video` leaves out the video."""
    keys = [f"title: {title}"] if title else []
    keys += [f"videoId: {video}"] if video else []
    return "\n".join(["---", *keys, *([more] if more else []), "---", text])


def lay_out(folder: Path, files: Files) -> Path:
    """Write files below a folder, by their paths in it, and return the folder."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def open_files(folder: Path, files: Files, *inputs: str, **settings: Any) -> Vault:
    """Write the files and open them as a vault, or only the paths that `inputs` names."""
    lay_out(folder, files)
    paths = tuple(folder / name for name in inputs) or (folder,)
    return open_vault(Request(paths, folder / "output", **settings), 1, lambda _: None)


def build_files(folder: Path, files: Files, writer: str, **options: Any) -> Report:
    """Write the files, build them with one writer and return the report."""
    lay_out(folder, files)
    return build(Request((folder,), folder / "output", (writer,), {writer: options}, jobs=1))


def all_diagnostics(vault: Vault) -> list[Diagnostic]:
    """Return the diagnostics of a vault and of its notes."""
    return vault.file_diagnostics + [one for of_note in vault.note_diagnostics.values() for one in of_note]
