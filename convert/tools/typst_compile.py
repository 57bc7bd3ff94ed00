"""Compiles Typst sources to PDF in a subprocess with limited memory.

Kept apart because it wraps Typst and its subprocess, and knows nothing of books.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from convert.errors import ToolError

CHILD = "convert.tools.typst_child"
HOME = str(Path(__file__).resolve().parents[2])
"""The package's parent folder, for the child's PYTHONPATH."""

STANDARDS = ("a-2a", "ua-1")
"""PDF/A-2a and PDF/UA-1."""

MEMORY_BYTES = 3 << 30
SECONDS = 1800

SOURCE_LINE = re.compile(r"__typst_py_bytes__\.typ:(\d+):\d+")


class CompileError(ToolError):
    """Typst refused the source: `report` is its message, `lines` the lines (1-based) that it names."""

    def __init__(self, message: str, report: str = "") -> None:
        super().__init__(message)
        self.report = report
        self.lines = tuple(dict.fromkeys(int(line) for line in SOURCE_LINE.findall(report)))


class OutOfMemory(ToolError):
    """Typst exceeded its memory limit."""


@dataclass(frozen=True)
class CompilerSettings:
    """The settings of the compiler: inputs of the template, date, standards, fonts, limits."""

    inputs: dict[str, str]
    epoch: int
    standards: tuple[str, ...] = STANDARDS
    font_files: tuple[str, ...] = ()
    folder: str = ""
    """The only folder that the source may read, with its pictures; "" for none."""
    with_pages: bool = False
    """Whether to return the pages of labels, which the source provides under the label `places`."""
    draft: bool = False
    """Whether to return only the pages of labels, without a PDF."""
    memory_bytes: int = MEMORY_BYTES
    cores: int = 1


@dataclass(frozen=True)
class Compiled:
    """A PDF, and the page of each label if requested."""

    pdf: bytes
    pages: dict[str, int]


def compile_typst(source: str, settings: CompilerSettings) -> Compiled:
    """Return the PDF of a Typst source.

    Raises CompileError with Typst's message, OutOfMemory, or ToolError if Typst cannot run.
    """
    answer, pdf = _run(source.encode(), settings)
    return Compiled(pdf, dict(answer["pages"]))


def refused_pieces(
    pairs: Sequence[tuple[str, str]], settings: CompilerSettings, before: str, after: str = "", alone: bool = False
) -> dict[int, str]:
    """Return the numbers of the pieces of a source that Typst refuses, with its messages.

    Each piece comes with the source that is to stand for it. Raises as `compile_typst` does if Typst refuses these too,
    or all pieces together that it takes one by one; with `alone` set, each is tried without the others only.
    """
    task = json.dumps({"before": before, "pairs": pairs, "after": after, "alone": alone}).encode()
    answer, _ = _run(task, settings, sieve=True)
    return dict(answer["refused"])


def _run(data: bytes, settings: CompilerSettings, sieve: bool = False) -> tuple[dict[str, Any], bytes]:
    path = os.pathsep.join(filter(None, (HOME, os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "RAYON_NUM_THREADS": str(settings.cores), "PYTHONPATH": path}
    try:
        with tempfile.TemporaryDirectory(prefix="notebind-") as scratch:  # here, since the child may be killed
            about = json.dumps({**asdict(settings), "scratch": scratch, "sieve": sieve}).encode()
            done = subprocess.run(
                [sys.executable, "-P", "-m", CHILD],
                input=about + b"\n" + data,
                capture_output=True,
                timeout=SECONDS,
                env=environment,
                check=False,
            )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"typst did not run: {error}") from error
    return _answer(done)


def _answer(done: subprocess.CompletedProcess[bytes]) -> tuple[dict[str, Any], bytes]:
    head, _, data = done.stdout.partition(b"\n")
    if not head:
        raise _crash(done)
    answer: dict[str, Any] = json.loads(head)
    if answer["ok"]:
        return answer, data
    if "memory" in answer["message"].lower():
        raise OutOfMemory("typst ran out of memory")
    raise CompileError(answer["message"], answer["diagnostic"])


def _crash(done: subprocess.CompletedProcess[bytes]) -> ToolError:
    """Return the cause of an end without an answer: the process is killed or aborts at its memory limit."""
    stderr = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode < 0 or "memory" in stderr:
        return OutOfMemory("typst ran out of memory")
    return ToolError(f"typst failed: {stderr.splitlines()[-1] if stderr else done.returncode}")
