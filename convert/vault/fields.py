"""Decides which lines `key:: value` are properties and which are cards, by how often the vault uses their keys.

Kept apart because the vault alone knows all notes; `reader/fields.py` finds the lines in one.
"""

from __future__ import annotations

from collections import Counter

from convert.document.note import FieldFact, NoteHead
from convert.report import Diagnostic, diagnostic

OFTEN = 2
"""Uses of a key in the vault from which on it is one of properties."""


def judge_fields(note: NoteHead, uses: Counter[str]) -> tuple[tuple[int, ...], list[Diagnostic]]:
    """Return the lines of a note that hold properties, and a remark on each of its fields.

    `uses` tells how often the vault uses each key.
    """
    reasons = [(field, _reason(field, uses)) for field in note.fields]
    remarks = [_remark(note.path, field, reason) for field, reason in reasons]
    lines = dict.fromkeys(field.line for field, reason in reasons if reason and field.kind != "brackets")
    return tuple(lines), remarks


def _reason(field: FieldFact, uses: Counter[str]) -> str:
    """Return why a field is a property, "" if it is a card."""
    if field.kind:
        return "in brackets" if field.kind == "brackets" else "beside other properties"
    count = uses[field.key]
    return f"its key is used {count} times in the vault" if count >= OFTEN else ""


def _remark(path: str, field: FieldFact, reason: str) -> Diagnostic:
    key = field.key if len(field.key) <= 40 else f"{field.key[:40]}…"
    if reason:
        return diagnostic("field-property", path, field.line, f"{key!r} is a property, no card: {reason}")
    message = f"{key!r} is the question of a card: its key is used once, and no property is beside it"
    return diagnostic("field-card", path, field.line, message)
