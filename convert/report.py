"""Diagnostics: what was wrong with a note, what was done about it, under a stable code."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

Severity = Literal["error", "warning", "info"]


class Code(msgspec.Struct, frozen=True):
    """A kind of diagnostic: how grave it is and what it means."""

    severity: Severity
    meaning: str


class Diagnostic(msgspec.Struct, frozen=True, gc=False):
    """One fault, repair or remark: a code of `CODES`, the file, its line (0: the whole file), a sentence."""

    code: str
    severity: Severity
    note: str
    line: int
    message: str

    def __str__(self) -> str:
        place = f"{self.note}:{self.line}" if self.line else self.note
        return f"{place}: {self.code} {self.message}"


Warn = Callable[[Diagnostic], None]
"""Where diagnostics go."""

CODES: dict[str, Code] = {}


def diagnostic(code: str, note: str, line: int, message: str) -> Diagnostic:
    """A diagnostic of a known code; KeyError for a code that `CODES` lacks."""
    return Diagnostic(code, CODES[code].severity, note, line, message)
