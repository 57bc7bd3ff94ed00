"""The edge to Typst: a source in, a PDF out, compiled in a subprocess with a bound on its memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from convert.errors import ToolError

CHILD = Path(__file__).with_name("typst_child.py")
STANDARDS = ("a-2a", "ua-1")
"""PDF/A-2a and PDF/UA-1."""

MEMORY_BYTES = 3 << 30
SECONDS = 1800


class CompileError(ToolError):
    """Typst refused the source; `diagnostic` is its own report, `line` the place (1-based, 0 when unknown)."""

    def __init__(self, message: str, diagnostic: str = "") -> None:
        super().__init__(message)
        self.diagnostic = diagnostic


class OutOfMemory(ToolError):
    """Typst needed more than it was given."""


@dataclass(frozen=True)
class Settings:
    """What the compiler needs beside the source: inputs of the template, standards, fonts, date, bounds."""

    inputs: dict[str, str]
    epoch: int
    standards: tuple[str, ...] = STANDARDS
    font_paths: tuple[str, ...] = ()
    memory_bytes: int = MEMORY_BYTES
    cores: int = 1
    environment: dict[str, str] = field(default_factory=dict)


def compile_typst(source: str, settings: Settings) -> bytes:
    """The PDF of a Typst source; CompileError with Typst's message, OutOfMemory, or ToolError when it cannot run."""
    head = {
        "inputs": settings.inputs,
        "epoch": settings.epoch,
        "standards": settings.standards,
        "font_paths": settings.font_paths,
        "memory_bytes": settings.memory_bytes,
    }
    stdin = json.dumps(head).encode() + b"\n" + source.encode()
    environment = {**os.environ, "RAYON_NUM_THREADS": str(settings.cores), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-P", str(CHILD)],
            input=stdin,
            capture_output=True,
            timeout=SECONDS,
            env=environment,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolError(f"typst did not run: {error}") from error
    return _answer(done)


def _answer(done: subprocess.CompletedProcess[bytes]) -> bytes:
    head, _, data = done.stdout.partition(b"\n")
    if not head:
        return _died(done)
    answer = json.loads(head)
    if answer["ok"]:
        return data
    raise CompileError(answer["message"], answer["diagnostic"])


def _died(done: subprocess.CompletedProcess[bytes]) -> bytes:
    stderr = done.stderr.decode("utf-8", "replace").strip()
    if done.returncode < 0 or "memory" in stderr:
        raise OutOfMemory("typst ran out of memory")
    raise ToolError(f"typst failed: {stderr.splitlines()[-1] if stderr else done.returncode}")
