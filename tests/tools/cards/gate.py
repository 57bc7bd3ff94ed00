"""Measures the gate for cards of other writers: `python -m tests.tools.cards.gate NOTES FILE...`.

Each line of a file is a card as an answer has it, with `fault`: "" for a good one, else what was made wrong on purpose.
Prints every good card that is refused with the reason, every bad one that passes without a doubt, and figures by
fault. Cards are judged in the order of the file, because a duplicate comes after its original.
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
from convert.vault.discovery import plain_name


def notes_below(folder: Path, wanted: frozenset[str]) -> list[Note]:
    """Return the notes of a folder that have a sentence with one of these ids."""
    found = []
    for path in sorted(folder.rglob("*.md")):
        # The name of the channel is part of every id.
        note = read_bytes(path.read_bytes(), str(path), plain_name(path.parent.name), path.stem).note
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
    files = {file: [json.loads(line) for line in file.read_text("utf-8").splitlines()] for file in options.files}
    wanted = frozenset([quote["id"] for rows in files.values() for row in rows for quote in row["quotes"]])
    notes = notes_below(options.notes, wanted)
    counts: Counter[tuple[str, str]] = Counter()
    # Each file has a gate of its own: writers do not know of each other.
    for rows in files.values():
        gate = gate_of(notes, wanted)
        for row in rows:
            outcome, reason = _judged(gate, row)
            counts[row["fault"], outcome] += 1
            if outcome == ("passed" if row["fault"] else "refused"):
                print(f"{row['fault'] or 'good'}: {outcome} {reason}\n  {row['front']} | {row['back']}")
    for name, some in [(one, {one}) for one in sorted({fault for fault, _ in counts})] + [
        ("all bad", {fault for fault, _ in counts} - {""})
    ]:
        of = {told: sum([counts[fault, told] for fault in some]) for told in ("refused", "doubtful", "passed")}
        total = sum(of.values()) or 1
        shares = ", ".join([f"{count} {told} ({count / total:.1%})" for told, count in of.items()])
        print(f"{name or 'good':12} {total:4}: {shares}")


def _judged(gate: Gate, row: dict[str, Any]) -> tuple[str, str]:
    """Return what becomes of a card, and why."""
    try:
        judged = gate.judge(msgspec.convert(row, Draft), "another card of the file")
    except msgspec.ValidationError as error:
        return "refused", str(error)
    if isinstance(judged, str):
        return "refused", judged
    return ("doubtful", judged[2]) if judged[2] else ("passed", "")


if __name__ == "__main__":
    main()
