"""Reads and writes `cards.toml`: what a person decided about the cards of a channel.

The file may come from elsewhere, like a note. So an entry is a line `[[card]]` and lines `key = value` of a plain
value, nothing nested; what is damaged is left out, reported by its line, and kept as it is when the file is written.
A file that is no UTF-8 is read as far as it can be, and never written.
"""

from __future__ import annotations

import errno
import os
import re
from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from convert.document.verdict import Identity, Verdict
from convert.errors import SaveError, UsageError
from convert.files import open_file, read_all
from convert.report import Diagnostic, diagnostic
from convert.storage import below
from convert.storage.location import is_address, read
from convert.vault.discovery import Source

NAME = "cards.toml"
LARGEST = 16_000_000
"""Bytes of a file; about 20,000 verdicts."""
LONGEST_ENTRY = 100_000
"""Characters of an entry."""
TRIES = 20
"""How often a file that changes meanwhile is read again before it is written."""
_MOVE_AWAY = "move it away, and put a file there if it has verdicts"
_ADVICE = {
    errno.EFBIG: "delete entries that you no longer need",
    **dict.fromkeys((errno.ELOOP, errno.EINVAL, errno.EISDIR), _MOVE_AWAY),
}
"""What to do about errors, other than those of the folder."""
_START = """\
# Verdicts on the cards of this folder, made by `notebind review` and `notebind cards --import`.
# verdict: keep, discard or waiting. Delete an entry to be asked again.
# A card with imported = true is lost with its entry: discard it instead.
"""
_HEADER = re.compile(r"(?:^|(?<=[\r\ufeff]))\[\[card\]\][ \t]*+(?=[\r\n]|\Z)", re.MULTILINE)
_VALUE = r"""(?:"(?!"")(?:[^"\\\n]|\\.)*+"|'(?!'')[^'\n]*+'|true|false|[+-]?\d[\d.eE+-]{0,39}+)"""
_LINE = re.compile(rf"[ \t]*+(?:[A-Za-z_-]{{1,40}}+[ \t]*+=[ \t]*+{_VALUE}[ \t]*+)?(?:\#[^\n]*+)?")
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


class VerdictFile(msgspec.Struct, frozen=True):
    """What a file says, the digest of its bytes (b"" if there is none), and what is wrong with it."""

    entries: tuple[Verdict, ...] = ()
    digest: bytes = b""
    problems: tuple[Diagnostic, ...] = ()


def channel_folders(sources: Iterable[Source]) -> dict[str, str]:
    """Return the folders that may have verdicts on cards of some notes, each with its name for diagnostics."""
    return {source.folder: os.path.dirname(source.shown) for source in sources}


def read_all_verdicts(sources: Iterable[Source]) -> list[VerdictFile]:
    """Return the verdicts of the channels of some notes."""
    return [read_verdicts(folder, shown) for folder, shown in channel_folders(sources).items()]


def read_verdicts(folder: str, shown: str = "") -> VerdictFile:
    """Return the verdicts of a channel's folder, a path or an address; `shown` is how diagnostics name it."""
    path = os.path.join(shown or folder, NAME)
    try:
        data = _bytes(folder)
    except FileNotFoundError:
        return VerdictFile()
    except OSError as error:
        reason = "a link is not followed" if error.errno == errno.ELOOP else error.strerror
        return VerdictFile(problems=(_damage(path, 0, f"cannot be read ({reason}): cards are made without it"),))
    return _parsed(data, path)


def _bytes(folder: str) -> bytes:
    """Return the file in a folder. Raises OSError, also for a link, which is not followed."""
    if is_address(folder):
        return read(f"{folder.rstrip('/')}/{NAME}", LARGEST)
    path = os.path.join(folder, NAME)
    if os.path.islink(path):
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
    with open_file(path, below.NOFOLLOW) as file:
        return read_all(file, LARGEST)


