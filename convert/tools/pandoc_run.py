"""Runs pandoc: the program of the pypandoc_binary wheel, else the one on the search path."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from convert.errors import ToolError

SECONDS = 600
"""Time limit of one call."""


@cache
def pandoc_path() -> str:
    """Return the path of pandoc; raises ToolError if there is none."""
    spec = find_spec("pypandoc")
    folder = Path(spec.origin).parent / "files" if spec and spec.origin else Path()
    for candidate in (folder / "pandoc", folder / "pandoc.exe"):
        if candidate.is_file():
            return str(candidate)
    if found := shutil.which("pandoc"):
        return found
    raise ToolError("pandoc is missing; install it with `pip install pypandoc_binary`")


def run_pandoc(
    document: bytes, to: str, *arguments: str, cwd: str | None = None, environment: Mapping[str, str] | None = None
) -> bytes:
    """Return a JSON document converted by pandoc; raises ToolError with the cause if it fails."""
    command = [pandoc_path(), "-f", "json", "-t", to, "--wrap=none", *arguments]
    try:
        done = subprocess.run(
            command,
            input=document,
            capture_output=True,
            timeout=SECONDS,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"pandoc did not run: {error}") from error
    if done.returncode:
        raise ToolError(f"pandoc failed ({done.returncode}): {_cause(done.stderr)}")
    return done.stdout


def run_batches(documents: list[bytes], to: str, cores: int) -> list[bytes]:
    """Return several documents converted by pandoc, in order, `cores` at a time.

    `--sandbox` denies pandoc access to files and the network.
    """
    if len(documents) == 1 or cores == 1:
        return [run_pandoc(document, to, "--sandbox") for document in documents]
    with ThreadPoolExecutor(cores) as pool:
        return list(pool.map(lambda document: run_pandoc(document, to, "--sandbox"), documents))


def _cause(stderr: bytes) -> str:
    """Return the cause in one line: LaTeX marks it with `!`, other programs print it last."""
    lines = stderr.decode("utf-8", "replace").strip().splitlines()
    marked = [line.removeprefix("! ") for line in lines if line.startswith("! ")]
    return [*marked, *lines[-1:], "no message"][0]
