"""Measures the gate for cards of other writers: `python -m tests.tools.cards.gate NOTES FILE...`.

Each line of a file is a card as an answer has it, with `fault`: "" for a good one, else what was made wrong on purpose.
With `writer` in a line the figures are told by writer, too. Prints every good card that is refused with the reason, and
every bad one that passes. Cards are judged in the order of the file, because a duplicate comes after its original.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec

from convert.document.note import Note
from convert.extract.cards.gate import Gate
from convert.extract.cards.gate.exchange import Draft, sources
from convert.reader import read_bytes


def notes_below(folder: Path, wanted: frozenset[str]) -> list[Note]:
    """Return the notes of a folder that have a sentence with one of these ids."""
    found = []
    for path in sorted(folder.rglob("*.md")):
        note = read_bytes(path.read_bytes(), str(path), path.parent.name, path.stem).note
        if any(one.id in wanted for passage in sources(note) for one in passage):
            found.append(note)
    return found


def gate_of(notes: list[Note], wanted: frozenset[str]) -> Gate:
    """Return a gate that knows the sentences of notes, but not the cards that notebind makes of them."""
    gate = Gate()
    for note in notes:
        gate.add_note(note, wanted, ())
    return gate


def main() -> None:
    """Print the figures of the files of cards that are named."""
    parser = argparse.ArgumentParser(description="Measures the gate for cards of other writers.")
    parser.add_argument("notes", type=Path)
    parser.add_argument("files", type=Path, nargs="+")
    options = parser.parse_args()
    rows = [json.loads(line) for file in options.files for line in file.read_text("utf-8").splitlines()]
    wanted = frozenset([quote["id"] for row in rows for quote in row["quotes"]])
    notes = notes_below(options.notes, wanted)
    counts: Counter[tuple[str, str, bool]] = Counter()
    # Each file has a gate of its own: writers do not know of each other.
    for file in options.files:
        gate = gate_of(notes, wanted)
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            passed, reason = _judged(gate, row)
            counts[row.get("writer", file.stem), row["fault"], passed] += 1
            if passed == bool(row["fault"]):
                print(f"{row['fault'] or 'good'}: {reason or 'passed'}\n  {row['front']} | {row['back']}")
    _print_table(counts)


def _judged(gate: Gate, row: dict[str, Any]) -> tuple[bool, str]:
    try:
        draft = msgspec.convert(row, Draft)
    except msgspec.ValidationError as error:
        return False, str(error)
    judged = gate.judge(draft, "another card of the file")
    return (False, judged) if isinstance(judged, str) else (True, "")


def _print_table(counts: Counter[tuple[str, str, bool]]) -> None:
    for group in (0, 1):
        for name in sorted({key[group] for key in counts}):
            good = [
                sum(c for key, c in counts.items() if key[group] == name and not key[1] and key[2] == p) for p in (1, 0)
            ]
            bad = [sum(c for key, c in counts.items() if key[group] == name and key[1] and key[2] == p) for p in (1, 0)]
            print(f"{name or 'good':24} good: {good[1]} of {sum(good)} refused; bad: {bad[1]} of {sum(bad)} refused")
    good = sum(count for key, count in counts.items() if not key[1])
    refused = sum(count for key, count in counts.items() if not key[1] and not key[2])
    bad = sum(count for key, count in counts.items() if key[1])
    passed = sum(count for key, count in counts.items() if key[1] and key[2])
    print(f"{good} good: {refused} refused ({refused / max(good, 1):.1%}); {bad} bad: {passed} passed")


if __name__ == "__main__":
    main()