def _parsed(data: bytes, path: str) -> VerdictFile:
    entries, problems = [], []
    start, *chunks = _chunks(_text(data))
    line = 1 + start.count("\n")
    for chunk in chunks:
        entry, bad_line, reason = _entry(chunk)
        if entry:
            entries.append(entry)
        if reason:
            problems.append(_damage(path, line + bad_line, reason))
        line += chunk.count("\n")
    bad = next((number for number, text in enumerate(start.splitlines(), 1) if text and not _LINE.fullmatch(text)), 0)
    if bad:
        problems.insert(0, _damage(path, bad, "this is no line of an entry: left out; an entry begins with [[card]]"))
    return VerdictFile(tuple(entries), _digest(data), tuple(problems))


def _text(data: bytes) -> str:
    return _lines(data.decode("utf-8-sig", "replace"))


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _exact_text(data: bytes, path: str) -> str:
    """Return a text that has every byte, line ends too; SaveError if that is not possible: the rest would be lost."""
    try:
        if b"\0" in data[:2]:  # UTF-16 without a mark: letters of ASCII in it are UTF-8 as well
            raise UnicodeDecodeError("utf-8", data, 0, 1, "UTF-16")
        return data.decode()
    except UnicodeDecodeError as error:
        line = 1 + data.count(b"\n", 0, error.start)
        raise SaveError(f"{path}:{line}: is no UTF-8, so nothing was written: save the file as UTF-8") from error


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=16).digest()


def _damage(path: str, line: int, reason: str) -> Diagnostic:
    return diagnostic("verdict-unreadable", path, line, reason)


def _chunks(text: str) -> list[str]:
    """Return the text before the first entry, and the text of each entry."""
    starts = [found.start() for found in _HEADER.finditer(text)]
    return [text[start:end] for start, end in zip([0, *starts], [*starts, len(text)], strict=True)]


@lru_cache(maxsize=50_000)
def _entry(chunk: str) -> tuple[Verdict | None, int, str]:
    """Return the verdict of an entry or None, and the line in it, from 0, and the kind of its first damage."""
    import tomllib  # few channels have verdicts

    if len(chunk) > LONGEST_ENTRY:
        return None, 0, f"an entry has at most {LONGEST_ENTRY:,} characters: left out"
    header, *lines = chunk.split("\n")
    bad = [number for number, line in enumerate(lines, 1) if not _LINE.fullmatch(line)]
    kept = [line for line in lines if _LINE.fullmatch(line)]
    at, reason = (bad[0], _odd(lines[bad[0] - 1])) if bad else (0, "")
    try:
        (found,) = tomllib.loads("\n".join([header, *kept]))["card"]
        return msgspec.convert(found, Verdict), at, reason
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, ValueError) as error:
        return None, at, reason or f"an entry that cannot be read ({_reason(error)}): left out; mend or delete it"


def _odd(line: str) -> str:
    if line.startswith(("<<<<<<<", "=======", ">>>>>>>", "|||||||")):
        return "a merge was left unfinished here: choose what counts and delete the marks"
    return "this is no line of the form key = value: left out; mend or delete it"


def _reason(error: Exception) -> str:
    """Return what a parser found, as short as a diagnostic needs it and without its own line numbers."""
    words = re.sub(r"\(at line .*|Object missing required field|`\$\.?|`", "", " ".join(str(error).split()))
    return words.strip()[:120]


def save_verdicts(folder: str, changed: Iterable[Verdict], removed: Iterable[Identity] = ()) -> VerdictFile:
    """Put verdicts into the file of a channel's folder, take others out, and return what it says now.

    The file is read again first, so that what others wrote meanwhile stays: only these entries differ. Comments, order,
    line ends and damaged entries stay. Without changes nothing is written, but whether it could be is checked as far
    as reading tells it. Raises SaveError if it cannot be written, UsageError for the address of a store.
    """
    if is_address(folder):
        raise UsageError(f"{folder}: verdicts are written into folders of this machine only: copy the notes here first")
    path = os.path.join(folder, NAME)
    changes: dict[Identity, Verdict | None] = {**dict.fromkeys(removed), **{one.identity: one for one in changed}}
    try:
        for _ in range(TRIES):
            try:
                before = _bytes(folder)
            except FileNotFoundError:
                before = b""
            text = _exact_text(before, path)
            after = _changed(text or _START, changes).encode() if changes else before
            if len(after) > LARGEST:
                raise OSError(errno.EFBIG, f"it would have more than {LARGEST / 1e6:g} MB")
            if _put(folder, before, after):
                return _parsed(after, path)
    except OSError as error:
        reason = "a link is not followed" if error.errno == errno.ELOOP else error.strerror or error
        advice = _ADVICE.get(error.errno or 0, "make the folder of the notes writable")
        raise SaveError(f"{path}: cannot be written ({reason}): {advice}") from error
    raise SaveError(f"{path}: another program writes it all the time: end that program")


def _put(folder: str, before: bytes, after: bytes) -> bool:
    """Replace the file unless it is no longer `before`; return whether it was done. Raises OSError."""
    try:
        unchanged = _bytes(folder) == before
    except FileNotFoundError:
        unchanged = not before
    if unchanged and before != after:
        with below.subfolder(Path(folder), ()) as opened:
            opened.replace(NAME, (after,))
    return unchanged


def _changed(text: str, changes: dict[Identity, Verdict | None]) -> str:
    """Return the text of a file with entries replaced (the last one about a card), removed and added."""
    kept, *chunks = _chunks(text)
    entries = [_entry(_lines(chunk))[0] for chunk in chunks]
    last = {entry.identity: number for number, entry in enumerate(entries) if entry}
    newline = _newline(text)
    for number, (chunk, entry) in enumerate(zip(chunks, entries, strict=True)):
        if entry is None or entry.identity not in changes:
            kept += chunk
        elif (new := changes[entry.identity]) and last[entry.identity] == number:
            kept += chunk if new == entry else _rewritten(chunk, new)
        elif number == len(chunks) - 1:
            kept = kept.rstrip("\r\n") + newline
    for identity, added in changes.items():
        if added and identity not in last:
            kept = _parted(kept, newline) + _written("[[card]]\n", added).replace("\n", newline)
    return kept


def _newline(text: str) -> str:
    """Return the line end of a text."""
    return next((end for end in ("\r\n", "\n", "\r") if end in text), "\n")


def _parted(text: str, newline: str) -> str:
    """Return a text with an empty line at its end, if it says anything."""
    lines = _lines(text[-4:])
    missing = 0 if lines.endswith("\n\n") else 1 if lines.endswith("\n") else 2
    return text + newline * missing if text.strip("\ufeff") else text


def _rewritten(chunk: str, verdict: Verdict) -> str:
    """Return an entry with the fields of a verdict, with its own line ends and the empty lines after it."""
    said = chunk.rstrip("\r\n")
    return _written(_lines(said), verdict).rstrip("\n").replace("\n", _newline(chunk)) + chunk[len(said) :]


def _written(chunk: str, verdict: Verdict) -> str:
    """Return an entry with the fields of a verdict; its comments, order, other keys and damaged lines stay."""
    import tomlkit  # only who writes verdicts needs it

    lines = [line for line in chunk.split("\n") if _LINE.fullmatch(line) or _HEADER.fullmatch(line)]
    document: Any = tomlkit.parse("\n".join(lines).rstrip("\n") + "\n")
    (entry,) = document["card"]
    told = msgspec.to_builtins(verdict)
    for key in Verdict.__struct_fields__:
        if key not in told:
            entry.pop(key, None)
            continue
        value = _UNFIT.sub("", told[key]) if isinstance(told[key], str) else told[key]
        if entry.get(key) != value:
            entry[key] = value
    damaged = [f"{line}\n" for line in chunk.split("\n") if not _LINE.fullmatch(line) and not _HEADER.fullmatch(line)]
    return str(tomlkit.dumps(document)) + "".join(damaged)
